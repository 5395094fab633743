#include "llmtool/core/events.h"

namespace llmtool {
namespace {

class SilentEvents : public EventSink {
 public:
  void log(LogLevel, const std::string&, const Json&) override {}
  void progress(const Progress&) override {}
};

}  // namespace

EventSink& silent_events() {
  static SilentEvents events;
  return events;
}

}  // namespace llmtool
