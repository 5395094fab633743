#!/usr/bin/env bash
# From a fresh clone to a fine-tuned model: installs what is missing, builds, fine-tunes sentiment on film remarks,
# evaluates on a held-out part and predicts a few sentences. Run again, it only does what is left to do.
# Usage: scripts/quickstart.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cd "$repository"
llmtool=build/release/bin/llmtool
run=runs/quickstart

finetune() { show_and_run "$llmtool" finetune configs/quickstart.yaml; }

evaluate() { table=$(show_and_run "$llmtool" eval "$run" --data data/demo/movies_test.csv); }

predict() {
  local sentences=(
    'A warm and very funny film; I would watch it again tomorrow.'
    'Two hours of my life that nobody will give me back.'
    'The plot is thin, but the actors carry it with charm.'
  )
  say "\$ printf '%s\\n' $(printf "'%s' " "${sentences[@]}")| $llmtool predict $run --input - --format text"
  printf '%s\n' "${sentences[@]}" | "$llmtool" predict "$run" --input - --format text
}

phase 'packages' scripts/install_packages.sh
phase 'LibTorch' provide_libtorch build/release
phase 'demo model and data' scripts/fetch_demo.sh
phase 'build' scripts/build.sh release llmtool llmtool-torch
phase 'fine-tuning' finetune
phase 'evaluation' evaluate
phase 'prediction' predict
phase_report
say "== result on the held-out film remarks ($run/README.md tells more)"
printf '%s\n' "$table"
