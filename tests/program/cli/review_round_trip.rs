//! `export-review`: an import of the table with its mapping restores the customers.

use std::fmt::Write as _;

use crate::cli::support::Bench;

const MAPPING: &str = r#"
id = "Key"
all_rows = true
attributes = ["employees", "Industry", "Umsatz", "Founded", "Tools", "API?", "Plan", "Zip", "Value", "Notes"]
numeric = ["employees", "Umsatz"]
categorical = ["Plan", "Zip", "Industry", "Value", "Notes"]
list = ["Tools"]
flag = ["API?"]
date = ["Founded"]
[columns."CAC"]
decimal = ","
[columns."Umsatz"]
label = "Turnover"
unit = "EUR"
[columns."Plan"]
changeable = true
[outcome]
status = { column = "Status", won = ["Closed Won"], lost = ["Lost"], churned = ["Left"] }
value = "LTV"
cost_to_serve = "Serve"
cost_to_acquire = "CAC"
since = "Since"
group = "Group"
reason = "Why"
currency = "EUR"
[review]
name = "Customer Name"
industry = "Industry"
use_case = "Use Case"
deal_size = "Deal Size"
notes = "Remarks"
churn_reason = "Left because"
situation = "Situation"
pain = "Pain"
impact = "Impact"
critical_event = "Event"
decision = "Decision"
location = "Location"
contract = "Contract"
recurring = "Recurring"
usage = "Usage"
features = "Features"
revenue = "Revenue"
decision_makers = "Deciders"
decision_maker_titles = "Decider titles"
influencer_titles = "Influencers"
win_reason = "Won because"
support_hours = "Support"
success_hours = "Success"
roadmap_requests = "Roadmap"
payment_days = "Payment"
advocacy = "Advocacy"
reputation = "Reputation"
ease_of_work = "Ease"
spend = ["Q1", "Q2", "Q3"]
[label]
policy = "custom"
maturity_days = 30
[label.weights]
won = 1
lost = -1
churned = -0.5
[documents]
as_of = "2026-09-30"
hourly_cost = 60
annual_rate = 0.08
top_share = 0.1
cohort_basis = "value"
cohort_threshold = 2500.5
"#;

const HEADINGS: &str = "Key,employees,Industry,Umsatz,Founded,Tools,API?,Plan,Zip,Value,Notes,Status,LTV,Serve,CAC,\
    Since,Group,Why,Customer Name,Use Case,Deal Size,Remarks,Left because,Situation,Pain,Impact,Event,Decision,\
    Location,Contract,Recurring,Usage,Features,Revenue,Deciders,Decider titles,Influencers,Won because,Support,\
    Success,Roadmap,Payment,Advocacy,Reputation,Ease,Q1,Q2,Q3";

/// Texts that spreadsheets, separators and the detection of totals and footers could change.
const TEXTS: [&str; 16] = [
    "=SUM(A1:A2)",
    "+x",
    "-y",
    "@z",
    "0012",
    "n/a",
    "NULL",
    "'s-Hertogenbosch",
    "Ac\"me",
    "a;b|c",
    "one, two",
    "line\nbreak\n=1",
    "line\r\nbreak",
    "Total",
    "12.345",
    "Notes: none",
];

/// Customers with every field; each field is missing for some. `row` selects the values.
fn cells(row: usize) -> Vec<String> {
    let text =
        |step: usize| if (row + step).is_multiple_of(5) { "" } else { TEXTS[(row * step + step) % 16] }.to_owned();
    let number = |scale: f64, step: usize| {
        let number = scale * (row * row + step) as f64 / 7.0;
        if (row + step).is_multiple_of(4) { String::new() } else { number.to_string().replace('.', ",") }
    };
    let pick = |texts: &[&str]| texts[row % texts.len()].to_owned();
    let id = match row {
        3 => "Total".to_owned(),
        4 => "Confidential".to_owned(),
        _ if row.is_multiple_of(3) => format!("00{row}"),
        _ => format!("K, {row}"),
    };
    let status = pick(&["Closed Won", "Lost", "Left", "Closed Won", "", "Closed Won", "Lost"]);
    let since = if row % 6 == 5 { String::new() } else { format!("{:02}.03.20{:02}", row % 28 + 1, row % 20 + 1) };
    let mut cells = vec![id, format!("{}", row * 17), text(2), number(1e-7, 1), since.clone()];
    cells.extend([pick(&["SAP; Slack", "Acme, Inc;", "SAP", ";", ""]), pick(&["ja", "nein", ""]), text(3), text(4)]);
    cells.extend([text(6), text(7), status, number(1e5, 2), number(3.0, 3), pick(&["1,234", "", "0,125"]), since]);
    cells.extend([pick(&["g1", "", "g2"]), text(8), text(9), pick(&["plan;count", "plan", "", "a, b;"])]);
    cells.extend([number(1e20, 1), text(11), text(12)]);
    cells.extend((13..18).map(text));
    cells.extend((1..5).map(text));
    cells.extend([
        pick(&["API|App", ""]),
        number(1.0, 0),
        pick(&["3", ""]),
        pick(&["CEO; CFO", ""]),
        pick(&["", "IT"]),
    ]);
    cells.extend([text(5), number(0.1, 0), number(0.1, 1), pick(&["1", "", "4"]), pick(&["30", "14", ""])]);
    cells.extend([pick(&["", "10"]), pick(&["0", "7"]), pick(&["5"])]);
    // No customer has spent in the first quarter.
    cells.extend([String::new(), number(1.0, 2), number(2.0, 3)]);
    cells
}

fn customers() -> String {
    let mut file = format!("{}\n", HEADINGS.replace(',', ";"));
    for row in 0..60 {
        let quoted: Vec<String> = cells(row).iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        writeln!(file, "{}", quoted.join(";")).unwrap();
    }
    file
}

/// The digest of the current version of the dataset, and the number of its accounts.
fn digest(bench: &Bench) -> (String, String) {
    let version = bench.ok("data show --json").json();
    let text = |key: &str| version[key].as_str().unwrap().to_owned();
    (text("dataSha256"), text("accounts"))
}

#[test]
fn an_import_of_the_exported_review_restores_the_customers_to_the_last_bit() {
    let bench = Bench::empty();
    bench.write("in.csv", &customers());
    bench.write("in.toml", MAPPING);
    bench.ok("train in.csv --mapping in.toml");
    let exported = digest(&bench);
    assert_eq!(exported.1, "60");
    for name in ["out.csv", "out.jsonl", "out.parquet"] {
        bench.ok(&format!("export-review -o {name}")).assert_stderr("mapping.toml");
        let other = Bench::empty();
        for file in [name, "out.mapping.toml"] {
            std::fs::copy(bench.path(file), other.path(file)).unwrap();
        }
        other.ok(&format!("import {name} --mapping out.mapping.toml"));
        assert_eq!(digest(&other), exported, "{name}");
        other.ok(&format!("train {name} --mapping out.mapping.toml"));
        // The export of the import is the same table.
        other.ok("export-review -o again.csv --mapping-output again.toml");
        bench.ok("export-review -o again.csv");
        assert_eq!(other.read("again.csv"), bench.read("again.csv"), "{name}");
        assert_eq!(other.read("again.toml"), bench.read("again.mapping.toml"), "{name}");
    }
    let mapping = bench.read("out.mapping.toml");
    assert!(mapping.contains("maturity_days = 30") && mapping.contains("churned = -0.5"), "{mapping}");
}

#[test]
fn a_completed_review_is_imported() {
    let bench = Bench::trained();
    bench.ok("export-review -o out.csv");
    let mut reader = csv::Reader::from_path(bench.path("out.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(bench.path("done.csv")).unwrap();
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        writer
            .write_record(header.iter().zip(&record).map(|(heading, cell)| match heading {
                "Contract Details" => "three years",
                _ => cell,
            }))
            .unwrap();
    }
    writer.flush().unwrap();
    let before = digest(&bench);
    bench.ok("train done.csv --mapping out.mapping.toml");
    assert_ne!(digest(&bench).0, before.0);
    bench.ok("export-review --version candidate -o again.csv");
    assert_eq!(bench.read("again.csv"), bench.read("done.csv"));
}

#[test]
fn a_table_on_stdout_has_no_mapping_unless_it_has_a_file() {
    let bench = Bench::trained();
    let before = bench.file_names();
    assert!(bench.ok("export-review").stdout.starts_with("Account ID,Customer Name,"));
    assert_eq!(bench.file_names(), before);
    bench.ok("export-review --mapping-output kept.toml");
    assert!(bench.read("kept.toml").contains("all_rows = true"));
}
