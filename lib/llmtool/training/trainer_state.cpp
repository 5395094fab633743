#include "llmtool/training/trainer_state.h"

#include "llmtool/training/checkpoint_directory.h"

namespace llmtool {
namespace {

constexpr int kFormat = 1;

}  // namespace

Json TrainerState::to_json() const {
  Json json;
  json["format"] = kFormat;
  json["global_step"] = step;
  json["max_steps"] = total_steps;
  json["epoch"] = epoch;
  json["best_metric"] = best_metric ? Json(*best_metric) : Json(nullptr);
  json["best_global_step"] = best_step;
  json["best_model_checkpoint"] = best_step > 0 ? Json(checkpoint_name(best_step)) : Json(nullptr);
  json["best_evaluation"] = best_evaluation;
  json["evaluated_step"] = evaluated_step;
  json["evaluations_without_improvement"] = evaluations_without_improvement;
  json["stopped_early"] = stopped_early;
  json["loss_sum"] = loss_sum;
  json["num_examples_seen"] = num_examples;
  json["num_tokens_seen"] = num_tokens;
  json["seconds"] = seconds;
  json["window_steps"] = window_steps;
  json["window_terms"] = window_terms;
  json["plan"] = plan;
  return json;
}

TrainerState TrainerState::from_json(const Json& json, const std::string& file) {
  try {
    if (json.at("format") != kFormat) throw ModelError(file + ": written by another version of this program");
    TrainerState state;
    json.at("global_step").get_to(state.step);
    json.at("max_steps").get_to(state.total_steps);
    json.at("epoch").get_to(state.epoch);
    if (!json.at("best_metric").is_null()) state.best_metric = json.at("best_metric").get<double>();
    json.at("best_global_step").get_to(state.best_step);
    state.best_evaluation = json.at("best_evaluation");
    json.at("evaluated_step").get_to(state.evaluated_step);
    json.at("evaluations_without_improvement").get_to(state.evaluations_without_improvement);
    json.at("stopped_early").get_to(state.stopped_early);
    json.at("loss_sum").get_to(state.loss_sum);
    json.at("num_examples_seen").get_to(state.num_examples);
    json.at("num_tokens_seen").get_to(state.num_tokens);
    json.at("seconds").get_to(state.seconds);
    json.at("window_steps").get_to(state.window_steps);
    for (const auto& [name, value] : json.at("window_terms").items()) state.window_terms[name] = value.get<double>();
    state.plan = json.at("plan");
    return state;
  } catch (const Json::exception& error) {
    throw ModelError(file + ": not the state of a run: " + error.what());
  }
}

}  // namespace llmtool
