#!/usr/bin/env bash
# Checks small files as other systems write them, which are not part of the project: cases.sh [CASES]
# Every case of cases.txt must pass; the others are formats that are not supported yet.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
cd "$root"
cases=${1:-../shared/cases}
[[ -f $cases/check.py ]] || skip "there are no cases in $cases"
cargo build --locked --quiet
mapfile -t right <scripts/cases.txt
python3 "$cases/check.py" target/debug/sweetspot "${right[@]}"
