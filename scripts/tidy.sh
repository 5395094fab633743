#!/usr/bin/env bash
# Runs clang-tidy on the sources that differ from a commit (main by default), with clang's own compile commands.
# Usage: scripts/tidy.sh [--all | COMMIT]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

for tool in clang++ clang-tidy; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install the packages clang, clang-tidy and libomp-dev"
done
cd "$repository"
provide_libtorch build/tidy
cmake --preset tidy >&2

sources() {
  case ${1:-main} in
    --all) git ls-files -- 'lib/*.cpp' 'apps/*.cpp' ;;
    *)
      git diff --name-only --diff-filter=d "${1:-main}" -- 'lib/*.cpp' 'apps/*.cpp'
      git ls-files --others --exclude-standard -- 'lib/*.cpp' 'apps/*.cpp'
      ;;
  esac
}

mapfile -t files < <(sources "$@")
if ((${#files[@]} == 0)); then
  say "no changed sources to check"
  exit 0
fi
# The precompiled headers have to exist for files that use them.
cmake --build --preset tidy --target llmtool_libtorch_pch llmtool_json_pch >&2
printf '%s\0' "${files[@]}" |
  xargs --null --max-procs="$(build_jobs)" --max-args=1 clang-tidy --quiet -p build/tidy
