// The actions of `llmtool tokenizer` that go through a corpus: train, stats and diff.

#include <array>
#include <cstdio>
#include <filesystem>

#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/data/corpus.h"
#include "llmtool/tokenizer/tokenizer_reports.h"
#include "llmtool/tokenizer/tokenizer_training.h"
#include "threads.h"
#include "verbs/tokenizer_actions.h"

namespace llmtool::app {
namespace {

namespace fs = std::filesystem;

// Texts between two reports of progress.
constexpr std::int64_t kTextsPerReport = 1024;
constexpr std::size_t kNameWidth = 36;

// Files whose lines or rows are texts; `files` are patterns.
struct TextFiles : DocumentSource {
  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("input", self.files, "Files of texts, also gzipped; \"corpus/*.txt\" names several", kRequired,
          OptionForm{.value = "FILE", .takes_words = true});
    visit("format", self.format, "csv, tsv, jsonl, text (a line a text) or auto (by extension)",
          OptionForm{.value = "FORMAT"});
    visit("text_column", self.column, "Column of the text, where there are columns", OptionForm{.value = "NAME"});
    visit("no_header", self.header, "CSV and TSV: columns have no names but positions 0, 1, …",
          OptionForm{.sets_false = true});
    TableLayout::visit_fields(self.layout, visit);
  }
};

// The texts of these files in order; blank ones are passed over. Throws what DocumentReader throws.
class TextInput {
 public:
  explicit TextInput(DocumentSource source)
      : source_(with_files(std::move(source))), reader_(std::make_unique<DocumentReader>(source_)) {}

  // False at the end.
  bool next(std::string& text) {
    if (!reader_->next(document_)) return false;
    text = document_.text;
    return true;
  }

  // "reviews.csv:18", of the text that came last.
  std::string place() const { return SourcePosition{source_.files[document_.file], document_.line, 0}.to_string(); }

 private:
  static DocumentSource with_files(DocumentSource source) {
    source.files = expand_file_patterns(source.files);
    return source;
  }

  DocumentSource source_;
  std::unique_ptr<DocumentReader> reader_;
  Document document_;
};

std::string number_text(const Json& value) {
  if (value.is_null()) return "-";
  if (!value.is_number_float()) return value.dump();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value.get<double>());
  return text.data();
}

// "tokens per word                    1.31": a fraction with four digits, or "-" for null.
std::string figure_line(const std::string& name, const Json& value) {
  const std::size_t width = count_code_points(name);
  const std::string gap(width < kNameWidth ? kNameWidth - width : 1, ' ');
  return name + gap + number_text(value) + "\n";
}

// Before hours of reading, and without taking away what is no trained tokenizer.
void require_free(const fs::path& output, bool overwrite) {
  if (!path_exists(output)) return;
  if (is_empty_folder(output)) return;
  if (!overwrite)
    throw ResourceError(output.string() + " exists already; choose another folder, or renew it with --overwrite");
  if (!path_exists(output / "tokenizer.json") || path_exists(output / "config.json"))
    throw ResourceError(output.string() +
                        " holds something else than a trained tokenizer, so --overwrite leaves it alone; choose "
                        "another folder");
}

struct TrainTokenizerOptions {
  TextFiles texts;
  std::string output;
  TokenizerTraining training;
  bool overwrite = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    TextFiles::visit_fields(self.texts, visit);
    visit("output", self.output, "Directory to write", kRequired, OptionForm{.value = "DIRECTORY"});
    TokenizerTraining::visit_fields(self.training, visit);
    visit("overwrite", self.overwrite, "Replace the tokenizer in the output directory");
  }
};

class TokenizerTrain : public RequestVerb<TrainTokenizerOptions> {
 public:
  ExitCode run(Context& context) override {
    const std::string& output = request_.output;
    require_distinct_paths({.inputs = input_paths(), .folders = {}, .outputs = {{"--output", output}}});
    require_free(output, request_.overwrite);
    TextInput input(request_.texts);
    const TokenizerTrainingResult result = train_tokenizer(
        request_.training, [&](std::string& text) { return input.next(text); }, output,
        choose_threads(context.common.threads).threads, context.log());
    if (context.common.json) {
      Json object{{"output", output}, {"type", enum_name(request_.training.kind)}};
      object.update(result.to_json());
      print_json(object);
    } else {
      print(output + ": " + std::to_string(result.vocabulary_size) + " tokens, from " +
            std::to_string(result.counts.num_texts) + " texts\n");
    }
    return ExitCode::kOk;
  }

 private:
  std::vector<NamedPath> input_paths() const {
    std::vector<NamedPath> paths;
    for (const std::string& file : expand_file_patterns(request_.texts.files)) paths.push_back({"--input", file});
    return paths;
  }
};

std::string statistics_text(const Json& figures) {
  std::string text = figure_line("texts", figures["num_texts"]) +
                     figure_line("tokens per text", figures["tokens_per_text"]) +
                     figure_line("tokens per word", figures["tokens_per_word"]) +
                     figure_line("tokens per byte", figures["tokens_per_byte"]) +
                     figure_line("characters per token", figures["characters_per_token"]) +
                     figure_line("longest text, in tokens", figures["most_tokens"]) +
                     figure_line("unknown tokens, share", figures["unknown_share"]);
  if (figures.contains("overlong_share"))
    text += figure_line("over " + figures["max_length"].dump() + " tokens, share", figures["overlong_share"]);
  text += figure_line("distinct unknown words", figures["num_distinct_unknown_words"]);
  for (const Json& word : figures["unknown_words"])
    text += figure_line("  " + quote(word["word"].get<std::string>()), word["count"]);
  return text;
}

struct StatsOptions {
  std::string model;
  TextFiles texts;
  std::optional<std::int64_t> max_length;
  std::int64_t show = 20;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("model", self.model, "Directory with tokenizer.json, vocab.txt, or vocab.json and merges.txt", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
    TextFiles::visit_fields(self.texts, visit);
    visit("max_length", self.max_length, "Count texts with more tokens than this, special ones included", at_least(1),
          OptionForm{.value = "N"});
    visit("show", self.show, "Most frequent unknown words to show", at_least(0), OptionForm{.value = "N"});
  }
};

class TokenizerStats : public RequestVerb<StatsOptions> {
 public:
  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(request_.model, context);
    TextInput input(request_.texts);
    TokenStatistics statistics(tokenizer, request_.max_length);
    for (std::string text; input.next(text);) {
      statistics.add(text);
      if (statistics.num_texts() % kTextsPerReport == 0)
        context.log().progress(
            {.name = "counting tokens", .done = statistics.num_texts(), .unit = "texts", .detail = ""});
    }
    const Json figures = statistics.to_json(static_cast<std::size_t>(request_.show));
    if (context.common.json) {
      print_json(figures);
    } else {
      print(statistics_text(figures));
    }
    return ExitCode::kOk;
  }
};

std::string diff_text(const Json& figures) {
  const Json& vocabulary = figures["vocabulary"];
  std::string text =
      figure_line("texts", figures["num_texts"]) + figure_line("equal ids, share", figures["equal_share"]) +
      figure_line("tokens per text, left", figures["tokens_per_text"]["left"]) +
      figure_line("tokens per text, right", figures["tokens_per_text"]["right"]) +
      figure_line("vocabulary, left", vocabulary["left"]) + figure_line("vocabulary, right", vocabulary["right"]) +
      figure_line("tokens of both", vocabulary["shared"]) +
      figure_line("of these with equal ids", vocabulary["shared_with_equal_id"]) +
      figure_line("share of all tokens that both have", vocabulary["overlap"]);
  for (const Json& difference : figures["first_differences"])
    text += difference["place"].get<std::string>() + ": " + quote(difference["text"].get<std::string>()) +
            "\n  left:  " + difference["left"]["tokens"].dump() + "\n  right: " + difference["right"]["tokens"].dump() +
            "\n";
  return text;
}

struct DiffOptions {
  std::string left;
  std::string right;
  TextFiles texts;
  std::int64_t show = 5;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("left", self.left, "Directory of a tokenizer", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
    visit("right", self.right, "Directory of another", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
    TextFiles::visit_fields(self.texts, visit);
    visit("show", self.show, "Differing texts to show", at_least(0), OptionForm{.value = "N"});
  }
};

class TokenizerDiff : public RequestVerb<DiffOptions> {
 public:
  ExitCode run(Context& context) override {
    const Tokenizer left = load_tokenizer(request_.left, context);
    const Tokenizer right = load_tokenizer(request_.right, context);
    TextInput input(request_.texts);
    TokenizerComparison comparison(left, right, static_cast<std::size_t>(request_.show));
    for (std::string text; input.next(text);) {
      comparison.add(text, input.place());
      if (comparison.num_texts() % kTextsPerReport == 0)
        context.log().progress({.name = "comparing", .done = comparison.num_texts(), .unit = "texts", .detail = ""});
    }
    if (context.common.json) {
      print_json(comparison.to_json());
    } else {
      print(diff_text(comparison.to_json()));
    }
    return ExitCode::kOk;
  }
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_train() { return std::make_unique<TokenizerTrain>(); }
std::unique_ptr<Verb> make_tokenizer_stats() { return std::make_unique<TokenizerStats>(); }
std::unique_ptr<Verb> make_tokenizer_diff() { return std::make_unique<TokenizerDiff>(); }

}  // namespace llmtool::app
