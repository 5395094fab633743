#include "llmtool/formats/unpickler.h"

#include <cstdio>
#include <iterator>
#include <utility>

#include "llmtool/formats/torch_objects.h"

namespace llmtool {
namespace {

// Instructions, named as in Python's pickle.py.
namespace op {
constexpr char kProto = '\x80', kStop = '.', kMark = '(', kPop = '0';
constexpr char kNone = 'N', kNewTrue = '\x88', kNewFalse = '\x89';
constexpr char kBinInt = 'J', kBinInt1 = 'K', kBinInt2 = 'M', kLong1 = '\x8a', kBinFloat = 'G', kBinUnicode = 'X';
constexpr char kEmptyTuple = ')', kTuple = 't', kTuple1 = '\x85', kTuple2 = '\x86', kTuple3 = '\x87';
constexpr char kEmptyList = ']', kEmptyDict = '}';
constexpr char kAppend = 'a', kAppends = 'e', kSetItem = 's', kSetItems = 'u';
constexpr char kBinPut = 'q', kLongBinPut = 'r', kBinGet = 'h', kLongBinGet = 'j';
constexpr char kGlobal = 'c', kReduce = 'R', kBuild = 'b', kBinPersId = 'Q';
}  // namespace op

constexpr unsigned char kProtocol = 2;

std::string in_hexadecimal(char instruction) {
  char text[5];
  std::snprintf(text, sizeof(text), "0x%02x", static_cast<unsigned char>(instruction));
  return text;
}

}  // namespace

void Unpickler::fail(const std::string& message) const { throw ModelError(file_ + ": " + message); }

PickleValue Unpickler::run() {
  if (cursor_.take(1)[0] != op::kProto || cursor_.number(1) != kProtocol)
    fail("the pickle in it is not of protocol 2, which torch.save writes; save the weights again");
  for (std::int64_t count = 0; count < kMostInstructions; ++count) {
    const char instruction = cursor_.take(1)[0];
    if (instruction == op::kStop) return pop();
    const bool known = push_constant(instruction) || push_container(instruction) || use_memo(instruction) ||
                       change_container(instruction) || build_object(instruction);
    if (!known)
      fail("the pickle in it uses the instruction " + in_hexadecimal(instruction) +
           ", which no weights file needs; refused");
  }
  fail("the pickle in it has more than " + std::to_string(kMostInstructions) +
       " instructions, the most that are read; save the weights alone");
}

PickleValue Unpickler::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

PickleValue& Unpickler::top() {
  if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size()))
    fail("damaged pickle: it takes a value where there is none");
  return stack_.back();
}

PickleItems Unpickler::pop_to_mark() {
  if (marks_.empty()) fail("damaged pickle: it looks for a mark where there is none");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  marks_.pop_back();
  PickleItems items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  return items;
}

PickleItems Unpickler::pop_many(std::size_t count) {
  PickleItems items(count);
  while (count > 0) items[--count] = pop();
  return items;
}

PickleValue Unpickler::container(Kind kind, PickleItems items) {
  PickleValue value{kind};
  value.items = &memory_.items.emplace_back(std::move(items));
  return value;
}

// Two's complement of up to 8 bytes.
PickleValue Unpickler::integer(std::size_t num_bytes) {
  if (num_bytes > 8) fail("damaged pickle: an integer of " + std::to_string(num_bytes) + " bytes");
  if (num_bytes == 0) return {Kind::kInt, 0};
  const auto unused_bits = static_cast<int>(64 - 8 * num_bytes);
  const std::uint64_t bits = cursor_.number(num_bytes) << unused_bits;
  return {Kind::kInt, static_cast<std::int64_t>(bits) >> unused_bits};
}

bool Unpickler::push_constant(char instruction) {
  switch (instruction) {
    case op::kNone:
      push({Kind::kNone});
      return true;
    case op::kNewTrue:
    case op::kNewFalse:
      push({Kind::kBool, instruction == op::kNewTrue});
      return true;
    case op::kBinInt:
      push(integer(4));
      return true;
    case op::kBinInt1:
      push({Kind::kInt, static_cast<std::int64_t>(cursor_.number(1))});
      return true;
    case op::kBinInt2:
      push({Kind::kInt, cursor_.u16()});
      return true;
    case op::kLong1:
      push(integer(cursor_.number(1)));
      return true;
    case op::kBinFloat:
      cursor_.take(8);
      push({Kind::kFloat});
      return true;
    case op::kBinUnicode:
      push({Kind::kText, 0, cursor_.take(cursor_.u32())});
      return true;
    default:
      return false;
  }
}

bool Unpickler::push_container(char instruction) {
  switch (instruction) {
    case op::kMark:
      marks_.push_back(stack_.size());
      return true;
    case op::kEmptyTuple:
      push(container(Kind::kTuple, {}));
      return true;
    case op::kTuple:
      push(container(Kind::kTuple, pop_to_mark()));
      return true;
    case op::kTuple1:
    case op::kTuple2:
    case op::kTuple3:
      push(container(Kind::kTuple, pop_many(static_cast<std::size_t>(instruction - op::kTuple1) + 1)));
      return true;
    case op::kEmptyList:
      push(container(Kind::kList, {}));
      return true;
    case op::kEmptyDict:
      push(container(Kind::kDict, {}));
      return true;
    default:
      return false;
  }
}

bool Unpickler::use_memo(char instruction) {
  const bool is_long = instruction == op::kLongBinPut || instruction == op::kLongBinGet;
  if (instruction == op::kBinPut || instruction == op::kLongBinPut) {
    memo_[cursor_.number(is_long ? 4 : 1)] = top();
    return true;
  }
  if (instruction != op::kBinGet && instruction != op::kLongBinGet) return false;
  const auto found = memo_.find(cursor_.number(is_long ? 4 : 1));
  if (found == memo_.end()) fail("damaged pickle: it recalls a value that was never stored");
  push(found->second);
  return true;
}

bool Unpickler::change_container(char instruction) {
  switch (instruction) {
    case op::kAppend:
      extend(Kind::kList, pop_many(1));
      return true;
    case op::kAppends:
      extend(Kind::kList, pop_to_mark());
      return true;
    case op::kSetItem:
      extend(Kind::kDict, pop_many(2));
      return true;
    case op::kSetItems:
      extend(Kind::kDict, pop_to_mark());
      return true;
    default:
      return false;
  }
}

void Unpickler::extend(Kind kind, PickleItems items) {
  if (top().kind != kind) fail("damaged pickle: it adds items to something that has none");
  if (kind == Kind::kDict && items.size() % 2 != 0) fail("damaged pickle: a dictionary key without value");
  PickleItems& target = *top().items;
  target.insert(target.end(), items.begin(), items.end());
}

bool Unpickler::build_object(char instruction) {
  switch (instruction) {
    case op::kPop:
      pop();
      return true;
    case op::kGlobal: {
      const std::string_view module = cursor_.take_until('\n');
      const std::string_view name = cursor_.take_until('\n');
      push({Kind::kGlobal, 0, {module.data(), module.size() + 1 + name.size()}});
      require_known_global(top().text, file_);
      return true;
    }
    case op::kReduce: {
      const PickleValue arguments = pop();
      const PickleValue function = pop();
      push(call_torch_function(function, arguments, memory_, file_));
      return true;
    }
    case op::kBinPersId:
      push(torch_storage(pop(), memory_, file_));
      return true;
    case op::kBuild:
      set_state();
      return true;
    default:
      return false;
  }
}

// A state dict carries attributes (_metadata with version numbers) that do not matter for the weights.
void Unpickler::set_state() {
  pop();
  if (top().kind != Kind::kDict) fail("the pickle in it sets the state of an object; only tensors are read; refused");
}

}  // namespace llmtool
