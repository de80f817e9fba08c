//! Training, and what is said about it.

use crate::support::Bench;

#[test]
fn it_is_judged_before_it_is_live() {
    let bench = Bench::new();
    let run = bench.ok("train customers.csv --mapping mapping.toml");
    for part in
        ["What counts as ideal", "How good it is", "AUC", "log-loss", "Brier score", "calibration error", "lift"]
    {
        assert!(run.stdout.contains(part), "{part} is not in:\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    run.says("imported 500 accounts").says("sweetspot model promote 1");
    let score = bench.ok("score prospects.csv --mapping mapping.toml -o out.csv");
    score.says("warning: no version").says("using candidate 1").says("sweetspot model promote 1");
    bench.ok("model promote 1");
    let score = bench.ok("score prospects.csv --mapping mapping.toml -o out.csv");
    assert!(!score.stderr.contains("warning"), "{}", score.stderr);
}

#[test]
fn the_same_data_and_seed_give_the_same_scorecard() {
    let (one, other) = (Bench::trained(), Bench::trained());
    assert_eq!(one.ok("model show --json").stdout, other.ok("model show --json").stdout);
}

#[test]
fn flags_win_over_the_mapping() {
    let bench = Bench::new();
    let trained = bench.ok("train customers.csv --mapping mapping.toml --label won --json").json();
    assert_eq!(trained["version"]["label_card"]["policy"], "won");
    assert!(trained["promotion"].is_null());
    let attribute = trained["version"]["attributes"][0]["attribute"].as_str().unwrap().to_owned();
    let again = bench.ok(&format!("train --mapping mapping.toml --exclude {attribute} --seed 3 --json")).json();
    let attributes = again["version"]["attributes"].as_array().unwrap();
    assert!(attributes.iter().all(|other| other["attribute"] != attribute.as_str()));
    assert_eq!(again["version"]["seed"], 3);
}

#[test]
fn a_dataset_is_trained_on_as_it_was_imported() {
    let bench = Bench::new();
    let answer = bench.ok("import customers.csv --mapping mapping.toml --dataset history --json").json();
    assert_eq!((&answer["accounts"], &answer["dataset"]), (&500.into(), &"workspaces/default/datasets/history".into()));
    bench.ok("train --dataset history --promote --quiet");
    bench.ends("train", 64 + 5).says("[DATASET_NOT_FOUND]");
}

#[test]
fn a_proposed_mapping_can_be_trained_with() {
    let bench = Bench::new();
    let run = bench.ok("data check customers.csv -o proposed.toml");
    assert!(run.stdout.contains("500 rows"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    bench.ok("train customers.csv --mapping proposed.toml");
    bench.ok("data check customers.csv --mapping proposed.toml");
    let profile = bench.ok("data check customers.csv --json").json();
    assert_eq!(profile["rows"], 500);
    assert_eq!(profile["mapping"].as_str().unwrap(), bench.read("proposed.toml"));
}
