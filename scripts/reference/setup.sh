#!/usr/bin/env bash
# Makes the Python environment the reference scripts run in (torch, transformers, tokenizers, scikit-learn, …, pinned),
# in the cache folder, once; prints its python. About 6 GB. llmtool itself needs none of it.
# Usage: scripts/reference/setup.sh          then: "$(scripts/reference/setup.sh)" scripts/reference/<name>.py <folder>
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

requirements=$repository/scripts/reference/requirements.txt
# The name follows the pins, so a changed pin makes a new environment and an old one is never half updated.
environment=$(cache_folder)/reference-$(sha256sum "$requirements" | cut -c 1-12)

if [[ ! -x $environment/bin/python || ! -f $environment/complete ]]; then
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "the pinned versions need Python 3.11 or newer"
  mkdir -p "$(cache_folder)"
  python3 -m venv --clear "$environment" >&2 || fail "python3 -m venv failed; install the package python3-venv"
  "$environment/bin/python" -m pip install --disable-pip-version-check --no-deps --requirement "$requirements" >&2
  touch "$environment/complete"
fi
printf '%s\n' "$environment/bin/python"
