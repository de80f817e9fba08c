#!/usr/bin/env bash
# Builds the Dockerfile without an image registry, on substitutes for its two base images, and runs the result.
# Slow, because it builds the release: run it manually before a release; .ci/run does not.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

((EUID == 0)) || skip "building an image needs root here"
for program in buildah mmdebstrap; do
  command -v "$program" >/dev/null && continue
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$program" >/dev/null; }; then
    skip "no $program here"
  fi
done

work=$root/target/image
mkdir -p "$work"
b() { local command=$1; shift; buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$command" "$@"; }
has() { b inspect --type image "$1" >/dev/null 2>&1; }

# base NAME ARCHIVE [CONFIG…]: makes an image from a root file system.
base() {
  local name=$1 archive=$2 container
  shift 2
  container=$(b from scratch)
  b add --quiet "$container" "$archive" / >/dev/null
  b config "$@" "$container"
  b commit --quiet "$container" "$name" >/dev/null
  b rm "$container" >/dev/null
}

builder=$(sed -n 's/^ARG RUST_IMAGE=//p' "$root/Dockerfile")
runtime=$(sed -n 's/^ARG BASE_IMAGE=//p' "$root/Dockerfile")
if ! has "$builder"; then
  mmdebstrap --quiet --variant=minbase --include=gcc,g++,make,libc6-dev,ca-certificates bookworm "$work/rust.tar"
  base "$builder" "$work/rust.tar" --env CARGO_HOME=/usr/local/cargo \
    --env PATH=/usr/local/cargo/bin:/usr/local/toolchain/bin:/usr/bin:/bin
fi
if ! has "$runtime"; then
  mmdebstrap --quiet --variant=extract --include=libc6,libgcc-s1,libstdc++6,ca-certificates,base-files bookworm "$work/cc.tar"
  base "$runtime" "$work/cc.tar" --user 65532
fi

# The toolchain, downloads and trusted certificates of this machine replace those of the base image.
downloads=${CARGO_HOME:-$HOME/.cargo}
mkdir -p "$work/cargo" "$downloads/registry"
if [[ -f $downloads/config.toml ]]; then cp "$downloads/config.toml" "$work/cargo/"; fi
# build TAG OPTION…: builds a stage of the Dockerfile.
build() {
  b bud --isolation chroot --pull-never --format docker --layers --tag "$1" \
    --volume "$(rustc --print sysroot):/usr/local/toolchain:ro" \
    --volume "$work/cargo:/usr/local/cargo" \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    --volume "$downloads/registry:/usr/local/cargo/registry" \
    --file "$root/Dockerfile" "${@:2}" "$root"
}
build sweetspot:check --build-arg VERSION=1.2.3 --build-arg REVISION=0123abc --build-arg SOURCE=https://example.com/sweetspot
build sweetspot:symbols --target symbols

b inspect --type image sweetspot:check >"$work/image.json"
python3 "$root/scripts/check_image.py" "$work/image.json"

container=$(b from --pull-never sweetspot:check)
symbols=$(b from --pull-never sweetspot:symbols)
tree=$(b mount "$container")
server=""
finish() {
  if [[ -n $server ]]; then kill -KILL "$server" 2>/dev/null || true; fi
  b umount "$container" "$symbols" >/dev/null && b rm "$container" "$symbols" >/dev/null
}
trap finish EXIT

# The symbols are in a file of their own, to which the program refers.
sections() { readelf --wide --sections "$1" 2>/dev/null | grep -oE '\.(symtab|debug_line|gnu_debuglink)\b' | sort | xargs; }
program=$tree/usr/local/bin/sweetspot
debug=$(b mount "$symbols")/sweetspot.debug
[[ $(sections "$program") == .gnu_debuglink ]] || { echo "the program has symbols: $(sections "$program")" && exit 1; }
[[ $(sections "$debug") == ".debug_line .symtab" ]] || { echo "symbols are missing: $(sections "$debug")" && exit 1; }
echo "program: $(($(stat --format %s "$program") / 1000000)) MB, symbols: $(($(stat --format %s "$debug") / 1000000)) MB"

# Runs the program as in the image, with these variables.
port=50991
inside() {
  local command=$1
  shift
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SWEETSPOT__STORE=/data/store "$@" \
    chroot --userspec=65532:65532 "$tree" /usr/local/bin/sweetspot "$command"
}
output=$(inside serve "SWEETSPOT__SERVER__LISTEN=0.0.0.0:$port" 2>&1) && { echo "served remote callers without allow_remote" && exit 1; }
grep -q allow_remote <<<"$output" || { echo "refused for another reason: $output" && exit 1; }

here=SWEETSPOT__SERVER__LISTEN=127.0.0.1:$port
inside serve "$here" &
server=$!
for _ in {1..100}; do
  (inside healthcheck "$here") >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || { echo "the server ended" && exit 1; }
  sleep 0.1
done
(inside healthcheck "$here")
kill -TERM "$server"
wait "$server"
server=""
written=$(find "$tree" -xdev -newer "$work/image.json" -type f ! -path "$tree/data/*")
[[ -z $written ]] || { echo "written outside /data: $written" && exit 1; }
echo "image built, hardened, served, drained"
