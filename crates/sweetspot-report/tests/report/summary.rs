//! The ICP summary.

use sweetspot_core::{Category, Customers, Definition, Finding, Lean, Severity, Status, Value};
use sweetspot_model::TrainingSpec;
use sweetspot_report::summary::{Summary, blocks};
use sweetspot_report::{Block, Tone};

use crate::support::{account, believed, by_ann, company, evidence, evidence_of, gate, only, with_texts};

fn texts(blocks: &[Block]) -> String {
    format!("{blocks:?}")
}

#[test]
fn the_opening_sentence_counts_what_it_says() {
    let customers = company(600);
    let evidence = evidence(customers.clone());
    let opening = Summary::new(&evidence).opening.unwrap();
    // The same count by hand, for the traits that are numbers: from their words back to the customers.
    let one = &opening.traits[0];
    let least: f64 = one.value.trim_end_matches(" or more").replace(',', "").parse().unwrap();
    let has = |row: usize| match account(&customers, row).attributes.get(&one.attribute) {
        Some(Value::Number(number)) => *number >= least,
        _ => false,
    };
    let alone = (0..600).filter(|row| has(*row) && evidence.ideal(*row).is_some()).count() as u64;
    assert!(opening.matching.of <= alone && opening.matching.of > 0, "{opening:?}");
    let (low, _) = opening.matching.interval();
    assert!(low > opening.all.rate().unwrap(), "the traits set ideal customers apart: {opening:?}");
    assert!(opening.matching.part * 4 >= opening.all.part, "a quarter of the ideal customers at least");
    let sentence = opening.sentence();
    assert!(
        sentence.starts_with(&format!("Your best-fit accounts have {} {}", one.attribute, one.value)),
        "{sentence}"
    );
}

#[test]
fn figures_are_those_of_the_customers() {
    let customers = company(600);
    let evidence = evidence(customers.clone());
    let summary = Summary::new(&evidence);
    let ideal = (0..600).filter(|row| evidence.ideal(*row) == Some(true)).count() as u64;
    assert_eq!(summary.customers.part, ideal);
    let net = |row: usize| customers.outcomes().get(row).net_value().unwrap_or(0.0);
    let all: f64 = (0..600).map(net).sum();
    let held: f64 = (0..600).filter(|row| evidence.ideal(*row) == Some(true)).map(net).sum();
    assert!((summary.value_share.unwrap() - held / all).abs() < 1e-12);
    for factor in summary.parts.iter().flat_map(|part| &part.factors).chain(&summary.rules_out) {
        assert!(factor.low <= factor.odds_ratio && factor.odds_ratio <= factor.high, "{factor:?}");
        assert!(factor.customers.part <= factor.customers.of && factor.customers.of <= 600, "{factor:?}");
    }
    assert!(summary.rules_out.iter().all(|factor| factor.high < 1.0));
    assert!(!summary.rules_out.is_empty());
}

#[test]
fn what_people_say_stands_with_their_name_until_it_expires() {
    let finding = |id: &str, until| Finding {
        id: id.to_owned(),
        text: format!("finding {id}"),
        category: Some(Category::ImpactPotential),
        lean: Lean::Positive,
        by: by_ann(until),
        ..Finding::default()
    };
    let definition = Definition {
        gates: vec![gate(Severity::Out, None), gate(Severity::Caution, Some(20_000))],
        findings: vec![finding("current", Some(20_601)), finding("past", Some(20_600))],
        ..Definition::default()
    };
    let summary = Summary::new(&evidence_of(company(200), definition, &TrainingSpec::default()));
    let expected = "employees below 20 (stated by Ann, 1970-01-01)".to_owned();
    assert_eq!(summary.gates, [(Severity::Out, expected)]);
    let part = summary.parts.iter().find(|part| part.category == Category::ImpactPotential).unwrap();
    assert_eq!(part.findings, ["finding current (stated by Ann, 1970-01-01, until 2026-05-28)"]);
}

#[test]
fn nothing_is_drawn_from_nothing() {
    let evidence = believed();
    let summary = Summary::new(&evidence);
    assert_eq!((summary.customers.of, summary.opening.clone(), summary.value_share), (0, None, None));
    let blocks = blocks(&evidence, &summary);
    assert!(matches!(&blocks[1], Block::Told(Tone::Missing, text) if text.starts_with("There are no customers yet")));
    assert!(texts(&blocks).contains("not yet interviewed"));
}

#[test]
fn customers_that_cannot_be_told_apart_get_no_sentence() {
    let rows: Vec<_> = (0..40)
        .map(|row| (["north", "south"][row % 2], only(if row % 4 < 2 { Status::Won } else { Status::Lost })))
        .collect();
    let evidence = evidence(with_texts("region", &rows));
    let summary = Summary::new(&evidence);
    assert_eq!((summary.has_signal, summary.opening.clone()), (false, None));
    assert!(texts(&blocks(&evidence, &summary)).contains("No attribute sets ideal customers apart, judging by"));
}

#[test]
fn the_whole_summary_reads_as_it_should() {
    let evidence = evidence(company(600));
    let summary = Summary::new(&evidence);
    let blocks = blocks(&evidence, &summary);
    let _: &Customers = &evidence.customers;
    insta::assert_debug_snapshot!(blocks);
}
