#pragma once

#include <cstdint>
#include <functional>

namespace llmtool {

// Calls work(i) for every i in [0, count), each once, on up to `num_threads` threads, the calling one among them, and
// returns when all are done. Indices are taken in order. When calls throw, no further index is begun and the exception
// of the lowest index is rethrown, so that which error is seen does not depend on timing. `after_item` is called on the
// calling thread alone after each of its items, for progress.
void parallel_for(std::int64_t count, std::int64_t num_threads, const std::function<void(std::int64_t)>& work,
                  const std::function<void(std::int64_t num_begun)>& after_item = nullptr);

}  // namespace llmtool
