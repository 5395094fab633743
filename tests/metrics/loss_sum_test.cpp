#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/report.h"

using namespace llmtool;

TEST_CASE("a mean loss weighs tokens and not batches") {
  LossSum loss;
  loss.add(10.0, 10.0);
  loss.add(4.0, 1.0);
  CHECK(mean_loss(loss).value == 14.0 / 11.0);
}

TEST_CASE("a mean loss does not depend on how examples were batched or merged") {
  const std::vector<double> losses{0.1, 0.7, 1e-9, 3.3, 0.2, 12.5, 0.1};
  LossSum one_by_one;
  for (const double loss : losses) one_by_one.add(loss, 1.0);
  for (std::size_t batch = 1; batch <= losses.size(); ++batch) {
    LossSum total;
    for (std::size_t begin = 0; begin < losses.size(); begin += batch) {
      LossSum part;
      for (std::size_t i = begin; i < std::min(begin + batch, losses.size()); ++i) part.add(losses[i], 1.0);
      total.merge(part);
    }
    CHECK(mean_loss(total).value == mean_loss(one_by_one).value);
  }
}

TEST_CASE("a loss over nothing is undefined with a reason") {
  CHECK_FALSE(mean_loss(LossSum()).value);
  CHECK_FALSE(mean_loss(LossSum()).reason.empty());
}

TEST_CASE("a NaN loss is an error") {
  LossSum loss;
  CHECK_THROWS_AS(loss.add(std::nan(""), 1.0), NonFiniteError);
}
