//! The demo, which is the first contact with the program.

use std::collections::BTreeMap;
use std::fs;

use crate::cli::support::Bench;

#[test]
fn demo_needs_no_input_and_leaves_no_files() {
    let bench = Bench::new();
    let before = fs::read_dir(bench.path(".")).unwrap().count();
    let run = bench.ok("demo");
    for part in ["What counts as ideal", "AUC", "What matters most", "The prospects, best first"] {
        assert!(run.stdout.contains(part), "{part} is not in:\n{}", run.stdout);
    }
    run.assert_stderr("is now live").assert_stderr("Try next");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'));
    let table = run.stdout.split("The prospects, best first").nth(1).unwrap();
    let scores: Vec<u32> = table.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse().ok()).collect();
    assert_eq!(scores.len(), 10, "{table}");
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert_eq!(fs::read_dir(bench.path(".")).unwrap().count(), before);
}

#[test]
fn demo_output_is_reproducible() {
    let bench = Bench::new();
    assert_eq!(bench.ok("demo").stdout, bench.ok("demo").stdout);
}

#[test]
fn demo_with_a_store_keeps_its_files_for_further_commands() {
    let bench = Bench::new();
    bench.ok("demo --store kept");
    bench.ok("score kept.files/prospects.csv --mapping kept.files/mapping.toml --store kept -o scores.csv");
    assert_eq!(bench.lines("scores.csv").len(), 11);
    bench.exits_with("demo --store kept", 2).assert_stderr("is not empty");
}

#[test]
fn demo_prints_ten_scores_as_json() {
    let bench = Bench::new();
    let scores = bench.ok("demo --json -q").json();
    assert_eq!(scores.as_array().unwrap().len(), 10);
    assert!(scores[0]["score"].is_u64());
}

/// The headings below each document of a page in Markdown, without escapes.
fn sections(page: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut document = "title of the report".to_owned();
    for (level, text) in page.lines().filter_map(|line| line.split_once("# ")) {
        let text = text.replace('\\', "");
        if level == "#" {
            document.clone_from(&text);
        }
        sections.entry(document.clone()).or_default().push(text);
    }
    sections
}

/// Whether a document has these sections: one heading that begins so, or several, separated by commas.
fn has_sections(headings: &[String], place: &str) -> bool {
    let begins = |heading: &String, name: &str| {
        let is_whole = |rest: &str| !rest.starts_with(char::is_alphanumeric);
        heading.strip_prefix(name).is_some_and(is_whole)
    };
    let found = |name: &str| headings.iter().any(|heading| begins(heading, name));
    found(place) || place.split(", ").all(found)
}

#[test]
fn every_request_of_the_sources_is_met_by_a_section_of_the_demonstration() {
    let bench = Bench::new();
    bench.ok("demo --store kept");
    let targets = "--targets kept.files/prospects.csv --mapping kept.files/mapping.toml";
    let sections = sections(&bench.ok(&format!("report --store kept --format md {targets}")).stdout);
    let sources = fs::read_to_string("docs/SOURCES.md").unwrap();
    let (mut count, mut missing) = (0, Vec::new());
    for place in sources.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split(['|', ';'])) {
        let place = without_parentheses(place);
        let Some((document, place)) = place.split_once(" → ") else { continue };
        let headings = sections.iter().find(|(title, _)| document.trim().ends_with(title.as_str()));
        let place = place.split(':').next().unwrap_or_default().trim();
        count += 1;
        if !headings.is_some_and(|(_, headings)| has_sections(headings, place)) {
            missing.push(format!("{document} → {place}"));
        }
    }
    assert!(count > 30, "{count} places");
    assert!(missing.is_empty(), "{missing:#?} are not in {sections:#?}");
}

/// A text without what is in parentheses.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0;
    let mut outside = String::new();
    for c in text.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && c != ')' {
            outside.push(c);
        }
    }
    outside
}
