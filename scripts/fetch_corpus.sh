#!/usr/bin/env bash
# Gets prose to pretrain on (data/corpus/kjv.txt, 4 MB: the King James Bible, in the public domain), once: from Debian's
# packages bible-kjv and bible-kjv-text, unpacked into the cache folder, not installed. A verse a line, an empty line
# after each chapter.
# Usage: scripts/fetch_corpus.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cached=$(cache_folder)/bible-kjv
corpus=$repository/data/corpus/kjv.txt

fetch_text() {
  say "downloading the corpus (2 MB, kept in $cached)"
  # apt drops its rights for a download and needs a folder that others can write to; the warning about it is noise.
  (cd "$temporary" && apt-get download bible-kjv bible-kjv-text >/dev/null 2>&1) ||
    fail "apt-get could not download bible-kjv and bible-kjv-text; run apt-get update, or put any text at $corpus"
  for package in "$temporary"/*.deb; do dpkg-deb -x "$package" "$temporary/unpacked"; done
  mkdir "$temporary/text"
  cp "$temporary/unpacked/usr/share/doc/bible-kjv-text/copyright" "$temporary/text/"
  # The program reads bible.data from its working folder. "Ge1:1 In the …" -> a verse a line.
  (cd "$temporary/unpacked/usr/lib" && "$temporary/unpacked/usr/bin/bible" -f gen1:1-rev22:21) |
    awk '{split($1, place, ":"); if (NR > 1 && place[1] != chapter) print ""; chapter = place[1]; $1 = ""; print substr($0, 2)}' \
      >"$temporary/text/kjv.txt"
  (($(wc -l <"$temporary/text/kjv.txt") > 32000)) || fail "bible-kjv printed less than the whole text"
  publish_folder "$temporary/text" "$cached"
}

[[ ! -f $corpus ]] || exit 0
mkdir -p "$(cache_folder)" "$(dirname -- "$corpus")"
temporary=$(mktemp -d "$(cache_folder)/.corpus.XXXXXX")
trap 'rm -rf -- "$temporary"' EXIT
[[ -f $cached/kjv.txt ]] || fetch_text
cp "$cached/kjv.txt" "$corpus"
