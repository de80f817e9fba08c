//! Reports: written to files and to stdout.

use std::fs;

use crate::cli::support::Bench;

fn demo_bench() -> Bench {
    let bench = Bench::new();
    bench.ok("demo --store kept");
    bench
}

#[test]
fn a_report_is_written_as_html_markdown_or_json() {
    let bench = demo_bench();
    let prospects = "--targets kept.files/prospects.csv --mapping kept.files/mapping.toml";
    bench.ok(&format!("report --store kept {prospects} -o report.html")).assert_stderr("wrote report.html");
    let page = bench.read("report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("10 accounts are ranked"));
    assert_eq!(bench.read("report.html"), bench.read("kept.files/report.html"));
    let text = bench.ok("report --store kept --format md --title Ours --document proof").stdout;
    assert!(text.starts_with("# Ours\n"), "{text}");
    let data = bench.ok("report --store kept --format json").json();
    assert!(data["proof"]["evaluation"]["auc"].as_f64().unwrap() > 0.5);
    assert_eq!(bench.ok("report --store kept --json").json(), data);
}

#[test]
fn the_tables_of_a_report_are_written_as_csv() {
    let bench = demo_bench();
    bench.exits_with("report --store kept --format csv", 2).assert_stderr("-o tables/");
    bench.ok("report --store kept --format csv -o tables/").assert_stderr(" tables to tables/");
    let mut names: Vec<String> = fs::read_dir(bench.path("tables"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names.first().map(String::as_str), Some("01-at-a-glance.csv"), "{names:?}");
    assert_eq!(
        bench.read("tables/01-at-a-glance.csv").lines().next(),
        Some("Tier,Of all accounts,Ideal in the tier,Of all ideal ones,Of the value")
    );
    let text = bench.ok("report --store kept --format md").stdout;
    assert_eq!(names.len(), text.lines().filter(|line| line.starts_with("| ---")).count());
}

#[test]
fn a_missing_version_is_reported() {
    let bench = demo_bench();
    bench.exits_with("report --store kept --format pdf", 2);
    bench.exits_with("report --store kept --version 9", 69).assert_stderr("VERSION_NOT_FOUND");
    bench.exits_with("report --store none", 1).assert_stderr("there is no store");
}
