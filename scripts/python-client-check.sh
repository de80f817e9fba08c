#!/usr/bin/env bash
# Builds the wheels of the Python client, with and without the program, and checks its format, lints, types and, against the
# program, its tests. The first argument is the program; without it, cargo builds it.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "Python is older than 3.11"
command -v openssl >/dev/null || skip "no openssl here"

client=$root/clients/python
work=$tools/python-client
program=$(realpath --canonicalize-missing "${1:-$root/target/debug/sweetspot}")
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
python hatch_build.py
ruff format --check .
ruff check .
mypy

# The wheel is built from the source distribution, so both are complete.
rm -rf "$work/dist"
python -m build --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log" && exit 1; }
pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$work"/dist/*.whl
SWEETSPOT_BINARY=$program python -m pytest -q -p no:cacheprovider

# The wheel with the program, in an environment of its own.
rm -rf "$work/wheel"
bash "$root/scripts/python-wheel.sh" "$program" "$work/wheel" >"$work/build.log" 2>&1 || { cat "$work/build.log" && exit 1; }
python3 -m venv --clear "$work/clean"
"$work/clean/bin/pip" install --quiet --disable-pip-version-check "$work"/wheel/*.whl
cd "$work"
[[ $(clean/bin/sweetspot --version) == "$("$program" --version)" ]]
clean/bin/python - <<'END'
import sweetspot
from sweetspot.v1 import model_pb2

with sweetspot.LocalServer() as server:
    client = server.client()
    assert not client.call(model_pb2.ListModelsRequest(parent="workspaces/default")).models
END
echo "the Python client works with the program, and its wheel with the program works alone"
