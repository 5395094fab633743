#!/usr/bin/env bash
# Puts LibTorch (headers and CPU libraries of torch 2.11.0) into the cache folder, once; prints that folder.
# Usage: scripts/fetch_libtorch.sh            The cache folder: $LLMTOOL_CACHE, or ~/.cache/llmtool.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

version=2.11.0
folder=$(cache_folder)/libtorch-$version
libraries=(libtorch_cpu.so libc10.so libgomp.so.1 libcupti.so.13 libcudart.so.13)

is_complete() {
  local library
  [[ -f $folder/include/ATen/ATen.h ]] || return 1
  for library in "${libraries[@]}"; do
    [[ -s $folder/lib/$library ]] || return 1
  done
}

# Every library must find all it links without LD_LIBRARY_PATH: the wheels give theirs an RPATH with $ORIGIN.
check_libraries() {
  local library unresolved
  for library in "${libraries[@]}"; do
    unresolved=$(env -u LD_LIBRARY_PATH ldd "$1/lib/$library" 2>&1 | grep -E 'not found|not a dynamic' || true)
    [[ -z $unresolved ]] || fail "$library of the downloaded LibTorch does not load here: $unresolved"
  done
}

extract() {
  local downloads=$1 target=$2
  python3 "$repository/scripts/extract_files.py" "$downloads"/torch-"$version"-*.whl "$target" \
    torch/include/=include torch/lib/libtorch_cpu.so=lib/libtorch_cpu.so torch/lib/libc10.so=lib/libc10.so \
    torch/lib/libgomp.so.1=lib/libgomp.so.1 "torch-$version.dist-info/licenses/=licenses/torch"
  python3 "$repository/scripts/extract_files.py" "$downloads"/nvidia_cuda_cupti-*.whl "$target" \
    nvidia/cu13/lib/libcupti.so.13=lib/libcupti.so.13 \
    nvidia_cuda_cupti-13.0.85.dist-info/licenses/=licenses/nvidia-cuda-cupti
  python3 "$repository/scripts/extract_files.py" "$downloads"/nvidia_cuda_runtime-*.whl "$target" \
    nvidia/cu13/lib/libcudart.so.13=lib/libcudart.so.13 \
    nvidia_cuda_runtime-13.0.96.dist-info/licenses/=licenses/nvidia-cuda-runtime
}

if ! is_complete; then
  [[ $(uname -sm) == 'Linux x86_64' ]] ||
    fail "the pinned LibTorch is for Linux on x86-64, this is $(uname -sm); pass your own: cmake -DLLMTOOL_LIBTORCH=<folder>"
  [[ ! -e $folder ]] || fail "$folder exists but is incomplete; remove it and run again"
  mkdir -p "$(cache_folder)"
  temporary=$(mktemp -d "$(cache_folder)/.libtorch.XXXXXX")
  trap 'rm -rf -- "$temporary"' EXIT
  say "downloading LibTorch $version (about 540 MB, kept in $folder)"
  pip_download "$repository/scripts/downloads/libtorch.txt" "$temporary/downloads" --no-cache-dir \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64
  mkdir "$temporary/libtorch"
  extract "$temporary/downloads" "$temporary/libtorch"
  check_libraries "$temporary/libtorch"
  publish_folder "$temporary/libtorch" "$folder"
fi
printf '%s\n' "$folder"
