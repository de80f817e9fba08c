#!/usr/bin/env bash
# Trains on the newest customers, and makes the new version live unless it is worse than the live one:
#
#   retrain.sh CUSTOMERS MAPPING [COMPARISON]
#
# The server is SWEETSPOT_SERVER, and its API key, if it requires one, is SWEETSPOT__API_KEY. Exits with 0 if the new version is
# live, with 4 if it failed a promotion check and the live version stays, and with another code if a step failed.
set -euo pipefail

customers=$1 mapping=$2 comparison=${3:-comparison.md}
server=${SWEETSPOT_SERVER:-http://127.0.0.1:50051}

run() { sweetspot --server "$server" --quiet "$@"; }

run train "$customers" --mapping "$mapping" --description "weekly training of $(date +%F)"
# There is nothing to compare with before a version is live.
if run model show live >/dev/null 2>&1; then
  run model compare live candidate --format md --output "$comparison"
fi
run model promote candidate --by retrain.sh --reason "weekly training"
