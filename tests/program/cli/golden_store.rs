//! A stored store of each format: it opens, nothing in it is wrong, and its scores are as they were.

use std::fs;
use std::path::Path;

use crate::cli::support::Bench;

/// The folder with a store for each format, and the scores of `prospects.csv` by its live version.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_stores_of_all_formats_open_and_score_as_before() {
    let expected = fs::read_to_string(Path::new(GOLDEN).join("store-1-scores.json")).unwrap();
    for is_rebuilt in [false, true] {
        let bench = Bench::new();
        copy_folder(&Path::new(GOLDEN).join("store-1"), &bench.path("sweetspot-data"));
        if is_rebuilt {
            fs::remove_dir_all(bench.path("sweetspot-data/rows")).unwrap();
            bench.ok("store repair --yes");
        }
        bench.ok("store check");
        assert_eq!(bench.ok("score prospects.csv --mapping mapping.toml --top 5 --json").stdout, expected);
        assert_eq!(bench.ok("hypothesis list --json").json().as_array().unwrap().len(), 1);
        assert_eq!(bench.ok("model history --json").json().as_array().unwrap().len(), 1);
        bench.ok("data versions");
    }
}
