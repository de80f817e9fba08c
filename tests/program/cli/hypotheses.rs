//! Hypotheses from a file: before there are customers, and tested against them.

use sweetspot_ingest::synth;

use crate::cli::support::Bench;

const HYPOTHESES: &str = r#"# What we think makes a good customer.
[[hypothesis]]
id = "fintech"
statement = "Fintech companies buy what we sell"
when = { attribute = "industry", any_of = ["Fintech", "Insurance"] }
odds_ratio = 4.0
confidence_customers = 20
author = "Ann"
expires = 2999-01-01

[[hypothesis]]
id = "tiny"
statement = "Tiny companies cannot pay"
when = { attribute = "employees", below = 10 }
odds_ratio = 0.2
confidence_customers = 50

[[hypothesis]]
id = "old news"
when = { attribute = "industry", any_of = ["Retail"] }
odds_ratio = 3
confidence_customers = 50
expires = 2001-01-01
"#;

#[test]
fn hypotheses_of_the_definition_train_without_customers() {
    let bench = Bench::empty();
    bench.ok("hypothesis add sap --attribute tools --is SAP --odds 3 --worth 20 --by Ann --statement Mature");
    bench.ok("finding add gap --text Closing_takes_a_week --spiced pain --by Ann");
    bench.ok("train");
    bench.exits_with("train --dataset none", 69).assert_stderr("DATASET_NOT_FOUND");
    let page = bench.ok("report --version 1 --format md").stdout;
    for part in ["How sure: not tested", "believed by Ann, not tested", "Closing\\_takes\\_a\\_week"] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
}

#[test]
fn hypotheses_alone_train_and_score_without_any_import() {
    let bench = Bench::empty();
    bench.write("beliefs.toml", HYPOTHESES);
    bench.write("p.csv", "id,industry,employees\na,FINTECH,500\nb,Mining,3\nc,Mining,\n");
    bench.exits_with("train", 1).assert_stderr("there is no store");
    let run = bench.ok("train --hypotheses beliefs.toml");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    for part in
        ["Not judged: ", "Test of the hypotheses", "not enough data", "fintech", "\"old news\" is left out: it expired"]
    {
        assert!(run.stdout.contains(part), "{part} is not in:\n{}", run.stdout);
    }
    run.assert_stderr("sweetspot model promote 1 --override signal");
    bench.exits_with("train --hypotheses beliefs.toml --promote", 4).assert_stderr("[PROMOTION_CHECK_FAILED]");
    bench.ok("score p.csv -o out.csv");
    let scores = std::fs::read_to_string(bench.path("out.csv")).unwrap();
    let rows: Vec<Vec<&str>> = scores.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let probability = |row: usize| rows[row][2].parse::<f64>().unwrap();
    assert!((probability(0) - 0.5).abs() < 1e-9, "odds of 1 to 4, times 4: {scores}");
    assert!((probability(1) - 0.05 / 1.05).abs() < 1e-9 && (probability(2) - 0.2).abs() < 1e-9, "{scores}");
    let explained = bench.ok("explain p.csv --id a");
    assert!(explained.stdout.contains("believed of"), "{}", explained.stdout);
    let json = bench.ok("explain p.csv --id a --json").json();
    assert_eq!((&json["reasons"][0]["kind"], &json["tier"]), (&"REASON_KIND_HYPOTHESIS".into(), &"FIT_TIER_A".into()));
    let rated = bench.ok("train --hypotheses beliefs.toml --assumed-ideal-rate 0.5 --json").json();
    assert!(rated["version"]["evaluation"]["verdict"].as_str().unwrap().starts_with("Not judged: "));
    bench.ok("score p.csv -o half.csv");
    assert!(std::fs::read_to_string(bench.path("half.csv")).unwrap().contains("c,50,0.500000000"));
    let list = bench.ok("model list").stdout;
    assert!(!list.contains("0.000"), "no figure where nothing was measured:\n{list}");
}

#[test]
fn customers_test_the_hypotheses() {
    let bench = Bench::empty();
    bench.write("customers.csv", &synth::customers(11, 500));
    bench.write("mapping.toml", synth::MAPPING);
    bench.write("beliefs.toml", HYPOTHESES);
    let run = bench.ok("train customers.csv --mapping mapping.toml --hypotheses beliefs.toml");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let shown = bench.ok("model show candidate").stdout;
    assert!(shown.contains("Test of the hypotheses") && shown.contains("Tiny companies cannot pay"), "{shown}");
    let card = bench.ok("model show candidate --json").json();
    let told: Vec<_> = card["hypotheses"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(told, ["fintech", "tiny"]);
    assert_eq!(card["hypotheses"][0]["when"]["any_of"], serde_json::json!(["fintech", "insurance"]));
}

#[test]
fn all_errors_of_a_hypothesis_file_are_reported() {
    let bench = Bench::empty();
    bench.write("beliefs.toml", &HYPOTHESES.replace("odds_ratio = 4.0", "ods_ratio = 4.0").replace("below", "under"));
    bench
        .exits_with("train --hypotheses beliefs.toml", 3)
        .assert_stderr("unknown key \"ods_ratio\" in hypothesis \"fintech\"")
        .assert_stderr("did you mean \"odds_ratio\"?")
        .assert_stderr("unknown key \"under\"");
    bench.exits_with("train --hypotheses missing.toml", 3).assert_stderr("missing.toml cannot be read");
    bench.write("beliefs.toml", &HYPOTHESES.replace("4.0", "4e9"));
    bench
        .exits_with("train --hypotheses beliefs.toml", 3)
        .assert_stderr("odds_ratio: 4000000000 is not between 1/1000 and 1000");
    bench.exits_with("train --assumed-ideal-rate 0.5", 2);
}
