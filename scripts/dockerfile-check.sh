#!/usr/bin/env bash
# Checks the Dockerfile with hadolint.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
need_venv
hadolint --failure-threshold info "$root/Dockerfile"
echo "Dockerfile lints"
