#!/usr/bin/env bash
# Checks the Dockerfile with hadolint, and that what `.dockerignore` lets through is a whole workspace.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
hadolint --failure-threshold info "$root/Dockerfile"

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
sed -n 's/^!//p' "$root/.dockerignore" | while read -r path; do cp -r "$root/$path" "$context/"; done
cargo metadata --locked --offline --no-deps --format-version 1 --manifest-path "$context/Cargo.toml" >/dev/null
echo "Dockerfile lints, and its context holds every crate"
