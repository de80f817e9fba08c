#!/usr/bin/env bash
# Checks the SQL of `data aggregate` in DuckDB and DataFusion and by translation, and that training on its weighted rows gives the
# coefficients of training on single rows.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
cd "$root"
cargo build --locked --bin sweetspot
# More than 100,000 rows, from which on equal rows are merged.
python benches/weighted_rows.py target/debug/sweetspot --rows 300000 --compare 120000 --bins 8 --dialects
