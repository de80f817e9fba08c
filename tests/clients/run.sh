#!/usr/bin/env bash
# Runs a Python client, generated from the protos, and the examples in several languages, against the program. Exits with 77 if
# the former cannot run.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=target/clients
venv=$work/venv
mkdir -p "$work"

if ! [[ -x $venv/bin/python ]] || ! "$venv/bin/python" -c 'import grpc_tools, grpc_status, grpc_health, hatchling, numpy' 2>/dev/null; then
  python3 -m venv "$venv" || { echo "skipped: python3 has no venv" && exit 77; }
  "$venv/bin/pip" install --quiet --requirement tests/clients/requirements.txt \
    || { echo "skipped: the client's packages cannot be installed" && exit 77; }
fi

generated=$work/generated
rm -rf "$generated" && mkdir -p "$generated"
"$venv/bin/python" -m grpc_tools.protoc --proto_path=proto --python_out="$generated" --grpc_python_out="$generated" \
  proto/sweetspot/v1/*.proto

cargo build --locked --bin sweetspot
store=$(mktemp -d) log=$work/server.log
: >"$log"
./target/debug/sweetspot serve --listen 127.0.0.1:0 --store "$store/store" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$store"' EXIT

# The server logs its address before it accepts calls.
for _ in $(seq 300); do
  address=$(sed -nE 's#.*listening on http://([0-9.:]+).*#\1#p' "$log" | head -n 1)
  [[ -n $address ]] && break
  kill -0 "$server" 2>/dev/null || { cat "$log" && exit 1; }
  sleep 0.1
done
[[ -n $address ]] || { echo "the server did not start" && cat "$log" && exit 1; }
PYTHONPATH=$generated "$venv/bin/python" tests/clients/check.py "$address"
bash tests/clients/examples.sh target/debug/sweetspot
