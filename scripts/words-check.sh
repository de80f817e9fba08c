#!/usr/bin/env bash
# Spelling of code, comments and pages. `_typos.toml` lists what is right as it is.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
cd "$root"
typos
echo "no misspelled word"
