#include "llmtool/formats/weights_content.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/model_file.h"

namespace llmtool {
namespace {

bool is_web_page(std::string_view bytes) {
  const std::size_t start = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  std::string head(bytes.substr(start, 14));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return head.starts_with("<!doctype html") || head.starts_with("<html") || head.starts_with("<?xml");
}

}  // namespace

void require_weights_content(std::string_view bytes, const std::filesystem::path& path) {
  const std::string file = path.string();
  if (bytes.empty()) throw ModelError(file + ": the file is empty; fetch it again");
  refuse_git_lfs_pointer(bytes, file);
  if (is_web_page(bytes))
    throw ModelError(file + ": this is a web page saved under the name of the weights; download the file itself");
}

}  // namespace llmtool
