#include "llmtool/tokenizer/tokenizer.h"

#include <charconv>

#include "llmtool/core/text.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/tokenizer_reports.h"
#include "verbs/tokenizer_actions.h"

namespace llmtool::app {
namespace {

// Output is collected to this size before it is written, so that a pipe sees few large writes.
constexpr std::size_t kWriteSize = 1 << 16;

// Rows of a file for one tokenizer.
struct TokenizerRows {
  std::string model;
  std::string input;
  FileFormat format = FileFormat::kAuto;
  bool header = true;
  TableLayout layout = {};
  std::vector<std::string> columns;

 protected:
  template <class Self, class Visitor>
  static void visit_rows(Self& self, Visitor& visit, const char* column_help, int most_columns) {
    visit("model", self.model,
          "Directory with the files of a tokenizer: tokenizer.json, a vocabulary, or a SentencePiece file", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
    visit("input", self.input, "File to read, - for standard input", kRequired, OptionForm{.value = "FILE"});
    visit("format", self.format, "csv, tsv, jsonl, text or auto (by extension; text for -)",
          OptionForm{.value = "FORMAT"});
    visit("no_header", self.header, "CSV and TSV: columns have no names but positions 0, 1, …",
          OptionForm{.sets_false = true});
    TableLayout::visit_fields(self.layout, visit);
    visit("column", self.columns, column_help, OptionForm{.value = "NAME", .most_values = most_columns});
  }
};

FileFormat input_format(const TokenizerRows& rows) {
  // A stream has no extension; plain lines are what a pipe usually carries.
  if (rows.format == FileFormat::kAuto && rows.input == "-") return FileFormat::kText;
  return resolve_file_format(rows.input, rows.format);
}

std::unique_ptr<RowReader> open_input(const TokenizerRows& rows) {
  ReadOptions options;
  options.format = input_format(rows);
  options.header = rows.header;
  options.layout = rows.layout;
  return open_rows(rows.input, options);
}

std::string_view required_cell(const Row& row, const std::string& column, const RowReader& reader) {
  const auto cell = row.find(column);
  if (cell) return *cell;
  throw DataError({reader.name(), row.line()},
                  "there is no column " + quote(column) + "; the columns are: " + listed(reader.columns(), quote, 20));
}

Json offsets_json(const Encoding& encoding) {
  Json offsets = Json::array();
  for (const auto& offset : encoding.offsets) offsets.push_back(Json::array({offset.begin, offset.end}));
  return offsets;
}

std::string encoding_json(const Tokenizer& tokenizer, const Encoding& encoding) {
  Json tokens = Json::array();
  for (const std::int32_t id : encoding.ids) tokens.push_back(tokenizer.token(id));
  return to_json_text({{"ids", encoding.ids},
                       {"tokens", std::move(tokens)},
                       {"type_ids", encoding.type_ids},
                       {"offsets", offsets_json(encoding)},
                       {"truncated", encoding.truncated}});
}

std::string joined_ids(const Encoding& encoding) {
  std::string text;
  for (const std::int32_t id : encoding.ids) text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

// Collects lines and prints them in large pieces.
class LinePrinter {
 public:
  void line(std::string_view text) {
    text_.append(text).push_back('\n');
    if (text_.size() >= kWriteSize) flush();
  }
  void flush() {
    print(text_);
    text_.clear();
  }

 private:
  std::string text_;
};

struct EncodeRequest : TokenizerRows {
  EncodeOptions options;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit_rows(self, visit, "Column of the text; twice for pairs (default: text)", 2);
    visit("max_length", self.options.max_length, "Cut to this many tokens (default: not cut)", at_least(1),
          OptionForm{.value = "N"});
    visit("truncation", self.options.truncation, "longest_first, only_first or only_second",
          OptionForm{.value = "HOW"});
    visit("truncation_side", self.options.truncation_side, "right keeps the beginning, left the end",
          OptionForm{.value = "SIDE"});
    visit("no_special_tokens", self.options.add_special_tokens, "Leave out [CLS], [SEP] and the like",
          OptionForm{.sets_false = true});
  }
};

class TokenizerEncode : public RequestVerb<EncodeRequest> {
 public:
  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(request_.model, context);
    const auto reader = open_input(request_);
    request_.options.offsets = context.common.json;
    if (request_.columns.empty()) request_.columns = {"text"};
    LinePrinter printer;
    Encoding encoding;
    Row row;
    std::int64_t num_truncated = 0;
    while (reader->next(row)) {
      encode(tokenizer, row, *reader, encoding);
      num_truncated += encoding.truncated ? 1 : 0;
      printer.line(context.common.json ? encoding_json(tokenizer, encoding) : joined_ids(encoding));
    }
    printer.flush();
    if (num_truncated > 0)
      context.log().warning(std::to_string(num_truncated) + " rows were cut to " +
                            std::to_string(*request_.options.max_length) + " tokens");
    return ExitCode::kOk;
  }

 private:
  void encode(const Tokenizer& tokenizer, const Row& row, const RowReader& reader, Encoding& encoding) const {
    const std::vector<std::string>& columns = request_.columns;
    std::optional<std::string_view> pair;
    if (columns.size() > 1) pair = required_cell(row, columns[1], reader);
    tokenizer.encode_into(required_cell(row, columns[0], reader), pair, request_.options, encoding);
  }
};

std::vector<std::int32_t> parse_ids(std::string_view text, const SourcePosition& position) {
  std::vector<std::int32_t> ids;
  const char* at = text.data();
  const char* end = text.data() + text.size();
  while (at != end) {
    if (*at == ' ' || *at == '\t' || *at == ',' || *at == '[' || *at == ']') {
      ++at;
      continue;
    }
    std::int32_t id = 0;
    const auto [after, error] = std::from_chars(at, end, id);
    if (error != std::errc() || id < 0)
      throw DataError(position, "token ids separated by spaces are expected, but something else stands at byte " +
                                    std::to_string(at - text.data() + 1) + " of the text");
    ids.push_back(id);
    at = after;
  }
  return ids;
}

struct DecodeRequest : TokenizerRows {
  bool skip_special_tokens = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit_rows(self, visit, "Column of the ids (default: ids; the whole line in text)", 1);
    visit("no_special_tokens", self.skip_special_tokens, "Leave out [CLS], [SEP] and the like");
  }
};

class TokenizerDecode : public RequestVerb<DecodeRequest> {
 public:
  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(request_.model, context);
    const auto reader = open_input(request_);
    const std::string column = !request_.columns.empty()                     ? request_.columns.front()
                               : input_format(request_) == FileFormat::kText ? "text"
                                                                             : "ids";
    LinePrinter printer;
    Row row;
    while (reader->next(row)) {
      const auto ids = parse_ids(required_cell(row, column, *reader), {reader->name(), row.line()});
      const std::string text = tokenizer.decode(ids, request_.skip_special_tokens);
      printer.line(context.common.json ? to_json_text({{"text", text}}) : text);
    }
    printer.flush();
    return ExitCode::kOk;
  }
};

// "golden.jsonl:3: ids differ at 2: expected [101,7592,102], found [101,102]; text 'hello'"
std::string difference_line(const std::string& file, const Json& difference) {
  return file + ":" + difference["line"].dump() + ": " + difference["what"].get<std::string>() + " differ at " +
         difference["position"].dump() + ": expected " + difference["expected"].dump() + ", found " +
         difference["found"].dump() + "; text " + quote(difference["text"].get<std::string>()) + "\n";
}

struct VerifyTokenizerOptions {
  std::string model;
  std::string golden;
  std::int64_t show = 5;
  bool add_special_tokens = true;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("model", self.model, "Directory with tokenizer.json, vocab.txt, or vocab.json and merges.txt", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
    visit("golden", self.golden,
          "JSON Lines {\"text\": …, \"pair\": …, \"ids\": […], \"offsets\": [[0, 3], …]}; pair and offsets where "
          "recorded",
          kRequired, OptionForm{.value = "FILE"});
    visit("show", self.show, "Differing rows to show", at_least(0), OptionForm{.value = "N"});
    visit("no_special_tokens", self.add_special_tokens, "The ids were recorded without [CLS], [SEP] and the like",
          OptionForm{.sets_false = true});
  }
};

class TokenizerVerify : public RequestVerb<VerifyTokenizerOptions> {
 public:
  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(request_.model, context);
    const auto rows = open_rows(request_.golden, {.format = FileFormat::kJsonl, .header = true, .on_bad_row = {}});
    const TokenizerVerification result =
        verify_tokenizer(tokenizer, *rows, request_.add_special_tokens, static_cast<std::size_t>(request_.show));
    if (context.common.json) {
      print_json({{"num_rows", result.num_rows},
                  {"num_different", result.num_different},
                  {"first_differences", result.first_differences}});
    } else {
      std::string text;
      for (const Json& difference : result.first_differences) text += difference_line(request_.golden, difference);
      print(text + std::to_string(result.num_rows - result.num_different) + " of " + std::to_string(result.num_rows) +
            " rows are equal\n");
    }
    return result.num_different == 0 ? ExitCode::kOk : ExitCode::kQualityGate;
  }
};

class TokenizerVerb : public VerbOfActions {
 public:
  using VerbOfActions::VerbOfActions;
  std::string_view memory_advice() const override {
    return "use fewer or shorter texts, or a machine with more memory";
  }
};

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& directory, const Context& context) {
  Tokenizer tokenizer = Tokenizer::load(directory);
  for (const std::string& warning : tokenizer.warnings()) context.log().warning(warning);
  return tokenizer;
}

std::unique_ptr<Verb> make_tokenizer_verb() {
  static const std::vector<VerbRow> actions = {
      {"encode", "Text to token ids: a line of ids a row, or with --json an object a row.",
       "llmtool tokenizer encode models/all-MiniLM-L6-v2 --input reviews.csv --json", make_verb<TokenizerEncode>},
      {"decode", "Token ids to text: a line a row, or with --json an object a row.",
       "echo \"101 7592 102\" | llmtool tokenizer decode models/all-MiniLM-L6-v2 --input -",
       make_verb<TokenizerDecode>},
      {"train", "Train a WordPiece, byte-level BPE or Unigram vocabulary on texts.",
       "llmtool tokenizer train --type wordpiece --lowercase --input \"corpus/*.txt\" --vocab-size 8000 --output "
       "tokenizers/ours",
       make_tokenizer_train},
      {"verify", "Compare with recorded ids and offsets; exit code 9 when a row differs.",
       "llmtool tokenizer verify models/all-MiniLM-L6-v2 --golden golden.jsonl", make_verb<TokenizerVerify>},
      {"stats", "Say what a tokenizer makes of texts: length, unknown words, overlong texts.",
       "llmtool tokenizer stats models/all-MiniLM-L6-v2 --input reviews.csv --max-length 128", make_tokenizer_stats},
      {"diff", "Compare two tokenizers on texts.",
       "llmtool tokenizer diff models/all-MiniLM-L6-v2 tokenizers/ours --input reviews.csv", make_tokenizer_diff},
  };
  return std::make_unique<TokenizerVerb>(actions);
}

}  // namespace llmtool::app
