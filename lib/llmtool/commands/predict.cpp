#include "llmtool/commands/predict.h"

#include "llmtool/commands/tagged_columns.h"
#include "llmtool/tasks/task_makers.h"

namespace llmtool {

AnsweredRowsResult predict_file(const PredictRequest& request, EventSink& events) {
  const PredictorOptions options{request.model, request.session, request.fill_mask, request.task};
  if (is_tagged_columns(request))
    return tag_columns(
        request, [&] { return make_tagger(options); }, events);
  const auto load = [&] { return make_predictor(options); };
  return answer_rows(request, "predicting", load, events);
}

}  // namespace llmtool
