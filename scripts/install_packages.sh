#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that building and testing llmtool needs; does nothing when all are there.
# Usage: scripts/install_packages.sh [further package…]
#   LLMTOOL_SKIP_PACKAGES=1 skips it: the needs are met in another way.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

packages=(
  g++ cmake ninja-build ccache git python3 ca-certificates
  libcli11-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev # apps, config, core
  libssl-dev zlib1g-dev                                         # core, formats
  libonig-dev libsentencepiece-dev libutf8proc-dev              # tokenizer
  catch2 librapidcheck-dev                                      # tests
  "$@"
)

missing_packages() {
  local installed package
  installed=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] || printf '%s\n' "$package"
  done
  (python_with_pip >/dev/null 2>&1) || printf '%s\n' python3-pip
}

if [[ ${LLMTOOL_SKIP_PACKAGES:-} == 1 ]]; then
  exit 0
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail "this is not a Debian or Ubuntu system. Install the counterparts of these packages yourself, then run again
with LLMTOOL_SKIP_PACKAGES=1: ${packages[*]} python3-pip"
fi

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! sudo --non-interactive true 2>/dev/null; then
    fail "these packages are missing and this user may not install them. Run
  sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  as_root=(sudo --non-interactive)
fi
say "installing ${missing[*]}"
"${as_root[@]}" apt-get update --quiet=2 >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}" >&2
