#pragma once

#include <map>
#include <string>
#include <string_view>

namespace llmtool {

// The entries of a zip file held in memory, by name. Only what torch.save writes: stored (uncompressed) entries on one
// disk, with zip64 fields where needed (PKWARE APPNOTE 4.3). Checksums are not verified. Throws ModelError that starts
// with `file`.
std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& file);

}  // namespace llmtool
