//! What the program says of small tables, counted again from the tables: texts, JSON and Markdown.

use serde_json::Value;

use crate::made::{Chance, Table, mapping, story};
use crate::sentences::check;
use crate::support::Bench;

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

#[test]
fn texts_and_documents_state_what_the_table_holds() {
    for case in &CASES {
        let bench = Bench::empty();
        let story = story(3, case.rows, PROSPECTS, case.base);
        let table = table(case, story.customers);
        let won = table.column("status").into_iter().filter(|status| *status == "won").count() as u64;
        let (rows, name) = (case.rows as u64, case.name);
        bench.write("c.csv", &table.csv());
        bench.write("p.csv", &story.prospects.csv());
        let value = if case.amounts.is_some() { "value = \"amount\"\n" } else { "" };
        let attributes = "id = \"id\"\nattributes = [\"sector\", \"employees\", \"remote\", \"tools\", \"founded\", \"region\"]\nlist = [\"tools\"]\n";
        bench.write("m.toml", &mapping(attributes).replace("[label]", &format!("{value}[label]")));

        let trained = bench.ok("train c.csv --mapping m.toml");
        for line in trained.stdout.lines().chain(trained.stderr.lines()) {
            check(line, case.rows);
        }
        let says =
            |text: &str| assert!(trained.stdout.contains(text), "{name}: {text:?} is not in\n{}", trained.stdout);
        says(&format!("{won} ideal, {} not ideal, 0 left out.", rows - won));
        says(&format!("judged              {rows} customers, {won} of them ideal"));
        let list = bench.ok("model list").stdout;
        let row: Vec<&str> = list.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(row[row.len() - 3..], [won.to_string(), rows.to_string(), rows.to_string()], "{name}: {list}");

        let order = bench.run("targets p.csv --mapping m.toml --order expected-value -o t.csv");
        let amounts = case.amounts.map(|(won, _)| won);
        match amounts {
            Some(sign) if sign < 0.0 => {
                // An ideal customer is worth less than a lost deal, which is worth nothing.
                assert_eq!(order.code, Some(73), "{name}: {order:?}");
                order.says("seem worth no more than others").says("NO_VALUE_ORDER");
                says("there is no order by");
            }
            Some(_) => assert_eq!(order.code, Some(0), "{name}: {order:?}"),
            None => {
                assert_eq!(order.code, Some(0), "{name}: {order:?}");
                order.says("no customer's value is known: the list is ordered by probability");
            }
        }
        let told = bench.ok("targets p.csv --mapping m.toml -o t.csv").stderr;
        let found = tiers(told.split("versions/1").nth(1).unwrap());
        assert_eq!(found.iter().sum::<u64>(), PROSPECTS as u64, "{name}: {told}");

        let text = bench.ok("report --format md --targets p.csv --mapping m.toml").stdout;
        text.lines().for_each(|line| check(line, case.rows.max(PROSPECTS)));
        let report = bench.ok("report --json --targets p.csv --mapping m.toml").json();
        assert_eq!(share(&report["summary"]["customers"]), (won, rows), "{name}");
        let tiers = report["targets"]["summary"]["tiers"].as_array().unwrap();
        let sizes: Vec<u64> = tiers.iter().map(|tier| number(&tier["accounts"])).collect();
        assert_eq!(sizes, found, "{name}: the document and the list have the same tiers");
        let review = &report["review"];
        assert_eq!((number(&review["accounts"]), number(&review["customers"])), (rows, won), "{name}");
        let known = &report["value"]["known"];
        let valued = if case.amounts.is_some() { won } else { 0 };
        assert_eq!(
            (number(&known["customers"]), number(&known["value"])),
            (won, valued),
            "{name}: a lost deal has no revenue"
        );
        if let Some((sign, _)) = case.amounts {
            let amounts = table.column("amount").into_iter().zip(table.column("status"));
            let revenue: f64 =
                amounts.filter(|(_, status)| *status == "won").map(|(amount, _)| amount.parse::<f64>().unwrap()).sum();
            let stated = report["value"]["money"]["revenue"].as_f64().unwrap();
            assert!((stated - revenue).abs() < 1e-6 && revenue * sign > 0.0, "{name}: {stated} and {revenue}");
        }
    }
}

#[test]
fn tiers_count_every_account_of_a_list_that_is_longer_than_what_is_ranked() {
    let bench = Bench::trained();
    bench.write("long.csv", &sweetspot::synth::prospects(5, 10_400));
    bench.ok("score long.csv --mapping mapping.toml -o scores.csv");
    let scores = Table::read(&bench.read("scores.csv"));
    let count = |tier: &str| scores.column("tier").into_iter().filter(|one| *one == tier).count() as u64;
    let by_model: Vec<u64> = ["A", "B", "C", "D"].map(count).to_vec();
    let of = |flags: &str| {
        let told = bench.ok(&format!("targets long.csv --mapping mapping.toml -o t.csv {flags}")).stderr;
        assert!(told.contains("ranked 10400 accounts") && told.contains("tiers count the whole list"), "{told}");
        tiers(told.split("its best 10000").nth(1).unwrap())
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
    assert!(text.contains("only the best accounts of the list were at hand"), "{text}");
}
