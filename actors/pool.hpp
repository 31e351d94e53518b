#pragma once

#include "actors/supervisor.hpp"
#include "messages/directory.hpp"

#include <caf/actor_cast.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// From "make one" to child specs. The addresses must outlive the supervisor, as a directory does.
namespace weappd {

/// One actor that is found at `where`.
template <class Handle>
child_spec one_child(const std::string& name, address<Handle>& where,
                     std::function<Handle(caf::actor_system&)> make) {
  return {.name = name, .start = [&where, make = std::move(make)](caf::actor_system& system) {
            auto handle = make(system);
            where.set(handle);
            return caf::actor_cast<caf::actor>(std::move(handle));
          }};
}

/// A pool: as many workers of one role as there are places, each with its own part of the keys. Those beyond
/// the size of a pool that can grow are not started yet. `make` gets the worker's number. They live and die
/// independently: a dead one holds up its own keys only.
template <class Handle, template <class> class Group>
std::vector<child_spec> pool_of(const std::string& role, Group<Handle>& where,
                                const std::function<Handle(caf::actor_system&, std::size_t)>& make) {
  std::vector<child_spec> workers;
  for (std::size_t index = 0; index < where.places(); ++index) {
    workers.push_back(
        one_child<Handle>(role + '/' + std::to_string(index), where[index],
                          [make, index](caf::actor_system& system) { return make(system, index); }));
    workers.back().at_start = index < where.size();
  }
  return workers;
}

} // namespace weappd
