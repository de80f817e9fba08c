#!/usr/bin/env bash
# Checks exported versions in DuckDB, DataFusion, PostgreSQL and onnxruntime, and those for BigQuery and Snowflake by translation. The first
# argument is the number of accounts.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv

engines=duckdb,datafusion,onnx,sqlglot
if find_postgres; then
  engines+=,postgres
else
  echo "PostgreSQL cannot be downloaded here: left out"
fi

cd "$root"
cargo build --locked --bin sweetspot
python benches/check_export.py target/debug/sweetspot --rows "${1:-20000}" --engines "$engines" --postgres "${SWEETSPOT_TEST_POSTGRES:-}"
