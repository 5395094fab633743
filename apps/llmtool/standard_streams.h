#pragma once

namespace llmtool::app {

// Opens /dev/null for each of standard input, output and error that the caller closed: a file opened later would get
// its number, and with it what is meant for the stream.
void open_missing_streams();

}  // namespace llmtool::app
