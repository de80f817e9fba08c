//! Differences between two versions of a model, by value.

use sweetspot_core::{Condition, Customers, Definition, Hypothesis, OutcomeStatus, Test};
use sweetspot_model::{ModelArtifact, TrainingSpec, ValueEffect};
use sweetspot_report::diff::{ProfileDifference, ProfileState, differences};
use sweetspot_report::pond::PondMap;
use sweetspot_report::summary::Summary;
use sweetspot_report::{Proof, ReportInput};

use crate::fixtures::{company, customers_with_texts, default_input, hypothesis, outcome_with_status, trained_input};

fn diff_of_models(from: (u64, &ModelArtifact), to: (u64, &ModelArtifact)) -> Vec<ProfileDifference> {
    let definition = Definition::default();
    let state = |model| ProfileState { definition: &definition, model: Some(model) };
    differences(state(from), state(to))
}

/// A model of [`customers_of_regions`].
fn regions(rates: [usize; 3]) -> ModelArtifact {
    default_input(customers_of_regions(rates)).model
}

/// Customers of three regions, with these numbers of ideal customers per hundred.
fn customers_of_regions(rates: [usize; 3]) -> Customers {
    let names = ["north", "south", "west"];
    let row = |row: usize| {
        let (region, turn) = (row % 3, row / 3 % 100);
        // 37 and 100 are coprime, so that each hundred contains every remainder once.
        let (name, rate) = (*names.get(region).unwrap(), *rates.get(region).unwrap());
        (name, outcome_with_status(if turn * 37 % 100 < rate { OutcomeStatus::Won } else { OutcomeStatus::Lost }))
    };
    customers_with_texts("region", &(0..900).map(row).collect::<Vec<_>>())
}

#[test]
fn a_version_does_not_differ_from_itself() {
    let model = default_input(company(400)).model;
    assert_eq!(diff_of_models((3, &model), (3, &model)), []);
    // The same model under another version number: the only difference is the version.
    let subjects: Vec<_> = diff_of_models((3, &model), (4, &model)).into_iter().map(|one| one.subject).collect();
    assert_eq!(subjects, ["model"]);
    let changes = model.effect_changes(&model);
    assert!(!changes.is_empty() && changes.iter().all(|change| change.before == change.after));
}

#[test]
fn a_value_that_changed_beyond_chance_is_reported_with_its_odds() {
    let (old, new) = (regions([80, 30, 30]), regions([30, 30, 80]));
    let differences = diff_of_models((1, &old), (2, &new));
    let effects: Vec<_> = differences.iter().filter_map(|one| Some((one.subject, one.effect.as_ref()?))).collect();
    let moved = |label: &str| effects.iter().find(|(_, change)| change.label == label).map(|(_, change)| *change);
    let (north, west) = (moved("north").unwrap(), moved("west").unwrap());
    assert!(north.before.log_odds > 0.5 && north.after.log_odds < -0.2, "{north:?}");
    assert!(west.before.log_odds < -0.2 && west.after.log_odds > 0.5, "{west:?}");
    assert!(moved("south").is_none() && effects.iter().all(|(subject, _)| *subject == "effect"), "{effects:?}");
    let sentence = &differences.iter().find(|one| one.effect.as_ref() == Some(west)).unwrap().sentence;
    assert!(
        sentence.starts_with("region west: from 0.") && sentence.contains(" times the odds of an average customer"),
        "{sentence}"
    );
}

#[test]
fn changes_within_chance_are_not_reported() {
    let (old, new) = (regions([80, 30, 30]), regions([78, 33, 31]));
    assert!(diff_of_models((1, &old), (2, &new)).iter().all(|one| one.effect.is_none()));
}

fn with_hypothesis(rates: [usize; 3], odds_ratio: f64, confidence_customers: f64) -> ReportInput {
    let when = Condition { attribute: "region".to_owned(), test: Test::AnyOf(vec!["NORTH".to_owned()]) };
    let hypothesis = Hypothesis { when, confidence_customers, ..hypothesis("north", "region", odds_ratio) };
    let spec = TrainingSpec { hypotheses: vec![hypothesis], ..TrainingSpec::default() };
    trained_input(customers_of_regions(rates), Definition::default(), &spec)
}

fn effect_by_label(input: &ReportInput, label: &str) -> ValueEffect {
    let values = input.effects().into_iter().flat_map(|effects| effects.values);
    values.into_iter().find(|value| value.label == label).unwrap()
}

/// A hypothesis takes most of the effect from the value's own slot. Documents show the total effect.
#[test]
fn a_supported_hypothesis_removes_no_value_from_the_documents() {
    let rates = [80, 30, 30];
    let plain = default_input(customers_of_regions(rates));
    for (odds_ratio, confidence_customers) in [(8.0, 5.0), (8.0, 500.0), (3.0, 40.0)] {
        let with = with_hypothesis(rates, odds_ratio, confidence_customers);
        for label in ["north", "south", "west"] {
            let (alone, with) = (effect_by_label(&plain, label), effect_by_label(&with, label));
            assert_eq!((alone.customers, alone.ideal), (with.customers, with.ideal));
            let apart = (alone.log_odds - with.log_odds).abs();
            assert!(apart < alone.standard_error + with.standard_error, "{label}: {alone:?} {with:?}");
            assert!(with.standard_error < 2.0 * alone.standard_error, "{label}: {alone:?} {with:?}");
        }
        let rows = |input: &ReportInput| {
            let map = PondMap::new(input);
            let pond = map.sections.iter().flat_map(|section| &section.positives).map(|one| one.text.clone());
            let factors = Summary::new(input).parts.into_iter().flat_map(|part| part.factors);
            let proof = Proof::new(input).effects.into_iter().map(|one| one.name());
            (pond.collect::<Vec<_>>(), factors.map(|one| one.name()).collect::<Vec<_>>(), proof.collect::<Vec<_>>())
        };
        let (pond, profile, proof) = rows(&with);
        let (plain_pond, plain_profile, plain_proof) = rows(&plain);
        assert!(pond.iter().any(|text| text.contains("north")) && profile.iter().any(|name| name.contains("north")));
        assert_eq!((pond.len(), profile, proof), (plain_pond.len(), plain_profile, plain_proof));
        let spread = |input: &ReportInput| input.model.attributes()[0].total_spread;
        assert!((spread(&with) / spread(&plain) - 1.0).abs() < 0.15, "{} {}", spread(&with), spread(&plain));
        let changed = diff_of_models((1, &plain.model), (2, &with.model));
        let about_values: Vec<_> = changed.iter().filter(|one| one.effect.is_some()).collect();
        assert!(about_values.is_empty(), "{about_values:?}");
    }
}
