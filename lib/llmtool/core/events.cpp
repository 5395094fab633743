#include "llmtool/core/events.h"

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

class SilentEvents : public EventSink {
 public:
  void log(LogLevel, const std::string&, const Json&) override {}
  void progress(const Progress&) override {}
};

}  // namespace

const Json& no_fields() {
  static const Json none;
  return none;
}

EventSink& silent_events() {
  static SilentEvents events;
  return events;
}

}  // namespace llmtool
