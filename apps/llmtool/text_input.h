#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "llmtool/data/document_reader.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// Files whose lines or rows are texts, as the actions of `llmtool tokenizer` that go through a corpus take them.
struct TextInputArguments {
  std::vector<std::string> patterns;
  std::string format = "auto";
  std::string text_column = "text";
  bool no_header = false;
  TableArguments table;
};

void add_text_input_options(CLI::App& app, TextInputArguments& arguments);

// The texts of these files in order; blank ones are passed over. Throws what DocumentReader throws.
class TextInput {
 public:
  explicit TextInput(const TextInputArguments& arguments);

  // False at the end.
  bool next(std::string& text);
  // "reviews.csv:18", of the text that came last.
  std::string place() const;

 private:
  DocumentSource source_;
  std::unique_ptr<DocumentReader> reader_;
  Document document_;
};

}  // namespace llmtool::app
