#include "llmtool/tokenizer/tokenizer.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "llmtool/core/listed.h"
#include "llmtool/formats/row_reader.h"
#include "load_tokenizer.h"
#include "number_check.h"
#include "table_options.h"
#include "tokenizer_actions.h"

namespace llmtool::app {
namespace {

// Output is collected to this size before it is written, so that a pipe sees few large writes.
constexpr std::size_t kWriteSize = 1 << 16;

struct TokenizerArguments {
  std::string model;
  std::string input;
  std::string format = "auto";
  bool no_header = false;
  TableArguments table;
  std::vector<std::string> columns;
  std::optional<std::int64_t> max_length;
  std::string truncation = "longest_first";
  std::string truncation_side = "right";
  bool no_special_tokens = false;
};

FileFormat input_format(const TokenizerArguments& arguments) {
  // A stream has no extension; plain lines are what a pipe usually carries.
  if (arguments.format == "auto" && arguments.input == "-") return FileFormat::kText;
  return resolve_file_format(arguments.input, *enum_from_name<FileFormat>(arguments.format));
}

std::unique_ptr<RowReader> open_input(const TokenizerArguments& arguments) {
  ReadOptions options;
  options.format = input_format(arguments);
  options.header = !arguments.no_header;
  options.layout = table_layout(arguments.table);
  return open_rows(arguments.input, options);
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

EncodeOptions encode_options(const TokenizerArguments& arguments, bool json) {
  EncodeOptions options;
  options.add_special_tokens = !arguments.no_special_tokens;
  options.offsets = json;
  options.max_length = arguments.max_length;
  options.truncation = *enum_from_name<TruncationStrategy>(arguments.truncation);
  options.truncation_side = *enum_from_name<TruncationSide>(arguments.truncation_side);
  return options;
}

void encode(const TokenizerArguments& arguments, const Context& context) {
  const Tokenizer tokenizer = load_tokenizer(arguments.model, context);
  const auto reader = open_input(arguments);
  const EncodeOptions options = encode_options(arguments, context.common.json);
  const std::vector<std::string> columns =
      arguments.columns.empty() ? std::vector<std::string>{"text"} : arguments.columns;
  LinePrinter printer;
  Encoding encoding;
  Row row;
  std::int64_t num_truncated = 0;
  while (reader->next(row)) {
    std::optional<std::string_view> pair;
    if (columns.size() > 1) pair = required_cell(row, columns[1], *reader);
    tokenizer.encode_into(required_cell(row, columns[0], *reader), pair, options, encoding);
    num_truncated += encoding.truncated ? 1 : 0;
    printer.line(context.common.json ? encoding_json(tokenizer, encoding) : joined_ids(encoding));
  }
  printer.flush();
  if (num_truncated > 0)
    context.log().warning(std::to_string(num_truncated) + " rows were cut to " + std::to_string(*arguments.max_length) +
                          " tokens");
}

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

void decode(const TokenizerArguments& arguments, const Context& context) {
  const Tokenizer tokenizer = load_tokenizer(arguments.model, context);
  const auto reader = open_input(arguments);
  const std::string column = !arguments.columns.empty()                     ? arguments.columns.front()
                             : input_format(arguments) == FileFormat::kText ? "text"
                                                                            : "ids";
  LinePrinter printer;
  Row row;
  while (reader->next(row)) {
    const auto ids = parse_ids(required_cell(row, column, *reader), {reader->name(), row.line()});
    const std::string text = tokenizer.decode(ids, arguments.no_special_tokens);
    printer.line(context.common.json ? to_json_text({{"text", text}}) : text);
  }
  printer.flush();
}

class TokenizerVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    encode_ = app.add_subcommand("encode", "Text to token ids: a line of ids a row, or with --json an object a row.");
    encode_->footer("Example:\n  llmtool tokenizer encode models/all-MiniLM-L6-v2 --input reviews.csv --json");
    add_input(*encode_, "Column of the text; twice for pairs (default: text)", 2);
    encode_->add_option("--max-length", arguments_.max_length, "Cut to this many tokens (default: not cut)")
        ->check(within(at_least(1)))
        ->type_name("N");
    encode_->add_option("--truncation", arguments_.truncation, "longest_first, only_first or only_second")
        ->check(CLI::IsMember({"longest_first", "only_first", "only_second"}).description(""))
        ->type_name("HOW")
        ->capture_default_str();
    encode_->add_option("--truncation-side", arguments_.truncation_side, "right keeps the beginning, left the end")
        ->check(CLI::IsMember({"right", "left"}).description(""))
        ->type_name("SIDE")
        ->capture_default_str();
    encode_->add_flag("--no-special-tokens", arguments_.no_special_tokens, "Leave out [CLS], [SEP] and the like");
    decode_ = app.add_subcommand("decode", "Token ids to text: a line a row, or with --json an object a row.");
    decode_->footer("Example:\n  echo \"101 7592 102\" | llmtool tokenizer decode models/all-MiniLM-L6-v2 --input -");
    add_input(*decode_, "Column of the ids (default: ids; the whole line in text)", 1);
    decode_->add_flag("--no-special-tokens", arguments_.no_special_tokens, "Leave out [CLS], [SEP] and the like");
    add_action(
        app, "train", "Train a WordPiece, byte-level BPE or Unigram vocabulary on texts.",
        "llmtool tokenizer train --type wordpiece --lowercase --input \"corpus/*.txt\" --vocab-size 8000 --output "
        "tokenizers/ours",
        make_tokenizer_train());
    add_action(app, "verify", "Compare with recorded ids and offsets; exit code 9 when a row differs.",
               "llmtool tokenizer verify models/all-MiniLM-L6-v2 --golden golden.jsonl", make_tokenizer_verify());
    add_action(app, "stats", "Say what a tokenizer makes of texts: length, unknown words, overlong texts.",
               "llmtool tokenizer stats models/all-MiniLM-L6-v2 --input reviews.csv --max-length 128",
               make_tokenizer_stats());
    add_action(app, "diff", "Compare two tokenizers on texts.",
               "llmtool tokenizer diff models/all-MiniLM-L6-v2 tokenizers/ours --input reviews.csv",
               make_tokenizer_diff());
  }

  ExitCode run(Context& context) override {
    if (encode_->parsed()) encode(arguments_, context);
    if (decode_->parsed()) decode(arguments_, context);
    for (const auto& [app, action] : actions_)
      if (app->parsed()) return action->run(context);
    return ExitCode::kOk;
  }

 private:
  void add_action(CLI::App& app, const char* name, const char* summary, const std::string& example,
                  std::unique_ptr<Verb> action) {
    CLI::App* added = app.add_subcommand(name, summary);
    added->footer("Example:\n  " + example);
    action->add_options(*added);
    actions_.emplace_back(added, std::move(action));
  }

  void add_input(CLI::App& app, const char* column_help, int most_columns) {
    app.add_option("model", arguments_.model,
                   "Directory with the files of a tokenizer: tokenizer.json, a vocabulary, or a SentencePiece file")
        ->required()
        ->type_name("DIRECTORY");
    app.add_option("--input", arguments_.input, "File to read, - for standard input")->required()->type_name("FILE");
    app.add_option("--format", arguments_.format, "csv, tsv, jsonl, text or auto (by extension; text for -)")
        ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
        ->type_name("FORMAT")
        ->capture_default_str();
    app.add_flag("--no-header", arguments_.no_header, "CSV and TSV: columns have no names but positions 0, 1, …");
    add_table_options(app, arguments_.table);
    app.add_option("--column", arguments_.columns, column_help)
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->expected(1, most_columns);
  }

  TokenizerArguments arguments_;
  CLI::App* encode_ = nullptr;
  CLI::App* decode_ = nullptr;
  std::vector<std::pair<CLI::App*, std::unique_ptr<Verb>>> actions_;
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_verb() { return std::make_unique<TokenizerVerb>(); }

}  // namespace llmtool::app
