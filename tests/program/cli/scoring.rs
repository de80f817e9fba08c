//! Scoring and explaining a list.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value;

use crate::cli::support::{Bench, Run};

const SCORE: &str = "score prospects.csv --mapping mapping.toml";

/// The output as fields, without the header.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn probability(row: &[String]) -> f64 {
    row[2].parse().unwrap()
}

#[test]
fn every_row_is_scored_in_the_order_of_the_list() {
    let bench = Bench::trained();
    let run = bench.ok(&format!("{SCORE} -o out.csv"));
    run.assert_stderr("scored 1203 accounts");
    let text = bench.read("out.csv");
    let id = toml::from_str::<toml::Table>(&bench.read("mapping.toml")).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        text.lines().next().unwrap(),
        format!(
            "{id},score,probability,low,high,data_support,tier,pond_side,segment,expected_value,coverage,reasons,model_version"
        )
    );
    let mut prospects = csv::Reader::from_path(bench.path("prospects.csv")).unwrap();
    let place = prospects.headers().unwrap().iter().position(|name| name == id).unwrap();
    let ids: Vec<_> = prospects.records().map(|record| record.unwrap()[place].to_owned()).collect();
    let rows = rows(&text);
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), ids);
    for row in &rows {
        let figures = row[2].trim_start_matches(['0', '.']).len();
        assert!(figures >= 9 && (0.0..1.0).contains(&probability(row)), "{row:?}");
        assert_eq!(row[12], "workspaces/default/models/default/versions/1");
        assert!(row[11].split("; ").count() <= 3 && row[11].contains(':'), "{row:?}");
    }
}

#[test]
fn ambiguous_cells_are_read_as_their_column_or_warned_about() {
    let bench = Bench::trained();
    bench.write("l.csv", "id,employees,revenue_eur\na,1.200,many\nb,\"3,400\",5\n");
    bench
        .exits_with("score l.csv", 3)
        .assert_stderr("decimal = \",\" or decimal = \".\" for the file or under [columns.\"employees\"]");
    bench.write("l.csv", "id,employees,revenue_eur\na,1.200,many\nb,1.234.567,5\n");
    let run = bench.exits_with("score l.csv", 0);
    run.assert_stderr("column \"employees\": 1.200 is read as 1200 (because the column has 1.234.567)");
    run.assert_stderr(
        "attribute \"revenue_eur\": 1 value cannot be read as the model's kind and counts as missing, such as \"many\"",
    );
}

#[test]
fn top_is_the_head_of_the_sorted_list() {
    let bench = Bench::trained();
    bench.ok(&format!("{SCORE} -o all.csv"));
    bench.ok(&format!("{SCORE} -o top.csv --top 25"));
    let mut all = rows(&bench.read("all.csv"));
    all.sort_by(|a, b| probability(b).total_cmp(&probability(a)));
    all.truncate(25);
    assert_eq!(rows(&bench.read("top.csv")), all);
}

#[test]
fn filters_keep_only_matching_rows() {
    let bench = Bench::trained();
    let all = rows(&bench.ok(SCORE).stdout);
    let wanted = |keep: &dyn Fn(&[String]) -> bool| all.iter().filter(|row| keep(row)).cloned().collect::<Vec<_>>();
    let tiers = rows(&bench.ok(&format!("{SCORE} --tier a,B")).stdout);
    assert_eq!(tiers, wanted(&|row| row[6] == "A" || row[6] == "B"));
    let likely = rows(&bench.ok(&format!("{SCORE} --min-probability 0.25")).stdout);
    assert_eq!(likely, wanted(&|row| probability(row) >= 0.25));
    let run = bench.ok(&format!("{SCORE} --min-coverage 1"));
    assert!(rows(&run.stdout).iter().all(|row| row[10] == "1.0000"));
    assert!(rows(&bench.ok(&format!("{SCORE} --reasons 0")).stdout).iter().all(|row| row[11].is_empty()));
}

#[test]
fn a_pipe_and_a_gzip_file_are_scored_like_the_file() {
    let bench = Bench::trained();
    let expected = bench.ok(SCORE).stdout;
    let mut command = bench.command("score - --mapping mapping.toml");
    let file = std::fs::File::open(bench.path("prospects.csv")).unwrap();
    let piped = Run::from_output(&command.stdin(Stdio::from(file)).output().unwrap());
    assert_eq!((piped.code, piped.stdout), (Some(0), expected.clone()));
    let file = std::fs::File::create(bench.path("prospects.csv.gz")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, bench.read("prospects.csv").as_bytes()).unwrap();
    packer.finish().unwrap();
    assert_eq!(bench.ok("score prospects.csv.gz --mapping mapping.toml").stdout, expected);
}

#[test]
fn json_lines_contain_the_csv_values_and_more() {
    let bench = Bench::trained();
    let csv = rows(&bench.ok(SCORE).stdout);
    let lines = bench.ok(&format!("{SCORE} --json")).stdout;
    let values: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), csv.len());
    for (value, row) in values.iter().zip(&csv) {
        assert_eq!(value["accountId"], row[0].as_str());
        assert!((value["probability"].as_f64().unwrap() - probability(row)).abs() == 0.0);
    }
}

#[test]
fn an_explanation_adds_up_and_agrees_with_the_score() {
    let bench = Bench::trained();
    let scored = rows(&bench.ok(SCORE).stdout);
    let id = &scored[7][0];
    let line = format!("explain prospects.csv --mapping mapping.toml --id {id}");
    let explained = bench.ok(&format!("{line} --json")).json();
    let reasons = explained["reasons"].as_array().unwrap();
    let sum: f64 = reasons.iter().map(|reason| reason["logOdds"].as_f64().unwrap()).sum();
    let base = explained["baseLogOdds"].as_f64().unwrap();
    assert!((base + sum - explained["logOdds"].as_f64().unwrap()).abs() == 0.0);
    assert!((explained["probability"].as_f64().unwrap() - probability(&scored[7])).abs() == 0.0);
    let text = bench.ok(&line).stdout;
    assert!(text.starts_with(&format!("{id}: score {}, tier {}", scored[7][1], scored[7][6])), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    bench
        .exits_with("explain prospects.csv --mapping mapping.toml --id nobody", 3)
        .assert_stderr("has no account \"nobody\"");
}

#[test]
fn without_a_mapping_attributes_are_matched_by_name() {
    let bench = Bench::trained();
    let mapped = rows(&bench.ok(SCORE).stdout);
    let unmapped = rows(&bench.ok("score prospects.csv").stdout);
    let scores = |rows: &[Vec<String>]| rows.iter().map(|row| [&row[1..3], &row[6..7]].concat()).collect::<Vec<_>>();
    assert_eq!(scores(&mapped), scores(&unmapped));
    let tiers: BTreeSet<_> = mapped.iter().map(|row| row[6].clone()).collect();
    assert!(tiers.len() > 1, "{tiers:?}");
}

#[test]
fn an_existing_output_stays_until_the_new_file_is_complete() {
    let bench = Bench::trained();
    bench.write("out.csv", "precious");
    let header = bench.lines("prospects.csv")[0].clone();
    bench.write("empty.csv", &format!("{header}\n"));
    bench.exits_with("score empty.csv --mapping mapping.toml -o out.csv", 3);
    assert_eq!(bench.read("out.csv"), "precious");
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let left = std::fs::read_dir(bench.path(".")).unwrap().filter(|entry| hidden(&entry.as_ref().unwrap().file_name()));
    assert_eq!(left.count(), 0);
}
