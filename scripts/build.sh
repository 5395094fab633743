#!/usr/bin/env bash
# Configures and builds one preset; the programs are then in build/<preset>/bin.
# Usage: scripts/build.sh [release|debug|asan|tidy] [CMake configure option or Ninja target…]
#   scripts/build.sh                                everything, release
#   scripts/build.sh release llmtool llmtool-torch  the tool without its tests
#   scripts/build.sh release -DLLMTOOL_CUDA=ON      with CUDA, where the toolkit and the full torch wheel are
# Packages and LibTorch must be there: scripts/install_packages.sh, scripts/fetch_libtorch.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

preset=release
if [[ ${1:-} =~ ^(release|debug|asan|tidy)$ ]]; then
  preset=$1
  shift
fi
options=() targets=()
for argument in "$@"; do
  if [[ $argument == -* ]]; then options+=("$argument"); else targets+=("$argument"); fi
done

cd "$repository"
if [[ ! -f build/$preset/build.ninja ]] || ((${#options[@]} > 0)); then
  cmake --preset "$preset" "${options[@]}" >&2
fi
cmake --build --preset "$preset" --parallel "${LLMTOOL_BUILD_JOBS:-$(build_jobs)}" ${targets[@]:+--target "${targets[@]}"} >&2
