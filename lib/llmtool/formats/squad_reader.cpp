#include "llmtool/formats/squad_reader.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/line_row_reader.h"

namespace llmtool {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kFirstBytes = 4096;

std::string read_all(ByteSource& source) {
  std::string content;
  for (;;) {
    const std::size_t begin = content.size();
    content.resize(begin + kBlock);
    const std::size_t count = source.read(content.data() + begin, kBlock);
    content.resize(begin + count);
    if (count == 0) return content;
  }
}

Json parse(ByteSource& source) {
  std::string content = read_all(source);
  if (content.empty()) throw DataError(source.name() + ": the file is empty");
  require_text(std::string_view(content).substr(0, kFirstBytes), source.name());
  if (content.starts_with("\xef\xbb\xbf")) content.erase(0, 3);
  try {
    return parse_json(content, source.name(), ExitCode::kData);
  } catch (const Error& error) {
    // Several objects one after another are the commonest other use of the extension.
    throw DataError(error.what() +
                    std::string("; a .json file is read as SQuAD's; one with an object a line is jsonl"));
  }
}

std::string describe_type(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_boolean()) return "a boolean";
  if (json.is_number()) return "a number";
  if (json.is_string()) return "a string";
  return json.is_array() ? "a list" : "an object";
}

// Member of an object, checked; `place` begins the message.
const Json* find_member(const Json& object, const char* name, const std::string& place) {
  if (!object.is_object()) throw DataError(place + ": this is " + describe_type(object) + ", not an object");
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const Json& member(const Json& object, const char* name, const std::string& place) {
  if (const Json* found = find_member(object, name, place)) return *found;
  throw DataError(place + ": the member \"" + name + "\" is missing");
}

[[noreturn]] void fail_type(const std::string& place, const char* name, const Json& found, const char* wanted) {
  throw DataError(place + ": \"" + name + "\" is " + describe_type(found) + ", not " + wanted);
}

const Json& list(const Json& object, const char* name, const std::string& place) {
  const Json& found = member(object, name, place);
  if (!found.is_array()) fail_type(place, name, found, "a list");
  return found;
}

std::string text(const Json& object, const char* name, const std::string& place) {
  const Json& found = member(object, name, place);
  if (!found.is_string()) fail_type(place, name, found, "a string");
  return found.get<std::string>();
}

// Some files number their questions.
std::string id_of(const Json& question, const std::string& place) {
  const Json& id = member(question, "id", place);
  if (id.is_number_integer()) return to_json_text(id);
  if (!id.is_string()) fail_type(place, "id", id, "a string");
  return id.get<std::string>();
}

bool is_impossible(const Json& question, const std::string& place) {
  const Json* found = find_member(question, "is_impossible", place);
  if (found == nullptr) return false;
  if (!found->is_boolean()) fail_type(place, "is_impossible", *found, "a boolean");
  return found->get<bool>();
}

// The lists of Hugging Face's data set; null where the file has no answers.
Json answers_of(const Json& question, const std::string& place) {
  const bool impossible = is_impossible(question, place);
  Json texts = Json::array();
  Json starts = Json::array();
  if (find_member(question, "answers", place) == nullptr) {
    if (!impossible) return nullptr;
    return {{"text", texts}, {"answer_start", starts}};
  }
  for (const Json& answer : list(question, "answers", place)) {
    texts.push_back(text(answer, "text", place));
    const Json& start = member(answer, "answer_start", place);
    if (!start.is_number_integer()) fail_type(place, "answer_start", start, "an integer");
    starts.push_back(start);
  }
  if (impossible && !texts.empty()) throw DataError(place + ": the question is_impossible, and has answers");
  return {{"text", texts}, {"answer_start", starts}};
}

std::string index(std::size_t value) { return "[" + std::to_string(value) + "]"; }

}  // namespace

SquadReader::SquadReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : source_(std::move(source)),
      on_bad_row_(options.on_bad_row),
      columns_(std::make_shared<const ColumnNames>(ColumnNames{"id", "title", "context", "question", "answers"})) {
  Json content = parse(*source_);
  const auto found = content.is_object() ? content.find("data") : content.end();
  if (!content.is_object() || found == content.end() || !found->is_array())
    throw DataError(name() +
                    ": this is not the JSON of SQuAD, an object with a list \"data\" of articles; a file with one "
                    "object a line is jsonl");
  articles_ = std::make_unique<Json>(std::move(*found));
}

SquadReader::~SquadReader() = default;

std::string SquadReader::place() const {
  return name() + ": data" + index(article_) + ".paragraphs" + index(paragraph_);
}

bool SquadReader::find_question() {
  for (; article_ < articles_->size(); ++article_, paragraph_ = 0) {
    const Json& paragraphs = list((*articles_)[article_], "paragraphs", name() + ": data" + index(article_));
    for (; paragraph_ < paragraphs.size(); ++paragraph_, question_ = 0)
      if (question_ < list(paragraphs[paragraph_], "qas", place()).size()) return true;
  }
  return false;
}

void SquadReader::read(const Json& article, const Json& paragraph, const Json& question, const std::string& place,
                       Row& row) const {
  const std::string id = id_of(question, place);
  const std::string where = place + ", question " + quote(id);
  const Json* title = find_member(article, "title", where);
  const Json answers = answers_of(question, where);
  row.start(0, columns_);
  row.set_object({{"id", JsonKind::kString, id},
                  {"title", JsonKind::kString, title == nullptr ? "" : text(article, "title", where)},
                  {"context", JsonKind::kString, text(paragraph, "context", where)},
                  {"question", JsonKind::kString, text(question, "question", where)},
                  {"answers", answers.is_null() ? JsonKind::kNull : JsonKind::kObject, to_json_text(answers)}});
}

bool SquadReader::next(Row& row) {
  while (find_question()) {
    const Json& article = (*articles_)[article_];
    const Json& paragraph = article["paragraphs"][paragraph_];
    const std::size_t question = question_++;
    try {
      read(article, paragraph, paragraph["qas"][question], place() + ".qas" + index(question), row);
      return true;
    } catch (const DataError& error) {
      if (!on_bad_row_) throw;
      on_bad_row_({0, error.what(), to_json_text(paragraph["qas"][question])});
    }
  }
  return false;
}

}  // namespace llmtool
