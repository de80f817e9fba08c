#!/usr/bin/env bash
# Runs the recipes of docs/recipes with the files that users copy: nginx with TLS in front of gRPC and HTTP, and Prometheus with
# an alert that fires. The first argument is the program; without it, cargo builds it.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

# The setting that the metrics recipe needs.
readonly admin_setting=SWEETSPOT__SERVER__ADMIN_LISTEN

unpack nginx prometheus || skip "nginx and prometheus cannot be downloaded here"
for program in "nginx -v" "prometheus --version" "openssl version" "curl --version"; do
  # shellcheck disable=SC2086
  $program >/dev/null 2>&1 || skip "$program does not run here"
done
need_venv

program=${1:-$root/target/debug/sweetspot}
(($# > 0)) || cargo build --locked --quiet --manifest-path "$root/Cargo.toml" --bin sweetspot

work=$(mktemp -d)
children=()
finish() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

# start NAME COMMAND…: runs a command in the background, with a log.
start() {
  "${@:2}" >"$work/$1.log" 2>&1 &
  children+=("$!")
}

# eventually SECONDS TEXT COMMAND…: repeats a command until its output has a text.
eventually() {
  local output end=$((SECONDS + $1))
  while ((SECONDS <= end)); do
    output=$("${@:3}" 2>&1) || true
    grep -qF -- "$2" <<<"$output" && echo "${*:3}: $2" && return
    sleep 0.2
  done
  echo "no $2 from ${*:3}: $output"
  tail -n 5 "$work"/*.log
  exit 1
}

read -r grpc http metrics tls prometheus < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
print(*(one.getsockname()[1] for one in sockets))')

"$program" demo --quiet --store "$work/store" >/dev/null
start server env "$admin_setting=127.0.0.1:$metrics" "$program" serve --store "$work/store" --listen "127.0.0.1:$grpc" \
  --http "127.0.0.1:$http" --require-auth --owner-key-file "$work/owner-key"
server=${children[0]}

# nginx, with the ports of this run.
cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
pid $work/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  include $work/sweetspot.conf;
}
END
sed "s/127.0.0.1:50051/127.0.0.1:$grpc/; s/127.0.0.1:8080/127.0.0.1:$http/; s/listen 443/listen 127.0.0.1:$tls/" \
  "$root/docs/recipes/nginx.conf" >"$work/sweetspot.conf"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 1 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/sweetspot.key" -out "$work/sweetspot.crt" 2>/dev/null
nginx -t -q -p "$work" -c "$work/nginx.conf" 2>"$work/nginx-t.log" || { cat "$work/nginx-t.log" && exit 1; }
start nginx nginx -p "$work" -c "$work/nginx.conf"

# Prometheus, with the ports of this run and without waiting.
{
  printf 'global: { scrape_interval: 500ms, evaluation_interval: 500ms }\n'
  sed "s/127.0.0.1:9464/127.0.0.1:$metrics/" "$root/docs/recipes/prometheus.yml"
} >"$work/prometheus.yml"
sed -E 's/^( *for:).*/\1 1s/' "$root/helm/sweetspot/files/alerts.yaml" >"$work/sweetspot-alerts.yaml"
promtool check config "$work/prometheus.yml"
start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
  --web.listen-address="127.0.0.1:$prometheus" --log.level=warn

url=https://localhost:$tls
scoring=sweetspot.v1.ScoringService/ScoreAccounts
header() { printf 'authorization: Bearer %s' "$(cat "$work/owner-key")"; }
# With reflection, by which the client finds the method; the key has to be named for both.
call_by_reflection() { call "$@" --reflect-header '*'; }
call() { buf curl --protocol grpc --header "$(header)" --cacert "$work/sweetspot.crt" "$url/$1" --data "$2" "${@:3}"; }
get() { curl --silent --show-error --header "$(header)" --cacert "$work/sweetspot.crt" "$url$1" "${@:2}"; }
query() { promtool query instant "http://127.0.0.1:$prometheus" "$1"; }

eventually 20 SERVING call_by_reflection grpc.health.v1.Health/Check '{}'
# Reflection, by which the client finds the method, is a stream in both directions.
eventually 5 '"probability"' call_by_reflection "$scoring" '{"rows": {"rows": [{"accountId": "acme", "attributes": {"employees": {"number": 320}}}]}}'
eventually 5 workspaces/default get /v1/workspaces
eventually 5 CREDENTIAL_MISSING curl --silent --cacert "$work/sweetspot.crt" "$url/v1/workspaces"
# Larger than 1 MiB, the limit of nginx without the recipe.
python3 -c '
import json
rows = [{"accountId": f"{number}", "attributes": {"employees": {"number": 320}}} for number in range(1000)]
print(json.dumps({"rows": {"rows": rows}}, indent=50))' >"$work/rows.json"
(($(stat --format %s "$work/rows.json") > 1048576)) || { echo "the request is too small" && exit 1; }
large=(get /v1/workspaces/default/models/default/versions/1:score --header content-type:application/json --data "@$work/rows.json")
eventually 5 '"received":"1000"' "${large[@]}"

eventually 20 '=> 1 @' query 'up{job="sweetspot"}'
eventually 10 '=> 1 @' query sweetspot_live_models
firing() { echo "alerts: $(query 'ALERTS{alertstate="firing"}' | grep -o 'alertname="[^"]*"' | sort -u | xargs)."; }
eventually 10 "alerts: ." firing

kill -TERM "$server"
eventually 20 "alerts: alertname" firing
firing
eventually 5 unavailable call "$scoring" '{}' --schema "$root"
echo "nginx and Prometheus run with the recipes"
