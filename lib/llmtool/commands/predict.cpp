#include "llmtool/commands/predict.h"

#include "llmtool/tasks/task_makers.h"

namespace llmtool {

AnsweredRowsResult predict_file(const PredictRequest& request, EventSink& events) {
  const auto load = [&] { return make_predictor({request.model, request.session, request.fill_mask, request.task}); };
  return answer_rows(request, "predicting", load, events);
}

}  // namespace llmtool
