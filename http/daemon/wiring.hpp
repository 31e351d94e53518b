#pragma once

#include "actors/factories.hpp"
#include "http/client/curl_client.hpp"
#include "persistence/store.hpp"

#include <memory>

namespace weappd {

/// Who does what: the one list of it. standard_factories() has the actors of actors/; here the store and the
/// gateway join them. A test replaces one line of the result.
factories wire(const store_backend_ptr& store, const std::shared_ptr<curl_client>& client);

} // namespace weappd
