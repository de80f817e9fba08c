#!/usr/bin/env bash
# Checks the protos with buf's standard rules.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
cd "$root"
buf lint
echo "protos lint"
