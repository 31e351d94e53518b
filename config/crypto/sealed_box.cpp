#include "config/crypto/sealed_box.hpp"

#include "config/crypto/hmac.hpp"
#include "config/crypto/must.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace weappd::crypto {
namespace {

constexpr char version = 1;
constexpr std::size_t nonce_size = 12;
/// Nonces that are drawn at once: a call of the generator costs more than sealing a short text.
constexpr std::size_t nonce_supply = 64;
constexpr std::size_t tag_size = 16;
/// EVP counts in int; a column is far below this.
constexpr std::size_t longest = std::size_t{1} << 30;

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* as_bytes(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

/// The parts of a sealed text; views into it.
struct parts {
  std::string_view header; ///< version, length, key id
  std::string_view key_id;
  std::string_view nonce;
  std::string_view ciphertext;
  std::string_view tag;
};

std::optional<parts> split(std::string_view sealed) {
  if (sealed.size() < 2 || sealed[0] != version || sealed.size() > longest)
    return std::nullopt;
  const std::size_t header = 2 + static_cast<std::uint8_t>(sealed[1]);
  if (sealed.size() < header + nonce_size + tag_size)
    return std::nullopt;
  const auto cipher_size = sealed.size() - header - nonce_size - tag_size;
  return parts{.header = sealed.substr(0, header),
               .key_id = sealed.substr(2, header - 2),
               .nonce = sealed.substr(header, nonce_size),
               .ciphertext = sealed.substr(header + nonce_size, cipher_size),
               .tag = sealed.substr(sealed.size() - tag_size)};
}

/// An expanded key without a nonce.
EVP_CIPHER_CTX* expanded(EVP_CIPHER_CTX* context, std::span<const std::uint8_t> key, bool encrypt) {
  must(context != nullptr);
  must(EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), nullptr, encrypt ? 1 : 0) == 1);
  return context;
}

/// Begins a text: the nonce and the associated data, which are the header (it tells its own length) and then
/// the place. So neither can be exchanged.
void begin(EVP_CIPHER_CTX* context, std::string_view nonce, std::string_view header, std::string_view place) {
  int size = 0;
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, as_bytes(nonce), -1) == 1);
  must(EVP_CipherUpdate(context, nullptr, &size, as_bytes(header), static_cast<int>(header.size())) == 1);
  if (!place.empty())
    must(EVP_CipherUpdate(context, nullptr, &size, as_bytes(place), static_cast<int>(place.size())) == 1);
}

} // namespace

void sealed_box::context_free::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context); // wipes the key
}

sealed_box::ready_key sealed_box::make_ready(const named_key& key, std::string_view purpose) {
  auto derived = derive_key(key.bytes.reveal(), purpose);
  ready_key out{.id = key.id,
                .sealing = cipher_context(expanded(EVP_CIPHER_CTX_new(), derived, true)),
                .opening = cipher_context(expanded(EVP_CIPHER_CTX_new(), derived, false))};
  OPENSSL_cleanse(derived.data(), derived.size());
  return out;
}

sealed_box::sealed_box(const keyring& ring, std::string_view purpose, random_source& random)
    : random_(random) {
  for (const auto& key : ring.all()) {
    if (key.id == ring.active().id)
      active_ = keys_.size();
    keys_.push_back(make_ready(key, purpose));
  }
}

std::string_view sealed_box::fresh_nonce() const {
  if (used_ + nonce_size > nonces_.size()) {
    nonces_.resize(nonce_supply * nonce_size);
    used_ = nonces_.size(); // none of them is good if the generator throws
    random_.fill(nonces_);
    used_ = 0;
  }
  const auto* next = nonces_.data() + used_;
  used_ += nonce_size;
  return {reinterpret_cast<const char*>(next), nonce_size};
}

std::string sealed_box::seal(std::string_view plain, std::string_view place) const {
  must(plain.size() < longest / 2 && place.size() < longest / 2);
  const auto& key = keys_.at(active_);
  const auto nonce = fresh_nonce();

  std::string out;
  out.reserve(2 + key.id.size() + nonce_size + plain.size() + tag_size);
  out += version;
  out += static_cast<char>(key.id.size());
  out += key.id;
  auto* context = key.sealing.get();
  begin(context, nonce, out, place);
  out += nonce;

  const std::size_t start = out.size();
  out.resize(start + plain.size() + tag_size);
  auto* to = as_bytes(out.data() + start);
  int size = 0;
  if (!plain.empty())
    must(EVP_CipherUpdate(context, to, &size, as_bytes(plain), static_cast<int>(plain.size())) == 1);
  must(EVP_CipherFinal_ex(context, to + plain.size(), &size) == 1 && size == 0);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, to + plain.size()) == 1);
  return out;
}

std::optional<std::string> sealed_box::open(std::string_view sealed, std::string_view place) const {
  const auto found = split(sealed);
  if (!found || place.size() >= longest / 2)
    return std::nullopt;
  const auto key = std::ranges::find(keys_, found->key_id, &ready_key::id);
  if (key == keys_.end())
    return std::nullopt;
  auto* context = key->opening.get();
  begin(context, found->nonce, found->header, place);

  std::string out(found->ciphertext.size(), '\0');
  int size = 0;
  if (!out.empty())
    must(EVP_CipherUpdate(context, as_bytes(out.data()), &size, as_bytes(found->ciphertext),
                          static_cast<int>(out.size())) == 1);
  std::array<char, tag_size> tag{}; // the call wants it writable and does not write
  found->tag.copy(tag.data(), tag_size);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1);
  std::array<unsigned char, tag_size> nothing_more;
  if (EVP_CipherFinal_ex(context, nothing_more.data(), &size) != 1) {
    OPENSSL_cleanse(out.data(), out.size()); // what was not authenticated is seen by nobody
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> sealed_box::key_id_of(std::string_view sealed) {
  const auto found = split(sealed);
  if (!found)
    return std::nullopt;
  return std::string(found->key_id);
}

} // namespace weappd::crypto
