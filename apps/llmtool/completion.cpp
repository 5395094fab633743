#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "command_line.h"
#include "llmtool/core/errors.h"

namespace llmtool::app {
namespace {

// A verb or action, by the words that lead to it, with the words that may follow.
struct CompletionEntry {
  std::string words;                // "", "config", "config show"
  std::vector<std::string> follow;  // actions and long options
};

void collect(const CLI::App& app, const std::string& words, std::vector<CompletionEntry>& entries) {
  CompletionEntry entry{words, {}};
  for (const CLI::App* action : app.get_subcommands({})) entry.follow.push_back(action->get_name());
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) entry.follow.push_back("--" + name);
  entries.push_back(entry);
  for (const CLI::App* action : app.get_subcommands({}))
    collect(*action, words.empty() ? action->get_name() : words + " " + action->get_name(), entries);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
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
      "  if [[ $current == -* || $path == '' || $path == config || $path == tokenizer ]]; then\n"
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

class CompletionVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("shell", shell_, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  ExitCode run(Context&) override {
    const CommandLine command_line;
    std::vector<CompletionEntry> entries;
    collect(*command_line.app, "", entries);
    print(shell_ == "bash" ? bash_script(entries) : shell_ == "zsh" ? zsh_script(entries) : fish_script(entries));
    return ExitCode::kOk;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Verb> make_completion_verb() { return std::make_unique<CompletionVerb>(); }

}  // namespace llmtool::app
