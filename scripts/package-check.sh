#!/usr/bin/env bash
# Checks the chart: lints it, renders each of its sample values, validates them for the oldest and the newest cluster, and
# tests that invalid values are refused.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
need_helm

chart=$root/helm/sweetspot
out=$tools/rendered
rm -rf "$out" && mkdir -p "$out"

for values in "$chart"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  echo "== $name"
  helm lint --strict --quiet "$chart" --values "$values"
  helm template trial "$chart" --namespace sales --values "$values" >"$out/$name.yaml"
  for cluster in 1.27 1.37; do
    kubernetes-validate --strict --quiet -k "$cluster" "$out/$name.yaml"
  done
done

# refuses MESSAGE VALUE…: a value must be refused with a message.
refuses() {
  local reason=$1 output
  shift
  if output=$(helm template trial "$chart" "$@" 2>&1); then
    echo "helm template $* was not refused" && exit 1
  fi
  grep -qiF -- "$reason" <<<"$output" || { echo "helm template $* was refused for another reason: $output" && exit 1; }
  echo "refused as expected: $*"
}
refuses "replicas must be 0 or 1" --set replicas=2
refuses "not allowed" --set replicaCount=1
refuses "not allowed" --set server.listen=0.0.0.0
refuses "not allowed" --set settings.server.max_calls=1
refuses "max_concurrent_calls" --set settings.server.max_concurrent_calls=0
refuses "drain_timeout" --set settings.server.drain_timeout=20
refuses "max_request_size" --set settings.server.max_request_size=4MB
refuses "allow_remote" --set settings.server.allow_remote=false
refuses "format" --set settings.log.format=xml
refuses "imageDigest" --set imageDigest=latest
refuses "port" --set port=80
refuses "httpPort" --set httpPort=80
refuses "httpPort must not be port" --set httpPort=50051
refuses "metricsPort must not be port" --set metricsPort=50051
refuses "metricsPort must not be port" --set httpPort=9464

# Conditions that a schema cannot express.
"$tools/venv/bin/python" "$root/scripts/check_rendered.py" "$out"
