#!/usr/bin/env bash
# Builds the benchmarks and measures llmtool, beside Hugging Face where scripts/reference/setup.sh has installed it.
# Usage: scripts/benchmark.sh [--sections finetune,predict,…] [--accuracy] [--steps N] [--rounds N]
#                             [--train FILE.csv --text-column C --label-column C] [--corpus FILE.txt] [--output FILE]
#   --help                             all options
#   LLMTOOL_REFERENCE_PYTHON=<python>  a python with the packages of scripts/reference/requirements.txt
# On a machine that does nothing else; takes half an hour on two cores. The report goes to docs/benchmarks.md.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cd "$repository"
scripts/install_packages.sh libbenchmark-dev
provide_libtorch build/release
scripts/fetch_demo.sh
[[ " $*" == *" --corpus"* ]] || scripts/fetch_corpus.sh
scripts/build.sh release -DLLMTOOL_BUILD_BENCHMARKS=ON llmtool llmtool-torch llmtool_benchmarks llmtool_gemm_benchmarks \
  llmtool_kernel_benchmarks

python=${LLMTOOL_REFERENCE_PYTHON:-}
if [[ -z $python ]]; then
  for candidate in "$(cache_folder)"/reference-*/bin/python; do
    [[ -x $candidate ]] && python=$candidate
  done
fi
[[ -n $python ]] || say "Hugging Face is not installed (scripts/reference/setup.sh): own figures only"
exec python3 scripts/benchmark ${python:+--python "$python"} "$@"
