#include "llmtool/tasks/text_examples.h"

#include <cstdio>
#include <utility>

#include "llmtool/data/split.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * share);
  return text;
}

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", number);
  return text;
}

LabelSet labels_of_head(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew) return {};
  return LabelSet(read_labels(model_config, model_config_path(config.model.from)));
}

std::int64_t TextExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return static_cast<std::int64_t>(encoded.dataset.column<std::int32_t>(kInputIds).row(example).size());
}

std::string TextExamples::describe(std::int64_t example) const {
  return path + ":" + std::to_string(lines[static_cast<std::size_t>(example)]);
}

std::vector<std::vector<std::int32_t>> TextExamples::token_ids(std::int64_t example) const {
  const std::span<const std::int32_t> ids = encoded.dataset.column<std::int32_t>(kInputIds).row(example);
  return {{ids.begin(), ids.end()}};
}

void TextExamples::log_texts(EventSink& events, const std::string& targets, const Json& fields) const {
  Json all = {{"split", name},
              {"file", path},
              {"num_examples", size()},
              {"num_tokens", encoded.num_tokens},
              {"num_truncated", encoded.num_truncated},
              {"num_empty_texts", num_empty_texts},
              {"num_skipped", num_skipped}};
  for (const auto& [key, value] : fields.items()) all[key] = value;
  events.info(name + " data: " + std::to_string(size()) + " rows of " + path + ", " +
                  std::to_string(encoded.num_tokens) + " tokens; " + targets,
              all);
  if (encoded.num_truncated > 0)
    events.warning(name + " data: " + std::to_string(encoded.num_truncated) + " of " + std::to_string(size()) +
                   " texts (" + percent(static_cast<double>(encoded.num_truncated) / static_cast<double>(size())) +
                   ") are longer than tokenizer.max_length " + std::to_string(max_length) +
                   " and were cut; the longest has " + std::to_string(encoded.longest) + " tokens");
  if (num_empty_texts > 0)
    events.warning(name + " data: " + std::to_string(num_empty_texts) + " texts are empty; they are kept");
  if (num_skipped > 0)
    events.warning(name + " data: " + std::to_string(num_skipped) + " rows with unknown labels or none were left out");
}

DataParts<RecordFile> read_record_parts(const RunConfig& config, const RecordColumns& columns) {
  DataParts<RecordFile> parts{read_records(config.data.train.front(), columns), std::nullopt, std::nullopt};
  if (const auto& validation = config.data.validation; validation && validation->share) {
    auto [training, held_out] =
        split_by_share(std::move(parts.training), *validation->share, static_cast<std::uint64_t>(config.seed));
    parts.training = std::move(training);
    parts.validation = std::move(held_out);
  } else if (validation) {
    parts.validation = read_records(validation->file, columns);
  }
  if (config.data.test) parts.test = read_records(*config.data.test, columns);
  return parts;
}

void TextExamplesMaker::fill(TextExamples& examples, const RecordFile& file, const std::vector<Record>& rows,
                             const std::vector<std::int64_t>& label_ids, const std::string& name) const {
  examples.name = name;
  examples.path = file.path;
  examples.sha256 = file.sha256;
  examples.num_empty_texts = file.num_empty_texts;
  examples.max_length = config_.tokenizer.max_length.value();
  examples.encoded = encode_records(rows, label_ids, examples.path, tokenizer_.tokenizer, config_.tokenizer,
                                    num_threads_, "tokenizing " + name, events_, tokenizer_.limits);
  for (const Record& record : rows) examples.lines.push_back(record.line);
}

}  // namespace llmtool
