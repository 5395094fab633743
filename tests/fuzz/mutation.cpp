#include "mutation.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

// Where arithmetic and limits end.
const std::vector<std::uint64_t> kOddNumbers{0,
                                             1,
                                             2,
                                             7,
                                             127,
                                             128,
                                             255,
                                             256,
                                             65535,
                                             65536,
                                             1U << 24,
                                             (1ULL << 31) - 1,
                                             1ULL << 31,
                                             (1ULL << 32) - 1,
                                             1ULL << 32,
                                             1ULL << 40,
                                             (1ULL << 53) + 1,
                                             (1ULL << 62),
                                             (1ULL << 63) - 1,
                                             1ULL << 63,
                                             ~1ULL,
                                             ~0ULL};
const std::vector<std::string> kOddTextNumbers{"-1",   "0",      "-0",     "1e308", "1e999", "-9223372036854775808",
                                               "1e-9", "0.5",    "000",    "NaN",   "0x7f",  "18446744073709551616",
                                               "1e6",  "100000", "2.5e-1", "1_000", "+5",    "99999999999999999999999"};
const std::vector<std::string> kOddPieces{"\"",
                                          "\\",
                                          "\n",
                                          "\r",
                                          "\r\n",
                                          ",",
                                          "\t",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ":",
                                          "#",
                                          "&a ",
                                          "*a",
                                          "!!",
                                          "|",
                                          ">",
                                          "'",
                                          std::string(1, '\0'),
                                          "\x1b[31m",
                                          "\xff",
                                          "\xc3",
                                          "\xe2\x82",
                                          "\xed\xa0\x80",
                                          "\xf4\x90\x80\x80",
                                          "\xef\xbb\xbf",
                                          "\xc2\x85",
                                          "\u202e",
                                          "null",
                                          "true",
                                          "\\u0000",
                                          "\\ud800",
                                          "- ",
                                          "? ",
                                          "%",
                                          "---\n",
                                          "...\n",
                                          "<<: ",
                                          "\x1f\x8b",
                                          "PK\x03\x04",
                                          "PK\x05\x06",
                                          "../",
                                          "/dev/zero",
                                          "..",
                                          "a/../../b"};

void collect(Json& node, std::vector<Json*>& nodes) {
  nodes.push_back(&node);
  if (node.is_structured())
    for (Json& child : node) collect(child, nodes);
}

}  // namespace

std::string Mutation::bytes(std::string content, const std::string& other) {
  for (std::size_t change = 0, count = 1 + below(4); change < count; ++change) change_bytes(content, other);
  return content;
}

void Mutation::change_bytes(std::string& content, const std::string& other) {
  const std::size_t place = below(content.size() + 1);
  const std::size_t length = std::min(content.size() - place, below(below(2) == 0 ? 8 : 200));
  switch (below(11)) {
    case 0:
      if (place < content.size()) content[place] = static_cast<char>(content[place] ^ (1 << below(8)));
      return;
    case 1:
      if (place < content.size()) content[place] = static_cast<char>(below(256));
      return;
    case 2:
      content.erase(place, length);
      return;
    case 3:
      content.insert(place, content.substr(place, length));
      return;
    case 4:
      content.resize(place);
      return;
    case 5: {
      const std::size_t from = below(other.size() + 1);
      content.replace(place, length, other.substr(from, below(200)));
      return;
    }
    case 6:
      content.insert(place, any_of(kOddPieces));
      return;
    case 7:
      return change_number_as_text(content);
    case 8:
      return change_number_as_bytes(content);
    case 9: {
      const std::string piece = any_of(kOddPieces);
      std::string many;
      for (std::size_t i = 0, count = below(3000); i < count; ++i) many += piece;
      content.insert(place, many);
      return;
    }
    default: {
      const std::string piece = content.substr(place, length);
      content.erase(place, length);
      content.insert(below(content.size() + 1), piece);
    }
  }
}

void Mutation::change_number_as_text(std::string& content) {
  const std::size_t start = content.find_first_of("0123456789", below(content.size() + 1));
  if (start == std::string::npos) return;
  std::size_t end = start;
  while (end < content.size() && std::isdigit(static_cast<unsigned char>(content[end])) != 0) ++end;
  const std::string number = below(2) == 0 ? any_of(kOddTextNumbers) : std::to_string(any_of(kOddNumbers));
  content.replace(start, end - start, number);
}

void Mutation::change_number_as_bytes(std::string& content) {
  const std::size_t size = std::size_t{1} << below(4);
  if (content.size() < size) return;
  // Numbers that matter stand at the front of most files.
  const std::size_t last = content.size() - size;
  const std::size_t place = below(2) == 0 ? below(std::min<std::size_t>(last, 64) + 1) : below(last + 1);
  std::uint64_t number = any_of(kOddNumbers);
  if (below(3) == 0) {
    std::memcpy(&number, content.data() + place, size);
    number += below(2) == 0 ? 1 : ~0ULL;
  }
  std::memcpy(content.data() + place, &number, size);
}

Json Mutation::odd_value() {
  switch (below(9)) {
    case 0:
      return nullptr;
    case 1:
      return below(2) == 0;
    case 2:
      return any_of(kOddNumbers);
    case 3:
      return -static_cast<std::int64_t>(any_of(kOddNumbers) >> 1);
    case 4:
      return any_of(std::vector<double>{0.5, -0.0, 1e308, -1e-300, 1e19, 3.0});
    case 5:
      return any_of(std::vector<std::string>{"", " ", "a", "ab", "▁", "[UNK]", "\u001b[2J", "é", "e\u0301", "(a*)*b",
                                             "(?<=a)|$", "Sequence", "model.safetensors", "../../etc/passwd", "\n",
                                             "x\u0000y"});
    case 6:
      return std::string(below(5000), 'a');
    case 7:
      return Json::array({odd_value()});
    default:
      return Json::object({{"type", odd_value()}});
  }
}

void Mutation::change_text(std::string& text) { change_bytes(text, text); }

void Mutation::change_json(Json& root) {
  std::vector<Json*> nodes;
  collect(root, nodes);
  Json& node = *any_of(nodes);
  switch (below(9)) {
    case 0:
    case 1:
      node = odd_value();
      return;
    case 2:
      if (node.is_structured() && !node.empty())
        node.erase(std::next(node.begin(), static_cast<std::ptrdiff_t>(below(node.size()))));
      return;
    case 3: {
      const Json copy = *any_of(nodes);
      node = copy;
      return;
    }
    case 4:
      if (node.is_array() && !node.empty()) {
        const Json element = node[below(node.size())];
        for (std::size_t i = 0, count = below(2) == 0 ? 1 : below(1000); i < count; ++i) node.push_back(element);
      }
      return;
    case 5:
      if (node.is_object() && !node.empty()) {
        const auto entry = std::next(node.begin(), static_cast<std::ptrdiff_t>(below(node.size())));
        std::string key = entry.key();
        const Json value = entry.value();
        node.erase(key);
        change_text(key);
        node[key] = value;
      }
      return;
    case 6:
      if (node.is_number()) {
        node = node.get<double>() + (below(2) == 0 ? 1 : -1);
      } else if (node.is_string()) {
        std::string text = node.get<std::string>();
        change_text(text);
        node = text;
      }
      return;
    case 7:
      for (std::size_t depth = below(below(4) == 0 ? 600 : 20); depth-- > 0;) {
        Json inner = std::move(node);
        node = below(2) == 0 ? Json::array({std::move(inner)}) : Json::object({{"type", std::move(inner)}});
      }
      return;
    default:
      if (node.is_object()) node[any_of(kOddPieces)] = odd_value();
  }
}

std::string Mutation::json(const std::string& text) {
  Json root = Json::parse(text);
  for (std::size_t change = 0, count = 1 + below(3); change < count; ++change) change_json(root);
  // What is no UTF-8 goes as it is into the text of some, and is left out of others.
  return root.dump(-1, ' ', /*ensure_ascii=*/below(4) == 0, Json::error_handler_t::ignore);
}

}  // namespace llmtool::testing
