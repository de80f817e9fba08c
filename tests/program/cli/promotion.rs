//! Promotion checks in scripts.

use std::fmt::Write as _;

use serde_json::Value;
use sweetspot_ingest::synth;

use crate::cli::fixtures::TestTable;
use crate::cli::support::{Bench, Run, Server};

/// Returns the number of the live version.
fn live_version(bench: &Bench) -> u64 {
    let versions = bench.ok("model list --json").json();
    let is_live =
        |version: &&Value| version["aliases"].as_array().is_some_and(|aliases| aliases.contains(&"live".into()));
    let name = versions.as_array().unwrap().iter().find(is_live).unwrap()["name"].as_str().unwrap().to_owned();
    name.rsplit('/').next().unwrap().parse().unwrap()
}

/// Asserts exit code 4 with the name and the figures of the check, and that version 1 stays live.
fn assert_refused(bench: &Bench, line: &str) -> Run {
    let run = bench.exits_with(line, 4);
    run.assert_stderr("[PROMOTION_CHECK_FAILED]").assert_stderr("versions/2 is not promoted: promotion check ");
    assert_eq!(live_version(bench), 1);
    run
}

fn customers(bench: &Bench) -> TestTable {
    TestTable::read(&bench.read("customers.csv"))
}

#[test]
fn two_emptied_columns_exit_with_4_and_keep_the_live_version() {
    let bench = Bench::new();
    // With fewer customers the drop could be chance.
    bench.write("customers.csv", &synth::customers(11, 1_500));
    bench.ok("train customers.csv --mapping mapping.toml --promote");
    let scores = bench.ok("score prospects.csv --mapping mapping.toml").stdout;
    let empty = |_: usize, _: &str| String::new();
    let emptied = customers(&bench).map_column("employees", empty).map_column("pain", empty);
    bench.write("emptied.csv", &emptied.csv());
    let run = assert_refused(&bench, "train emptied.csv --mapping mapping.toml --promote");
    run.assert_stderr("promotion check auc_drop failed: AUC 0.")
        .assert_stderr(" of live version 1, on the same ")
        .assert_stderr("(95% interval -0.");
    run.assert_stderr("promotion check lost_attributes failed: live version 1 uses \"employees\"");
    assert!(run.stdout.contains("versions/2"), "trained all the same: {}", run.stdout);
    assert_eq!(bench.ok("score prospects.csv --mapping mapping.toml").stdout, scores);
    assert_refused(&bench, "model promote 2");
    let history = bench.ok("model history --json").json();
    let what = |entry: usize, key: &str| history[entry][key].clone();
    assert_eq!((what(0, "kind"), what(0, "actor")), ("PROMOTION_KIND_REFUSED".into(), "unknown".into()));
    assert!(what(1, "failedChecks").as_array().unwrap().contains(&"auc_drop".into()));
    assert_eq!(what(2, "kind"), "PROMOTION_KIND_PROMOTED");
}

#[test]
fn a_poorer_mapping_exits_with_4_and_keeps_the_live_version() {
    let bench = Bench::trained();
    let poorer = bench.read("mapping.toml").replace("    \"employees\",\n", "").replace("    \"pain\",\n", "");
    bench.write("poorer.toml", &poorer);
    let run = assert_refused(&bench, "train customers.csv --mapping poorer.toml --promote");
    run.assert_stderr("promotion check lost_attributes failed: live version 1 uses \"employees\"");
    assert_eq!(live_version(&bench), 1);
}

#[test]
fn checks_are_overridden_one_by_one_and_the_history_keeps_who_and_why() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --label won");
    assert_refused(&bench, "model promote --override auc_drop=odd").assert_stderr("promotion check label_rule failed");
    bench.exits_with("model promote --override label_rule", 2).assert_stderr("--override label_rule needs a reason");
    bench.exits_with("model promote --override age=old", 64 + 3).assert_stderr("[UNKNOWN_CHECK]");
    let promote =
        "model promote --override label_rule=asked-by-sales --override lost_attributes --reason trial --by Ann";
    let run = bench.ok(promote);
    assert!(run.stdout.contains("overridden: label_rule (asked-by-sales)"), "{}", run.stdout);
    assert!(run.stdout.contains("tiers: reset"), "{}", run.stdout);
    let history = bench.ok("model history --json").json();
    assert_eq!((&history[0]["actor"], &history[0]["reason"]), (&"Ann".into(), &"trial".into()));
    assert_eq!(history[0]["overrides"][0]["reason"], "asked-by-sales");
    let table = bench.ok("model history").stdout;
    assert!(table.contains("refused:") && table.lines().all(|line| line.chars().count() <= 80), "{table}");
    bench.ok("model rollback --by Ben --reason worse");
    assert_eq!(bench.ok("model history --json").json()[0]["actor"], "Ben");
}

#[test]
fn thresholds_are_set_and_reset_for_a_model() {
    let bench = Bench::trained();
    let threshold = |name: &str| {
        let checks = bench.ok("model checks --json").json();
        let found = checks.as_array().unwrap().iter().find(|check| check["thresholdName"] == name).unwrap();
        found["threshold"].as_f64().unwrap()
    };
    assert_eq!(threshold("max_auc_drop"), 0.0);
    let table = bench.ok("model checks --set max_auc_drop=0.25 --set min_auc=0.999 --by Ann --reason strict").stdout;
    assert!(table.contains("0.25 (default 0)") && table.lines().all(|line| line.chars().count() <= 80), "{table}");
    bench.ok("train --mapping mapping.toml --seed 5");
    assert_refused(&bench, "model promote")
        .assert_stderr("promotion check min_auc failed: the AUC 0.")
        .assert_stderr("is below min_auc 0.999");
    bench.ok("model checks --reset min_auc");
    assert_eq!((threshold("min_auc"), threshold("max_auc_drop")), (0.0, 0.25));
    bench.ok("model promote");
    bench
        .exits_with("model checks --set max_auc_drop=2", 64 + 3)
        .assert_stderr("[INVALID_THRESHOLD]")
        .assert_stderr("must be between 0 and 1");
    bench.exits_with("model checks --set age=2", 64 + 3).assert_stderr("unknown threshold \"age\"");
    bench.exits_with("model checks --set age", 2);
}

#[test]
fn keep_tiers_keeps_the_tier_thresholds() {
    let bench = Bench::trained();
    let cuts = |version: u32| bench.ok(&format!("model show {version} --json")).json()["tiers"].clone();
    bench.ok("train --mapping mapping.toml --seed 5");
    assert_ne!(cuts(1), cuts(2));
    let run = bench.ok("model promote --keep-tiers");
    assert!(run.stdout.contains("tiers: kept"), "{}", run.stdout);
    assert_eq!(cuts(1), cuts(2));
    assert_eq!(bench.ok("model history --json").json()[0]["tiers"], "PROMOTION_TIERS_KEPT");
}

#[test]
fn two_versions_are_compared_as_text_json_and_markdown() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --exclude employees");
    let text = bench.ok("model compare").stdout;
    for part in
        ["challenger: ", "on the same ", "AUC", "log-loss", "from A", "Accounts that move most", "lost_attributes"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let json = bench.ok("model compare 1 2 --json --movers 3").json();
    let auc =
        |version: &str| bench.ok(&format!("model show {version} --json")).json()["evaluation"]["auc"].as_f64().unwrap();
    assert_eq!(json["figures"]["auc"]["champion"].as_f64().unwrap(), auc("1"));
    assert_eq!(json["figures"]["auc"]["challenger"].as_f64().unwrap(), auc("2"));
    assert_eq!(json["movers"].as_array().unwrap().len(), 3);
    assert!(
        json["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["attribute"] == "employees" && one["kind"] == "KIND_LOST")
    );
    let markdown = bench.ok("model compare --format md").stdout;
    assert!(markdown.starts_with("# Champion against challenger"), "{markdown}");
    let prospects =
        bench.ok("model compare --accounts prospects.csv --mapping mapping.toml --json --keep-tiers").json();
    assert_eq!((prospects["accounts"].as_str(), prospects["tiersKept"].as_bool()), (Some("1203"), Some(true)));
    let report = bench.ok("report --version 2 --champion live --format md").stdout;
    assert!(report.contains("Champion against challenger"));
    // Without a mapping, headings are matched as `score` matches them.
    let list = bench.read("prospects.csv");
    let (header, rows) = list.split_once('\n').unwrap();
    bench.write("shouted.csv", &format!("{}\n{rows}", header.to_uppercase().replace('_', " ")));
    let [plain, shouted] = ["prospects.csv", "shouted.csv"]
        .map(|file| bench.ok(&format!("model compare --accounts {file} --json")).json()["tierMoves"].clone());
    assert_eq!(plain, shouted);
    bench.write("strange.csv", "id,colour\n1,red\n");
    bench
        .exits_with("model compare --accounts strange.csv", 3)
        .assert_stderr("no column of strange.csv is an attribute of the model");
    bench.exits_with("model compare 1 9", 64 + 5).assert_stderr("[VERSION_NOT_FOUND]");
    bench.exits_with("model compare --dataset other", 64 + 5).assert_stderr("[DATASET_NOT_FOUND]");
    bench.exits_with("model compare --movers 0", 2);
}

/// 800 customers of whom those that are large in both ways, or in neither, buy most: the effect of each way depends on
/// the other, which a model with a monotonicity constraint for each cannot represent. Its probabilities are
/// significantly wrong.
fn uncalibrated_csv() -> String {
    let mut file = "id,employees,sites,stage\n".to_owned();
    for row in 0..800_usize {
        let (large, wide, number) = (row % 2, row / 2 % 2, row / 4);
        let employees = (50 * large) as f64 + (row * 7_919 % 5_000) as f64 / 100.0;
        let sites = (50 * wide) as f64 + (row * 4_729 % 5_000) as f64 / 100.0;
        let of_ten = [3, 1, 9][large + wide];
        let stage = if number % 10 < of_ten { "won" } else { "lost" };
        writeln!(file, "c-{row},{employees},{sites},{stage}").unwrap();
    }
    file
}

const UNCALIBRATED_MAPPING: &str = r#"
id = "id"
attributes = ["employees", "sites"]
[outcome]
status = { column = "stage", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;

#[test]
fn uncalibrated_probabilities_exit_with_4_and_the_log_names_actor_and_reason() {
    let bench = Bench::empty();
    bench.write("customers.csv", &uncalibrated_csv());
    bench.write("mapping.toml", UNCALIBRATED_MAPPING);
    let mut serve = bench.command("serve --listen 127.0.0.1:0");
    serve.env("SWEETSPOT__LOG__FORMAT", "json");
    let server = Server::start_with(serve).unwrap();
    let to = format!("--server {}", server.url);
    let train = "train --mapping mapping.toml --increasing employees --increasing sites --independent-rows";
    bench.ok(&format!("import customers.csv --mapping mapping.toml {to}"));
    bench
        .exits_with(&format!("{train} --promote --by Ann --reason first {to}"), 4)
        .assert_stderr("[PROMOTION_CHECK_FAILED]")
        .assert_stderr("promotion check calibration failed: the calibration error is 0.")
        .assert_stderr("more than max_calibration_error 0.05 and the 0.");
    bench.ok(&format!("model promote 1 --override calibration=known --by Ben --reason trial {to}"));
    bench.ok(&format!("{train} --seed 5 --promote --override calibration --by Cem --reason newer {to}"));
    bench.ok(&format!("model rollback --by Dora --reason worse {to}"));
    bench.ok(&format!("model checks --set max_calibration_error=0.5 --by Eve --reason lenient {to}"));
    let log = server.stop("-TERM").stderr;
    let events: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let logged = |message: &str, by: &str| {
        let mut found = events.iter().filter(|event| event["message"] == message && event["by"] == by);
        let event = found.next().unwrap_or_else(|| panic!("{message} by {by} is not in:\n{log}"));
        assert!(found.next().is_none(), "{message} by {by} twice:\n{log}");
        event
    };
    let refusal = logged("promotion refused", "Ann");
    assert_eq!(
        (&refusal["level"], &refusal["reason"], &refusal["checks"]),
        (&"WARN".into(), &"first".into(), &"calibration".into())
    );
    let why = refusal["why"].as_str().unwrap();
    assert!(why.contains("promotion check calibration failed: the calibration error is 0."), "{why}");
    assert_eq!(refusal["version"], "workspaces/default/models/default/versions/1");
    for (message, by, reason, from, to, overridden) in [
        ("version promoted", "Ben", "trial", Value::Null, 1, "calibration"),
        ("version promoted", "Cem", "newer", 1.into(), 2, "calibration"),
        ("version rolled back", "Dora", "worse", 2.into(), 1, ""),
    ] {
        let event = logged(message, by);
        assert_eq!((&event["reason"], &event["overrides"]), (&reason.into(), &overridden.into()), "{event}");
        assert_eq!((&event["alias"], &event["to"]), (&"live".into(), &to.into()), "{event}");
        assert_eq!(event.get("from").unwrap_or(&Value::Null), &from, "{event}");
    }
    let thresholds = logged("thresholds of promotion checks were set", "Eve");
    assert_eq!((&thresholds["reason"], &thresholds["set"]), (&"lenient".into(), &"max_calibration_error=0.5".into()));
}
