#include "llmtool/commands/convert.h"

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/inference/model_files.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

// As config.json says. A head that is not supported is not lost without a word.
HeadKind checked_head(const std::filesystem::path& directory) {
  const Json config = read_model_config(directory);
  const std::string file = model_config_path(directory);
  if (names_unknown_head(config, file))
    throw ModelError(file + ": the model is a " + to_json_text(config.at("architectures").front()) +
                     ", whose head is not supported; --head none writes its encoder alone");
  return stored_head_kind(config, file);
}

void warn_of_new_weights(const LoadReport& report, EventSink& events) {
  if (report.created.empty()) return;
  events.warning("the checkpoint lacks weights that were drawn at random: " + listed(report.created));
}

}  // namespace

Json ConvertResult::to_json() const { return {{"architecture", architecture}, {"weights", report.to_json()}}; }

ConvertResult convert_model(const ConvertRequest& request, EventSink& events) {
  require_distinct_paths(
      {.inputs = {}, .folders = {{"the model", request.model}}, .outputs = {{"the output", request.output}}});
  require_model_directory(request.model);
  if (path_exists(request.output))
    throw ResourceError(request.output.string() + " exists already; choose another folder, or remove it first");
  const std::filesystem::path transformer = transformer_folder(request.model);
  const HeadKind head = request.head ? *request.head : checked_head(transformer);
  const LoadedModel loaded = load_model(transformer, {.head = head, .ignore = request.ignore});
  events.info("model " + request.model.string() + ": " + loaded.report.summary(), loaded.report.to_json());
  require_finite_weights(*loaded.model, transformer);
  warn_of_new_weights(loaded.report, events);
  write_directory_atomically(request.output, [&](const std::filesystem::path& folder) {
    copy_side_files(transformer, folder);
    copy_module_folders(request.model, folder);
    save_pretrained(*loaded.model, folder, request.precision);
  });
  return {std::string(loaded.model->architecture()), loaded.report};
}

}  // namespace llmtool
