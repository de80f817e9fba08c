//! The ICP summary.

use sweetspot_core::{Customers, Definition, Finding, IcpCategory, OutcomeStatus, Severity, Stance, Value};
use sweetspot_model::TrainingSpec;
use sweetspot_report::summary::{Summary, blocks};
use sweetspot_report::{Block, CalloutKind};

use crate::fixtures::{
    account, company, customers_with_texts, default_input, exclusion_rule, hypothesis_only_input, outcome_with_status,
    statement_by_ann, trained_input,
};

fn texts(blocks: &[Block]) -> String {
    format!("{blocks:?}")
}

#[test]
fn the_opening_sentence_counts_what_it_says() {
    let customers = company(600);
    let input = default_input(customers.clone());
    let opening = Summary::new(&input).headline.unwrap();
    // The same count by hand, for the traits that are numbers: from their words back to the customers.
    let one = &opening.traits[0];
    let least: f64 = one.value.trim_end_matches(" or more").replace(',', "").parse().unwrap();
    let has = |row: usize| match account(&customers, row).attributes.get(&one.attribute.key) {
        Some(Value::Number(number)) => *number >= least,
        _ => false,
    };
    let alone = (0..600).filter(|row| has(*row) && input.ideal(*row).is_some()).count() as u64;
    assert!(opening.matching.total <= alone && opening.matching.total > 0, "{opening:?}");
    let (low, _) = opening.matching.interval();
    assert!(low > opening.all.rate().unwrap(), "the traits set ideal customers apart: {opening:?}");
    assert!(opening.matching.part * 4 >= opening.all.part, "a quarter of the ideal customers at least");
    let sentence = opening.sentence();
    assert!(
        sentence.starts_with(&format!("Your best-fit accounts have at least {least} {}", one.attribute)),
        "{sentence}"
    );
}

#[test]
fn figures_are_those_of_the_customers() {
    let customers = company(600);
    let input = default_input(customers.clone());
    let summary = Summary::new(&input);
    let ideal = (0..600).filter(|row| input.ideal(*row) == Some(true)).count() as u64;
    assert_eq!(summary.customers.part, ideal);
    let net = |row: usize| customers.outcomes().get(row).net_value().unwrap_or(0.0);
    let all: f64 = (0..600).map(net).sum();
    let held: f64 = (0..600).filter(|row| input.ideal(*row) == Some(true)).map(net).sum();
    assert!((summary.value_share.unwrap() - held / all).abs() < 1e-12);
    for factor in summary.parts.iter().flat_map(|part| &part.factors).chain(&summary.negative_factors) {
        assert!(factor.low <= factor.odds_ratio && factor.odds_ratio <= factor.high, "{factor:?}");
        assert!(factor.customers.part <= factor.customers.total && factor.customers.total <= 600, "{factor:?}");
    }
    assert!(summary.negative_factors.iter().all(|factor| factor.high < 1.0));
    assert!(!summary.negative_factors.is_empty());
}

#[test]
fn what_people_say_stands_with_their_name_until_it_expires() {
    let finding = |id: &str, until| Finding {
        id: id.to_owned(),
        text: format!("finding {id}"),
        category: Some(IcpCategory::ImpactPotential),
        stance: Stance::Positive,
        attribution: statement_by_ann(until),
        ..Finding::default()
    };
    let definition = Definition {
        exclusion_rules: vec![exclusion_rule(Severity::Out, None), exclusion_rule(Severity::Caution, Some(20_000))],
        findings: vec![finding("current", Some(20_601)), finding("past", Some(20_600))],
        ..Definition::default()
    };
    let summary = Summary::new(&trained_input(company(200), definition, &TrainingSpec::default()));
    let expected = "employees below 20 (stated by Ann, 1970-01-01)".to_owned();
    assert_eq!(summary.exclusion_rules, [(Severity::Out, expected)]);
    let part = summary.parts.iter().find(|part| part.category == IcpCategory::ImpactPotential).unwrap();
    assert_eq!(part.findings, ["finding current (stated by Ann, 1970-01-01, until 2026-05-28)"]);
}

#[test]
fn nothing_is_drawn_from_nothing() {
    let input = hypothesis_only_input();
    let summary = Summary::new(&input);
    assert_eq!((summary.customers.total, summary.headline.clone(), summary.value_share), (0, None, None));
    let blocks = blocks(&input, &summary);
    assert!(
        matches!(&blocks[1], Block::Callout(CalloutKind::Missing, text) if text.starts_with("There are no customers yet"))
    );
    assert!(texts(&blocks).contains("not yet interviewed"));
}

#[test]
fn customers_that_cannot_be_distinguished_get_no_sentence() {
    let rows: Vec<_> = (0..40)
        .map(|row| {
            (
                ["north", "south"][row % 2],
                outcome_with_status(if row % 4 < 2 { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
            )
        })
        .collect();
    let input = default_input(customers_with_texts("region", &rows));
    let summary = Summary::new(&input);
    assert_eq!((summary.has_signal, summary.headline.clone()), (false, None));
    assert!(texts(&blocks(&input, &summary)).contains("No attribute sets ideal customers apart, judging by"));
}

#[test]
fn the_whole_summary_reads_as_it_should() {
    let input = default_input(company(600));
    let summary = Summary::new(&input);
    let blocks = blocks(&input, &summary);
    let _: &Customers = &input.customers;
    insta::assert_debug_snapshot!(blocks);
}
