#include "llmtool/core/hashing.h"

#include <catch2/catch.hpp>
#include <set>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// Examples of FIPS 180-4 (NIST, "SHA-256 examples" and the million letters of FIPS 180-2, appendix B.3).
TEST_CASE("SHA-256 gives the published digests") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 does not depend on how the bytes are cut") {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  CHECK(hash.hex_digest() == sha256_hex("abc"));
}

TEST_CASE("SHA-256 of a file is that of its bytes") {
  const testing::TemporaryDirectory directory;
  CHECK(sha256_of_file(directory.write("a", "abc")) == sha256_hex("abc"));
  CHECK(sha256_of_file(directory.write("empty", "")) == sha256_hex(""));
  CHECK_THROWS_AS(sha256_of_file(directory / "missing"), ResourceError);
}

// FNV-1a (offset basis xor seed * 0x9e3779b97f4a7c15, then per byte xor and times 0x100000001b3) and the finaliser of
// SplitMix64, computed with Python's integers. A change of these values moves rows between training and validation.
TEST_CASE("The stable hash never changes") {
  CHECK(stable_hash("", 0) == 0xf52a15e9a9b5e89bULL);
  CHECK(stable_hash("a", 0) == 0x02c0bdbf481420f8ULL);
  CHECK(stable_hash("a", 1) == 0xd1eca9cdc0066f33ULL);
  CHECK(stable_hash("caf\xc3\xa9", 42) == 0x485acb8faed3e5a0ULL);
}

TEST_CASE("The stable hash spreads short texts evenly") {
  constexpr int kTexts = 100000;
  int below_tenth = 0;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < kTexts; ++i) {
    const std::uint64_t hash = stable_hash(std::to_string(i), 7);
    seen.insert(hash);
    if (static_cast<double>(hash) < 0x1p64 / 10) ++below_tenth;
  }
  CHECK(seen.size() == kTexts);
  // Four standard deviations of a binomial with p = 0.1 are 380.
  CHECK(std::abs(below_tenth - kTexts / 10) < 380);
}

}  // namespace
}  // namespace llmtool
