#!/usr/bin/env bash
# Parquet files that pyarrow writes are read like CSV, and those that the program writes are read by pyarrow.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
cd "$root"
cargo build --locked --bin sweetspot
python scripts/check_parquet.py target/debug/sweetspot
