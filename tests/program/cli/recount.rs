//! What the program says of small tables, counted again from the tables: texts, JSON and Markdown.

use serde_json::Value;

use crate::cli::made::{Chance, Table, mapping, story};
use crate::cli::sentences::check;
use crate::cli::support::Bench;

/// A table of opportunities, what each is said to be worth, and what prospects there are.
struct Case {
    name: &'static str,
    rows: usize,
    /// Log-odds of a sale; far below nothing, few are won.
    base: f64,
    /// What a won and what a lost deal is said to be worth, times an amount; nothing where the table has no amounts.
    amounts: Option<(f64, f64)>,
}

const CASES: [Case; 4] = [
    Case { name: "lost deals carry more", rows: 160, base: 0.0, amounts: Some((1.0, 3.0)) },
    Case { name: "all customers lose money", rows: 120, base: 0.5, amounts: Some((-1.0, 1.0)) },
    Case { name: "no amounts", rows: 90, base: -1.0, amounts: None },
    Case { name: "few rows", rows: 30, base: 0.0, amounts: Some((2.0, 0.0)) },
];

/// Prospects of every case.
const PROSPECTS: usize = 60;

/// The table with the amounts that it states.
fn table(case: &Case, customers: Table) -> Table {
    let Some((won, lost)) = case.amounts else { return customers };
    let statuses: Vec<String> = customers.column("status").into_iter().map(str::to_owned).collect();
    let mut chance = Chance(7);
    customers.with("amount", |row| {
        let amount = (100.0 + chance.unit() * 900.0).round();
        format!("{}", amount * if statuses[row] == "won" { won } else { lost })
    })
}

/// A text without its line breaks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tiers as `targets` ends: `A 6 (from 0.812), B 12 …`.
fn tiers(text: &str) -> Vec<u64> {
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

/// A share as JSON has it: how many, of how many.
fn share(value: &Value) -> (u64, u64) {
    (number(&value["part"]), number(&value["of"]))
}

/// A case on a bench: its table, how many of it were won, and the texts of its training.
struct Trained {
    bench: Bench,
    table: Table,
    won: u64,
    text: String,
}

/// The attributes of every case, as a mapping says them.
const ATTRIBUTES: &str = r#"
id = "id"
attributes = ["sector", "employees", "remote", "tools", "founded", "region"]
list = ["tools"]
"#;

fn train(case: &Case) -> Trained {
    let bench = Bench::empty();
    let story = story(3, case.rows, PROSPECTS, case.base);
    let table = table(case, story.customers);
    let won = table.column("status").into_iter().filter(|status| *status == "won").count() as u64;
    bench.write("c.csv", &table.csv());
    bench.write("p.csv", &story.prospects.csv());
    let value = if case.amounts.is_some() { "value = \"amount\"\n" } else { "" };
    bench.write("m.toml", &mapping(ATTRIBUTES).replace("[label]", &format!("{value}[label]")));
    let trained = bench.ok("train c.csv --mapping m.toml");
    Trained { bench, table, won, text: trained.stdout + &trained.stderr }
}

/// The text of a version, and the row of the list of versions.
fn versions_are_recounted(case: &Case, trained: &Trained) {
    let Trained { bench, won, text, .. } = trained;
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

/// Whether there is an order by value, and what is said where there is none.
fn the_order_is_recounted(case: &Case, trained: &Trained) {
    let order = trained.bench.run("targets p.csv --mapping m.toml --order expected-value -o t.csv");
    let code = |code| assert_eq!(order.code, Some(code), "{}: {order:?}", case.name);
    match case.amounts {
        Some((won, _)) if won < 0.0 => {
            // An ideal customer is worth less than a lost deal, which is worth nothing.
            code(73);
            assert!(flat(&order.stderr).contains("seem worth no more than others"), "{order:?}");
            assert!(flat(&order.stderr).contains("NO_VALUE_ORDER"), "{order:?}");
            assert!(flat(&trained.text).contains("so there is no order by expected value"), "{}", trained.text);
        }
        Some(_) => code(0),
        None => {
            code(0);
            assert!(flat(&order.stderr).contains("no customer's value is known: the list is ordered by probability"));
        }
    }
}

/// The documents, against the table and against the list of targets.
fn documents_are_recounted(case: &Case, trained: &Trained) {
    let Trained { bench, table, won, .. } = trained;
    let (rows, won, name) = (case.rows as u64, *won, case.name);
    let told = bench.ok("targets p.csv --mapping m.toml -o t.csv").stderr;
    let found = tiers(told.split("versions/1").nth(1).unwrap());
    assert_eq!(found.iter().sum::<u64>(), PROSPECTS as u64, "{name}: {told}");
    let text = bench.ok("report --format md --targets p.csv --mapping m.toml").stdout;
    text.lines().for_each(|line| check(line, case.rows.max(PROSPECTS)));
    let report = bench.ok("report --json --targets p.csv --mapping m.toml").json();
    assert_eq!(share(&report["summary"]["customers"]), (won, rows), "{name}");
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
fn texts_and_documents_state_what_the_table_holds() {
    for case in &CASES {
        let trained = train(case);
        versions_are_recounted(case, &trained);
        the_order_is_recounted(case, &trained);
        documents_are_recounted(case, &trained);
    }
}

#[test]
fn tiers_count_every_account_of_a_list_that_is_longer_than_what_is_ranked() {
    let bench = Bench::trained();
    bench.write("long.csv", &sweetspot_ingest::synth::prospects(5, 10_400));
    bench.ok("score long.csv --mapping mapping.toml -o scores.csv");
    let scores = Table::read(&bench.read("scores.csv"));
    let count = |tier: &str| scores.column("tier").into_iter().filter(|one| *one == tier).count() as u64;
    let by_model: Vec<u64> = ["A", "B", "C", "D"].map(count).to_vec();
    let of = |flags: &str| {
        let told = bench.ok(&format!("targets long.csv --mapping mapping.toml -o t.csv {flags}")).stderr;
        assert!(
            flat(&told).contains("ranked 10400 accounts") && flat(&told).contains("tiers count the whole list"),
            "{told}"
        );
        tiers(flat(&told).split("its best 10000").nth(1).unwrap())
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
