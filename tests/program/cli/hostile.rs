//! Texts that are malicious, or look like it by accident: they are treated as plain text.

use serde_json::Value;

use crate::cli::fixtures::{ATTRIBUTES, SyntheticData, TestTable, mapping_toml, synthetic_data};
use crate::cli::score_table::{ScoreTable, reasons, train_story};
use crate::cli::support::{Bench, Run};

const HOSTILE_TEXTS: [&str; 14] = [
    "=HYPERLINK(\"http://x.test\",\"y\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "<script>alert('x')</script>",
    "\u{202e}gnp.exe",
    "a\u{7}\u{8}b\u{9b}31m",
    "\u{1b}[31mred\u{1b}[0m",
    "'; DROP TABLE accounts; --",
    "x=1; sector=y:-9.99;",
    "{{7*7}} ${HOME} %s %n",
    "日本語の会社名",
    "👩‍👩‍👧‍👦 & Söhne",
    "../../etc/passwd",
    "a\r\nb\tc",
];

fn bench(top: &str) -> Bench {
    let bench = Bench::empty();
    bench.write("map.toml", &mapping_toml(top));
    bench
}

/// Asserts that no control character except the line end reaches a terminal, nor one that changes the writing
/// direction.
#[track_caller]
fn assert_harmless(run: &Run) {
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for text in [&run.stdout, &run.stderr] {
        let found: Vec<_> = text.chars().filter(|c| (c.is_control() && *c != '\n') || turning(*c)).collect();
        assert!(found.is_empty(), "{found:?} in:\n{text}");
    }
}

fn hostile_story(seed: u64) -> SyntheticData {
    let SyntheticData { customers, prospects, truth } = synthetic_data(seed, 600, 300, -0.3);
    // Sectors stay predictive: each becomes one of two hostile texts.
    let sectors = ["Fintech", "Retail", "Mining", "Health", "Logistics", "Media"];
    let cell = |index: usize, text: &str| {
        let place = sectors.iter().position(|sector| *sector == text).unwrap();
        HOSTILE_TEXTS[place * 2 + index % 2].to_owned()
    };
    let id = |index: usize, id: &str| match HOSTILE_TEXTS.get(index) {
        Some(text) => text.trim().to_owned(),
        None => id.to_owned(),
    };
    let customers = customers.map_column("sector", cell).map_column("id", id);
    SyntheticData { customers, prospects: prospects.map_column("sector", cell).map_column("id", id), truth }
}

#[test]
fn hostile_cells_and_ids_are_scored_and_come_back_as_they_were() {
    let story = hostile_story(41);
    let bench = bench(ATTRIBUTES);
    let scored = train_story(&bench, &story, "id");
    scored.assert_attributes(&["sector", "employees", "remote", "tools", "founded", "region"]);
    let lines = bench.ok("score p.csv --mapping map.toml --json --reasons 6").stdout;
    let values: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 300);
    let texts: Vec<_> = values
        .iter()
        .flat_map(|value| value["reasons"].as_array().unwrap())
        .filter(|reason| reason["attribute"] == "sector")
        .map(|reason| reason["valueLabel"].as_str().unwrap())
        .collect();
    assert!(texts.contains(&"<script>alert('x')</script>") && texts.contains(&"@SUM(1+1)"), "{texts:?}");
    for (value, row) in values.iter().zip(&story.prospects.rows) {
        assert_eq!(value["accountId"], row[0].as_str());
    }
}

#[test]
fn printed_hostile_texts_contain_no_control_characters() {
    let story = hostile_story(42);
    let bench = bench(ATTRIBUTES);
    train_story(&bench, &story, "id");
    for line in [
        "data check c.csv",
        "model show",
        "explain p.csv --mapping map.toml --id row",
        "explain p.csv --mapping map.toml --id p20",
        "explain p.csv --mapping map.toml --id p21",
        "explain p.csv --mapping map.toml --id p22",
        "explain p.csv --mapping map.toml --id p23",
        "explain p.csv --mapping map.toml --id p24",
        "explain p.csv --mapping map.toml --id p25",
        "explain p.csv --mapping map.toml --id p26",
        "explain p.csv --mapping map.toml --id p27",
        "explain p.csv --mapping map.toml --id p28",
        "explain p.csv --mapping map.toml --id p29",
    ] {
        assert_harmless(&bench.run(line));
    }
}

#[test]
fn printed_hostile_rejects_contain_no_control_characters() {
    let bench = Bench::trained();
    let mut table = TestTable::read(&bench.read("prospects.csv"));
    table.rows.truncate(3);
    let mut text = table.csv();
    for id in ["\u{1b}[2J", "\u{202e}evil", "=1+1"] {
        text.extend([id, &",x".repeat(40), "\n"]);
    }
    bench.write("bad.csv", &text);
    assert_harmless(&bench.ok("score bad.csv --mapping mapping.toml -o out.csv"));
    assert_eq!(ScoreTable::read(&bench.read("out.csv")).ids.len(), 3);
}

#[test]
fn columns_may_be_called_anything() {
    let names = [
        "a, b",
        "the \"best\" one",
        "=1+1",
        "probability",
        "score",
        "model_version",
        "<b>",
        "日本語",
        "x=1; y: z",
        "Umsatz (in T€)",
    ];
    for (seed, pair) in names.chunks(2).enumerate() {
        let SyntheticData { customers, prospects, truth } = synthetic_data(50 + seed as u64, 400, 300, -0.3);
        let rename = |table: TestTable| table.rename_column("sector", pair[0]).rename_column("employees", pair[1]);
        let story = SyntheticData { customers: rename(customers), prospects: rename(prospects), truth };
        let quoted: Vec<_> = pair.iter().map(|name| format!("'{name}'")).collect();
        let bench = bench(&format!(
            "id = \"id\"\nattributes = [{}, \"remote\", \"tools\", \"founded\", \"region\"]\n",
            quoted.join(", ")
        ));
        let scored = train_story(&bench, &story, "id");
        scored.assert_attributes(&[pair[0], pair[1], "remote", "tools", "founded", "region"]);
        let lines = bench.ok("score p.csv --mapping map.toml --json").stdout;
        let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(first["probability"].as_f64().unwrap(), scored.probabilities[0]);
        let card = bench.ok("model show --json").json();
        let found = |name: &&&str| card["attributes"].as_array().unwrap().iter().any(|a| a["attribute"] == **name);
        assert_eq!(pair.iter().filter(found).count(), 2, "{pair:?}");
    }
}

#[test]
fn an_id_column_may_have_the_name_of_an_output_column() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(60, 400, 200, -0.3);
    let rename = |table: TestTable| table.rename_column("id", "score");
    let story = SyntheticData { customers: rename(customers), prospects: rename(prospects), truth };
    let bench = bench(&ATTRIBUTES.replace("id = \"id\"", "id = \"score\""));
    train_story(&bench, &story, "score");
}

#[test]
fn reasons_with_any_text_are_parsed_back() {
    assert_eq!(reasons(""), []);
    let both = [("a=x; y: z".to_owned(), 0.5), ("b=:+".to_owned(), -1.25)];
    assert_eq!(reasons("a=\"x; y: z\":+0.50; b=\":+\":-1.25"), both);
    assert_eq!(reasons("\"a=\"=\"\"\"b\"\"\":+1.00"), [("a==\"b\"".to_owned(), 1.0)]);
}

#[test]
fn names_and_texts_match_across_unicode_normalization_forms() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(61, 400, 200, -0.3);
    let composed = |_: usize, text: &str| format!("Caf\u{e9} {text}");
    let apart = |_: usize, text: &str| format!("{} ", text.replace("Caf\u{e9}", "CAFE\u{301}"));
    let story = SyntheticData {
        customers: customers.map_column("sector", composed).rename_column("sector", "S\u{e9}ctor"),
        prospects: prospects.map_column("sector", composed).rename_column("sector", "S\u{e9}ctor"),
        truth,
    };
    let bench = bench(&ATTRIBUTES.replace("sector", "Se\u{301}ctor"));
    let scored = train_story(&bench, &story, "id");
    let other = story.prospects.map_column("S\u{e9}ctor", apart).rename_column("S\u{e9}ctor", "Se\u{301}ctor");
    bench.write("apart.csv", &other.csv());
    bench.ok("score apart.csv --mapping map.toml -o apart.out.csv");
    assert_eq!(ScoreTable::read(&bench.read("apart.out.csv")).probabilities, scored.probabilities);
}
