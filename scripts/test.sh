#!/usr/bin/env bash
# Builds everything and runs every test, from nothing if need be; ends with ctest's summary and its exit code.
# Usage: scripts/test.sh [ctest option…]      e.g. scripts/test.sh -R tokenizer
#   LLMTOOL_PRESET=asan scripts/test.sh       the same with another preset (release by default)
#   LLMTOOL_LIBTORCH=<folder>                 use that LibTorch instead of downloading one
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

preset=${LLMTOOL_PRESET:-release}
case $preset in
  release | debug | asan) ;;
  *) fail "LLMTOOL_PRESET=$preset: tests run with release, debug or asan" ;;
esac

cd "$repository"
phase 'packages' scripts/install_packages.sh
phase 'LibTorch' provide_libtorch "build/$preset"
phase 'demo model and data' scripts/fetch_demo.sh
phase 'build' scripts/build.sh "$preset"
phase_report
# The tests that compare with the demo model's goldens run instead of being skipped.
export LLMTOOL_DEMO_MODEL=${LLMTOOL_DEMO_MODEL:-$repository/models/all-MiniLM-L6-v2}
say "== tests"
ctest --preset "$preset" "$@"
