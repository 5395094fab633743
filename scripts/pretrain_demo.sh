#!/usr/bin/env bash
# Language models on real text, after scripts/quickstart.sh: a small GPT-2 and a small BERT from scratch, each with a
# tokenizer of its own and measured against the unigram baseline; then the demo model goes on learning the language of
# film remarks and is fine-tuned from there. Run again, it only does what is left to do.
# Usage: scripts/pretrain_demo.sh [--short]
#   --short  a few steps of each, to see that the chain works
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cd "$repository"
llmtool=build/release/bin/llmtool
runs=runs
options=()
case ${1:-} in
  '') ;;
  --short)
    runs=runs/short
    options=(--set training.max_steps=8)
    ;;
  *) fail "unknown argument '$1'; usage: scripts/pretrain_demo.sh [--short]" ;;
esac

# train VERB CONFIG NAME [OPTION…]
train() {
  local verb=$1 config=$2 name=$3
  shift 3
  show_and_run "$llmtool" "$verb" "$config" --set "output_dir=$runs/$name" "${options[@]}" "$@"
}

# tokenizer NAME OPTION…
tokenizer() {
  local folder=runs/tokenizers/$1
  shift
  [[ -f $folder/tokenizer.json ]] ||
    show_and_run "$llmtool" tokenizer train "$@" --vocab-size 8000 --input data/corpus/kjv.txt --output "$folder"
}

tokenizers() {
  tokenizer kjv_bpe --type bpe
  tokenizer kjv_wordpiece --type wordpiece --lowercase
}
gpt2() { train pretrain configs/pretrain/gpt2_tiny.yaml gpt2_tiny; }
continue_text() { show_and_run "$llmtool" generate "$runs/gpt2_tiny" --prompt 'And it came to pass' --max-new-tokens 30; }
bert() { train pretrain configs/pretrain/bert_tiny.yaml bert_tiny; }
fill_masks() {
  printf 'In the beginning god created the [MASK].\n' |
    show_and_run "$llmtool" predict "$runs/bert_tiny" --input - --format text --fill-mask --top-k 3
}
domain() { train pretrain configs/pretrain/domain.yaml domain; }
fine_tune() { train finetune configs/quickstart.yaml domain_sentiment --set "model.from=$runs/domain"; }

[[ -x $llmtool ]] || fail "$llmtool is not there; run scripts/quickstart.sh first"
phase 'demo model and data' scripts/fetch_demo.sh
phase 'corpus' scripts/fetch_corpus.sh
phase 'tokenizers' tokenizers
phase 'GPT-2 from scratch' gpt2
phase 'continued text' continue_text
phase 'BERT from scratch' bert
phase 'filled masks' fill_masks
phase 'masked LM on film remarks' domain
phase 'fine-tuning from there' fine_tune
phase_report
