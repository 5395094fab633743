#pragma once

#include <algorithm>
#include <string>

namespace llmtool {

// "max_length" -> "--max-length"
inline std::string option_name(std::string field) {
  std::ranges::replace(field, '_', '-');
  return field.insert(0, "--");
}

// How a field (fields.h) is told on a command line: `--max-length N`, named as the field, with dashes. Config files and
// command lines are made of the same field lists; what makes no options passes over this rule. A field that is told on
// a command line alone may be a std::filesystem::path, too.
struct OptionForm {
  const char* value = "";          // what stands for the value in help: "FILE"; flags have none
  const char* help = nullptr;      // instead of the field's, where that speaks of config files
  const char* group = nullptr;     // heading in help
  char letter = '\0';              // the option also as one letter: -q
  bool is_positional = false;      // told by its place, without a name
  bool sets_false = false;         // a flag that makes a bool false: --no-header
  bool hides_default = false;      // the help says in words what happens without it
  bool takes_words = false;        // a list: all words up to the next option, instead of one each time
  int most_values = 0;             // of a list; 0: any number
  const char* excludes = nullptr;  // a field before this one
  const char* needs = nullptr;     // a field before this one
  const char* refused = nullptr;   // the name of an enum that is none of the choices here
  const char* if_empty = nullptr;  // an empty text is refused with these words
};

}  // namespace llmtool
