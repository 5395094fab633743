#pragma once

#include <cstddef>
#include <cstdint>

#include "llmtool/core/fields.h"
#include "llmtool/core/option_form.h"
#include "llmtool/formats/delimiter.h"

namespace llmtool {

// What the names of files with rows do not tell; part of section `data` of the run config.
struct TableLayout {
  Delimiter delimiter = Delimiter::kAuto;
  std::int64_t max_row_mib = 16;

  std::size_t longest_row() const { return static_cast<std::size_t>(max_row_mib) << 20; }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("delimiter", self.delimiter,
          "CSV: what stands between fields; auto is told by the first lines, and a comma where they do not tell.",
          OptionForm{.value = "WHAT",
                     .help = "CSV: what stands between fields: \",\" \";\" tab \"|\" or auto (by the first lines)"});
    visit("max_row_mib", self.max_row_mib,
          "A longer row, in MiB, is an error: mostly a quote that is never closed, or no text.",
          in_range(std::int64_t{1}, std::int64_t{1024}), kNotCompared,
          OptionForm{.value = "N", .help = "A longer row, in MiB, is an error"});
  }
};

}  // namespace llmtool
