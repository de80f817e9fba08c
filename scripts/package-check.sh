#!/usr/bin/env bash
# Checks the chart with helm 3 and helm 4: lints it, renders each of its sample values, validates them for the oldest and the
# newest cluster, checks what a schema cannot express, and tests that invalid values are refused.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
need_helm

chart=$root/helm/sweetspot
python=$tools/venv/bin/python
out=$tools/rendered
rm -rf "$out" && mkdir -p "$out/notes"
# A copy with another version, which also prints its notes.
newer=$(mktemp -d)
trap 'rm -rf "$newer"' EXIT
cp -r "$chart/." "$newer"
sed -i 's/^version: .*/version: 9.9.9/' "$newer/Chart.yaml"
cat >"$newer/templates/notes.yaml" <<'END'
notes: |
  {{- include (print .Template.BasePath "/NOTES.txt") . | nindent 2 }}
END

"$python" "$root/scripts/chart_readme.py"

# render HELM ARGUMENT…: prints the manifests of a release without comments and empty lines, in which versions differ, and
# with one key in place of each random one, after checking its form.
render() {
  "$1" template trial "$chart" --namespace sales "${@:2}" | sed '/^$/d; /^ *#/d' | while IFS= read -r line; do
    if [[ $line == "  owner-key: "* ]]; then
      base64 --decode <<<"${line#*: }" | grep -qEx 'swt_[0-9a-f]{12}_[0-9a-f]{64}' || { echo "not a key: $line" && exit 1; }
      line="  owner-key: c3d0X2tleQ=="
    fi
    printf '%s\n' "$line"
  done
}

for values in "$chart"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  echo "== $name"
  for helm in helm3 helm; do
    "$helm" lint --strict --quiet "$chart" --values "$values"
  done
  render helm --values "$values" >"$out/$name.yaml"
  helm template trial "$newer" --namespace sales --values "$values" --show-only templates/notes.yaml >"$out/notes/$name.yaml"
  diff <(render helm3 --values "$values") "$out/$name.yaml" || { echo "helm 3 renders $name differently" && exit 1; }
  # It warns about custom resources, which have no schema: check_rendered.py checks them.
  for cluster in 1.27 1.37; do
    kubernetes-validate --strict --quiet -k "$cluster" "$out/$name.yaml"
  done
done

"$python" "$root/scripts/check_rendered.py" "$out"

# A new version of the chart alone restarts no pod and changes no claim.
stateful() { helm template trial "$1" --show-only templates/statefulset.yaml --values "$chart/ci/production-values.yaml"; }
diff <(stateful "$chart") <(stateful "$newer") | grep '^[<>]' | grep -v 'helm.sh/chart: ' &&
  { echo "a new version of the chart changes the pod" && exit 1; }

# Anything that can be left out, at once.
render helm --set podSecurityContext=null --set securityContext=null --set networkPolicy.adminFrom=null >/dev/null

# refuses MESSAGE VALUE…: a value must be refused with a message.
refuses() {
  local reason=$1 output
  shift
  for helm in helm3 helm; do
    if output=$("$helm" template trial "$chart" "$@" 2>&1); then
      echo "$helm template $* was not refused" && exit 1
    fi
    grep -qiF -- "$reason" <<<"$output" || { echo "$helm template $* was refused for another reason: $output" && exit 1; }
  done
  echo "refused as expected: $*"
}
refuses "replicaCount must be 0 or 1 without database.existingSecret" --set replicaCount=2
refuses "database.caSecretName needs database.existingSecret" --set database.caSecretName=a
refuses "database.existingSecret needs networkPolicy.egress" --set database.existingSecret=a --set replicaCount=3
refuses "cacheSize" --set database.cacheSize=1G
refuses "tls.clientCaSecretName needs tls.secretName" --set tls.clientCaSecretName=ca
refuses "ingress.enabled needs http.enabled" --set ingress.enabled=true
refuses "httpRoute.enabled needs http.enabled" --set httpRoute.enabled=true
refuses "not allowed" --set replicas=1
refuses "not allowed" --set server.listen=0.0.0.0
refuses "not allowed" --set tls.secret=a
refuses "not allowed" --set settings.server.max_calls=1
refuses "not allowed" --set settings.server.allow_remote=true
refuses "max_concurrent_calls" --set settings.server.max_concurrent_calls=0
refuses "drain_timeout" --set settings.server.drain_timeout=20
refuses "max_request_size" --set settings.server.max_request_size=4MB
refuses "format" --set settings.log.format=xml
refuses "digest" --set image.digest=latest
refuses "grpcPort" --set service.grpcPort=0
refuses "size" --set persistence.size=10G
refuses "whenDeleted" --set persistence.retentionPolicy.whenDeleted=Keep
