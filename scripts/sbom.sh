#!/usr/bin/env bash
# Lists the crates that the program contains as CycloneDX 1.5, in the file that the argument names, such as sweetspot.cdx.json.
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"
output=$(realpath -- "${1:?name the file to write}")

readonly version=0.5.9
export PATH="$tools/cargo/bin:$PATH"
[[ $(cargo cyclonedx --version 2>/dev/null) == *" $version" ]] ||
  cargo install --quiet cargo-cyclonedx --version "$version" --locked --root "$tools/cargo"

# It writes a file into the folder of each crate of the workspace.
name=sbom-of-the-program
trap 'find "$root" -maxdepth 3 -name "$name.json" -delete' EXIT
cargo cyclonedx --quiet --manifest-path "$root/Cargo.toml" --format json --spec-version 1.5 --target all --override-filename "$name"
# Names of crates without the folder of this machine.
sed "s|file://$root|file://|g" "$root/$name.json" >"$output"
python3 - "$output" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    bom = json.load(file)
assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5"), "not CycloneDX 1.5"
assert bom["metadata"]["component"]["name"] == "sweetspot", bom["metadata"]
assert all(one["name"] and one["version"] and one["purl"] for one in bom["components"])
print(f"{sys.argv[1]}: {len(bom['components'])} components")
END
