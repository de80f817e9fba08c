#!/usr/bin/env bash
# Checks accuracy, the leak guard and the documents' figures on real tables, which are not part of the project: accuracy.sh [TABLES]
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
cd "$root"
tables=${1:-../shared}
[[ -d $tables/data && -d $tables/bench ]] || skip "there are no tables in $tables"
need_venv
cargo build --locked --quiet
"$tools/venv/bin/python" benches/accuracy.py target/debug/sweetspot "$tables"
"$tools/venv/bin/python" benches/leaks.py target/debug/sweetspot "$tables"
"$tools/venv/bin/python" benches/check_profile.py target/debug/sweetspot "$tables"
