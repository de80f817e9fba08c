#!/usr/bin/env bash
# Checks with loom that no interleaving of threads loses a wake-up of a connection.
set -euo pipefail
cd "$(dirname "$0")/.."
# In the ignored folder of the main build.
cargo test --locked --manifest-path tests/interleavings/Cargo.toml --target-dir target/interleavings --test wake_ups
