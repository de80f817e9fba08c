//! Rows that stand for several customers, and the SQL that makes them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::support::Bench;

const MAPPING: &str = r#"
id = "id"
weight = "weight"
all_rows = true
attributes = ["industry", "employees", "remote"]
numeric = ["employees"]
[columns."employees"]
binned = true
[outcome]
status = { column = "stage", won = ["Won"], lost = ["Lost"] }
[label]
policy = "won"
"#;

/// What an SQL statement is made from.
const HISTORY: &str = r#"
attributes = ["industry", "employees", "remote", "founded"]
categorical = ["industry"]
numeric = ["employees"]
flag = ["remote"]
date = ["founded"]
[outcome]
status = { column = "stage", won = ["Won"], lost = ["Lost"] }
value = "amount"
[label]
policy = "won"
"#;

/// Every combination of values, with the number of customers that have it.
fn rows() -> Vec<(String, u32)> {
    let (mut rows, mut state) = (Vec::new(), 7_u32);
    for (industry, effect) in [("Fintech", 8), ("Retail", 3), ("Mining", 1)] {
        for employees in [1, 10, 50, 250, 1_000] {
            for remote in ["yes", "no"] {
                for stage in ["Won", "Lost"] {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let likely = if (stage == "Won") == (effect > 2) { effect } else { 4 };
                    rows.push((format!("{industry},{employees},{remote},{stage}"), 1 + state % 5 + likely));
                }
            }
        }
    }
    rows
}

fn bench() -> Bench {
    let bench = Bench::empty();
    let header = "id,industry,employees,remote,stage";
    let (mut weighted, mut single) = (format!("{header},weight\n"), format!("{header}\n"));
    for (number, (cells, count)) in rows().into_iter().enumerate() {
        writeln!(weighted, "a{number:03},{cells},{count}").unwrap();
        for copy in 0..count {
            writeln!(single, "a{number:03}-{copy:03},{cells}").unwrap();
        }
    }
    bench.write("weighted.csv", &weighted);
    bench.write("single.csv", &single);
    bench.write("weighted.toml", MAPPING);
    bench.write("single.toml", &MAPPING.replace("weight = \"weight\"\n", ""));
    bench.write("history.toml", HISTORY);
    bench
}

/// The numbers of a scorecard that decide about scores, and the label card.
fn numbers(card: &Value) -> Vec<f64> {
    fn collect(value: &Value, key: &str, found: &mut Vec<f64>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| collect(value, key, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
            Value::Number(number) if key != "units" && key != "factors" => found.push(number.as_f64().unwrap()),
            Value::Number(_) | Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    for part in ["base_log_odds", "attributes", "pairs", "tiers", "label_card", "calibration"] {
        collect(&card[part], part, &mut found);
    }
    found
}

#[test]
fn a_weighted_file_trains_the_model_of_its_repeated_rows() {
    let bench = bench();
    let customers: u32 = rows().iter().map(|(_, count)| count).sum();
    bench
        .ok("train weighted.csv --mapping weighted.toml --promote --override signal --reason test")
        .assert_stderr("imported 60 accounts")
        .assert_stderr(&format!("that stand for {customers} customers"));
    let weighted = bench.ok("model export live").json();
    bench.ok("train single.csv --mapping single.toml --independent-rows --dataset single");
    let single = bench.ok("model export candidate").json();
    let (weighted_numbers, single_numbers) = (numbers(&weighted), numbers(&single));
    assert!(weighted_numbers.len() > 60 && weighted_numbers.len() == single_numbers.len());
    for (one, other) in weighted_numbers.iter().zip(&single_numbers) {
        assert!((one - other).abs() < 1e-9 * one.abs().max(1.0), "{one} {other}");
    }
    let card = |card: &Value| (card["label_card"]["ideal"].clone(), card["label_card"]["not_ideal"].clone());
    assert_eq!(card(&weighted), card(&single));
    // Documents count customers, too.
    let report = |version: &str| bench.ok(&format!("report --version {version} --format md")).stdout;
    let count = format!("{customers}");
    assert!(report("1").contains(&count) && report("2").contains(&count), "{}", report("1"));
    // The dataset keeps the weights.
    bench.ok("train");
    assert_eq!(numbers(&bench.ok("model export candidate").json()), weighted_numbers);
}

#[test]
fn wrong_weights_are_refused_before_anything_is_stored() {
    let bench = bench();
    for (weight, shown) in [("0", "0"), ("-1", "-1"), ("2.5", "2.5"), ("x", "x"), ("", "")] {
        bench.write("bad.csv", &format!("id,industry,employees,remote,stage,weight\na,Retail,1,yes,Won,{weight}\n"));
        bench
            .exits_with("import bad.csv --mapping weighted.toml", 3)
            .assert_stderr(&format!("row 1 of bad.csv has the weight {shown:?} in column \"weight\""));
    }
    bench.exits_with("import single.csv --mapping weighted.toml", 3).assert_stderr("column \"weight\"");
    bench.ok("import weighted.csv --mapping weighted.toml");
    assert_eq!(bench.ok("data show --json").json()["name"], "workspaces/default/datasets/default/versions/1");
}

#[test]
fn the_sql_of_an_aggregation_and_the_mapping_of_its_result_fit_together() {
    let bench = bench();
    let edges =
        bench.ok("data aggregate edges --mapping history.toml --table crm.deals --bins 4 --dialect duckdb").stdout;
    for part in ["'employees' AS \"attribute\"", "'founded'", "FROM \"crm\".\"deals\"", "UNION ALL", "* 4 /"] {
        assert!(edges.contains(part), "{part} is not in:\n{edges}");
    }
    bench.write(
        "edges.csv",
        "attribute,edge\nemployees,50.0\nemployees,1\nfounded,1999-12-31\nfounded,2010-01-01 00:00:00\n",
    );
    let options = "--mapping history.toml --dialect bigquery --edges edges.csv";
    let rows = bench.ok(&format!("data aggregate rows {options} --weighted-mapping result.toml")).stdout;
    for part in [
        "CASE WHEN `employees` < 50 THEN 1 ELSE 50 END",
        "CASE WHEN `founded` < DATE '2010-01-01' THEN DATE '1999-12-31' ELSE DATE '2010-01-01' END",
        "COUNT(*) AS `weight`",
        "GROUP BY `industry`, `employees`, `remote`, `founded`, `stage`",
    ] {
        assert!(rows.contains(part), "{part} is not in:\n{rows}");
    }
    bench.write(
        "result.csv",
        "industry,employees,remote,founded,stage,weight\nRetail,1,true,1999-12-31,Won,30\nRetail,50,false,2010-01-01,Lost,50\n\
         Mining,1,true,2010-01-01,Lost,20\n",
    );
    bench.ok("import result.csv --mapping result.toml").assert_stderr("that stand for 100 customers");
}

#[test]
fn an_aggregation_that_cannot_work_is_refused() {
    let bench = bench();
    bench.write("auto.toml", &HISTORY.replace(r#"["industry", "employees", "remote", "founded"]"#, "\"auto\""));
    bench.write("value.toml", &HISTORY.replace("\"won\"\n", "\"high_value\"\n"));
    bench.exits_with("data aggregate edges --mapping auto.toml", 3).assert_stderr("list the columns to aggregate by");
    bench
        .exits_with("data aggregate edges --mapping value.toml", 3)
        .assert_stderr("depends on the value of each customer");
    bench.exits_with("data aggregate edges --mapping history.toml --bins 1", 2);
    bench.exits_with("data aggregate edges --mapping history.toml --table a.b.c.d", 3).assert_stderr("invalid table");
    let rows = "data aggregate rows --mapping history.toml";
    bench.exits_with(rows, 2).assert_stderr("attribute \"employees\" has no edges");
    for (edges, code, expected) in [
        ("", 3, "its first line must be attribute,edge"),
        ("attribute,edge\nemployees,many\n", 2, "the edge \"many\" of attribute \"employees\" is not a number"),
        ("attribute,edge\nemployees,inf\n", 2, "is not a number"),
        ("attribute,edge\nemployees,1\nfounded,1\n", 2, "is not a date"),
        ("attribute,edge\nemployees,1\nfounded,1999-12-31\ncity,1\n", 2, "the edges name \"city\""),
    ] {
        bench.write("edges.csv", edges);
        bench.exits_with(&format!("{rows} --edges edges.csv"), code).assert_stderr(expected);
    }
    let many = (0..1_002).map(|edge| format!("employees,{edge}\n")).collect::<Vec<_>>().concat();
    bench.write("edges.csv", &format!("attribute,edge\n{many}founded,1999-12-31\n"));
    bench.exits_with(&format!("{rows} --edges edges.csv"), 2).assert_stderr("1002 edges, and 1001 is the maximum");
    bench.exits_with(&format!("{rows} --edges missing.csv"), 3).assert_stderr("missing.csv cannot be read as edges");
}
