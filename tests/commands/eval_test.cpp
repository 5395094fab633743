#include "llmtool/commands/eval.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "../support/temporary_directory.h"
#include "../tasks/tiny_classifier.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

constexpr const char* kRows =
    "text,label\n"
    "this film is very good,good\n"
    "bad,bad\n"
    ",good\n"
    "the plot was dull but the actor was nice,bad\n"
    "good film and nice scene,good\n"
    "not good,bad\n";

// A tiny model beside a labelled file.
class EvalFixture {
 public:
  EvalFixture() {
    testing::write_tiny_model(directory_ / "model", {"bad", "good"});
    request_.model = directory_ / "model";
    set_data("rows.csv", kRows);
  }
  EvalResult evaluate() const { return evaluate_model(request_, silent_events()); }
  void set_data(const char* name, const std::string& content) {
    request_.data = directory_.write(name, content).string();
  }

  TemporaryDirectory directory_;
  EvalRequest request_;
};

std::vector<Json> read_jsonl(const std::filesystem::path& path) {
  std::vector<Json> rows;
  std::istringstream lines(testing::read_file(path));
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

TEST_CASE_METHOD(EvalFixture, "an evaluation tells the figures and counts of the file") {
  const EvalResult result = evaluate();
  CHECK(result.counts.at("num_examples") == 6);
  CHECK(result.counts.at("num_empty_texts") == 1);
  CHECK(result.counts.at("num_truncated") == 0);
  CHECK(result.counts.at("max_length") == 32);
  CHECK(result.report.details.at("positive_label") == "good");
  const Json json = result.to_json();
  for (const char* key : {"accuracy", "macro_f1", "micro_f1", "weighted_f1", "macro_recall", "macro_precision", "mcc",
                          "log_loss", "num_examples", "num_truncated", "per_class", "confusion_matrix",
                          "worst_confusions", "warnings", "computed_in"})
    CHECK(json.contains(key));
}

TEST_CASE_METHOD(EvalFixture, "an evaluation does not depend on batch size threads or order of the rows") {
  const Json expected = evaluate().report.to_json();
  request_.session.scoring.batch_size = 1;
  request_.num_threads = 2;
  set_data("reversed.csv",
           "text,label\nnot good,bad\ngood film and nice scene,good\nthe plot was dull but the actor was nice,bad\n"
           ",good\nbad,bad\nthis film is very good,good\n");
  const Json json = evaluate().report.to_json();
  for (const char* key : {"accuracy", "macro_f1", "log_loss", "brier", "ece", "roc_auc"}) {
    INFO(key);
    CHECK(json.at(key).get<double>() == Approx(expected.at(key).get<double>()).margin(1e-6));
  }
}

TEST_CASE_METHOD(EvalFixture, "predictions agree with the figures") {
  request_.predictions = (directory_ / "out.jsonl").string();
  const EvalResult result = evaluate();
  const std::vector<Json> rows = read_jsonl(request_.predictions);
  REQUIRE(rows.size() == 6);
  double num_right = 0.0;
  double loss = 0.0;
  for (const Json& row : rows) {
    num_right += row.at("gold") == row.at("predicted") ? 1.0 : 0.0;
    loss += row.at("loss").get<double>();
    const std::string gold = row.at("gold");
    CHECK(std::exp(-row.at("loss").get<double>()) == Approx(row.at("scores").at(gold).get<double>()));
  }
  CHECK(rows[3].at("row") == 3);
  CHECK(rows[3].at("line") == 5);
  CHECK(num_right / 6 == Approx(*result.report.find("accuracy")->value));
  CHECK(loss / 6 == Approx(*result.report.find("log_loss")->value));
}

TEST_CASE_METHOD(EvalFixture, "predictions are written as the extension says") {
  for (const char* name : {"out.csv", "out.tsv"}) {
    request_.predictions = (directory_ / name).string();
    evaluate();
    CHECK_THAT(testing::read_file(request_.predictions), Catch::Contains("gold") && Catch::Contains("scores"));
  }
  request_.predictions = (directory_ / "out.txt").string();
  CHECK_THROWS_WITH(evaluate(), Catch::Contains("out.txt") && Catch::Contains(".jsonl"));
}

TEST_CASE_METHOD(EvalFixture, "texts longer than max_length are counted and doubted") {
  request_.session.max_length = 4;
  const EvalResult result = evaluate();
  CHECK(result.counts.at("num_truncated") == 3);
  CHECK(result.counts.at("max_length") == 4);
  REQUIRE_FALSE(result.warnings.empty());
  CHECK_THAT(result.warnings.back(), Catch::Contains("50.0 %") && Catch::Contains("4 tokens"));
}

TEST_CASE_METHOD(EvalFixture, "a file of one label warns that the other has no example") {
  set_data("one.csv", "text,label\ngood,good\nnice,good\n");
  std::string warnings;
  for (const std::string& warning : evaluate().warnings) warnings += warning + "\n";
  CHECK_THAT(warnings, Catch::Contains("'bad'") && Catch::Contains("no example"));
}

TEST_CASE_METHOD(EvalFixture, "unknown labels are an error that leaves no predictions or are left out") {
  set_data("unknown.csv", std::string(kRows) + "fine,ok\n");
  request_.predictions = (directory_ / "out.csv").string();
  CHECK_THROWS_WITH(evaluate(), Catch::Contains("'ok'"));
  CHECK_FALSE(std::filesystem::exists(request_.predictions));
  request_.unknown_label = UnknownLabel::kSkip;
  const EvalResult result = evaluate();
  CHECK(result.counts.at("num_skipped") == 1);
  CHECK(result.counts.at("num_examples") == 6);
}

TEST_CASE_METHOD(EvalFixture, "only the first rows are read when asked to") {
  request_.max_rows = 2;
  CHECK(evaluate().counts.at("num_examples") == 2);
}

}  // namespace
}  // namespace llmtool
