#!/usr/bin/env bash
# Runs the long form of the fault tests against a built program: tests/faults/run.sh BINARY [--minutes N] [--only NAME]
set -euo pipefail
exec python3 "$(dirname "$0")/main.py" "$@"
