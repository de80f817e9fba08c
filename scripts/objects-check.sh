#!/usr/bin/env bash
# Checks the files of models and datasets in an object store: in memory, in files, and in S3, for which it runs the server of
# moto. The rows are in memory or in PostgreSQL.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

need_venv || skip "the tools cannot be installed here"
find_postgres || skip "PostgreSQL cannot be downloaded here"
port=$("$tools/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$tools/venv/bin/moto_server" --host 127.0.0.1 --port "$port" >"$tools/moto.log" 2>&1 &
server=$!
trap 'kill "$server"' EXIT
# Credentials that moto accepts: any.
export AWS_ENDPOINT=http://127.0.0.1:$port AWS_ALLOW_HTTP=true AWS_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
bucket() { curl --silent --fail --retry 60 --retry-delay 1 --retry-connrefused --request PUT "$AWS_ENDPOINT/models"; }
bucket >/dev/null
export SWEETSPOT_TEST_S3=s3://models

cd "$root"
features=(--features object-store,postgres)
cargo test --locked --package sweetspot-store "${features[@]}" --lib -- store::object
cargo test --locked --package sweetspot-store "${features[@]}" --test store -- objects object_stores
cargo test --locked --package sweetspot --features object-store --test objects
cargo clippy --locked --package sweetspot-store "${features[@]}" --all-targets -- -D warnings
