#!/usr/bin/env bash
# Runs the examples of examples/clients against the program: examples.sh PROGRAM, after run.sh has installed Python packages. All must print the score that the command line
# computes. A language whose compiler or packages cannot be downloaded is left out, and named.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/../../scripts/tools.sh"

program=$(realpath "$1")
examples=$root/examples/clients
tools=$root/target/ci/clients
mkdir -p "$tools"

work=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server" && wait "$server" || true; }; rm -rf "$work"' EXIT

"$program" demo --quiet --store "$work/store" >/dev/null
echo '{"account_id": "acme", "industry": "Logistics", "employees": 320, "technologies": ["SAP", "Slack"]}' >"$work/lead.jsonl"
"$program" score "$work/lead.jsonl" --store "$work/store" --reasons 1 --quiet -o "$work/score.csv"
expected=$(python3 - "$work/score.csv" <<'END'
import csv, re, sys
(row,) = csv.DictReader(open(sys.argv[1], encoding="utf-8"))
attribute, value = re.fullmatch(r"([^=]+)=([^:]+):[^:]+", row["reasons"]).groups()
print(f"acme: score {row['score']}, tier {row['tier']}, because of {attribute} = {value}")
END
)
echo "expected: $expected"

"$program" serve --store "$work/store" --listen 127.0.0.1:0 --http 127.0.0.1:0 >"$work/log" 2>&1 &
server=$!
# The server logs its addresses before it accepts calls.
for _ in $(seq 300); do
  read -r grpc http < <(sed -nE 's#.*listening on http://([0-9.:]+) and.* on http://([0-9.:]+),.*#\1 \2#p' "$work/log") && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" && exit 1; }
  sleep 0.1
done
[[ -n ${http:-} ]] || { cat "$work/log" && exit 1; }

failed=() skipped=()
# example NAME COMMAND…: runs an example, and compares what it prints.
example() {
  local printed
  printed=$("${@:2}" 2>"$work/errors") || true
  if [[ $printed == "$expected" ]]; then echo "$1: as expected"; else
    echo "$1 printed: $printed" && cat "$work/errors" && failed+=("$1")
  fi
}
leave_out() { echo "$1: left out, as $2" && skipped+=("$1"); }

python_example() {
  # The environment of run.sh.
  local venv=$root/target/clients/venv
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall \
    "$root/clients/python" || return
  example Python "$venv/bin/python" "$examples/python/score_lead.py" "$grpc"
}

node_example() {
  command -v npm >/dev/null || return
  mkdir -p "$tools/node" && cp "$examples"/node/* "$tools/node"
  [[ -d $tools/node/node_modules ]] || (cd "$tools/node" && npm install --silent --no-fund --no-audit) || return
  example Node node "$tools/node/score_lead.mjs" "$grpc" "$root/proto"
}

# The same messages for Go and Java, by the compiler that fits the libraries of Debian.
generate() {
  LD_LIBRARY_PATH=$(dirname "$(find "$debian/usr/lib" -name 'libprotoc.so.32')") \
    "$debian/usr/bin/protoc" --proto_path="$root/proto" --proto_path="$debian/usr/include" "$@" \
    sweetspot/v1/types.proto sweetspot/v1/scoring_service.proto
}

go_example() {
  local source=$work/go/src/example.com/lead package=example.com/lead/sweetspot/v1 file map=()
  for file in types scoring_service; do map+=("Msweetspot/v1/$file.proto=$package"); done
  mkdir -p "$source" && cp "$examples/go/main.go" "$source"
  generate "--plugin=$debian/usr/bin/protoc-gen-go" "--plugin=$debian/usr/bin/protoc-gen-go-grpc" \
    --go_out="$work/go/src" --go-grpc_out="$work/go/src" \
    "${map[@]/#/--go_opt=}" "${map[@]/#/--go-grpc_opt=}"
  # Packages of Debian are not modules.
  export GOROOT=$debian/usr/lib/go-1.19 GOPATH=$work/go:$debian/usr/share/gocode GO111MODULE=off GOFLAGS=-p=2
  export GOCACHE=$tools/go-cache CGO_ENABLED=0
  "$GOROOT/bin/go" build -o "$work/lead" example.com/lead || return
  example Go "$work/lead" "$grpc"
}

java_example() {
  command -v javac >/dev/null || { leave_out Java "there is no JDK" && return; }
  local jars
  jars=$(find "$debian/usr/share/java" -type f -name '*.jar' ! -name '*native*' -printf '%p:')
  mkdir "$work/java" "$work/classes"
  generate "--plugin=protoc-gen-grpc-java=$debian/usr/bin/grpc_java_plugin" --java_out="$work/java" --grpc-java_out="$work/java"
  javac -nowarn -proc:none -cp "$jars" -d "$work/classes" "$examples/java/ScoreLead.java" "$work"/java/com/sweetspot/v1/*.java \
    2>"$work/javac.log" || { cat "$work/javac.log" && failed+=(Java) && return; }
  example Java java -cp "$work/classes:$jars" ScoreLead "$grpc"
}

python_example || leave_out Python "its packages cannot be installed"
node_example || leave_out Node "its packages cannot be installed"
debian=$tools/debian
compilers=(golang-1.19-go golang-1.19-src protobuf-compiler libprotobuf-dev libprotobuf32 libprotoc32)
libraries=(golang-google-grpc-dev golang-google-protobuf-dev golang-github-golang-protobuf-1-5-dev golang-google-genproto-dev
  golang-golang-x-net-dev golang-golang-x-sys-dev golang-golang-x-text-dev protoc-gen-go protoc-gen-go-grpc libgrpc-java
  protobuf-compiler-grpc-java-plugin libprotobuf-java libopencensus-java libguava-java libperfmark-java libnetty-java
  libjsr305-java libgoogle-gson-java liberror-prone-java libgeronimo-annotation-1.3-spec-java)
if unpack "${compilers[@]}" "${libraries[@]}"; then
  go_example || failed+=(Go)
  java_example || failed+=(Java)
else
  leave_out "Go and Java" "their packages cannot be downloaded"
fi
if ! command -v jq >/dev/null && tools=$root/target/ci/jq unpack jq libjq1 libonig5; then
  LD_LIBRARY_PATH=$(dirname "$(find "$root/target/ci/jq/debian/usr/lib" -name 'libjq.so.1')")
  export LD_LIBRARY_PATH
fi
if command -v jq >/dev/null; then
  example curl "$examples/curl/score_lead.sh" "$http"
else
  leave_out curl "there is no jq"
fi

echo "examples: ${#failed[@]} failed, ${#skipped[@]} left out"
((${#failed[@]} == 0))
