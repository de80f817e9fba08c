//! Versions, and which one is live.

use serde_json::Value;

use crate::cli::support::Bench;

#[test]
fn a_version_can_be_promoted_and_rolled_back() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --seed 5");
    let live = |bench: &Bench| {
        let versions = bench.ok("model list --json").json();
        let is_live =
            |version: &&Value| version["aliases"].as_array().is_some_and(|aliases| aliases.contains(&"live".into()));
        versions.as_array().unwrap().iter().find(is_live).unwrap()["name"].as_str().unwrap().to_owned()
    };
    assert!(live(&bench).ends_with("/1"));
    assert!(bench.ok("model promote --reason better").stdout.contains("versions/2 is now live"));
    assert!(live(&bench).ends_with("/2"));
    let rolled = bench.ok("model rollback --reason worse --json").json();
    assert!(rolled["toVersion"].as_str().unwrap().ends_with("/1"));
    assert!(live(&bench).ends_with("/1"));
    let history = bench.ok("model history --json").json();
    let reasons: Vec<_> = history.as_array().unwrap().iter().map(|entry| entry["reason"].clone()).collect();
    assert_eq!(reasons[..2], ["worse", "better"]);
    let table = bench.ok("model list").stdout;
    let versions = table.lines().filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit()));
    assert_eq!(versions.count(), 2, "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn a_version_is_found_by_number_alias_and_full_name() {
    let bench = Bench::trained();
    let full = "workspaces/default/models/default/versions/1";
    for name in ["", "1", "live", "candidate", full] {
        assert!(bench.ok(&format!("model show {name}")).stdout.starts_with(full), "{name}");
    }
}

#[test]
fn scores_can_be_pinned_to_a_version() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --label won --promote --override label_rule --override lost_attributes --reason test");
    bench.ok("score prospects.csv --mapping mapping.toml --version 1 -o one.csv");
    bench.ok("score prospects.csv --mapping mapping.toml --version previous -o previous.csv");
    bench.ok("score prospects.csv --mapping mapping.toml -o live.csv");
    assert_eq!(bench.read("one.csv"), bench.read("previous.csv"));
    assert!(bench.lines("live.csv")[1].ends_with("versions/2"));
}

#[test]
fn the_scorecard_is_json() {
    let bench = Bench::trained();
    assert!(bench.ok("model show --json").json()["base_log_odds"].is_number());
}

#[test]
fn workspaces_models_and_datasets_are_listed() {
    let bench = Bench::trained();
    for (line, row) in [("models", "default"), ("workspaces", "default"), ("data list", "default")] {
        let text = bench.ok(line).stdout;
        assert!(text.lines().any(|line| line.trim_start().starts_with(row)), "{line}: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    let models = bench.ok("models --json").json();
    assert_eq!(models[0]["liveVersion"], "workspaces/default/models/default/versions/1");
    assert_eq!(models[0]["versionCount"], "1");
    assert_eq!(bench.ok("workspaces --json").json(), serde_json::json!([{ "name": "workspaces/default" }]));
    assert_eq!(
        bench.ok("data list --json").json()[0]["currentVersion"],
        "workspaces/default/datasets/default/versions/1"
    );
    assert_eq!(bench.ok("models --json --workspace other").json(), serde_json::json!([]));
}

#[test]
fn versions_models_and_datasets_are_deleted() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --seed 5");
    bench.exits_with("model delete 1", 64 + 9).assert_stderr("VERSION_IN_USE").assert_stderr("it is live");
    assert_eq!(bench.ok("model delete candidate").stdout, "deleted version 2; the candidate is version 1\n");
    bench.exits_with("model show 2", 64 + 5).assert_stderr("was deleted on");
    bench.exits_with("data delete --all-versions", 64 + 9).assert_stderr("DATASET_VERSION_IN_USE");
    bench.exits_with("model delete", 2);
    let deleted = bench.ok("model delete --all-versions --reason done --json").json();
    assert_eq!(deleted["deleted"], "workspaces/default/models/default");
    bench.exits_with("score prospects.csv --mapping mapping.toml", 64 + 5).assert_stderr("was deleted on");
    bench.ok("data delete --all-versions");
    assert_eq!(bench.ok("workspaces --json").json(), serde_json::json!([]));
}

#[test]
fn versions_have_labels_descriptions_and_owners() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --seed 5 --set-label team=sales --set-label year=2026 --owner ann");
    let version = bench.ok("model label candidate team- keep=yes --json").json();
    assert_eq!(version["labels"], serde_json::json!({ "keep": "yes", "year": "2026" }));
    let text = bench.ok("model describe 2 --description second --owner ben").stdout;
    assert_eq!(text, "workspaces/default/models/default/versions/2\nsecond\nowner: ben\nlabels: keep=yes, year=2026\n");
    assert!(bench.ok("model show 2").stdout.contains("labels: keep=yes, year=2026"));
    bench.exits_with("model label 2 Team=x", 64 + 3).assert_stderr("INVALID_LABEL");
    bench.exits_with("model label 2 team", 2).assert_stderr("KEY=VALUE");
}
