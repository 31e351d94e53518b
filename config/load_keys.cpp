#include "config/key_file.hpp"
#include "config/load.hpp"
#include "config/private_file.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace weappd {
namespace {

constexpr std::size_t max_file_bytes = 65'536;

/// One of the three key files: which option names it, what it is for, and how it is called beside the store.
struct key_purpose {
  const char* option;
  const char* words;
  std::string_view use;
  const char* suffix;
  std::string keys_options::*file;
  keyring key_set::*ring;
  /// What is in the store is worth nothing without these keys, so new ones are no substitute for lost ones.
  bool belongs_to_store;
};

constexpr key_purpose purposes[] = {
    {"keys.signing_file", "sign access tokens", rotate_keys, ".signing.keys", &keys_options::signing_file,
     &key_set::signing, false},
    {"keys.encryption_file", "seal columns of the store", rotate_keys, ".encryption.keys",
     &keys_options::encryption_file, &key_set::encryption, true},
    {"keys.lookup_file", "keyed hashes in the store and succession of refresh tokens", never_change_keys,
     ".lookup.keys", &keys_options::lookup_file, &key_set::lookup, true},
};

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

/// One file of a server, and what is wrong with it.
class key_source {
public:
  key_source(const key_purpose& purpose, const options& values)
      : purpose_(purpose), values_(values), named_(values.keys.*purpose.file),
        path_(named_.empty() ? values.store.path + purpose.suffix : named_) {}

  // The store is looked for first: another process that starts now makes its keys before its store.

  /// A file that is named is never made, nor one without which a store cannot be read.
  [[nodiscard]] bool is_to_be_made() const { return named_.empty() && !has_store() && !exists(path_); }

  /// Makes the file if another process is not first. Words for the operator if that did not work.
  std::vector<config_problem> make(crypto::random_source& random) const {
    const auto made =
        create_private_file(path_, new_key_file(random, purpose_.words, purpose_.use), random_name(random));
    return made.problem.empty() ? std::vector<config_problem>{} : complain({made.problem});
  }

  std::vector<config_problem> read(key_set& into) const {
    if (named_.empty() && has_store() && !exists(path_))
      return complain({"is missing although the store '" + values_.store.path +
                       "' is there, which cannot be read without it: restore it from a copy"});
    const auto file = read_private_file(path_, max_file_bytes);
    if (!file.problem.empty())
      return complain({file.problem});
    auto parsed = parse_key_file(file.text.reveal());
    for (auto& problem : parsed.problems)
      problem.insert(0, "does not fit: ");
    if (parsed.keys)
      into.*purpose_.ring = std::move(*parsed.keys);
    return complain(parsed.problems);
  }

private:
  /// One that these keys belong to.
  [[nodiscard]] bool has_store() const { return purpose_.belongs_to_store && exists(values_.store.path); }

  [[nodiscard]] std::vector<config_problem> complain(const std::vector<std::string>& problems) const {
    std::vector<config_problem> all;
    all.reserve(problems.size());
    for (const auto& what : problems)
      all.push_back({purpose_.option, std::string("the file '").append(path_).append("' ").append(what)});
    return all;
  }

  const key_purpose& purpose_;
  const options& values_;
  const std::string& named_;
  const std::string path_;
};

void append(std::vector<config_problem>& all, std::vector<config_problem> more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// A folder holds no store, and what is named after it would lie beside it.
std::vector<config_problem> store_path_problems(const store_options& store) {
  struct stat about {};
  if (::stat(store.path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
    return {};
  return {{"store.path", "'" + store.path + "' is a folder; allowed: the name of a file, such as '" +
                             store.path + (store.path.ends_with('/') ? "" : "/") + "weappd.db'"}};
}

/// Everything that is there already.
std::vector<config_problem> read_keys(const options& values, key_set& keys) {
  auto problems = store_path_problems(values.store);
  if (!problems.empty())
    return problems;
  for (const auto& purpose : purposes)
    if (const key_source source(purpose, values); !source.is_to_be_made())
      append(problems, source.read(keys));
  return problems;
}

} // namespace

std::vector<config_problem> key_problems(const options& values) {
  key_set unused;
  return read_keys(values, unused);
}

loaded_keys load_keys(const options& values, crypto::random_source& random) {
  loaded_keys out;
  out.problems = read_keys(values, out.keys);
  if (!out.problems.empty())
    return out;
  for (const auto& purpose : purposes) {
    const key_source source(purpose, values);
    if (source.is_to_be_made())
      append(out.problems, source.make(random));
    if (out.problems.empty()) // also one that another process has made since
      append(out.problems, source.read(out.keys));
  }
  return out;
}

} // namespace weappd
