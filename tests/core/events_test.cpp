#include "llmtool/core/events.h"

#include <catch2/catch.hpp>

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

class RecordedEvents : public EventSink {
 public:
  void log(LogLevel level, const std::string& message, const Json& fields) override {
    lines.push_back(std::to_string(static_cast<int>(level)) + " " + message + " " + fields.dump());
  }
  void progress(const Progress& progress) override { lines.emplace_back(progress.name); }
  std::vector<std::string> lines;
};

TEST_CASE("Events reach the sink with their level and fields") {
  RecordedEvents events;
  events.debug("a");
  events.info("b", {{"rows", 3}});
  events.warning("c");
  CHECK(events.lines == std::vector<std::string>{"0 a null", "1 b {\"rows\":3}", "2 c null"});
}

TEST_CASE("The silent sink takes everything") {
  CHECK_NOTHROW(silent_events().info("a"));
  CHECK_NOTHROW(silent_events().progress({"training", 1, 2, "steps", ""}));
}

}  // namespace
}  // namespace llmtool
