//! Three versions, and every way to name, move and use them.

use serde_json::Value;

use crate::cli::score_table::ScoreTable;
use crate::cli::support::Bench;

const VERSION_PREFIX: &str = "workspaces/default/models/default/versions/";
const SCORE: &str = "score prospects.csv --mapping mapping.toml";

/// Three versions of one dataset, none of them live; 3 is the candidate.
fn bench_with_three_versions() -> Bench {
    let bench = Bench::new();
    let short = bench.lines("prospects.csv")[..61].join("\n");
    bench.write("prospects.csv", &short);
    bench.ok("train customers.csv --mapping mapping.toml");
    bench.ok("train --mapping mapping.toml --label won");
    bench.ok("train --mapping mapping.toml --label retained --exclude region");
    bench
}

/// Returns the number of the version that scores a list, and the probabilities.
fn score_with(bench: &Bench, flags: &str) -> (u32, Vec<f64>) {
    let scored = ScoreTable::read(&bench.ok(&format!("{SCORE} {flags}")).stdout);
    assert!(scored.versions.iter().all(|version| *version == scored.versions[0]));
    (scored.versions[0].strip_prefix(VERSION_PREFIX).unwrap().parse().unwrap(), scored.probabilities)
}

/// Returns the versions with this alias.
fn versions_with_alias(bench: &Bench, alias: &str) -> Vec<String> {
    let versions = bench.ok("model list --json").json();
    let has = |version: &&Value| version["aliases"].as_array().is_some_and(|aliases| aliases.contains(&alias.into()));
    let named = versions.as_array().unwrap().iter().filter(has);
    named.map(|version| version["name"].as_str().unwrap().replace(VERSION_PREFIX, "")).collect()
}

/// Returns the moves of `live` as from and to, newest first.
fn promotion_moves(bench: &Bench) -> Vec<(String, String, String)> {
    let history = bench.ok("model history --json").json();
    let live = |entry: &&Value| entry["alias"] == "live";
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().replace(VERSION_PREFIX, "");
    let entries = history.as_array().unwrap().iter().filter(live);
    entries.map(|entry| (text(entry, "fromVersion"), text(entry, "toVersion"), text(entry, "reason"))).collect()
}

/// The versions have different label policies, and one lacks an attribute.
const FORCE_FLAGS: &str = "--override label_rule --override lost_attributes --override auc_drop --override log_loss_rise \
    --override missing_values --reason";

#[test]
fn a_version_is_exported_as_a_scorecard_and_as_sql() {
    let bench = Bench::new();
    bench.ok("train customers.csv --mapping mapping.toml --promote");
    let scorecard = bench.ok("model export").json();
    assert_eq!(scorecard, bench.ok("model show --json").json());
    bench.ok("model export 1 --format sql --dialect spark --table crm.prospects --id-column id -o model.sql");
    let sql = bench.lines("model.sql");
    assert_eq!(sql[0], format!("-- Sweetspot model version {VERSION_PREFIX}1"));
    assert_eq!(sql[1], format!("-- SHA-256 {}", scorecard["artifact_sha256"].as_str().unwrap()));
    assert!(sql.iter().any(|line| line == "  FROM `crm`.`prospects`"), "{sql:?}");
    let short = bench.ok("model export --format sql --no-intervals --no-reasons").stdout;
    assert!(short.contains("Dialect: ansi") && !short.contains("AS low") && !short.contains("reason_1"));
    bench.exits_with("model export --format sql --table a..b", 67).assert_stderr("INVALID_NAME");
    bench.exits_with("model export --format sql --dialect mysql", 2);
}

#[test]
fn a_version_is_carried_into_another_store() {
    let staging = Bench::new();
    staging.ok("train customers.csv --mapping mapping.toml --promote");
    staging.ok("model export --format artifact -o version.sweetspot");
    let production = Bench::new();
    std::fs::copy(staging.path("version.sweetspot"), production.path("version.sweetspot")).unwrap();
    let imported = production.ok("model import version.sweetspot --set-label from=staging");
    let digest = staging.ok("model list --json").json()[0]["artifactSha256"].as_str().unwrap().to_owned();
    let expected = format!("imported as version 1, which is the candidate (SHA-256 {}...)\n", &digest[..12]);
    assert_eq!(imported.stdout, expected);
    imported.assert_stderr("to make it live: sweetspot model promote 1");
    production.ok("model promote 1");
    assert_eq!(production.ok(SCORE).stdout, staging.ok(SCORE).stdout);
    let needs_customers = production.exits_with("report -o report.html", 73);
    needs_customers.assert_stderr("versions/1 was imported").assert_stderr("[CUSTOMERS_ELSEWHERE]");
    production.ok("import customers.csv --mapping mapping.toml");
    production.ok("report -o report.html");
    production.write("damaged.sweetspot", "not a version");
    production
        .exits_with("model import damaged.sweetspot", 67)
        .assert_stderr("the content is not a complete and unchanged version");
    production.exits_with("model import missing.sweetspot", 1);
    assert_eq!(production.ok("model import version.sweetspot --json").json()["labels"], serde_json::Value::Null);
}

#[test]
fn versions_are_promoted_and_rolled_back_one_by_one() {
    let bench = bench_with_three_versions();
    assert_eq!(
        (versions_with_alias(&bench, "live"), versions_with_alias(&bench, "candidate")),
        (vec![], vec!["3".to_owned()])
    );
    for number in [1, 2, 3] {
        bench.ok(&format!("model promote {number} {FORCE_FLAGS} step-{number}"));
        assert_eq!(versions_with_alias(&bench, "live"), [number.to_string()]);
        assert_eq!(score_with(&bench, "").0, number);
    }
    assert_eq!(score_with(&bench, "--version previous").0, 2);
    for number in [2, 1] {
        let rolled = bench.ok("model rollback --reason back --json").json();
        assert_eq!(rolled["toVersion"], format!("{VERSION_PREFIX}{number}"));
        assert_eq!(score_with(&bench, "").0, number);
    }
    bench
        .exits_with("model rollback", 64 + 9)
        .assert_stderr("no earlier version to roll back to")
        .assert_stderr("[NOTHING_TO_ROLL_BACK]");
    let expected =
        [("2", "1", "back"), ("3", "2", "back"), ("2", "3", "step-3"), ("1", "2", "step-2"), ("", "1", "step-1")];
    assert_eq!(promotion_moves(&bench), expected.map(|(from, to, why)| (from.into(), to.into(), why.into())));
}

#[test]
fn every_name_of_a_version_scores_with_that_version() {
    let bench = bench_with_three_versions();
    let by_number = [1, 2, 3].map(|number| score_with(&bench, &format!("--version {number}")));
    assert!(by_number[0].1 != by_number[1].1 && by_number[1].1 != by_number[2].1);
    for number in [1_usize, 2, 3] {
        assert_eq!(by_number[number - 1].0 as usize, number);
        assert_eq!(score_with(&bench, &format!("--version {VERSION_PREFIX}{number}")), by_number[number - 1]);
    }
    assert_eq!(score_with(&bench, "--version candidate"), by_number[2]);
    assert_eq!(score_with(&bench, ""), by_number[2], "while none is live");
    bench.ok(&format!("model promote 2 {FORCE_FLAGS} a"));
    bench.ok(&format!("model promote 1 {FORCE_FLAGS} b"));
    assert_eq!(score_with(&bench, "--version live"), by_number[0]);
    assert_eq!(score_with(&bench, "--version previous"), by_number[1]);
    assert_eq!(score_with(&bench, ""), by_number[0]);
}

#[test]
fn a_pinned_version_scores_the_same_after_alias_moves() {
    let bench = bench_with_three_versions();
    let before = bench.ok(&format!("{SCORE} --version 1")).stdout;
    bench.ok(&format!("model promote 3 {FORCE_FLAGS} a"));
    bench.ok("train --mapping mapping.toml --seed 77");
    bench.ok(&format!("model promote {FORCE_FLAGS} b"));
    bench.ok("model rollback");
    assert_eq!(bench.ok(&format!("{SCORE} --version 1")).stdout, before);
    assert_eq!(versions_with_alias(&bench, "live"), ["3"]);
}

#[test]
fn missing_versions_are_reported_and_change_nothing() {
    let bench = bench_with_three_versions();
    let before = (bench.ok("model list --json").stdout, bench.ok("model history --json").stdout);
    for (line, code, told) in [
        (format!("{SCORE} --version 9 -o out.csv"), 64 + 5, "versions/9"),
        (format!("{SCORE} --version live -o out.csv"), 64 + 9, "[NO_LIVE_VERSION]"),
        (format!("{SCORE} --version previous -o out.csv"), 64 + 5, "[VERSION_NOT_FOUND]"),
        (format!("{SCORE} --version {VERSION_PREFIX}9 -o out.csv"), 64 + 5, "versions/9"),
        (format!("{SCORE} --version newest -o out.csv"), 2, "newest"),
        (format!("{SCORE} --version 0 -o out.csv"), 2, "is not a version"),
        (format!("{SCORE} --version -1 -o out.csv"), 2, "-1"),
        (format!("{SCORE} --model other -o out.csv"), 64 + 5, "[MODEL_NOT_FOUND]"),
        ("model promote 9".to_owned(), 64 + 5, "[VERSION_NOT_FOUND]"),
        ("model promote latest".to_owned(), 2, "is not a version"),
        ("model show 4".to_owned(), 64 + 5, "[VERSION_NOT_FOUND]"),
        ("explain prospects.csv --mapping mapping.toml --id P1 --version 9".to_owned(), 64 + 5, "[VERSION_NOT_FOUND]"),
        ("model rollback".to_owned(), 64 + 9, "[NO_LIVE_VERSION]"),
    ] {
        let run = bench.run(&line);
        assert_eq!(run.code, Some(code), "{line}: {}", run.stderr);
        run.assert_stderr(told);
        assert!(run.stdout.is_empty() && !bench.path("out.csv").exists(), "{line}");
    }
    assert_eq!((bench.ok("model list --json").stdout, bench.ok("model history --json").stdout), before);
}

#[test]
fn models_and_workspaces_are_isolated() {
    let bench = bench_with_three_versions();
    bench.ok("train customers.csv --mapping mapping.toml --workspace acme --model west --promote");
    assert_eq!(bench.ok("model list --json --workspace acme --model west").json().as_array().unwrap().len(), 1);
    assert_eq!(bench.ok("model list --json").json().as_array().unwrap().len(), 3);
    assert_eq!(versions_with_alias(&bench, "live"), Vec::<String>::new());
    let out = ScoreTable::read(&bench.ok(&format!("{SCORE} --workspace acme --model west")).stdout);
    assert!(out.versions.iter().all(|version| version == "workspaces/acme/models/west/versions/1"));
    let same = score_with(&bench, "--version 1").1;
    assert_eq!(out.probabilities, same, "the same data and seed give the same version");
}

#[test]
fn a_server_gives_the_very_same_scores_and_history() {
    let bench = bench_with_three_versions();
    bench.ok(&format!("model promote 2 {FORCE_FLAGS} first"));
    let (list, history) = (bench.ok("model list --json").stdout, bench.ok("model history --json").stdout);
    let scores = bench.ok(SCORE).stdout;
    let server = bench.serve();
    let at = |line: &str| bench.ok(&format!("{line} --server {}", server.url)).stdout;
    assert_eq!((at("model list --json"), at("model history --json"), at(SCORE)), (list, history, scores));
    at(&format!("model promote 1 {FORCE_FLAGS} second"));
    bench.exits_with(&format!("model show 9 --server {}", server.url), 64 + 5).assert_stderr("[VERSION_NOT_FOUND]");
    drop(server);
    assert_eq!(versions_with_alias(&bench, "live"), ["1"]);
}
