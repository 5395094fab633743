# Shared by the scripts in this folder: source it, do not run it.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts that source this use the variables

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# The folder downloads are kept in; every clone of this user shares it.
cache_folder() { printf '%s\n' "${LLMTOOL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/llmtool}"; }

# Runs one phase of a script and notes its wall time for phase_report.
phase_lines=()
phase() {
  local name=$1 started=$SECONDS
  shift
  say "== $name"
  "$@"
  phase_lines+=("$(printf '%-28s %5d s' "$name" $((SECONDS - started)))")
}
phase_report() {
  say "== time per phase"
  printf '   %s\n' "${phase_lines[@]}" >&2
}

# Shows a command as it could be typed, then runs it.
show_and_run() {
  local shown=''
  printf -v shown '%q ' "$@"
  say "\$ ${shown% }"
  "$@"
}

# Prints the Python interpreter whose pip does the downloads.
python_with_pip() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  fail "no python3 with pip found; run scripts/install_packages.sh, or install the packages python3 and python3-pip"
}

# pip_download REQUIREMENTS FOLDER [OPTION…]: downloads exactly the files whose sha256 the requirements file pins.
pip_download() {
  local requirements=$1 folder=$2 python
  shift 2
  python=$(python_with_pip)
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --requirement "$requirements" --dest "$folder" "$@" >&2 ||
    fail "downloading what $requirements lists failed; is a Python package index reachable from here (pip config list)?"
}

# publish_folder TEMPORARY FINAL: makes a finished folder visible in one step; a folder another run made first stays.
publish_folder() {
  chmod 755 "$1"
  if ! mv -T -n -- "$1" "$2" || [[ -e $1 ]]; then
    [[ -d $2 ]] || fail "could not move $1 to $2"
    rm -rf -- "$1"
  fi
}

# How many compilers to run at once: one a core, and at most one for each 1.5 GB of memory (a LibTorch file takes 1.1 GB).
build_jobs() {
  local cores memory_jobs
  cores=$(nproc)
  memory_jobs=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory_jobs >= 1)) || memory_jobs=1
  printf '%s\n' $((cores < memory_jobs ? cores : memory_jobs))
}

# Downloads LibTorch, unless the caller or the configured build folder ($1) names another one.
provide_libtorch() {
  if [[ -z ${LLMTOOL_LIBTORCH:-} ]] && ! grep -qs '^LLMTOOL_LIBTORCH:PATH=.' "$1/CMakeCache.txt"; then
    "$repository/scripts/fetch_libtorch.sh" >/dev/null
  fi
}
