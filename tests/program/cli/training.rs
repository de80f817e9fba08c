//! Training and its output.

use crate::cli::support::Bench;

#[test]
fn a_version_is_evaluated_before_it_is_promoted() {
    let bench = Bench::new();
    let run = bench.ok("train customers.csv --mapping mapping.toml");
    for part in [
        "What counts as ideal",
        "Quality, measured on customers the model had not seen",
        "AUC",
        "log-loss",
        "Brier score",
        "calibration error",
        "lift",
    ] {
        assert!(run.stdout.contains(part), "{part} is not in:\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    run.assert_stderr("imported 500 accounts").assert_stderr("sweetspot model promote 1");
    let score = bench.ok("score prospects.csv --mapping mapping.toml -o out.csv");
    score
        .assert_stderr("warning: no version")
        .assert_stderr("using candidate 1")
        .assert_stderr("sweetspot model promote 1");
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
    assert_eq!(trained["version"]["labelCard"]["policy"], "won");
    assert!(trained["promotion"].is_null());
    let attribute = trained["version"]["attributes"][0]["attribute"].as_str().unwrap().to_owned();
    let again = bench.ok(&format!("train --mapping mapping.toml --exclude {attribute} --seed 3 --json")).json();
    let attributes = again["version"]["attributes"].as_array().unwrap();
    assert!(attributes.iter().all(|other| other["attribute"] != attribute.as_str()));
    assert_eq!(again["version"]["seed"], "3");
}

#[test]
fn a_dataset_can_be_trained_on_after_import() {
    let bench = Bench::new();
    let answer = bench.ok("import customers.csv --mapping mapping.toml --dataset history --json").json();
    assert_eq!(
        (&answer["accounts"], &answer["dataset"]),
        (&"500".into(), &"workspaces/default/datasets/history".into())
    );
    bench.ok("train --dataset history --promote --quiet");
    bench.exits_with("train", 64 + 5).assert_stderr("[DATASET_NOT_FOUND]");
}

#[test]
fn a_proposed_mapping_can_be_used_for_training() {
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

/// Opportunities: the first four columns are those of an account, which has one to five of them; one random draw
/// determines most of its outcomes.
fn opportunities_csv(accounts: u64) -> String {
    let mut rows = vec!["id,account,employees,revenue,region,kind,won".to_owned()];
    let mix = |number: u64| {
        let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    };
    for account in 0..accounts {
        let own = mix(account + 1);
        let (employees, region) = (20 + own % 900, ["North", "South", "East", "West"][(own >> 20) as usize % 4]);
        let revenue = employees * 1000 + (own >> 30) % 100_000;
        for deal in 0..=(own >> 50) % 5 {
            let own_deal = mix(own ^ mix(deal + 1));
            let coin = if own_deal % 10 < 8 { own } else { own_deal };
            let won = if (coin >> 40) % 100 < 30 + u64::from(employees > 400) * 20 { "yes" } else { "no" };
            let kind = ["New", "More", "Again"][(own_deal >> 8) as usize % 3];
            rows.push(format!("{account}-{deal},firm {account},{employees},{revenue},{region},{kind},{won}"));
        }
    }
    rows.join("\n")
}

const OPPORTUNITIES_MAPPING: &str = r#"
id = "id"
attributes = ["employees", "revenue", "region", "kind"]
[outcome]
status = { column = "won", won = ["yes"], lost = ["no"] }
[label]
policy = "won"
"#;

#[test]
fn rows_of_one_account_count_as_one_unless_they_are_independent() {
    let bench = Bench::empty();
    let csv = opportunities_csv(700);
    bench.write("deals.csv", &csv);
    bench.write("mapping.toml", OPPORTUNITIES_MAPPING);
    let run = bench.ok("train deals.csv --mapping mapping.toml");
    let rows = csv.lines().count() - 1;
    let line = run.stdout.lines().find(|line| line.contains(" rows of ")).unwrap_or_else(|| panic!("{}", run.stdout));
    let thousands = format!("{},{:03} rows of ", rows / 1000, rows % 1000);
    assert!(line.contains(&thousands) && run.stdout.contains("rows look like"), "{}", run.stdout);
    let [honest, independent] = ["", "--independent-rows"].map(|flag| {
        bench.ok(&format!("train --mapping mapping.toml --json {flag}")).json()["version"]["evaluation"].clone()
    });
    let figure = |evaluation: &serde_json::Value, name: &str| {
        evaluation[name].as_f64().or_else(|| evaluation[name].as_str()?.parse().ok()).unwrap()
    };
    assert!((690.0..=710.0).contains(&figure(&honest, "accounts")), "{honest}");
    assert_eq!((&independent["accounts"], &independent["rows"]), (&rows.to_string().into(), &honest["rows"]));
    assert!(figure(&independent, "auc") > figure(&honest, "auc") + 0.05, "{independent} {honest}");
    assert!(independent["leaveValuesOut"].is_null());
    let declared = OPPORTUNITIES_MAPPING.replace("[label]", "group = \"account\"\n[label]");
    bench.write("mapping.toml", &declared);
    let declared = bench.ok("train deals.csv --mapping mapping.toml --json").json()["version"]["evaluation"].clone();
    assert_eq!(declared["accounts"], "700");
    assert!((figure(&declared, "auc") - figure(&honest, "auc")).abs() < 0.03, "{declared} {honest}");
}
