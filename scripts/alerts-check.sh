#!/usr/bin/env bash
# Checks the alerts of the chart with promtool: their syntax, and when they fire.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
export PATH="$PATH:$tools/prometheus/usr/bin"
if ! command -v promtool >/dev/null; then
  mkdir -p "$tools/prometheus"
  # Only unpacked: the package would start a server.
  (cd "$tools/prometheus" && apt-get update -qq && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb .) ||
    skip "there is no promtool, and no Debian package prometheus"
fi
promtool check rules "$root/helm/sweetspot/files/alerts.yaml"
promtool test rules "$root/scripts/alerts_test.yaml"
