#!/usr/bin/env bash
# Builds the wheel of the Python client, and checks its format, lints, types and, against the program, its tests. The first
# argument is the program; without it, cargo builds it.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "Python is older than 3.11"
command -v openssl >/dev/null || skip "no openssl here"

client=$root/clients/python
work=$tools/python-client
program=${1:-$root/target/debug/sweetspot}
(($# > 0)) || cargo build --locked --quiet --manifest-path "$root/Cargo.toml" --bin sweetspot

# The pinned tools of requirements.txt.
if ! cmp -s "$client/requirements.txt" "$work/venv/requirements.txt"; then
  mkdir -p "$work"
  python3 -m venv --clear "$work/venv" || skip "python3 has no venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$client/requirements.txt" ||
    skip "the client's packages cannot be installed"
  cp "$client/requirements.txt" "$work/venv/"
fi
export PATH="$work/venv/bin:$PATH"

cd "$client"
python generate_messages.py
ruff format --check .
ruff check .
mypy

# The wheel is built from the source distribution, so both are complete.
rm -rf "$work/dist"
python -m build --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log" && exit 1; }
pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$work"/dist/*.whl
SWEETSPOT_BINARY=$(realpath "$program") python -m pytest -q -p no:cacheprovider
echo "the Python client works with the program"
