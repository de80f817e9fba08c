//! Recounts the figures of small tables in the output: text, JSON and Markdown.

use serde_json::Value;

use crate::cli::fixtures::{TestRng, TestTable, mapping_toml, synthetic_data};
use crate::cli::sentences::check;
use crate::cli::support::Bench;

/// A table of opportunities with amounts, and its prospects.
struct RecountCase {
    name: &'static str,
    rows: usize,
    /// The log-odds of a sale; far below zero, few are won.
    base: f64,
    /// The factors of the amounts of won and of lost deals; `None` if the table has no amounts.
    amounts: Option<(f64, f64)>,
}

const CASES: [RecountCase; 4] = [
    RecountCase { name: "lost deals carry more", rows: 160, base: 0.0, amounts: Some((1.0, 3.0)) },
    RecountCase { name: "all customers lose money", rows: 120, base: 0.5, amounts: Some((-1.0, 1.0)) },
    RecountCase { name: "no amounts", rows: 90, base: -1.0, amounts: None },
    RecountCase { name: "few rows", rows: 30, base: 0.0, amounts: Some((2.0, 0.0)) },
];

/// The number of prospects in every case.
const PROSPECTS: usize = 60;

/// Adds the amounts to the table.
fn with_amounts(case: &RecountCase, customers: TestTable) -> TestTable {
    let Some((won, lost)) = case.amounts else { return customers };
    let statuses: Vec<String> = customers.column("status").into_iter().map(str::to_owned).collect();
    let mut chance = TestRng(7);
    customers.with_column("amount", |row| {
        let amount = (100.0 + chance.unit() * 900.0).round();
        format!("{}", amount * if statuses[row] == "won" { won } else { lost })
    })
}

/// Replaces line breaks with spaces.
fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Parses the tiers at the end of the output of `targets`: `A 6 (from 0.812), B 12 …`.
fn tier_counts(text: &str) -> Vec<u64> {
    let tier = |letter: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let place = words.iter().position(|word| *word == letter).unwrap();
        words[place + 1].trim_matches(',').parse().unwrap()
    };
    ["A", "B", "C", "D"].map(tier).to_vec()
}

fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64().unwrap_or_default(), |text| text.parse().unwrap())
}

/// Parses a share in JSON: a count and a total.
fn part_and_total(value: &Value) -> (u64, u64) {
    (number(&value["part"]), number(&value["of"]))
}

/// A case on a bench: its table, its number of won deals, and the output of its training.
struct TrainedCase {
    bench: Bench,
    table: TestTable,
    won: u64,
    text: String,
}

/// The attributes of every case, as in a mapping.
const ATTRIBUTES: &str = r#"
id = "id"
attributes = ["sector", "employees", "remote", "tools", "founded", "region"]
list = ["tools"]
"#;

fn train(case: &RecountCase) -> TrainedCase {
    let bench = Bench::empty();
    let story = synthetic_data(3, case.rows, PROSPECTS, case.base);
    let table = with_amounts(case, story.customers);
    let won = table.column("status").into_iter().filter(|status| *status == "won").count() as u64;
    bench.write("c.csv", &table.csv());
    bench.write("p.csv", &story.prospects.csv());
    let value = if case.amounts.is_some() { "value = \"amount\"\n" } else { "" };
    bench.write("m.toml", &mapping_toml(ATTRIBUTES).replace("[label]", &format!("{value}[label]")));
    let trained = bench.ok("train c.csv --mapping m.toml");
    TrainedCase { bench, table, won, text: trained.stdout + &trained.stderr }
}

/// Checks the text of a version, and its row in the list of versions.
fn recount_versions(case: &RecountCase, trained: &TrainedCase) {
    let TrainedCase { bench, won, text, .. } = trained;
    text.lines().for_each(|line| check(line, case.rows));
    let rows = case.rows as u64;
    for stated in [
        format!("{won} ideal, {} not ideal, 0 left out.", rows - won),
        format!("judged              {rows} customers, {won} of them ideal"),
    ] {
        assert!(text.contains(&stated), "{}: {stated:?} is not in\n{text}", case.name);
    }
    let list = bench.ok("model list").stdout;
    let row: Vec<&str> = list.lines().last().unwrap().split_whitespace().collect();
    let figures = [format!("{won}/{rows}"), rows.to_string()];
    assert!(row.ends_with(&figures.each_ref().map(String::as_str)), "{}: {list}", case.name);
}

/// Checks whether there is an order by value, and the message if there is none.
fn recount_order(case: &RecountCase, trained: &TrainedCase) {
    let order = trained.bench.run("targets p.csv --mapping m.toml --order expected-value -o t.csv");
    let code = |code| assert_eq!(order.code, Some(code), "{}: {order:?}", case.name);
    match case.amounts {
        Some((won, _)) if won < 0.0 => {
            // An ideal customer has a lower value than a lost deal, whose value is zero.
            code(73);
            assert!(collapse_whitespace(&order.stderr).contains("seem worth no more than others"), "{order:?}");
            assert!(collapse_whitespace(&order.stderr).contains("NO_VALUE_ORDER"), "{order:?}");
            assert!(
                collapse_whitespace(&trained.text).contains("so there is no order by expected value"),
                "{}",
                trained.text
            );
        }
        Some(_) => code(0),
        None => {
            code(0);
            assert!(
                collapse_whitespace(&order.stderr)
                    .contains("no customer's value is known: the list is ordered by probability")
            );
        }
    }
}

/// Checks the documents against the table and the list of targets.
fn recount_documents(case: &RecountCase, trained: &TrainedCase) {
    let TrainedCase { bench, table, won, .. } = trained;
    let (rows, won, name) = (case.rows as u64, *won, case.name);
    let told = bench.ok("targets p.csv --mapping m.toml -o t.csv").stderr;
    let found = tier_counts(told.split("versions/1").nth(1).unwrap());
    assert_eq!(found.iter().sum::<u64>(), PROSPECTS as u64, "{name}: {told}");
    let text = bench.ok("report --format md --targets p.csv --mapping m.toml").stdout;
    text.lines().for_each(|line| check(line, case.rows.max(PROSPECTS)));
    let report = bench.ok("report --json --targets p.csv --mapping m.toml").json();
    assert_eq!(part_and_total(&report["summary"]["customers"]), (won, rows), "{name}");
    let sizes = report["targets"]["summary"]["tiers"].as_array().unwrap();
    let sizes: Vec<u64> = sizes.iter().map(|tier| number(&tier["accounts"])).collect();
    assert_eq!(sizes, found, "{name}: the document and the list have the same tiers");
    let review = &report["review"];
    assert_eq!((number(&review["accounts"]), number(&review["customers"])), (rows, won), "{name}");
    let (known, valued) = (&report["value"]["known"], if case.amounts.is_some() { won } else { 0 });
    assert_eq!((number(&known["customers"]), number(&known["value"])), (won, valued), "{name}");
    if case.amounts.is_some() {
        let amounts = table.column("amount").into_iter().zip(table.column("status"));
        let paid = amounts.filter(|(_, status)| *status == "won").map(|(amount, _)| amount.parse::<f64>().unwrap());
        let (stated, revenue) = (report["value"]["money"]["revenue"].as_f64().unwrap(), paid.sum::<f64>());
        assert!((stated - revenue).abs() < 1e-6, "{name}: a lost deal has no revenue: {stated} and {revenue}");
    }
}

#[test]
fn texts_and_documents_agree_with_the_table() {
    for case in &CASES {
        let trained = train(case);
        recount_versions(case, &trained);
        recount_order(case, &trained);
        recount_documents(case, &trained);
    }
}

#[test]
fn tiers_count_every_account_of_a_list_longer_than_the_ranking() {
    let bench = Bench::trained();
    bench.write("long.csv", &sweetspot_ingest::synth::prospects(5, 10_400));
    bench.ok("score long.csv --mapping mapping.toml -o scores.csv");
    let scores = TestTable::read(&bench.read("scores.csv"));
    let count = |tier: &str| scores.column("tier").into_iter().filter(|one| *one == tier).count() as u64;
    let by_model: Vec<u64> = ["A", "B", "C", "D"].map(count).to_vec();
    let of = |flags: &str| {
        let told = bench.ok(&format!("targets long.csv --mapping mapping.toml -o t.csv {flags}")).stderr;
        assert!(
            collapse_whitespace(&told).contains("ranked 10400 accounts")
                && collapse_whitespace(&told).contains("tiers count the whole list"),
            "{told}"
        );
        tier_counts(collapse_whitespace(&told).split("its best 10000").nth(1).unwrap())
    };
    assert_eq!(of(""), by_model);
    assert!(by_model[3] > 400, "the list goes on in D: {by_model:?}");
    assert_eq!(of("--tier-shares 0.5,0.25,0.125"), [5_200, 2_600, 1_300, 1_300]);
    assert_eq!(of("--capacity 10,20,30"), [10, 20, 30, 10_340]);
    let above =
        scores.column("probability").into_iter().filter(|one| one.parse::<f64>().unwrap() >= 0.2).count() as u64;
    assert_eq!(of("--cuts 0.2,0.2,0.2"), [above, 0, 0, 10_400 - above]);
    let text = bench.ok("report --targets long.csv --mapping mapping.toml --format md --document targets").stdout;
    assert!(text.contains("10,400 accounts are ranked") && text.contains("And 10,375 more."), "{text}");
    assert!(text.contains(&format!("| A | {} |", by_model[0])) || by_model[0] >= 1_000, "{text}");
    assert!(text.contains("Only the best accounts of the list are available here"), "{text}");
}
