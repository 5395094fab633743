#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <concepts>
#include <limits>

#include "llmtool/core/json.h"

namespace llmtool::app {
namespace {

std::string parser_name(const OptionRow& row) {
  const OptionForm& form = row.rules.option;
  if (form.is_positional) return row.name;
  return option_name(row.name) + (form.letter == '\0' ? "" : std::string(",-") + form.letter);
}

// What is wrong with a number outside its limits, as a person would say it ("a whole number from 1 on"); "": nothing.
template <class T>
std::string outside(const std::string& text, const Range<T>& limits) {
  T value{};
  if (read_option(text, value) && limits.contains(value)) return "";
  return text + " is not a " + (std::integral<T> ? "whole number" : "number") + " from " + Json(limits.low).dump() +
         (limits.high == std::numeric_limits<T>::max() ? " on" : " to " + Json(limits.high).dump());
}

std::string outside(const std::string& text, const std::vector<std::string>& choices) {
  if (std::ranges::find(choices, text) != choices.end()) return "";
  return text + " not in " + CLI::detail::generate_set(choices);
}

// What is wrong with a value; "": nothing.
std::string problem_of(const std::string& text, const OptionRow& row) {
  if (row.rules.integers) return outside(text, *row.rules.integers);
  if (row.rules.numbers) return outside(text, *row.rules.numbers);
  if (!row.choices.empty()) return outside(text, row.choices);
  if (row.rules.option.if_empty != nullptr && text.empty()) return row.rules.option.if_empty;
  return "";
}

void set_number_of_values(CLI::Option& option, const OptionForm& form) {
  option.expected(CLI::detail::expected_max_vector_size);
  if (form.takes_words) return;
  // Each time one: a list in brackets, or words behind it, are texts as any other.
  option.take_all()->allow_extra_args(false);
  if (form.most_values > 0) option.expected(1, form.most_values);
}

CLI::Option* add_to(CLI::App& app, const OptionRow& row, const std::string& help) {
  if (row.is_flag)
    return app.add_flag_callback(
        parser_name(row), [keep = row.keep] { keep({}); }, help);
  CLI::Option* option = app.add_option(parser_name(row), row.keep, help);
  option->type_name(row.rules.option.value)->default_str(row.default_text);
  option->check(CLI::Validator([row](const std::string& text) { return problem_of(text, row); }, ""));
  if (row.is_list) set_number_of_values(*option, row.rules.option);
  return option->required(row.rules.required);
}

}  // namespace

bool read_option(const std::string& text, std::int64_t& value) { return CLI::detail::lexical_cast(text, value); }
bool read_option(const std::string& text, double& value) { return CLI::detail::lexical_cast(text, value); }

void CommandOptions::add(const OptionRow& row) {
  const OptionForm& form = row.rules.option;
  CLI::Option* option = add_to(*app_, row, form.help == nullptr ? row.help : form.help);
  if (form.group != nullptr) option->group(form.group);
  if (form.excludes != nullptr) option->excludes(app_->get_option(option_name(form.excludes)));
  if (form.needs != nullptr) option->needs(app_->get_option(option_name(form.needs)));
}

CommandOptions CommandOptions::add_action(const char* name, const char* summary, const char* example) {
  app_->require_subcommand(1);
  CLI::App* action = app_->add_subcommand(name, summary);
  action->footer(std::string("Example:\n  ") + example);
  return CommandOptions(*action);
}

bool CommandOptions::is_chosen() const { return app_->parsed(); }

}  // namespace llmtool::app
