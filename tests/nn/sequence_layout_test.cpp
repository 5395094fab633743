#include "llmtool/nn/sequence_layout.h"

#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <stdexcept>

namespace llmtool {
namespace {

std::vector<std::int64_t> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kLong).contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

using Values = std::vector<std::int64_t>;

TEST_CASE("A layout knows where each sequence lies and its tokens' positions") {
  const SequenceLayout layout({2, 3, 1});
  CHECK(layout.num_sequences() == 3);
  CHECK(layout.num_tokens() == 6);
  CHECK(layout.max_length() == 3);
  CHECK_FALSE(layout.is_uniform());
  CHECK(layout.offsets() == Values{0, 2, 5, 6});
  CHECK(values(layout.first_rows()) == Values{0, 2, 5});
  CHECK(values(layout.positions()) == Values{0, 1, 0, 1, 2, 0});
}

TEST_CASE("A layout maps packed rows to padded slots and back") {
  const SequenceLayout layout({2, 3, 1});
  CHECK(values(layout.padded_to_packed()) == Values{0, 1, 0, 2, 3, 4, 5, 5, 5});
  CHECK(values(layout.packed_to_padded()) == Values{0, 1, 3, 4, 5, 6});
  CHECK(values(layout.padding_mask()) == Values{0, 0, 1, 0, 0, 0, 0, 1, 1});
}

TEST_CASE("Equally long sequences need no padding maps") {
  const SequenceLayout layout({4, 4});
  CHECK(layout.is_uniform());
  CHECK_FALSE(layout.padded_to_packed().defined());
}

TEST_CASE("A layout refuses empty sequences and batches") {
  CHECK_THROWS_AS(SequenceLayout({}), std::invalid_argument);
  CHECK_THROWS_AS(SequenceLayout({3, 0}), std::invalid_argument);
}

}  // namespace
}  // namespace llmtool
