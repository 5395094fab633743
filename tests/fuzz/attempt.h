#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "mutation.h"

namespace llmtool::testing {

// What damaged content may cost, at most.
struct Limits {
  double seconds = 2.0;
  std::size_t bytes = std::size_t{256} << 20;
};

// Runs `read`, which reads damaged content. Returns what is wrong with how it ended: not by success or by an error with
// a documented exit code and a message fit to be shown, or at too high a price.
std::optional<std::string> find_problem(const std::function<void()>& read, const Limits& limits);

// Calls `attempt` with a mutation of its own for every round, and judges what the function that it returns does. Fails
// the running test case for a problem, naming reader, seed and round.
using Attempt = std::function<std::function<void()>(Mutation& mutation)>;
void try_damage(const std::string& reader, std::int64_t usual_rounds, const Attempt& attempt,
                const Limits& limits = {});

}  // namespace llmtool::testing
