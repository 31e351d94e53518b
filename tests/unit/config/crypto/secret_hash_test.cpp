#include "config/crypto/secret_hash.hpp"

#include "fixed_random.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::crypto {
namespace {

const std::string salt = "$AAECAwQFBgcICQoLDA0ODw";
const std::string hash = "$UxYE/nON8zrmLNK5lL/j9XPtKMDZ5VR/h1tkExic5Zo";
const std::string cost = "$scrypt$ln=14,r=8,p=1";

TEST(secret_hash, has_the_form_that_it_promises) {
  // Python: b64 = lambda b: base64.b64encode(b).rstrip(b"=").decode(); s = bytes(range(16))
  //   b64(s), b64(hashlib.scrypt(b"pleaseletmein", salt=s, n=1 << 14, r=8, p=1, dklen=32))
  fixed_random random;
  EXPECT_EQ(hash_secret(secret("pleaseletmein"), random), cost + salt + hash);
}

TEST(secret_hash, knows_the_vector_of_rfc_7914) {
  const auto text = cost + "$U29kaXVtQ2hsb3JpZGU"
                           "$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7"
                           "RVdYhw";
  EXPECT_TRUE(check_secret(secret("pleaseletmein"), text));
  EXPECT_FALSE(check_secret(secret("pleaseletmeIn"), text));
}

TEST(secret_hash, belongs_to_its_secret_alone) {
  system_random random;
  const auto text = hash_secret(secret("s1"), random);
  EXPECT_TRUE(is_secret_hash(text));
  EXPECT_TRUE(check_secret(secret("s1"), text));
  EXPECT_FALSE(check_secret(secret("s2"), text));
  EXPECT_FALSE(check_secret(secret(""), text));
  EXPECT_NE(hash_secret(secret("s1"), random), text) << "each has its own salt";
}

TEST(secret_hash, of_another_form_is_none) {
  ASSERT_TRUE(is_secret_hash(cost + salt + hash));
  for (const std::string& text : {std::string(),
                                  std::string("demo-secret"),
                                  cost,
                                  cost + salt,
                                  cost + salt + "$",
                                  cost + hash + "$",
                                  "$scrypt$ln=014,r=8,p=1" + salt + hash,
                                  "$scrypt$ln=14,r=8" + salt + hash,
                                  "$scrypt$ln=14,p=1,r=8" + salt + hash,
                                  "$scrypt$ln=14,r=8,p=1," + salt + hash,
                                  "$scrypt$ln=-4,r=8,p=1" + salt + hash,
                                  "$scrypt$ln=,r=8,p=1" + salt + hash,
                                  "$argon2$ln=14,r=8,p=1" + salt + hash,
                                  cost + salt + hash + "=",
                                  cost + salt + hash + "$",
                                  cost + salt + hash + "\n",
                                  " " + cost + salt + hash,
                                  cost + "$AAEC" + hash,
                                  cost + salt + "$AAECAwQFBgcICQ",
                                  cost + salt + "$UxYE_nON8zrmLNK5lL_j9XPtKMDZ5VR_h1tkExic5Zo",
                                  cost + salt + "$" + std::string(300, 'A')}) {
    EXPECT_FALSE(is_secret_hash(text)) << text;
    EXPECT_FALSE(check_secret(secret("pleaseletmein"), text)) << text;
  }
}

TEST(secret_hash, may_cost_so_much_and_no_more) {
  for (const auto* parameters :
       {"ln=10,r=8,p=1", "ln=15,r=8,p=8", "ln=15,r=15,p=1", "ln=16,r=7,p=1", "ln=10,r=32,p=16"})
    EXPECT_TRUE(is_secret_hash("$scrypt$" + std::string(parameters) + salt + hash)) << parameters;
  for (const auto* parameters :
       {"ln=9,r=8,p=1", "ln=16,r=8,p=1", "ln=15,r=16,p=1", "ln=21,r=2,p=1", "ln=16,r=1,p=1", "ln=63,r=1,p=1",
        "ln=64,r=1,p=1", "ln=99,r=1,p=1", "ln=14,r=33,p=1", "ln=14,r=8,p=17", "ln=15,r=8,p=9",
        "ln=14,r=0,p=1", "ln=14,r=8,p=0"})
    EXPECT_FALSE(is_secret_hash("$scrypt$" + std::string(parameters) + salt + hash)) << parameters;
}

TEST(secret_hash, that_may_be_configured_can_be_checked) {
  // Python: b64(hashlib.scrypt(b"x", salt=s, n=1 << 15, r=15, p=1, maxmem=1 << 26, dklen=32))
  EXPECT_TRUE(check_secret(secret("x"),
                           "$scrypt$ln=15,r=15,p=1" + salt + "$NId/3kG7VsH36S8WRGjAjuv2ARP3lsOf2fTeoTghhkc"));
}

} // namespace
} // namespace weappd::crypto
