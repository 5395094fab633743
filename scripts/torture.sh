#!/usr/bin/env bash
# What the suite tries by sample, tried in full: docs/reliability.md has the figures. Ends with a table of what was tried
# and what was as promised; exit code 1 when something was not.
# Usage: scripts/torture.sh [--minutes N] [--seed N] [--factor N] [PART…]
#   memory   kernels, encoders and updates between guard pages, block cache: LLMTOOL_TORTURE=N times the suite's cases
#   fuzz     damaged files for every reader, as often
#   faults   every call of every command fails, and every command is killed at every call
#   kills    kills at random moments     signals  every signal in every phase     disks  full disks of every size (root)
#   pairs    two runs at once            damage   every damage of every file of a run
#   --minutes N  at most, for each part (default: no limit)    --factor N  for memory and fuzz (default 100)
#   LLMTOOL_PRESET=asan scripts/torture.sh memory fuzz   another build
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

preset=${LLMTOOL_PRESET:-release}
minutes='' seed=1 factor=100 parts=()
while (($#)); do
  case $1 in
    --minutes) minutes=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --factor) factor=$2; shift 2 ;;
    memory | fuzz | faults | kills | signals | disks | pairs | damage) parts+=("$1"); shift ;;
    *) fail "$1 is neither an option nor a part; see the head of $0" ;;
  esac
done
((${#parts[@]})) || parts=(memory fuzz faults kills signals disks pairs damage)

cd "$repository"
build=build/$preset
failed=0
rows=()

# run_cases PART PROGRAM TARGETS…: test programs of Catch2 with many more random cases, one test case after the other.
run_cases() {
  local part=$1 filter=$2 program name tried=0 passed=0 started=$SECONDS
  shift 2
  scripts/build.sh "$preset" "$@"
  for program in "$@"; do
    while IFS= read -r name; do
      if [[ -n $minutes ]] && ((SECONDS - started > 60 * minutes)); then break; fi
      tried=$((tried + 1))
      if LLMTOOL_TORTURE=$factor LLMTOOL_TORTURE_SEED=$seed "$build/bin/$program" "${name//,/\\,}"; then
        passed=$((passed + 1))
      else
        failed=1
      fi
    done < <("$build/bin/$program" --list-test-names-only "$filter" || true)
  done
  rows+=("| $part | test cases, $factor times those of the suite | $tried | $passed |")
}

programs=()
for part in "${parts[@]}"; do
  case $part in
    memory) run_cases memory '*touch*,*Threads with blocks*,*instruction set*' kernels_test nn_test optim_test core_test ;;
    fuzz) run_cases fuzz '*' fuzz_test run_fuzz_test ;;
    *) programs+=("$part") ;;
  esac
done
if ((${#programs[@]})); then
  scripts/build.sh "$preset" llmtool llmtool-torch fault_injector
  options=(--seed "$seed")
  [[ -z $minutes ]] || options+=(--minutes "$minutes")
  PYTHONDONTWRITEBYTECODE=1 python3 tests/faults/torture.py "$build/bin/llmtool" "$build/bin/fault_injector" \
    "${programs[@]}" "${options[@]}" || failed=1
fi
if ((${#rows[@]})); then
  printf '\n| what | kind | tried | as promised |\n|---|---|---|---|\n'
  printf '%s\n' "${rows[@]}"
fi
exit "$failed"
