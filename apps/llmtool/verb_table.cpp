#include "verb.h"

namespace llmtool::app {

// Each in the file of its verb.
std::unique_ptr<Verb> make_pretrain_verb();
std::unique_ptr<Verb> make_finetune_verb();
std::unique_ptr<Verb> make_eval_verb();
std::unique_ptr<Verb> make_predict_verb();
std::unique_ptr<Verb> make_embed_verb();
std::unique_ptr<Verb> make_generate_verb();
std::unique_ptr<Verb> make_convert_verb();
std::unique_ptr<Verb> make_verify_verb();
std::unique_ptr<Verb> make_config_verb();
std::unique_ptr<Verb> make_tokenizer_verb();
std::unique_ptr<Verb> make_env_verb();
std::unique_ptr<Verb> make_completion_verb();
std::unique_ptr<Verb> make_man_verb();

const std::vector<VerbRow>& verb_table() {
  static const std::vector<VerbRow> table = {
      {"pretrain", "Train a language model on running text, from scratch or from a checkpoint.",
       "llmtool pretrain configs/pretrain/bert_tiny.yaml --set training.epochs=2", make_pretrain_verb},
      {"finetune", "Train a model on labelled text, starting from pretrained weights.",
       "llmtool finetune configs/quickstart.yaml --set training.epochs=2", make_finetune_verb},
      {"eval", "Score a model directory on a labelled file.",
       "llmtool eval runs/quickstart --data data/demo/movies_test.csv", make_eval_verb},
      {"predict", "Label texts with a model directory, row by row.",
       "echo \"a quiet, lovely film\" | llmtool predict runs/quickstart --input - --format text", make_predict_verb},
      {"embed", "Turn texts into vectors, row by row.",
       "llmtool embed models/all-MiniLM-L6-v2 --input data/demo/movies_test.csv --output vectors.npy", make_embed_verb},
      {"generate", "Continue texts with a causal language model.",
       "llmtool generate runs/gpt2_tiny --prompt \"And it came to pass\" --max-new-tokens 40", make_generate_verb},
      {"convert", "Write a checkpoint anew: one safetensors file, other numbers, without a head.",
       "llmtool convert models/all-MiniLM-L6-v2 models/half --dtype bf16", make_convert_verb},
      {"verify", "Compare the files of a run, or of a checkpoint, with the hashes that were kept of them.",
       "llmtool verify runs/quickstart", make_verify_verb},
      {"config", "Show, check, describe, start or compare run configs.", "llmtool config check configs/quickstart.yaml",
       make_config_verb},
      {"tokenizer", "Turn text into token ids and back; train, check and compare tokenizers.",
       "echo \"a quiet, lovely film\" | llmtool tokenizer encode models/all-MiniLM-L6-v2 --input -",
       make_tokenizer_verb},
      {"env", "Print versions, processor features, threads and devices.", "llmtool env --json", make_env_verb},
      {"completion", "Print a shell completion script.",
       "llmtool completion bash > ~/.local/share/bash-completion/completions/llmtool", make_completion_verb},
      {"man", "Print the manual page.", "llmtool man | man -l -", make_man_verb},
  };
  return table;
}

}  // namespace llmtool::app
