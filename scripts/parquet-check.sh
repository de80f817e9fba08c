#!/usr/bin/env bash
# Checks that the program reads Parquet files of pyarrow like CSV, and that pyarrow reads those of the program.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
cd "$root"
cargo build --locked --bin sweetspot
python scripts/check_parquet.py target/debug/sweetspot
