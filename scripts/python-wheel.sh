#!/usr/bin/env bash
# Builds the wheel of the Python client that contains the program, for machines like this one: python-wheel.sh PROGRAM FOLDER.
# Needs Python packages: build, hatchling and grpcio-tools, of the versions in clients/python/pyproject.toml.
set -euo pipefail

(($# == 2)) || { echo "use: python-wheel.sh PROGRAM FOLDER" && exit 2; }
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
# Without the names of functions and lines, which are most of a debug build.
if command -v strip >/dev/null; then strip -o "$stripped" "$program"; else cp "$program" "$stripped"; fi
chmod 755 "$stripped"

cd "$(dirname "$0")/../clients/python"
SWEETSPOT_PROGRAM=$stripped python -m build --wheel --no-isolation --outdir "$folder" .
