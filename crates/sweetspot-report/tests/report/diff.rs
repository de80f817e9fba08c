//! What differs between two versions of a model, value by value.

use sweetspot_core::{Condition, Customers, Definition, Hypothesis, Status, Test};
use sweetspot_model::{ModelArtifact, TrainingSpec, ValueEffect};
use sweetspot_report::diff::{Difference, ProfileState, differences};
use sweetspot_report::pond::PondMap;
use sweetspot_report::summary::Summary;
use sweetspot_report::{Evidence, Proof};

use crate::support::{belief, company, evidence, evidence_of, only, with_texts};

fn told(from: (u64, &ModelArtifact), to: (u64, &ModelArtifact)) -> Vec<Difference> {
    let definition = Definition::default();
    let state = |model| ProfileState { definition: &definition, model: Some(model) };
    differences(state(from), state(to))
}

/// A model of [`customers_of_regions`].
fn regions(rates: [usize; 3]) -> ModelArtifact {
    evidence(customers_of_regions(rates)).model
}

/// Customers of three regions, each with so many ideal ones in a hundred.
fn customers_of_regions(rates: [usize; 3]) -> Customers {
    let names = ["north", "south", "west"];
    let row = |row: usize| {
        let (region, turn) = (row % 3, row / 3 % 100);
        // 37 and 100 have no divisor in common, so that every hundred has each remainder once.
        let (name, rate) = (*names.get(region).unwrap(), *rates.get(region).unwrap());
        (name, only(if turn * 37 % 100 < rate { Status::Won } else { Status::Lost }))
    };
    with_texts("region", &(0..900).map(row).collect::<Vec<_>>())
}

#[test]
fn a_version_does_not_differ_from_itself() {
    let model = evidence(company(400)).model;
    assert_eq!(told((3, &model), (3, &model)), []);
    // The same version under another number: that alone.
    let subjects: Vec<_> = told((3, &model), (4, &model)).into_iter().map(|one| one.subject).collect();
    assert_eq!(subjects, ["model"]);
    let changes = model.effects_since(&model);
    assert!(!changes.is_empty() && changes.iter().all(|change| change.from == change.to));
}

#[test]
fn a_value_that_changed_beyond_chance_is_told_with_its_odds() {
    let (old, new) = (regions([80, 30, 30]), regions([30, 30, 80]));
    let told = told((1, &old), (2, &new));
    let effects: Vec<_> = told.iter().filter_map(|one| Some((one.subject, one.effect.as_ref()?))).collect();
    let moved = |label: &str| effects.iter().find(|(_, change)| change.label == label).map(|(_, change)| *change);
    let (north, west) = (moved("north").unwrap(), moved("west").unwrap());
    assert!(north.from.log_odds > 0.5 && north.to.log_odds < -0.2, "{north:?}");
    assert!(west.from.log_odds < -0.2 && west.to.log_odds > 0.5, "{west:?}");
    assert!(moved("south").is_none() && effects.iter().all(|(subject, _)| *subject == "effect"), "{effects:?}");
    let sentence = &told.iter().find(|one| one.effect.as_ref() == Some(west)).unwrap().sentence;
    assert!(
        sentence.starts_with("region west: from 0.") && sentence.contains(" times the odds of an average customer"),
        "{sentence}"
    );
}

#[test]
fn chance_is_not_told() {
    let (old, new) = (regions([80, 30, 30]), regions([78, 33, 31]));
    assert!(told((1, &old), (2, &new)).iter().all(|one| one.effect.is_none()));
}

fn believing(rates: [usize; 3], odds_ratio: f64, confidence_customers: f64) -> Evidence {
    let when = Condition { attribute: "region".to_owned(), test: Test::AnyOf(vec!["NORTH".to_owned()]) };
    let hypothesis = Hypothesis { when, confidence_customers, ..belief("north", "region", odds_ratio) };
    let spec = TrainingSpec { hypotheses: vec![hypothesis], ..TrainingSpec::default() };
    evidence_of(customers_of_regions(rates), Definition::default(), &spec)
}

fn effect_of(evidence: &Evidence, label: &str) -> ValueEffect {
    let values = evidence.effects().into_iter().flat_map(|effects| effects.values);
    values.into_iter().find(|value| value.label == label).unwrap()
}

/// A belief takes most of the effect out of the value's own slot. Documents tell the value's effect as a whole.
#[test]
fn a_supported_belief_takes_no_value_out_of_the_documents() {
    let rates = [80, 30, 30];
    let plain = evidence(customers_of_regions(rates));
    for (odds_ratio, confidence_customers) in [(8.0, 5.0), (8.0, 500.0), (3.0, 40.0)] {
        let with = believing(rates, odds_ratio, confidence_customers);
        for label in ["north", "south", "west"] {
            let (alone, with) = (effect_of(&plain, label), effect_of(&with, label));
            assert_eq!((alone.customers, alone.ideal), (with.customers, with.ideal));
            let apart = (alone.log_odds - with.log_odds).abs();
            assert!(apart < alone.standard_error + with.standard_error, "{label}: {alone:?} {with:?}");
            assert!(with.standard_error < 2.0 * alone.standard_error, "{label}: {alone:?} {with:?}");
        }
        let rows = |evidence: &Evidence| {
            let map = PondMap::new(evidence);
            let pond = map.sections.iter().flat_map(|section| &section.positives).map(|one| one.text.clone());
            let factors = Summary::new(evidence).parts.into_iter().flat_map(|part| part.factors);
            let proof = Proof::new(evidence).effects.into_iter().map(|one| one.name());
            (pond.collect::<Vec<_>>(), factors.map(|one| one.name()).collect::<Vec<_>>(), proof.collect::<Vec<_>>())
        };
        let (pond, profile, proof) = rows(&with);
        let (plain_pond, plain_profile, plain_proof) = rows(&plain);
        assert!(pond.iter().any(|text| text.contains("north")) && profile.iter().any(|name| name.contains("north")));
        assert_eq!((pond.len(), profile, proof), (plain_pond.len(), plain_profile, plain_proof));
        let spread = |evidence: &Evidence| evidence.model.attributes()[0].whole_spread;
        assert!((spread(&with) / spread(&plain) - 1.0).abs() < 0.15, "{} {}", spread(&with), spread(&plain));
        let changed = told((1, &plain.model), (2, &with.model));
        let about_values: Vec<_> = changed.iter().filter(|one| one.effect.is_some()).collect();
        assert!(about_values.is_empty(), "{about_values:?}");
    }
}
