#include "llmtool/tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/tokenizer/tokenizer_state.h"

namespace llmtool {

Tokenizer Tokenizer::load(const std::filesystem::path& directory) {
  return Tokenizer(std::make_unique<State>(read_tokenizer_files(directory)));
}

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  for (const std::int32_t id : ids) {
    const AddedToken* added = state_->added_tokens->token(id);
    const auto token =
        added ? std::optional<std::string_view>(added->normalized_content) : state_->model->vocabulary().token(id);
    if (!token) continue;
    std::string text(*token);
    if (skip_special_tokens && state_->added_tokens->is_special_content(text)) continue;
    tokens.push_back(std::move(text));
  }
  return state_->decoder->decode(std::move(tokens));
}

std::string_view Tokenizer::token(std::int32_t id) const {
  if (const auto token = state_->token(id)) return *token;
  throw DataError("the id " + std::to_string(id) + " is not in the vocabulary, whose ids go from 0 to " +
                  std::to_string(id_bound() - 1));
}

bool Tokenizer::contains(std::int32_t id) const { return state_->token(id).has_value(); }

std::optional<std::int32_t> Tokenizer::find(std::string_view token) const { return state_->find(token); }

std::int64_t Tokenizer::vocabulary_size() const {
  const auto tokens = state_->added_tokens->tokens();
  return state_->model->vocabulary().size() +
         std::count_if(tokens.begin(), tokens.end(),
                       [this](const AddedToken* token) { return !state_->model->find(token->content); });
}

std::int64_t Tokenizer::id_bound() const {
  const auto tokens = state_->added_tokens->tokens();
  const std::int64_t added = tokens.empty() ? 0 : tokens.back()->id + 1;
  return std::max(added, state_->model->vocabulary().id_bound());
}

std::optional<std::int32_t> Tokenizer::pad_id() const { return state_->role_ids[0]; }
std::optional<std::int32_t> Tokenizer::unk_id() const { return state_->role_ids[1]; }
std::optional<std::int32_t> Tokenizer::cls_id() const { return state_->role_ids[2]; }
std::optional<std::int32_t> Tokenizer::sep_id() const { return state_->role_ids[3]; }
std::optional<std::int32_t> Tokenizer::mask_id() const { return state_->role_ids[4]; }
std::optional<std::int32_t> Tokenizer::bos_id() const { return state_->role_ids[5]; }
std::optional<std::int32_t> Tokenizer::eos_id() const { return state_->role_ids[6]; }

bool Tokenizer::marks_continuations() const { return state_->model->marks_continuations(); }

bool Tokenizer::is_special(std::int32_t id) const {
  const AddedToken* token = state_->added_tokens->token(id);
  return token && token->special;
}

std::int64_t Tokenizer::num_special_tokens(bool pair) const { return state_->post_processor.num_special_tokens(pair); }

const std::vector<std::string>& Tokenizer::warnings() const { return state_->warnings; }

std::optional<TruncationSide> Tokenizer::truncation_side() const { return state_->truncation_side; }

std::optional<std::int64_t> Tokenizer::model_max_length() const { return state_->model_max_length; }

const std::string& Tokenizer::content_hash() const { return state_->content_hash; }

namespace {

bool is_of_type(const Json& normalizer, const char* type) {
  return normalizer.is_object() && normalizer.value("type", Json()) == Json(type);
}

bool has_lowercase(const Json& normalizer) {
  if (!is_of_type(normalizer, "Sequence")) return is_of_type(normalizer, "Lowercase");
  const Json& parts = normalizer["normalizers"];
  return std::any_of(parts.begin(), parts.end(), [](const Json& part) { return is_of_type(part, "Lowercase"); });
}

}  // namespace

Tokenizer Tokenizer::with_lowercase() const {
  TokenizerFiles files = state_->files;
  Json& normalizer = files.document["normalizer"];
  if (!has_lowercase(normalizer)) {
    Json parts = Json::array({{{"type", "Lowercase"}}});
    if (is_of_type(normalizer, "Sequence")) {
      for (const Json& part : normalizer["normalizers"]) parts.push_back(part);
    } else if (!normalizer.is_null()) {
      parts.push_back(normalizer);
    }
    normalizer = {{"type", "Sequence"}, {"normalizers", std::move(parts)}};
  }
  return Tokenizer(std::make_unique<State>(std::move(files)));
}

}  // namespace llmtool
