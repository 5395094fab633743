#include <catch2/catch.hpp>

#include "golden_model.h"
#include "llmtool/models/families.h"

namespace llmtool {
namespace {

using Labels = std::vector<std::string>;

StoredHead stored_head() { return {true, "Classifier", "Classifier", {"b", "a"}}; }

HeadChoice choose(const StoredHead& stored, const Labels& labels, HeadPolicy policy = HeadPolicy::kAuto,
                  bool ordered = false) {
  return choose_head(stored, labels, ordered, policy, "m");
}

TEST_CASE("A head with the same label names is kept in its own order") {
  const HeadChoice choice = choose(stored_head(), {"a", "b"});
  CHECK(choice.keep);
  CHECK(choice.labels == Labels{"b", "a"});
}

TEST_CASE("A kept head takes the order the user fixed") {
  CHECK(choose(stored_head(), {"a", "b"}, HeadPolicy::kAuto, true).labels == Labels{"a", "b"});
}

TEST_CASE("A head with other labels is replaced and the reason says both") {
  const HeadChoice choice = choose(stored_head(), {"a", "c"});
  CHECK_FALSE(choice.keep);
  CHECK(choice.labels == Labels{"a", "c"});
  CHECK(choice.reason == "its labels ('b', 'a') are not those of the data ('a', 'c')");
}

TEST_CASE("A head of another task is replaced even when its labels are the same") {
  StoredHead stored = stored_head();
  stored.architecture = "Tagger";
  CHECK_FALSE(choose(stored, {"a", "b"}).keep);
}

TEST_CASE("Policy new replaces and policy keep insists") {
  CHECK_FALSE(choose(stored_head(), {"a", "b"}, HeadPolicy::kNew).keep);
  CHECK(choose(stored_head(), {"a", "b"}, HeadPolicy::kKeep).keep);
  const std::string message = testing::model_error([] { choose(stored_head(), {"c", "d"}, HeadPolicy::kKeep); });
  CHECK(message.find("model.head is 'keep', but its labels") != std::string::npos);
}

TEST_CASE("Without labels the stored head is used or nothing") {
  CHECK(choose(stored_head(), {}).labels == Labels{"b", "a"});
  StoredHead stored = stored_head();
  stored.has_weights = false;
  const std::string message = testing::model_error([&] { choose(stored, {}); });
  CHECK(message == "'m' cannot classify: the checkpoint has no classifier; fine-tune it first with llmtool finetune");
}

}  // namespace
}  // namespace llmtool
