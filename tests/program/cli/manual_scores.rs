//! Recomputes every score of a list from the texts of the file and the scorecard, without any of the program's code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cli::fixtures::{ATTRIBUTES, SyntheticData, TestTable, mapping_toml, synthetic_data};
use crate::cli::score_table::ScoreTable;
use crate::cli::support::Bench;

/// A scorecard, evaluated by its own instructions.
struct ScorecardJson(Value);

impl ScorecardJson {
    fn base(&self) -> f64 {
        self.0["base_log_odds"].as_f64().unwrap()
    }

    /// Returns the contributions of each attribute and each interaction, in the card's order.
    fn contributions(&self, header: &[String], row: &[String]) -> Vec<f64> {
        let mut filled = BTreeMap::new();
        let mut part = |attribute: &Value| {
            let name = attribute["attribute"].as_str().unwrap().to_owned();
            let place = header.iter().position(|column| *column == name);
            let text = place.map_or("", |place| row[place].trim());
            let slots = slots(attribute, if text == "Unknown" { "" } else { text });
            filled.insert(name, slots.last().copied());
            slots.into_iter().map(|slot| attribute["slots"][slot]["log_odds"].as_f64().unwrap()).sum()
        };
        let mut parts: Vec<f64> = self.0["attributes"].as_array().unwrap().iter().map(&mut part).collect();
        let pair = |pair: &Value| {
            let group = |name: &str, groups: &str| {
                let slot = filled[pair[name].as_str().unwrap()].unwrap();
                pair[groups][slot].as_u64().unwrap() as usize
            };
            let groups = pair["second_groups"].as_array().unwrap().iter().map(|group| group.as_u64().unwrap());
            let cell = group("first", "first_groups") * (groups.max().unwrap() as usize + 1)
                + group("second", "second_groups");
            pair["cells"][cell]["log_odds"].as_f64().unwrap()
        };
        parts.extend(self.0["pairs"].as_array().unwrap().iter().map(pair));
        parts
    }

    fn log_odds(&self, header: &[String], row: &[String]) -> f64 {
        self.base() + self.contributions(header, row).iter().sum::<f64>()
    }
}

fn slots(attribute: &Value, text: &str) -> Vec<usize> {
    let last = attribute["slots"].as_array().unwrap().len() - 1;
    let below = |number: f64| {
        attribute["edges"].as_array().unwrap().iter().filter(|edge| edge.as_f64().unwrap() <= number).count()
    };
    let keys = || attribute["keys"].as_array().unwrap();
    let find = |text: &str| keys().iter().position(|key| *key == text.trim().to_lowercase().as_str());
    let kind = attribute["kind"].as_str().unwrap();
    match (kind, text) {
        (_, "") => vec![last],
        ("number", text) => vec![number(text).map_or(last, below)],
        ("date", text) => vec![days(text).map_or(last, below)],
        ("flag", text) => vec![usize::from(text.to_lowercase() == "yes")],
        ("category", text) => vec![find(text).unwrap_or(keys().len())],
        ("list", text) => {
            let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
            items.filter_map(find).collect::<BTreeSet<_>>().into_iter().collect()
        }
        (kind, _) => unreachable!("the scorecard has a kind {kind:?} that its instructions do not know"),
    }
}

/// Parses `€ 1,234.5` and similar numbers.
fn number(text: &str) -> Option<f64> {
    text.replace(['€', '$', ',', '%', ' '], "").parse().ok()
}

/// Returns the days since 1970 of `2026-11-22`, counted year by year.
fn days(text: &str) -> Option<f64> {
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day] = parts[..] else { return None };
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let years: u32 = (1970..year).map(|year| 365 + u32::from(leap(year))).sum();
    let lengths = [31, 28 + u32::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    Some(f64::from(years + lengths[..month as usize - 1].iter().sum::<u32>() + day - 1))
}

/// Asserts that the scores of `file` equal those of the card, bit by bit, and that their reasons are its contributions.
fn assert_agreement(bench: &Bench, file: &str, mapping: &str) {
    let card = ScorecardJson(bench.ok("model show --json").json());
    let table = TestTable::read(&bench.read(file));
    bench.ok(&format!("score {file} --mapping {mapping} -o out.csv --reasons 50"));
    let scored = ScoreTable::read(&bench.read("out.csv"));
    let lines = bench.ok(&format!("score {file} --mapping {mapping} --json --reasons 50")).stdout;
    assert_eq!(lines.lines().count(), table.rows.len());
    for ((row, line), (probability, reasons)) in
        table.rows.iter().zip(lines.lines()).zip(scored.probabilities.iter().zip(&scored.reasons))
    {
        let log_odds = card.log_odds(&table.header, row);
        assert!((1.0 / (1.0 + (-log_odds).exp()) - probability).abs() < 1e-12, "{row:?}");
        let told: Value = serde_json::from_str(line).unwrap();
        assert_eq!(told["logOdds"].as_f64().unwrap().to_bits(), log_odds.to_bits(), "{row:?}");
        assert_eq!(told["baseLogOdds"].as_f64().unwrap(), card.base());
        let sum: f64 = told["reasons"].as_array().unwrap().iter().map(|r| r["logOdds"].as_f64().unwrap_or(0.0)).sum();
        assert_eq!(card.base() + sum, log_odds, "{row:?}");
        let rounded: f64 = reasons.iter().map(|(_, figure)| figure).sum();
        assert!((card.base() + rounded - log_odds).abs() <= 0.005 * reasons.len() as f64 + 1e-9, "{row:?}");
        let sizes: Vec<f64> = reasons.iter().map(|(_, figure)| figure.abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{row:?}");
    }
}

#[test]
fn scores_of_synthetic_companies_equal_the_scorecard_sum() {
    let bench = Bench::trained();
    assert_agreement(&bench, "prospects.csv", "mapping.toml");
}

#[test]
fn scores_of_every_attribute_kind_equal_the_scorecard_sum() {
    let SyntheticData { customers, prospects, .. } = synthetic_data(71, 500, 600, -0.4);
    let odd = |table: TestTable| {
        table
            .map_column("employees", |index, text| match index % 5 {
                0 => "Unknown".into(),
                1 => format!("{text}.0"),
                2 => format!("€ {text}"),
                _ => text.to_owned(),
            })
            .map_column("sector", |index, text| match index % 7 {
                0 => text.to_uppercase(),
                1 => format!("  {text} "),
                2 => String::new(),
                3 => format!("Rare {index}"),
                _ => text.to_owned(),
            })
            .map_column("founded", |index, text| if index % 11 == 0 { "Unknown".into() } else { text.to_owned() })
            .map_column("tools", |index, text| match index % 4 {
                0 => format!("{text};Rare"),
                1 if !text.is_empty() => format!("{text};{}", text.to_uppercase()),
                _ => text.to_owned(),
            })
            .map_column("remote", |index, text| if index % 9 == 0 { String::new() } else { text.to_uppercase() })
    };
    let bench = Bench::empty();
    bench.write("map.toml", &mapping_toml(&format!("missing = [\"Unknown\"]\n{ATTRIBUTES}")));
    bench.write("c.csv", &odd(customers).csv());
    bench.write("p.csv", &odd(prospects).csv());
    bench.ok("train c.csv --mapping map.toml --promote");
    assert_agreement(&bench, "p.csv", "map.toml");
    let card = bench.ok("model show --json").json();
    assert!(card["how_to"].as_str().unwrap().contains("an item that appears twice counts once"), "{card}");
}

#[test]
fn scores_of_a_version_that_is_not_live_equal_the_scorecard_sum() {
    let bench = Bench::trained();
    bench.ok("train --mapping mapping.toml --label won --seed 9");
    let card = ScorecardJson(bench.ok("model show 2 --json").json());
    bench.ok("score prospects.csv --mapping mapping.toml --version 2 -o out.csv");
    let table = TestTable::read(&bench.read("prospects.csv"));
    let scored = ScoreTable::read(&bench.read("out.csv"));
    for (row, probability) in table.rows.iter().zip(scored.probabilities) {
        let log_odds = card.log_odds(&table.header, row);
        assert!((1.0 / (1.0 + (-log_odds).exp()) - probability).abs() < 1e-12, "{row:?}");
    }
}

#[test]
fn the_scorecard_sum_holds_for_an_average_and_an_empty_account() {
    let bench = Bench::trained();
    let header = bench.lines("prospects.csv")[0].clone();
    // An account with an id alone would be invalid.
    bench.write("empty.csv", &format!("{header},note\nE1{},x\n", ",".repeat(header.matches(',').count())));
    assert_agreement(&bench, "empty.csv", "mapping.toml");
    let explained = bench.ok("explain empty.csv --mapping mapping.toml --id E1 --json").json();
    assert!(explained["coverage"].is_null(), "no attribute is known, and JSON omits zero: {explained}");
    let issues = explained["issues"].as_array().unwrap();
    assert!(issues.iter().all(|issue| issue["status"] == "ATTRIBUTE_STATUS_MISSING"), "{issues:?}");
}
