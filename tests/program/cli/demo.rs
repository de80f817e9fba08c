//! The demo, which is the first contact with the program.

use crate::cli::support::Bench;

#[test]
fn demo_needs_no_input_and_leaves_no_files() {
    let bench = Bench::new();
    let before = std::fs::read_dir(bench.path(".")).unwrap().count();
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
    assert_eq!(std::fs::read_dir(bench.path(".")).unwrap().count(), before);
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
