//! What differs between two versions of a model, value by value.

use sweetspot::domain::{Definition, Status};
use sweetspot::model::ModelArtifact;
use sweetspot::report::diff::{Difference, ProfileState, differences};

use crate::support::{company, evidence, only, with_texts};

fn told(from: (u64, &ModelArtifact), to: (u64, &ModelArtifact)) -> Vec<Difference> {
    let definition = Definition::default();
    let state = |model| ProfileState { definition: &definition, model: Some(model) };
    differences(state(from), state(to))
}

/// Customers of three regions, each with so many ideal ones in a hundred.
fn regions(rates: [usize; 3]) -> ModelArtifact {
    let names = ["north", "south", "west"];
    let row = |row: usize| {
        let (region, turn) = (row % 3, row / 3 % 100);
        // 37 and 100 have no divisor in common, so that every hundred has each remainder once.
        let (name, rate) = (*names.get(region).unwrap(), *rates.get(region).unwrap());
        (name, only(if turn * 37 % 100 < rate { Status::Won } else { Status::Lost }))
    };
    evidence(with_texts("region", &(0..900).map(row).collect::<Vec<_>>())).model
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
