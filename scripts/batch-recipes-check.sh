#!/usr/bin/env bash
# Runs the recipes of docs/recipes for batch jobs: the training with cron and with Airflow, dbt, DuckDB and pandas. The first
# argument is the program; without it, cargo builds it.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "Python is older than 3.11"
work=$tools/batch-recipes
program=$(realpath --canonicalize-missing "${1:-$root/target/debug/sweetspot}")
(($# > 0)) || cargo build --locked --quiet --manifest-path "$root/Cargo.toml" --bin sweetspot

# environment NAME: the pinned packages of recipes-NAME.txt.
environment() {
  local wanted=$root/scripts/recipes-$1.txt
  cmp -s "$wanted" "$work/$1/wanted.txt" && return
  "$work/uv/bin/uv" venv --quiet --clear --python python3 "$work/$1" &&
    "$work/uv/bin/uv" pip install --quiet --python "$work/$1/bin/python" --requirement "$wanted" &&
    cp "$wanted" "$work/$1/wanted.txt"
}

if ! [[ -x $work/uv/bin/uv ]]; then
  mkdir -p "$work"
  { python3 -m venv --clear "$work/uv" && "$work/uv/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9; } ||
    skip "uv cannot be installed"
fi
environment airflow || skip "Airflow cannot be installed here"
environment dbt || skip "dbt cannot be installed here"
"$work/uv/bin/uv" pip install --quiet --python "$work/airflow/bin/python" --no-deps --reinstall "$root/clients/python"

"$work/airflow/bin/python" "$root/scripts/check_batch_recipes.py" "$program" --airflow "$work/airflow/bin" --dbt "$work/dbt/bin"
