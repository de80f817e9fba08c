#!/usr/bin/env bash
# Checks the report in a browser: no accessibility violations, no horizontal scrolling and no network requests, on desktop and
# phone widths, in light and dark mode. Also prints it to PDF.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

command -v node >/dev/null && command -v npm >/dev/null || skip "no node here"
if ! command -v chromium >/dev/null; then
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }; then
    skip "chromium cannot be installed here"
  fi
fi

# The pinned tools of page-check.json.
browser=$tools/page
mkdir -p "$browser"
if ! cmp -s "$root/scripts/page-check.json" "$browser/package.json"; then
  cp "$root/scripts/page-check.json" "$browser/package.json"
  (cd "$browser" && npm install --silent --no-audit --no-fund --ignore-scripts) || { rm "$browser/package.json" && skip "axe-core cannot be installed here"; }
fi
cp "$root/scripts/page_check.mjs" "$browser/"

# The default pages: the report of the demonstration, and the golden page, which has a block of every kind.
pages=("$@")
if ((${#pages[@]} == 0)); then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cargo build --locked --quiet --manifest-path "$root/Cargo.toml"
  "$root/target/debug/sweetspot" demo --quiet --store "$work/demo" >/dev/null
  pages=("$work/demo.files/report.html" "$root/crates/sweetspot-report/tests/report/pages/snapshots/report__pages__golden__page.snap.html")
fi
mkdir -p "$tools/pages"
node "$browser/page_check.mjs" "$(command -v chromium)" "$tools/pages" "${pages[@]}"
