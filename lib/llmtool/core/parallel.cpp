#include "llmtool/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace llmtool {
namespace {

class IndexedWork {
 public:
  IndexedWork(std::int64_t count, const std::function<void(std::int64_t)>& work) : count_(count), work_(work) {}

  template <class AfterItem>
  void run(const AfterItem& after_item) {
    while (!failed_) {
      const std::int64_t index = next_++;
      if (index >= count_) return;
      try {
        work_(index);
      } catch (...) {
        keep_first(index, std::current_exception());
      }
      after_item();
    }
  }

  std::int64_t num_begun() const { return std::min(next_.load(), count_); }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  // Every index below one that failed was begun, so the lowest failure is found whatever the timing.
  void keep_first(std::int64_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (index < failed_index_) {
      failed_index_ = index;
      error_ = std::move(error);
    }
    failed_ = true;
  }

  std::int64_t count_;
  const std::function<void(std::int64_t)>& work_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::int64_t failed_index_ = std::numeric_limits<std::int64_t>::max();
  std::exception_ptr error_;
};

}  // namespace

void parallel_for(std::int64_t count, std::int64_t num_threads, const std::function<void(std::int64_t)>& work,
                  const std::function<void(std::int64_t)>& after_item) {
  IndexedWork items(count, work);
  {
    std::vector<std::jthread> threads;  // joined at the end of the scope
    try {
      for (std::int64_t i = 1; i < std::min(num_threads, count); ++i)
        threads.emplace_back([&items] { items.run([] {}); });
    } catch (const std::system_error&) {
      // No more threads to be had: those there are do the work.
    }
    // Only the calling thread reports: a sink need not be safe for several.
    items.run([&] {
      if (after_item) after_item(items.num_begun());
    });
  }
  items.rethrow();
}

}  // namespace llmtool
