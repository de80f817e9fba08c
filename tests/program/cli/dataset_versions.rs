//! `data versions`, `show`, `restore`, `delete`, and the effects of training on the dataset that it learns from.

use sweetspot_ingest::synth;

use crate::cli::support::Bench;

/// The number of the dataset's current version.
fn current_version(bench: &Bench) -> u64 {
    let shown = bench.ok("data show --json").json();
    assert_eq!(shown["current"], true);
    shown["name"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

/// Customers that were all won, so that nothing can be learned from them.
fn customers_all_won() -> String {
    let customers = synth::customers(13, 120);
    let rows = customers.lines().enumerate().filter(|(row, line)| *row == 0 || line.contains(",won,"));
    rows.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// Customers whose attributes are unrelated to the outcome.
fn noise_csv() -> String {
    let row = |row: usize| {
        let stage = if row * 31 % 7 < 3 { "won" } else { "lost" };
        format!("c{row},{},{stage}\n", row * 7919 % 101)
    };
    std::iter::once("id,noise,stage\n".to_owned()).chain((0..200).map(row)).collect()
}

const NOISE_MAPPING: &str = r#"
id = "id"
attributes = ["noise"]
[outcome]
status = { column = "stage", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;

#[test]
fn a_failed_training_keeps_the_current_dataset_version() {
    let bench = Bench::trained();
    bench.write("won.csv", &customers_all_won());
    let before = bench.ok("data show --json").json();
    let failed = bench.run("train won.csv --mapping mapping.toml --label won");
    assert!(failed.code.is_some_and(|code| code > 64), "{failed:?}");
    failed.assert_stderr("sweetspot data restore 2").assert_stderr("stays the same");
    assert_eq!(bench.ok("data show --json").json(), before);
    bench.ok("train --mapping mapping.toml");
    bench.write("more.csv", &synth::customers(14, 300));
    bench.ok("train more.csv --mapping mapping.toml");
    assert_eq!(current_version(&bench), 3, "a training that goes well makes its customers the current ones");
    let text = bench.ok("data versions").stdout;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let listed = bench.ok("data versions --json").json();
    let counts: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["modelVersionCount"].as_str()).collect();
    assert_eq!(counts, [Some("1"), None, Some("2")]);
}

#[test]
fn a_refused_promotion_keeps_the_current_dataset_version() {
    let bench = Bench::trained();
    bench.write("noise.csv", &noise_csv());
    bench.write("noise.toml", NOISE_MAPPING);
    let refused = bench.exits_with("train noise.csv --mapping noise.toml --promote", 4);
    refused.assert_stderr("sweetspot data restore 2");
    assert_eq!(current_version(&bench), 1);
    // Other companies and another label policy: nearly every check fails.
    let checks =
        ["signal", "auc_drop", "log_loss_rise", "lost_attributes", "missing_values", "label_rate", "label_rule"];
    let overrides = checks.map(|check| format!(" --override {check}")).concat();
    bench.ok(&format!("train noise.csv --mapping noise.toml --promote{overrides} --reason test"));
    assert_eq!(current_version(&bench), 3);
}

#[test]
fn versions_are_shown_restored_and_deleted() {
    let bench = Bench::trained();
    bench.ok("import customers.csv --mapping mapping.toml");
    let staged = bench.ok("import customers.csv --mapping mapping.toml --stage --json").json();
    assert_eq!((staged.get("current"), current_version(&bench)), (None, 2));
    assert!(bench.ok("data restore 3").stdout.contains("dataset default is now at version 3: 500 accounts"));
    assert_eq!(current_version(&bench), 3);
    assert!(bench.ok("data show 1").stdout.contains("used by workspaces/default/models/default/versions/1"));
    bench.exits_with("data delete 1", 64 + 9).assert_stderr("DATASET_VERSION_IN_USE");
    assert_eq!(bench.ok("data delete 2").stdout.trim(), "deleted version 2 of dataset default");
    assert!(bench.ok("data delete 3").stdout.contains("it holds none now"));
    bench.exits_with("train --mapping mapping.toml", 64 + 5).assert_stderr("DATASET_EMPTY");
    bench.ok("train --mapping mapping.toml --dataset-version 1");
    bench.exits_with("data show 2", 64 + 5).assert_stderr("DATASET_VERSION_NOT_FOUND");
}

#[test]
fn a_validating_import_reports_that_and_stores_nothing() {
    let bench = Bench::new();
    let text = bench.ok("import customers.csv --mapping mapping.toml --validate-only").stdout;
    assert!(text.contains("500 accounts") && text.contains("can be imported"), "{text}");
    bench.exits_with("data show", 64 + 5).assert_stderr("DATASET_NOT_FOUND");
}

#[test]
fn a_validating_training_refuses_as_a_training_does_and_trains_nothing() {
    let bench = Bench::trained();
    let text = bench.ok("train --mapping mapping.toml --validate-only").stdout;
    assert!(text.contains("datasets/default/versions/1 can be trained on"), "{text}");
    for line in ["--exclude nowhere", "--increasing country", "--label won --dataset other"] {
        let refused = bench.run(&format!("train --mapping mapping.toml {line} --validate-only"));
        let trained = bench.run(&format!("train --mapping mapping.toml {line}"));
        assert_eq!((refused.code, refused.stderr), (trained.code, trained.stderr), "{line}");
        assert!(refused.code.is_some_and(|code| code > 64), "{line}");
    }
    assert_eq!(bench.ok("model list --json").json().as_array().unwrap().len(), 1);
}
