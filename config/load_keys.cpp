#include "config/key_file.hpp"
#include "config/load.hpp"
#include "config/private_file.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

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

/// Makes the file if it is missing and may be made. Words for the operator if that did not work.
std::string make_if_missing(const key_purpose& purpose, const std::string& path, const options& values,
                            crypto::random_source& random) {
  // In this order: another process that starts now makes its keys before its store.
  const bool store_is_there = exists(values.store.path);
  if (exists(path))
    return {};
  if (purpose.belongs_to_store && store_is_there)
    return "is missing although the store '" + values.store.path +
           "' is there, which cannot be read without it: restore it from a copy";
  const auto made =
      create_private_file(path, new_key_file(random, purpose.words, purpose.use), random_name(random));
  return made.problem; // if another process was first, its file is read
}

} // namespace

loaded_keys load_keys(const options& values, crypto::random_source& random) {
  loaded_keys out;
  for (const auto& purpose : purposes) {
    const auto& named = values.keys.*purpose.file;
    const auto path = named.empty() ? values.store.path + purpose.suffix : named;
    const auto complain = [&](const std::string& what) {
      out.problems.push_back(
          {purpose.option, std::string("the file '").append(path).append("' ").append(what)});
    };
    if (named.empty()) {
      if (const auto problem = make_if_missing(purpose, path, values, random); !problem.empty()) {
        complain(problem);
        continue;
      }
    }
    const auto file = read_private_file(path, max_file_bytes);
    if (!file.problem.empty()) {
      complain(file.problem);
      continue;
    }
    auto parsed = parse_key_file(file.text.reveal());
    for (const auto& problem : parsed.problems)
      complain("does not fit: " + problem);
    if (parsed.keys)
      out.keys.*purpose.ring = std::move(*parsed.keys);
  }
  return out;
}

} // namespace weappd
