#pragma once

// The one list of fields per options struct. A struct takes part by having
//
//   template <class Self, class Visitor>
//   static void visit_fields(Self& self, Visitor& visit) {
//     visit("learning_rate", self.learning_rate, "Peak learning rate, reached after warm-up.", in_range(0.0, 1.0));
//   }
//
// Defaults are the member initialisers. A visitor is called as visit(name, member, help, rules...) with Self const or
// not. Members may be bool, std::int64_t, double, std::string, an enum with enum_names (enum_names.h), a struct with
// fields, a JsonValued type (a small union such as "a file or a share"), or std::optional, std::vector or
// std::map<std::string, …> of those.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace llmtool {

// Inclusive limits of a number.
template <class T>
struct Range {
  T low;
  T high;
  bool contains(T value) const { return low <= value && value <= high; }
};
template <class T>
constexpr Range<T> in_range(T low, T high) {
  return {low, high};
}
constexpr Range<std::int64_t> at_least(std::int64_t low) { return {low, std::numeric_limits<std::int64_t>::max()}; }

// The value must be given by the user (task, model, data.train).
struct Required {};
inline constexpr Required kRequired{};

// A std::vector member may also be written as a single scalar (text: review).
struct ScalarOrList {};
inline constexpr ScalarOrList kScalarOrList{};

// A string that names a file or folder: `~` and ${VAR} are expanded, relative paths are relative to the start
// directory.
struct PathText {};
inline constexpr PathText kPathText{};

// The field says where or how, not what, a run computes: it is left out when two configs are compared for resuming
// (output_dir, checkpoint intervals, logging).
struct NotCompared {};
inline constexpr NotCompared kNotCompared{};

namespace detail {
struct AnyVisitor {
  template <class... Arguments>
  void operator()(const Arguments&...) const {}
};
}  // namespace detail

template <class T>
concept HasFields = requires(T& value, detail::AnyVisitor& visit) {
  T::visit_fields(value, visit);
};

// Where a struct's check() reports rules between its fields that are broken; config adds file, line and column.
class FieldErrors {
 public:
  virtual ~FieldErrors() = default;
  // `field` is relative to the struct that is checked: "warmup", "optimizer.name"; "" is the struct itself.
  virtual void add(const std::string& field, const std::string& message) = 0;
};

// A struct with fields may have `void check(FieldErrors& errors) const`: rules between its fields. It is called by
// config after reading (every struct, nested ones first).
template <class T>
concept HasCheck = requires(const T& value, FieldErrors& errors) {
  value.check(errors);
};

// What is wrong with one value, without its place: config adds file, line, column and key.
class ValueError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
