#include "llmtool/distributed/process_group.h"

#include <ATen/ATen.h>

#include <array>
#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("A group of one process is rank zero of one and keeps sums as they are") {
  const auto group = make_single_process_group();
  CHECK(group->rank() == 0);
  CHECK(group->world_size() == 1);
  std::array<double, 2> values{1.5, -2.0};
  group->sum_over_ranks(values);
  CHECK(values == std::array<double, 2>{1.5, -2.0});
  const at::Tensor tensor = at::arange(4);
  group->sum_over_ranks(std::vector<at::Tensor>{tensor});
  CHECK(at::equal(tensor, at::arange(4)));
  group->barrier();
}

}  // namespace
}  // namespace llmtool
