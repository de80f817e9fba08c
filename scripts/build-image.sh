#!/usr/bin/env bash
# Builds the image for several platforms with docker buildx, from base images pinned by their current digest, with provenance and
# an SBOM of its packages. The arguments are options of `docker buildx build`:
#
#   scripts/build-image.sh --tag NAME:TAG --push
#   scripts/build-image.sh --target symbols --output symbols
#
# PLATFORMS lists the platforms. One that the builder emulates takes hours: use a builder with a node of each (BUILDER), or build
# each platform on a machine of its own, as .github/workflows/release.yml does.
set -euo pipefail
cd "$(dirname "$0")/.."

builder=${BUILDER:-sweetspot}
docker buildx inspect "$builder" >/dev/null 2>&1 || docker buildx create --name "$builder" --driver docker-container >/dev/null

# pin NAME: prints the base image of the Dockerfile with its digest.
pin() {
  local image
  image=$(sed -n "s/^ARG $1=//p" Dockerfile)
  echo "$image@$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')"
}
rust=${RUST_IMAGE:-$(pin RUST_IMAGE)}
base=${BASE_IMAGE:-$(pin BASE_IMAGE)}
printf 'built with %s\nbased on %s\n' "$rust" "$base"

docker buildx build --builder "$builder" --platform "${PLATFORMS:-linux/amd64,linux/arm64}" \
  --provenance mode=max --sbom true \
  --build-arg RUST_IMAGE="$rust" --build-arg BASE_IMAGE="$base" \
  --build-arg VERSION="$(sed -nE '0,/^version = /s/^version = "([^"]+)"$/\1/p' Cargo.toml)" \
  --build-arg REVISION="$(git rev-parse HEAD)" \
  --build-arg SOURCE="${SOURCE:-$(git remote get-url origin 2>/dev/null || echo unknown)}" \
  "$@" .
