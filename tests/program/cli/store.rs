//! `store`: statistics, unused files, backups, and stores that are restored from them.

use std::fs;
use std::process::Stdio;

use crate::cli::support::{Bench, Run};

fn scores(bench: &Bench, store: &str) -> String {
    bench.ok(&format!("score prospects.csv --mapping mapping.toml --store {store} --json")).stdout
}

#[test]
fn the_statistics_fit_the_page_and_are_json_too() {
    let bench = Bench::trained();
    let text = bench.ok("store stats").stdout;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for part in ["model versions", "free on the disk", "files in all"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let stats = bench.ok("store stats --json").json();
    let groups = stats["groups"].as_array().unwrap();
    assert!(groups.iter().any(|group| group["kind"] == "model versions" && group["records"] == "1"), "{stats}");
    bench.exits_with("store stats --store missing", 1).assert_stderr("there is no store");
}

#[test]
fn unused_files_are_removed() {
    let bench = Bench::trained();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let unused = bench.path("sweetspot-data/blobs/e3").join(digest);
    fs::create_dir_all(unused.parent().unwrap()).unwrap();
    fs::write(&unused, "").unwrap();
    let young = bench.ok("store gc").stdout;
    assert!(young.starts_with("removed 0 files") && young.contains("too new to remove: 1 file, 0 bytes"), "{young}");
    let dry = bench.ok("store gc --dry-run --min-age 0s").stdout;
    assert!(dry.starts_with("would remove 1 file, 0 bytes") && unused.exists(), "{dry}");
    let removed = bench.ok("store gc --min-age 0s --json").json();
    assert_eq!(removed["removed"]["count"], "1");
    assert!(!unused.exists());
    bench.exits_with("store gc --min-age yesterday", 2).assert_stderr("give an age");
    bench.ok("score prospects.csv --mapping mapping.toml");
}

#[test]
fn a_store_is_backed_up_and_restored_in_each_form() {
    let bench = Bench::trained();
    let expected = scores(&bench, "sweetspot-data");
    bench.ok("store backup files").assert_stderr("1 model version, 1 dataset version");
    bench.ok("store backup --output one.tar");
    let piped = bench.command("store backup --output -").stdout(Stdio::piped()).output().unwrap();
    assert!(piped.status.success());
    fs::write(bench.path("piped.tar"), piped.stdout).unwrap();
    for (number, source) in ["files", "one.tar", "piped.tar"].into_iter().enumerate() {
        let restored = bench.ok(&format!("store restore {source} --store restored-{number}"));
        assert!(restored.stdout.contains("model versions"), "{}", restored.stdout);
        assert_eq!(scores(&bench, &format!("restored-{number}")), expected);
    }
    let mut command = bench.command("store restore - --store restored-3 --json");
    command.stdin(fs::File::open(bench.path("one.tar")).unwrap());
    let restored = Run::from_output(&command.output().unwrap());
    assert_eq!((restored.code, restored.json()["files"]["count"].as_str()), (Some(0), Some("3")));
    assert_eq!(scores(&bench, "restored-3"), expected);
}

#[test]
fn a_backup_replaces_nothing() {
    let bench = Bench::trained();
    bench.ok("store backup files");
    bench.exits_with("store backup files", 1).assert_stderr("files is not empty");
    bench.exits_with("store restore files", 1).assert_stderr("sweetspot-data is not empty");
    bench.exits_with("store restore files --server 127.0.0.1:1 --store new", 2).assert_stderr("--store");
    bench.exits_with("store backup", 2);
    bench.exits_with("store backup files --output one.tar", 2);
    bench.exits_with("store restore nothing --store new", 1).assert_stderr("cannot read nothing");
}

#[test]
fn damaged_and_foreign_backups_are_data_errors() {
    let bench = Bench::trained();
    bench.ok("store backup files");
    let sums = bench.read("files/SHA256SUMS");
    let path = sums.lines().find_map(|line| line.split("  ").nth(1).filter(|path| path.starts_with("blobs/"))).unwrap();
    let mut bytes = fs::read(bench.path("files").join(path)).unwrap();
    bytes[3] ^= 1;
    fs::write(bench.path("files").join(path), bytes).unwrap();
    bench.exits_with("store restore files --store new", 3).assert_stderr(path);
    fs::remove_file(bench.path("files/SHA256SUMS")).unwrap();
    bench.exits_with("store restore files --store new", 3).assert_stderr("SHA256SUMS is missing");
    bench.exits_with("store restore sweetspot-data --store new", 3).assert_stderr("manifest.json is missing");
    let left: Vec<_> = fs::read_dir(bench.path("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn a_backup_without_damaged_files_names_them_and_so_does_its_restore() {
    let bench = Bench::trained();
    let digest = bench.ok("model list --json").json()[0]["dataSha256"].as_str().unwrap().to_owned();
    let path = bench.path("sweetspot-data/blobs").join(&digest[..2]).join(&digest);
    let mut bytes = fs::read(&path).unwrap();
    bytes[3] ^= 1;
    fs::write(&path, bytes).unwrap();
    let refused = bench.exits_with("store backup files", 79);
    refused.assert_stderr(&digest).assert_stderr("--skip-damaged").assert_stderr("dataset version");
    bench.exits_with("store backup --output one.tar", 79).assert_stderr(&digest);
    assert!(!bench.path("one.tar").exists());
    for target in ["files", "--output one.tar"] {
        let done = bench.ok(&format!("store backup --skip-damaged {target} --quiet"));
        assert!(done.stderr.lines().all(|line| line.chars().count() <= 80), "{}", done.stderr);
        done.assert_stderr("1 file that was damaged or missing").assert_stderr(&digest).assert_stderr("used by");
    }
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("files/manifest.json")).unwrap();
    assert_eq!(manifest["skipped"]["first"][0]["sha256"], digest);
    for (number, source) in ["files", "one.tar"].into_iter().enumerate() {
        let restored = bench.ok(&format!("store restore {source} --store restored-{number}"));
        restored.assert_stderr("does not contain 1 file").assert_stderr(&digest);
        let found = bench.exits_with(&format!("store check --store restored-{number}"), 3).stdout;
        assert!(
            found.split_whitespace().collect::<Vec<_>>().join(" ").contains("(customers): it is missing"),
            "{found}"
        );
        bench.ok(&format!("score prospects.csv --mapping mapping.toml --store restored-{number}"));
    }
}
