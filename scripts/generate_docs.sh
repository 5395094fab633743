#!/usr/bin/env bash
# Writes the reference pages that come from the program itself: docs/cli.md and docs/config.md.
# Usage: scripts/generate_docs.sh [--check] [PROGRAM]
#   --check  compare with the committed pages instead of writing them; exit 1 when they differ
#   PROGRAM  the llmtool to ask (default: build/release/bin/llmtool)
# shellcheck disable=SC2016  # the backquotes are Markdown
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

check=false
if [[ ${1:-} == --check ]]; then
  check=true
  shift
fi
llmtool=${1:-$repository/build/release/bin/llmtool}
[[ -x $llmtool ]] || fail "$llmtool is not there; run scripts/build.sh first"

# Trailing blanks come from the parser's layout and mean nothing.
help_of() {
  printf '\n## llmtool %s\n\n```text\n' "$*"
  "$llmtool" "$@" --help | sed 's/[[:space:]]*$//' | cat -s
  printf '```\n'
}

# The verbs, or the actions of a verb.
commands_of() {
  "$llmtool" "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\+\) .*/\1/p'
}

cli_page() {
  printf '# Command line\n\nEvery verb with its options, as `llmtool VERB --help` prints them. Results go to standard output, log and\n'
  printf 'progress to standard error. This page is written by `scripts/generate_docs.sh`.\n\n```text\n'
  "$llmtool" --help | sed 's/[[:space:]]*$//' | cat -s
  printf '```\n'
  local verb action
  for verb in $(commands_of); do [[ -n $(commands_of "$verb") ]] || help_of "$verb"; done
  for verb in $(commands_of); do
    for action in $(commands_of "$verb"); do help_of "$verb" "$action"; done
  done
}

config_page() {
  printf '# Run config\n\nEvery key of a run config, as `llmtool config describe` prints them; `llmtool config schema` gives the same as\n'
  printf 'JSON Schema. Only `task`, `data.train` and `model.from` (or `model.config`) are required. This page is written by\n`scripts/generate_docs.sh`.\n\n```text\n'
  "$llmtool" config describe | sed 's/[[:space:]]*$//'
  printf '```\n'
}

write_or_check() {
  local page=$1 path=$repository/docs/$2
  if [[ $check == false ]]; then
    printf '%s\n' "$page" >"$path"
  elif ! diff -u "$path" <(printf '%s\n' "$page"); then
    fail "docs/$2 is not what the program says; run scripts/generate_docs.sh"
  fi
}

write_or_check "$(cli_page)" cli.md
write_or_check "$(config_page)" config.md
