#!/usr/bin/env bash
# Writes the live version as a macro. Run it in the folder of the dbt project after each promotion, and commit the macro. Options
# are passed on, such as --store DIR or --server URL.
set -euo pipefail

sql=$(sweetspot model export --format sql --dialect duckdb --table prospects --id-column company_id --lists-as-text --quiet "$@")
printf '{%% macro sweetspot_scores() %%}{%% raw %%}\n%s\n{%% endraw %%}{%% endmacro %%}\n' "$sql" >macros/sweetspot_scores.sql
