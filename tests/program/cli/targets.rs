//! Target accounts: as a list, and as a document of a report.

use sweetspot_ingest::synth;

use crate::cli::support::Bench;

/// Returns a column of a CSV file, by name.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|record| record.unwrap()[place].to_owned()).collect()
}

/// A bench whose live version has customer values, and a list that is longer than one request ranks.
fn bench_with_long_list() -> Bench {
    let bench = Bench::trained();
    bench.write("long.csv", &synth::prospects(5, 10_400));
    bench
}

#[test]
fn the_top_of_a_long_list_equals_the_sorted_list_in_either_order() {
    let bench = bench_with_long_list();
    bench.ok("score long.csv --mapping mapping.toml -o scores.csv");
    let scores = bench.read("scores.csv");
    let ids = column(&scores, "company_id");
    for (order, key) in [("probability", "probability"), ("expected-value", "expected_value")] {
        let figures: Vec<f64> = column(&scores, key).iter().map(|figure| figure.parse().unwrap()).collect();
        let mut ranked: Vec<(f64, &str)> = figures.into_iter().zip(ids.iter().map(String::as_str)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let told = bench.ok(&format!("targets long.csv --mapping mapping.toml --order {order} --top 40 -o best.csv"));
        told.assert_stderr("ranked 10400 accounts").assert_stderr("tiers count the whole list");
        let best = column(&bench.read("best.csv"), "id");
        let expected: Vec<&str> = ranked.iter().take(40).map(|(_, id)| *id).collect();
        // Rounded figures in the file may be equal; accounts that are clearly better must be included.
        let least = ranked[39].0;
        let figure = |id: &str| ranked.iter().find(|(_, one)| *one == id).unwrap().0;
        assert_eq!(best.len(), 40);
        assert!(best.iter().all(|id| figure(id) >= least), "{order}: {best:?} and not {expected:?}");
    }
    bench.exits_with("targets long.csv --order name", 2);
}

#[test]
fn prospects_become_a_document_of_the_report() {
    let bench = Bench::trained();
    let line = "report --targets prospects.csv --mapping mapping.toml";
    bench.ok(&format!("{line} -o report.html")).assert_stderr("wrote report.html");
    let page = bench.read("report.html");
    assert!(page.contains("1,203 accounts are ranked") && page.contains("And 1,178 more"));
    assert_eq!(page.matches("How the score of").count(), 3 * 2);
    let text = bench.ok(&format!("{line} --format md --document targets --top 3 --capacity 1,1,1")).stdout;
    assert!(text.contains("## Target accounts") && text.contains("| A | 1 |") && !text.contains("Pond Map"), "{text}");
    let data = bench.ok(&format!("{line} --json --document proof --order expected-value --top 7")).json();
    let targets = data["targets"]["targets"].as_array().unwrap();
    let values: Vec<f64> = targets.iter().map(|one| one["score"]["expectedValue"].as_f64().unwrap()).collect();
    assert!(values.len() == 7 && values.is_sorted_by(|a, b| a >= b), "{values:?}");
    assert!(data["proof"].is_object() && data["summary"].is_null());
}

#[test]
fn a_report_has_the_best_accounts_of_a_long_list() {
    let bench = bench_with_long_list();
    let run = bench.ok("report --targets long.csv --mapping mapping.toml --format md --document targets");
    run.assert_stderr("tiers count the whole list");
    assert!(run.stdout.contains("10,400 accounts are ranked") && run.stdout.contains("And 10,375 more"), "{run:?}");
}

#[test]
fn list_options_require_a_list() {
    let bench = Bench::trained();
    bench.exits_with("report --document targets --format md", 2).assert_stderr("--targets FILE");
    bench.exits_with("report --order expected-value --format md", 2).assert_stderr("--targets FILE");
    bench.exits_with("report --targets none.csv --format md", 3).assert_stderr("none.csv");
    bench.exits_with("report --targets prospects.csv --top 101 --format md", 2);
    bench.exits_with("report --targets prospects.csv --cuts 0.1,0.2,0.3 --format md", 2).assert_stderr("--cuts");
}
