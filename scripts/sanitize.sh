#!/usr/bin/env bash
# Runs the tests of the modules without LibTorch under AddressSanitizer and UndefinedBehaviorSanitizer; the rest would
# take an hour to build so. Ends with ctest's summary and its exit code.
# Usage: scripts/sanitize.sh [ctest option…]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

modules=(config core data formats metrics tokenizer)

cd "$repository"
phase 'packages' scripts/install_packages.sh
phase 'LibTorch' provide_libtorch build/asan
phase 'demo model and data' scripts/fetch_demo.sh
phase 'build with sanitizers' scripts/build.sh asan "${modules[@]/%/_test}"
phase_report
say "== tests with sanitizers"
ctest --preset asan --tests-regex "^($(IFS='|' && printf '%s' "${modules[*]}")):" "$@"
