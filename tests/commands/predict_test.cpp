#include "llmtool/commands/predict.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "../support/temporary_directory.h"
#include "../tasks/tiny_classifier.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

constexpr const char* kJsonl =
    "{\"id\":1,\"text\":\"this film is very good\",\"tags\":[\"a\",2],\"old\":null}\n"
    "{\"id\":2,\"text\":\"\",\"tags\":[],\"old\":true}\n"
    "{\"id\":3.5,\"text\":\"the plot was dull but the actor was nice and the scene was good\"}\n"
    "{\"id\":\"x\",\"text\":\"bad\",\"further\":{\"k\":1}}\n"
    "{\"id\":5,\"text\":\"not good\"}\n";

std::vector<Json> rows_of(const std::filesystem::path& path) {
  std::vector<Json> rows;
  std::istringstream lines(testing::read_file(path));
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

class PredictFixture {
 public:
  PredictFixture() {
    testing::write_tiny_model(directory_ / "model", {"bad", "good"});
    request_.model = directory_ / "model";
    set_input("in.jsonl", kJsonl);
    set_output("out.jsonl");
  }
  AnsweredRowsResult predict() const { return predict_file(request_, silent_events()); }
  void set_input(const char* name, const std::string& content) {
    request_.input = directory_.write(name, content).string();
  }
  void set_output(const char* name) { request_.output = (directory_ / name).string(); }
  std::string output() const { return testing::read_file(request_.output); }
  std::vector<Json> output_rows() const { return rows_of(request_.output); }

  TemporaryDirectory directory_;
  PredictRequest request_;
};

TEST_CASE_METHOD(PredictFixture, "every row keeps its values and types and gets the prediction") {
  const AnsweredRowsResult result = predict();
  CHECK(result.num_rows == 5);
  CHECK(result.num_empty_texts == 1);
  const std::vector<Json> rows = output_rows();
  REQUIRE(rows.size() == 5);
  std::istringstream input(kJsonl);
  for (const Json& row : rows) {
    std::string line;
    std::getline(input, line);
    const Json given = Json::parse(line);
    for (const auto& [key, value] : given.items()) CHECK(row.at(key) == value);
    const std::string label = row.at("predicted_label");
    CHECK(row.at("predicted_score") == row.at("scores").at(label));
    CHECK(row.at("predicted_score").get<double>() >= 0.5);
    CHECK(row.at("scores").at("bad").get<double>() + row.at("scores").at("good").get<double>() == Approx(1.0));
  }
  CHECK(rows[0].at("num_tokens") == 7);
  CHECK(rows[0].at("truncated") == false);
}

TEST_CASE_METHOD(PredictFixture, "streaming in small chunks gives the same as one chunk") {
  predict();
  const std::vector<Json> whole = output_rows();
  for (const std::int64_t rows_per_chunk : {1, 2, 3}) {
    request_.rows_per_chunk = rows_per_chunk;
    request_.session.scoring.batch_size = 2;
    predict();
    const std::vector<Json> rows = output_rows();
    REQUIRE(rows.size() == whole.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].at("id") == whole[i].at("id"));
      CHECK(rows[i].at("predicted_label") == whole[i].at("predicted_label"));
      CHECK(rows[i].at("predicted_score").get<double>() ==
            Approx(whole[i].at("predicted_score").get<double>()).margin(1e-6));
    }
  }
}

TEST_CASE_METHOD(PredictFixture, "a csv file comes back with its columns and five more") {
  set_input("in.csv", "id,text\n1,\"good, very good\"\n2,bad\n");
  set_output("out.csv");
  predict();
  std::istringstream lines(output());
  std::string line;
  std::getline(lines, line);
  CHECK_THAT(line, Catch::StartsWith("id,text,predicted_label,predicted_score,scores,num_tokens,truncated"));
  std::getline(lines, line);
  CHECK_THAT(line, Catch::StartsWith("1,\"good, very good\",") && Catch::Contains("\"{\"\"bad\"\":"));
}

TEST_CASE_METHOD(PredictFixture, "plain text becomes json lines on a stream") {
  set_input("in.txt", "this film is very good\nbad\n");
  request_.output = "-";
  const std::filesystem::path path = directory_ / "stream";
  request_.output_stream = std::fopen(path.c_str(), "wb");
  predict();
  std::fclose(request_.output_stream);
  const std::vector<Json> rows = rows_of(path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].at("text") == "bad");
  CHECK(rows[1].contains("predicted_label"));
}

TEST_CASE_METHOD(PredictFixture, "pairs are read from two columns") {
  set_input("in.jsonl", "{\"a\":\"good film\",\"b\":\"bad plot\"}\n");
  request_.columns.text = {"a", "b"};
  predict();
  CHECK(output_rows().front().at("num_tokens") == 7);
}

TEST_CASE_METHOD(PredictFixture, "a name the input already has is refused before the first row without a prefix") {
  set_input("in.csv", "text,scores\ngood,3\n");
  set_output("out.csv");
  CHECK_THROWS_AS(predict(), UsageError);
  CHECK_THROWS_WITH(predict(), Catch::Contains("'scores'") && Catch::Contains("--prefix"));
  CHECK_FALSE(std::filesystem::exists(request_.output));
  request_.prefix = "model_";
  predict();
  CHECK_THAT(output(), Catch::Contains("text,scores,model_predicted_label,"));
}

TEST_CASE_METHOD(PredictFixture, "a column that does not exist lists those that do") {
  request_.columns.text = {"texts"};
  CHECK_THROWS_WITH(predict(), Catch::Contains("'texts'") && Catch::Contains("'id', 'text'") &&
                                   Catch::Contains("did you mean 'text'"));
}

TEST_CASE_METHOD(PredictFixture, "a bad row is an error with its line and leaves no output") {
  set_input("in.jsonl", "{\"text\":\"good\"}\n{\"text\":7}\n");
  CHECK_THROWS_AS(predict(), DataError);
  CHECK_THROWS_WITH(predict(), Catch::Contains("in.jsonl:2") && Catch::Contains("not a string"));
  CHECK_FALSE(std::filesystem::exists(request_.output));
  set_input("in.jsonl", "{\"text\":\"good\"}\n{broken\n");
  CHECK_THROWS_WITH(predict(), Catch::Contains("in.jsonl:2"));
}

TEST_CASE_METHOD(PredictFixture, "bad rows go to the rejects file with the reason and the others are predicted") {
  set_input("in.jsonl",
            "{\"text\":\"good\"}\n{broken\n{\"text\":7}\n{\"other\":1}\n{\"text\":\"bad\",\"scores\":1}\n"
            "{\"text\":\"b\xff\"}\n{\"text\":\"bad\"}\n");
  request_.rejects = (directory_ / "rejects.jsonl").string();
  const AnsweredRowsResult result = predict();
  CHECK(result.num_rows == 2);
  CHECK(result.num_rejected == 5);
  const std::vector<Json> rejects = rows_of(request_.rejects);
  REQUIRE(rejects.size() == 5);
  CHECK(rejects[0].at("line") == 2);
  CHECK(rejects[0].at("raw") == "{broken");
  CHECK_THAT(rejects[1].at("reason").get<std::string>(), Catch::Contains("not a string"));
  CHECK(rejects[1].at("raw") == "{\"text\":7}");
  CHECK_THAT(rejects[2].at("reason").get<std::string>(), Catch::Contains("missing"));
  CHECK_THAT(rejects[3].at("reason").get<std::string>(), Catch::Contains("'scores'"));
  CHECK_THAT(rejects[4].at("raw").get<std::string>(), Catch::Contains("\xEF\xBF\xBD"));
  CHECK(output_rows().size() == 2);
}

TEST_CASE_METHOD(PredictFixture, "ragged csv rows go to the rejects file as they stand") {
  set_input("in.csv", "id,text\n1,good\n2,bad,surplus\n3,nice\n");
  set_output("out.csv");
  request_.rejects = (directory_ / "rejects.csv").string();
  CHECK(predict().num_rejected == 1);
  CHECK_THAT(testing::read_file(request_.rejects), Catch::Contains("\"2,bad,surplus\""));
}

TEST_CASE_METHOD(PredictFixture, "a text file cannot hold predictions") {
  set_output("out.txt");
  CHECK_THROWS_WITH(predict(), Catch::Contains("out.txt") && Catch::Contains("jsonl"));
}

TEST_CASE_METHOD(PredictFixture, "rows that were cut say so") {
  request_.session.max_length = 4;
  CHECK(predict().num_truncated == 2);
  CHECK(output_rows().front().at("truncated") == true);
}

}  // namespace
}  // namespace llmtool
