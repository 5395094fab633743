"""The lines that the toys need in files that are there already: {what is added: {file: [(before this, these lines)]}}.

A place is a regular expression; where it has a group, the lines stand in place of the group.
"""

EDITS = {
    "a task": {
        "lib/llmtool/tasks/task_table.h": [
            (r'^#include "llmtool/tasks/token_classification/options.h"\n', '#include "llmtool/tasks/toy_number/options.h"\n'),
            (r"^  kContrastive,\n", "  kToyNumber,\n"),
            (r"^      std::pair\{TaskKind::kContrastive,", '      std::pair{TaskKind::kToyNumber, std::string_view("toy_number")},\n'),
            (r"^struct TaskOptions \{\n()", "  ToyNumberOptions toy_number;\n"),
            (r"^    ClassificationOptions::visit_fields\(", "    ToyNumberOptions::visit_fields(self.toy_number, visit);\n"),
            (r"contrastive_row\(\)\};", "toy_number_row(), "),
        ],
        "lib/llmtool/tasks/task_makers.cpp": [
            (r'^#include "llmtool/tasks/token_classification/task.h"\n', '#include "llmtool/tasks/toy_number/task.h"\n'),
            (r"^    TaskMaker\{TaskKind::kContrastive,",
             "    TaskMaker{TaskKind::kToyNumber, make_toy_number_task, evaluate_toy_numbers},\n"),
        ],
    },
    "a head to a family": {
        "lib/llmtool/models/bert_family.cpp": [
            (r"^\}  // namespace\n\nFamily bert_family\(\)", """\
HeadOptions bert_toy_number(const Json& json, const std::string& file) {
  ToyHeadOptions options;
  options.hidden_size = read_bert_config(json, file).hidden_size;
  return options;
}

"""),
            (r'\{HeadKind::kMaskedLm, "BertForMaskedLM",', '{HeadKind::kToyNumber, "BertForToyNumber", {bert_toy_number}},\n'),
            (r'\.head_prefixes = \{()"classifier\.", "cls\.predictions\."', '"toy_head.", '),
        ],
    },
    "a class of head": {
        "lib/llmtool/models/head_options.h": [
            (r"^  kMaskedLm,\n", "  kToyNumber,\n"),
            (r"^ *std::pair\{HeadKind::kMaskedLm,", '    std::pair{HeadKind::kToyNumber, Name("toy_number")},\n'),
            (r"^// Every class of head", """\
struct ToyHeadOptions {
  std::int64_t hidden_size = 0;
};
std::shared_ptr<Head> make_head(const ToyHeadOptions& options, const TextBody& body, c10::Device device);

"""),
            (r"SentencePairHeadOptions>;", "ToyHeadOptions, "),
            (r"^inline bool reads_pooled\(const TokenHeadOptions", "inline bool reads_pooled(const ToyHeadOptions&) { return false; }\n"),
        ],
    },
    "an optimizer": {
        "lib/llmtool/optim/options.h": [
            (r"^enum class OptimizerKind \{()", " kToy,"),
            (r"^using Optimizers = ", """\
std::unique_ptr<UpdateRule> make_toy_rule(const OptimizerOptions& options);
void update_by_toy(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options);

struct Toy {
  static constexpr OptimizerKind kKind = OptimizerKind::kToy;
  static constexpr std::string_view kName = "toy";
  static constexpr std::array<std::string_view, 0> kSettings{};
  static constexpr auto* kMakeRule = make_toy_rule;
};

"""),
            (r"^using Optimizers = std::tuple<[^>]*()>", ", Toy"),
        ],
    },
    "a verb": {
        "apps/llmtool/verb_table.cpp": [
            (r"^std::unique_ptr<Verb> make_man_verb\(\);", "std::unique_ptr<Verb> make_toy_verb();\n"),
            (r'^      \{"man",', '      {"toy", "Say a word.", "llmtool toy hello --times 3", make_toy_verb},\n'),
        ],
    },
}
