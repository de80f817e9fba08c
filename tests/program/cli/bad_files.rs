//! Invalid files.

use crate::cli::support::Bench;

const MAPPING: &str = r#"
id = "id"
attributes = ["city"]
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;

fn bench(customers: &str) -> Bench {
    let bench = Bench::new();
    bench.write("map.toml", MAPPING);
    bench.write("c.csv", customers);
    bench
}

#[test]
fn a_missing_column_is_reported_with_the_present_columns() {
    let bench = bench("id,town,status\n1,Paris,won\n");
    bench.exits_with("import c.csv --mapping map.toml", 3).assert_stderr("city").assert_stderr("town");
    assert!(!bench.path("sweetspot-data").exists());
}

#[test]
fn a_file_that_is_not_csv_is_reported() {
    let bench = bench("");
    bench.exits_with("import c.csv --mapping map.toml", 3).assert_stderr("c.csv is empty");
    std::fs::write(bench.path("c.csv"), b"PK\x03\x04\0\0").unwrap();
    bench.exits_with("data check c.csv", 3).assert_stderr("xlsx");
    bench.write("c.csv", "id,city,status\n");
    bench.exits_with("train c.csv --mapping map.toml", 3).assert_stderr("nothing below the header");
}

#[test]
fn an_invalid_mapping_is_reported() {
    let bench = bench("id,city,status\n1,Paris,won\n");
    bench.write("map.toml", "id = \"id\"\natributes = [\"city\"]\n");
    bench.exits_with("import c.csv --mapping map.toml", 3).assert_stderr("attributes");
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_first_name() {
    let bench = bench("\u{feff}id,city,status\n1,Paris,won\n2,Rome,lost\n");
    let answer = bench.ok("import c.csv --mapping map.toml --json").json();
    assert_eq!(answer["accounts"], "2");
}

#[test]
fn a_repeated_customer_is_used_and_reported() {
    let bench = bench("id,city,status\n1,Paris,won\n1,Rome,lost\n");
    let run = bench.ok("import c.csv --mapping map.toml --json");
    assert_eq!(run.json()["accounts"], "2");
    assert!(run.stderr.contains("note: "), "{}", run.stderr);
}

#[test]
fn one_class_is_refused_with_the_counts() {
    let rows = (0..80).map(|i| format!("{i},Paris,won\n")).collect::<Vec<_>>().concat();
    let bench = bench(&format!("id,city,status\n{rows}"));
    let run = bench.exits_with("train c.csv --mapping map.toml", 64 + 9);
    run.assert_stderr("[").assert_stderr("80");
}

#[test]
fn prospects_that_repeat_are_all_scored() {
    let bench = Bench::trained();
    let text = bench.read("prospects.csv");
    let mut lines = text.lines();
    let (header, first) = (lines.next().unwrap(), lines.next().unwrap());
    bench.write("twice.csv", &format!("{header}\n{first}\n{first}\n"));
    bench.ok("score twice.csv --mapping mapping.toml -o out.csv");
    let out = bench.lines("out.csv");
    assert_eq!(out.len(), 3);
    assert_eq!(out[1], out[2]);
}

#[test]
fn a_list_without_a_row_is_rejected_and_leaves_no_file() {
    let bench = Bench::trained();
    let header = bench.lines("prospects.csv")[0].clone();
    bench.write("empty.csv", &format!("{header}\n"));
    bench.exits_with("score empty.csv --mapping mapping.toml -o out.csv", 3).assert_stderr("no row that can be scored");
    assert!(!bench.path("out.csv").exists());
}
