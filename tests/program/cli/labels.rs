//! Label policies from the mapping to the label card, compared with figures counted by hand.
//!
//! 100 won with a net value of 900, 1000, … 10800; 75 lost; 50 churned with a net value of -300; 25 with an unknown
//! outcome.

use serde_json::Value;

use crate::cli::fixtures::TestTable;
use crate::cli::support::Bench;

fn customers() -> TestTable {
    let mut table = TestTable::new(&["id", "size", "status", "value", "serve", "acquire", "since"]);
    let mut add = |status: &str, value: String, costs: [&str; 2], since: &str| {
        let number = table.rows.len();
        let size = format!("{}", (number * 37) % 100);
        let cells = [format!("c{number}"), size, status.into(), value, costs[0].into(), costs[1].into(), since.into()];
        table.rows.push(cells.to_vec());
    };
    for number in 0..100 {
        // The newest is of 1 November; 3 August is 90 days before it.
        let since = ["2026-08-03", "2026-11-01", "2026-08-04", "2026-10-01"][number % 4];
        add("won", format!("{}", 1_000 + 100 * number), ["60", "40"], since);
    }
    (0..75).for_each(|_| add("lost", String::new(), ["", ""], ""));
    (0..50).for_each(|_| add("churned", "500".into(), ["700", "100"], "2026-10-20"));
    (0..25).for_each(|_| add("talking", String::new(), ["", ""], ""));
    table
}

const OUTCOME: &str = r#"
id = "id"
attributes = ["size"]
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"], churned = ["churned"] }
value = "value"
cost_to_serve = "serve"
cost_to_acquire = "acquire"
since = "since"
currency = "CHF"
"#;

/// Parses a 64-bit integer of the API, which JSON omits if it is zero.
fn count(value: &Value) -> u64 {
    value.as_str().map_or(0, |text| text.parse().unwrap())
}

/// Returns the label card with this policy and these flags.
fn label_card(label: &str, flags: &str) -> Value {
    let bench = Bench::empty();
    bench.write("c.csv", &customers().csv());
    bench.write("map.toml", &format!("{OUTCOME}\n[label]\n{label}\n"));
    let mut trained = bench.ok(&format!("train c.csv --mapping map.toml --json {flags}")).json();
    let judged = count(&trained["version"]["labelCard"]["ideal"]) + count(&trained["version"]["labelCard"]["notIdeal"]);
    assert_eq!(count(&trained["version"]["evaluation"]["rows"]), judged);
    trained["version"]["labelCard"].take()
}

#[track_caller]
fn assert_counts(card: &Value, policy: &str, ideal: u64, not_ideal: u64, excluded: u64) {
    let found = ["ideal", "notIdeal", "excluded"].map(|key| count(&card[key]));
    assert_eq!((card["policy"].as_str().unwrap(), found), (policy, [ideal, not_ideal, excluded]));
    assert_eq!(ideal + not_ideal + excluded, 250);
}

#[test]
fn the_won_label_separates_won_from_lost() {
    let card = label_card("policy = \"won\"", "");
    assert_counts(&card, "won", 150, 75, 25);
    assert!(card["valueThreshold"].is_null());
    assert_eq!(card["rule"], "ideal: won; not ideal: lost");
}

#[test]
fn the_retained_label_separates_retained_from_churned() {
    assert_counts(&label_card("policy = \"retained\"", ""), "retained", 100, 50, 100);
}

#[test]
fn the_ideal_label_by_share_takes_the_highest_values() {
    // A fifth of 150 is 30: the won from number 70 on, of 900 + 70 * 100.
    let fifth = label_card("policy = \"ideal\"\nshare = 0.2", "");
    assert_counts(&fifth, "ideal", 30, 195, 25);
    assert_eq!((fifth["valueThreshold"].as_f64(), fifth["currencyCode"].as_str()), (Some(7_900.0), Some("CHF")));
    // Half of 150 is 75: the won from number 25 on.
    let half = label_card("policy = \"ideal\"\nshare = 0.5", "");
    assert_counts(&half, "ideal", 75, 150, 25);
    assert_eq!(half["valueThreshold"], 3_400.0);
    assert_eq!(label_card("share = 0.2", ""), fifth, "the default policy is ideal");
    assert_eq!(label_card("", ""), fifth, "and a fifth");
}

#[test]
fn the_ideal_label_by_value_includes_the_threshold() {
    let at_least = label_card("policy = \"ideal\"\nvalue_at_least = 5900", "");
    assert_counts(&at_least, "ideal", 50, 175, 25);
    assert_eq!(at_least["valueThreshold"], 5_900.0);
    assert_counts(&label_card("policy = \"ideal\"\nvalue_at_least = 5900.01", ""), "ideal", 49, 176, 25);
}

#[test]
fn the_high_value_label_omits_accounts_that_never_bought() {
    assert_counts(&label_card("policy = \"high_value\"\nshare = 0.2", ""), "high_value", 30, 120, 100);
    assert_counts(&label_card("policy = \"high_value\"\nvalue_at_least = 0", ""), "high_value", 100, 50, 100);
}

#[test]
fn custom_weights_choose_the_classes() {
    let weights = |weights: &str| label_card(&format!("policy = \"custom\"\nweights = {{ {weights} }}"), "");
    // The churned customers cost more than they paid, which takes precedence.
    assert_counts(
        &weights("negative_net = -2, churned = 5, lost = -1, high_value = 3, won = 1"),
        "custom",
        100,
        125,
        25,
    );
    assert_counts(&weights("negative_net = -2, high_value = 3, won = 1"), "custom", 100, 50, 100);
    assert_counts(&weights("lost = -1, high_value = 3"), "custom", 30, 75, 145);
    assert_counts(&weights("lost = -1, won = -0.5, high_value = 3"), "custom", 30, 145, 75);
    // Without a weight of their own, customers of high value count as won.
    assert_counts(&weights("lost = -1, won = 1"), "custom", 100, 75, 75);
}

#[test]
fn immature_customers_are_excluded_from_the_label() {
    // Of the won, every fourth is 90 days old: 25, and 18 of the first 70.
    assert_counts(&label_card("policy = \"retained\"\nmaturity_days = 90", ""), "retained", 25, 50, 175);
    assert_counts(&label_card("policy = \"retained\"\nmaturity_days = 89", ""), "retained", 50, 50, 150);
    let ideal = label_card("policy = \"ideal\"\nshare = 0.2\nmaturity_days = 90", "");
    assert_counts(&ideal, "ideal", 30, 75 + 50 + 18, 25 + 52);
    assert_counts(&label_card("policy = \"won\"\nmaturity_days = 90", ""), "won", 150, 75, 25);
}

#[test]
fn label_flags_equal_the_label_of_the_mapping() {
    for (label, flags) in [
        ("policy = \"won\"", "--label won"),
        ("policy = \"ideal\"\nshare = 0.5", "--label ideal --share 0.5"),
        ("policy = \"high_value\"\nvalue_at_least = 5900", "--label high_value --value-at-least 5900"),
        ("policy = \"retained\"", "--label retained"),
    ] {
        assert_eq!(label_card(label, ""), label_card("policy = \"ideal\"\nvalue_at_least = 2000", flags), "{flags}");
    }
}

#[test]
fn the_label_card_lists_its_assumptions() {
    let told = label_card("policy = \"ideal\"\nshare = 0.2", "");
    let notes = told["notes"].as_array().unwrap();
    // A tenth of 150 is 15, three tenths are 45.
    assert!(notes.contains(&"a top share of 10% would start at CHF 9,400 (15 customers)".into()), "{notes:?}");
    assert!(notes.contains(&"a top share of 30% would start at CHF 6,400 (45 customers)".into()), "{notes:?}");
}

/// A base rate is set in the mapping or by a flag, is stored with the version, and is shown with it and in its
/// documents.
#[test]
fn a_base_rate_comes_from_the_mapping_or_a_flag_and_is_shown() {
    let resampled = label_card("policy = \"won\"\nbase_rate = 0.03", "");
    assert_counts(&resampled, "won", 150, 75, 25);
    assert_eq!(resampled["baseRate"], 0.03);
    assert_eq!(label_card("policy = \"won\"", "--base-rate 0.03"), resampled);
    assert_eq!(label_card("policy = \"won\"\nbase_rate = 0.5", "--base-rate 0.03"), resampled, "the flag wins");
    assert!(label_card("policy = \"won\"", "").get("baseRate").is_none());
    let bench = Bench::empty();
    bench.write("c.csv", &customers().csv());
    bench.write("map.toml", &format!("{OUTCOME}\n[label]\npolicy = \"won\"\n"));
    bench.exits_with("train c.csv --mapping map.toml --base-rate 1", 2).assert_stderr("it must be above 0 and below 1");
    bench.ok("train c.csv --mapping map.toml --base-rate 0.03");
    let shown = bench.ok("model show candidate").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Base rate 3%: the rows were resampled, and probabilities are corrected to it."), "{shown}");
    assert!(shown.contains("the rows were resampled: 67% of them are ideal, and 3% of all accounts are"), "{shown}");
    bench.ok("report --version candidate --format md -o r.md");
    let report = bench.read("r.md");
    assert!(report.contains("150 of 225 customers are ideal (67%; of all accounts, 3% are)"), "{report}");
    assert!(report.contains("150, which stand for 3% of all accounts, are ideal"), "{report}");
    assert!(report.matches("The rows were resampled: 67% of them are ideal").count() > 3, "{report}");
}
