#include <algorithm>
#include <string>
#include <vector>

#include "command_line.h"
#include "verb.h"

namespace llmtool::app {
enum class Shell { kBash, kZsh, kFish };
}  // namespace llmtool::app

namespace llmtool {
template <>
struct EnumNames<app::Shell> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{app::Shell::kBash, Name("bash")},
                                     std::pair{app::Shell::kZsh, Name("zsh")},
                                     std::pair{app::Shell::kFish, Name("fish")}};
};
}  // namespace llmtool

namespace llmtool::app {
namespace {

struct CompletionOptions {
  Shell shell = Shell::kBash;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("shell", self.shell, "bash, zsh or fish", kRequired,
          OptionForm{.value = "TEXT:{bash,zsh,fish}", .is_positional = true});
  }
};

// A verb or action, by the words that lead to it, with the words that may follow.
struct CompletionEntry {
  std::string words;                // "", "config", "config show"
  std::vector<std::string> follow;  // actions and long options
  bool has_actions = false;
};

void collect(const ShownCommand& command, const std::string& words, std::vector<CompletionEntry>& entries) {
  CompletionEntry entry{words, {}, !command.commands.empty()};
  for (const ShownCommand& action : command.commands) entry.follow.push_back(action.name);
  for (const ShownOption& option : command.options)
    for (const std::string& name : option.long_names) entry.follow.push_back("--" + name);
  entries.push_back(entry);
  for (const ShownCommand& action : command.commands)
    collect(action, words.empty() ? action.name : words + " " + action.name, entries);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// " || $path == '' || $path == config": where a verb or an action comes next.
std::string paths_with_actions(const std::vector<CompletionEntry>& entries) {
  std::string text;
  for (const CompletionEntry& entry : entries)
    if (entry.has_actions) text += " || $path == " + (entry.words.empty() ? "''" : entry.words);
  return text;
}

// Words that do not start with a dash and stand before the cursor choose the entry; files complete everywhere else.
std::string bash_script(const std::vector<CompletionEntry>& entries) {
  std::string script =
      "_llmtool() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} path=\"\" follow=\"\" word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$path $word\" in\n";
  for (const CompletionEntry& entry : entries)
    if (!entry.words.empty()) {
      const std::size_t last = entry.words.find_last_of(' ');
      const std::string parent = last == std::string::npos ? "" : entry.words.substr(0, last);
      const std::string word = last == std::string::npos ? entry.words : entry.words.substr(last + 1);
      script += "      '" + parent + " " + word + "') path='" + entry.words + "' ;;\n";
    }
  script += "    esac\n  done\n  case \"$path\" in\n";
  for (const CompletionEntry& entry : entries)
    script += "    '" + entry.words + "') follow='" + joined(entry.follow) + "' ;;\n";
  script +=
      "  esac\n"
      "  if [[ $current == -*" +
      paths_with_actions(entries) +
      " ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$follow\" -- \"$current\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _llmtool llmtool\n";
  return script;
}

std::string zsh_script(const std::vector<CompletionEntry>& entries) {
  return "#compdef llmtool\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(entries);
}

std::string fish_script(const std::vector<CompletionEntry>& entries) {
  std::string script;
  for (const CompletionEntry& entry : entries) {
    std::string condition = "__fish_use_subcommand";
    if (!entry.words.empty()) {
      condition.clear();
      std::size_t start = 0;
      while (start <= entry.words.size()) {
        const std::size_t end = std::min(entry.words.find(' ', start), entry.words.size());
        condition += (condition.empty() ? "" : "; and ") +
                     ("__fish_seen_subcommand_from " + entry.words.substr(start, end - start));
        start = end + 1;
      }
    }
    for (const std::string& word : entry.follow)
      script += "complete -c llmtool -n '" + condition + "' " +
                (word.starts_with("--") ? "-l " + word.substr(2) : "-f -a " + word) + "\n";
  }
  return script;
}

class CompletionVerb : public RequestVerb<CompletionOptions> {
 public:
  ExitCode run(Context&) override {
    std::vector<CompletionEntry> entries;
    collect(describe_command_line(), "", entries);
    print(script(entries));
    return ExitCode::kOk;
  }

 private:
  std::string script(const std::vector<CompletionEntry>& entries) const {
    switch (request_.shell) {
      case Shell::kZsh:
        return zsh_script(entries);
      case Shell::kFish:
        return fish_script(entries);
      default:
        return bash_script(entries);
    }
  }
};

}  // namespace

std::unique_ptr<Verb> make_completion_verb() { return std::make_unique<CompletionVerb>(); }

}  // namespace llmtool::app
