#include "llmtool/models/head_choice.h"

#include "llmtool/core/listed.h"
#include "llmtool/models/labels.h"

namespace llmtool {
namespace {

constexpr std::size_t kMostShown = 6;

std::string shown(const std::vector<std::string>& labels) { return listed(labels, quote, kMostShown); }

// Why the stored head is not the one wanted; "" when it is.
std::string obstacle(const StoredHead& stored, const std::vector<std::string>& labels) {
  if (!stored.architecture.empty() && stored.architecture != stored.wanted_architecture)
    return "the checkpoint is a " + stored.architecture + ", not a " + stored.wanted_architecture;
  if (!stored.has_weights) return "the checkpoint has no classifier";
  if (!labels.empty() && !same_labels(stored.labels, labels))
    return "its labels (" + shown(stored.labels) + ") are not those of the data (" + shown(labels) + ")";
  return "";
}

}  // namespace

HeadChoice choose_head(const StoredHead& stored, const std::vector<std::string>& labels, bool ordered,
                       HeadPolicy policy, const std::string& model_name) {
  const std::string problem = obstacle(stored, labels);
  if (labels.empty() && !problem.empty())
    throw ModelError(quote(model_name) + " cannot classify: " + problem + "; fine-tune it first with llmtool finetune");
  if (policy == HeadPolicy::kKeep && !problem.empty())
    throw ModelError(quote(model_name) + ": model.head is 'keep', but " + problem +
                     "; set model.head to 'auto' or 'new' to make a new classifier");
  if (!labels.empty() && policy == HeadPolicy::kNew) return {false, "model.head is 'new'", labels};
  if (!problem.empty()) return {false, problem, labels};
  if (labels.empty()) return {true, "as stored", stored.labels};
  return {true, "its labels are those of the data", ordered ? labels : stored.labels};
}

}  // namespace llmtool
