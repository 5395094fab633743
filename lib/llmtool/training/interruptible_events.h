#pragma once

#include <functional>
#include <utility>

#include "llmtool/core/events.h"

namespace llmtool {

// Thrown out of a long piece of work when the run is asked to stop.
struct Interrupted {};

// Passes everything on, and throws Interrupted from progress() once `stop_requested` says so.
class InterruptibleEvents : public EventSink {
 public:
  InterruptibleEvents(EventSink& events, std::function<bool()> stop_requested)
      : events_(events), stop_requested_(std::move(stop_requested)) {}

  void log(LogLevel level, const std::string& message, const Json& fields) override {
    events_.log(level, message, fields);
  }
  void progress(const Progress& progress) override {
    if (stop_requested_()) throw Interrupted();
    events_.progress(progress);
  }

 private:
  EventSink& events_;
  std::function<bool()> stop_requested_;
};

}  // namespace llmtool
