#include "memory_advice.h"

#include <array>

namespace llmtool::app {
namespace {

constexpr std::string_view kTraining =
    "use a smaller training.batch_size (or tokens_per_batch) or tokenizer.max_length, or a machine with more memory";
constexpr std::string_view kAnswering =
    "use a smaller --batch-size or --max-length, or a machine with more memory for this model";

constexpr std::array kAdvice{
    std::pair{std::string_view("finetune"), kTraining},
    std::pair{std::string_view("pretrain"), kTraining},
    std::pair{std::string_view("eval"), kAnswering},
    std::pair{std::string_view("predict"), kAnswering},
    std::pair{std::string_view("embed"), kAnswering},
    std::pair{std::string_view("generate"), std::string_view("use a smaller --batch-size, --num-beams or "
                                                             "--max-new-tokens, or a machine with more memory")},
    std::pair{std::string_view("tokenizer"),
              std::string_view("use fewer or shorter texts, or a machine with more memory")}};

}  // namespace

std::string_view memory_advice(std::string_view verb) {
  for (const auto& [name, advice] : kAdvice)
    if (name == verb) return advice;
  return "use a machine with more memory";
}

}  // namespace llmtool::app
