#!/usr/bin/env bash
# Formats the C++ sources with clang-format, or only checks them.
# Usage: scripts/format.sh [--check]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

command -v clang-format >/dev/null || fail "clang-format is missing; install the package clang-format"
case ${1:-} in
  '') mode=(-i) ;;
  --check) mode=(--dry-run --Werror) ;;
  *) fail "unknown argument '$1'; usage: scripts/format.sh [--check]" ;;
esac
cd "$repository"
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.h' '*.cu' '*.cuh' |
  xargs --null --no-run-if-empty --max-procs="$(nproc)" --max-args=20 clang-format "${mode[@]}"
