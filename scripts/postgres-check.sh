#!/usr/bin/env bash
# Checks the store in a PostgreSQL database, and several servers on one: runs the tests that start a database. Uses the
# PostgreSQL of this machine, or else that of Debian.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

find_postgres || skip "PostgreSQL cannot be downloaded here"

cd "$root"
# As in the other tests, so that nothing is compiled again.
cargo test --locked --test store -- postgres databases
cargo test --locked --test replicas
