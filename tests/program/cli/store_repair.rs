//! `store check` and `store repair`: damaged stores are described, repaired, and then intact.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::support::Bench;

const STORE: &str = "sweetspot-data";

fn scores(bench: &Bench) -> String {
    bench.ok("score prospects.csv --mapping mapping.toml --json").stdout
}

/// Returns the path of a blob, by the field of the version with its digest.
fn blob(bench: &Bench, field: &str) -> PathBuf {
    let versions = bench.ok("model list --json").json();
    let digest = versions[0][field].as_str().unwrap().to_owned();
    bench.path(STORE).join("blobs").join(&digest[..2]).join(digest)
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Returns the faults that a check reports.
fn faults(bench: &Bench) -> Vec<Value> {
    let checked = bench.run("store check --json");
    let faults = checked.json()["faults"].as_array().unwrap().clone();
    assert_eq!(checked.code, Some(if faults.is_empty() { 0 } else { 3 }), "{}", checked.stderr);
    faults
}

#[test]
fn an_intact_store_is_checked_in_full() {
    let bench = Bench::trained();
    let checked = bench.ok("store check").stdout;
    assert!(checked.lines().all(|line| line.chars().count() <= 80), "{checked}");
    for part in ["journal records", "model versions", "files of models", "files of customers", "nothing is wrong"] {
        assert!(checked.contains(part), "{part}: {checked}");
    }
    let kinds = bench.ok("store check --json").json()["kinds"].as_array().unwrap().clone();
    let models = kinds.iter().find(|kind| kind["kind"] == "files of models").unwrap();
    assert_eq!((models["count"].as_u64(), models["damaged"].as_u64()), (Some(1), Some(0)));
    let repaired = bench.ok("store repair --yes").stdout;
    assert!(repaired.contains("need no repair"), "{repaired}");
    bench.exits_with("store check --server 127.0.0.1:1", 2).assert_stderr("--store");
    bench.exits_with("store check --store missing", 1).assert_stderr("missing");
}

#[test]
fn lost_rows_are_rebuilt_from_the_journal() {
    let bench = Bench::trained();
    let expected = scores(&bench);
    fs::remove_dir_all(bench.path(STORE).join("rows")).unwrap();
    bench.exits_with("model list", 1).assert_stderr("sweetspot store repair");
    let found = faults(&bench);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["what"].as_str().unwrap().starts_with("rows: "), "{found:?}");
    let planned = bench.ok("store repair").stdout;
    assert!(planned.contains("rebuild the rows") && planned.contains("--yes"), "{planned}");
    assert_eq!(faults(&bench), found, "nothing was changed");
    bench.ok("store repair --yes");
    assert!(faults(&bench).is_empty());
    assert_eq!(scores(&bench), expected);
}

#[test]
fn a_damaged_journal_is_written_again_and_stays_beside_it() {
    let bench = Bench::trained();
    let expected = scores(&bench);
    flip(&bench.path(STORE).join("journal"), 100);
    bench.exits_with("model list", 1).assert_stderr("journal").assert_stderr("sweetspot store repair");
    let repaired = bench.ok("store repair --yes --json").json();
    assert!(repaired["replaced"][0].as_str().unwrap().ends_with("journal.damaged-1"), "{repaired}");
    assert!(faults(&bench).is_empty());
    assert_eq!(scores(&bench), expected);
}

#[test]
fn a_loss_must_be_accepted() {
    let bench = Bench::trained();
    let journal = bench.path(STORE).join("journal");
    let bytes = fs::read(&journal).unwrap();
    // In a record in the middle.
    flip(&journal, bytes.len() / 2);
    fs::remove_file(bench.path(STORE).join("rows/db")).unwrap();
    for line in ["store repair", "store repair --json"] {
        let planned = bench.run(line);
        assert!(planned.stdout.contains("the changes after number"), "{planned:?}");
    }
    bench.exits_with("store repair --yes", 3).assert_stderr("--accept-loss");
    assert!(!faults(&bench).is_empty());
    bench.exits_with("store repair --accept-loss", 2);
    let repaired = bench.run("store repair --yes --accept-loss");
    assert!(repaired.stdout.contains("lost: the changes after number"), "{repaired:?}");
    bench.run("model list").assert_stderr("");
    assert!(bench.path(STORE).join("rows/db").exists());
}

#[test]
fn damaged_and_missing_blobs_name_what_needs_them_and_what_to_do() {
    let bench = Bench::trained();
    let (model, customers) = (blob(&bench, "artifactSha256"), blob(&bench, "dataSha256"));
    flip(&model, 50);
    fs::remove_file(&customers).unwrap();
    let found = faults(&bench);
    assert_eq!(found.len(), 2, "{found:?}");
    for (path, kind, affected, remedy) in [
        (&model, "model", "model version workspaces/default/models/default/versions/1", "train"),
        (&customers, "customers", "dataset version workspaces/default/datasets/default/versions/1", "import"),
    ] {
        let digest = path.file_name().unwrap().to_str().unwrap();
        let fault = found.iter().find(|fault| fault["what"].as_str().unwrap().contains(digest)).unwrap();
        assert!(fault["what"].as_str().unwrap().contains(kind), "{fault}");
        assert!(fault["affects"].as_array().unwrap().iter().any(|one| one == affected), "{fault}");
        assert!(fault["remedy"].as_str().unwrap().contains(remedy), "{fault}");
    }
    let repaired = bench.exits_with("store repair --yes", 3);
    repaired.assert_stderr("2 faults that repair cannot mend");
    assert!(repaired.stdout.contains("affects: "), "{}", repaired.stdout);
    bench.ok("train customers.csv --mapping mapping.toml --promote --override signal --reason test");
}
