#!/usr/bin/env bash
# Checks the store in a PostgreSQL database, and several servers on one: runs the tests that start a database. Uses the
# PostgreSQL of this machine, or else that of Debian.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

folder=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
if [[ -z $folder ]] && (tools=$root/target/ci/postgres unpack postgresql-15 postgresql-client-15 libpq5); then
  unpacked=$root/target/ci/postgres/debian/usr
  folder=$unpacked/lib/postgresql/15/bin
  export LD_LIBRARY_PATH="$unpacked/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
if [[ -z $folder ]]; then
  echo "PostgreSQL cannot be downloaded here"
  exit 77
fi
export SWEETSPOT_TEST_POSTGRES=$folder
"$folder/postgres" --version

cd "$root"
# As in the other tests, so that nothing is compiled again.
cargo test --locked --test store -- postgres databases
cargo test --locked --test replicas
