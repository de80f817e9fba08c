use super::*;
use crate::fixtures::artifact;
use crate::stored::{ModelArtifact as Kept, cell, term};

fn compile_changed(change: impl FnOnce(&mut Kept)) -> Result<Scorer, CompileError> {
    let mut artifact = artifact();
    change(&mut artifact.0);
    Scorer::compile(&artifact)
}

fn golden(cells: usize, log_odds: f64) -> stored::GoldenRow {
    stored::GoldenRow { cells: vec![stored::Cell { kind: None }; cells], log_odds }
}

#[test]
fn a_consistent_artifact_is_ready_to_score() {
    let scorer = compile_changed(|_| {}).unwrap();
    assert_eq!(scorer.attribute_count(), 5);
    let nothing = scorer.score(&Account::default());
    assert_eq!(nothing.log_odds, 0.125 + 0.75, "only the flag has an effect for missing values");
    assert_eq!((nothing.base_log_odds, nothing.coverage), (0.125, 0.0));
    assert_eq!(scorer.explain(&Account::default()).notes.len(), 5);
}

/// Adds a hypothesis with this change.
fn add_hypothesis(kept: &mut Kept, change: fn(&mut stored::Hypothesis)) {
    let mut one = crate::fixtures::hypothesis();
    change(&mut one);
    kept.hypotheses.push(one);
}

/// Adds an exclusion rule with this change.
fn add_exclusion_rule(kept: &mut Kept, change: fn(&mut stored::ExclusionRule)) {
    let mut one = crate::fixtures::exclusion_rule();
    change(&mut one);
    kept.exclusion_rules.push(one);
}

#[test]
fn every_inconsistency_is_refused_by_name() {
    type ArtifactEdit = fn(&mut Kept);
    let cases: Vec<(ArtifactEdit, &str)> = vec![
        (|kept| kept.terms.clear(), "it has no attributes"),
        (|kept| kept.tiers = None, "it has no tiers"),
        (|kept| kept.tiers.as_mut().unwrap().a = 0.4, "tiers overlap"),
        (|kept| kept.tiers.as_mut().unwrap().c = 0.6, "tiers overlap"),
        (|kept| kept.tiers.as_mut().unwrap().b = f64::NAN, "tiers overlap"),
        (|kept| kept.terms[1].attribute = "employees".to_owned(), "an attribute appears twice"),
        (|kept| kept.terms[0].encoder = None, "attribute \"employees\" has no encoder"),
        (|kept| kept.terms[1].slots.truncate(3), "attribute \"city\" has 3 coefficients"),
        (|kept| kept.terms[2].slots.push(stored::Slot::default()), "attribute \"remote\" has 4 coefficients"),
        (|kept| kept.terms[3].slots.clear(), "attribute \"tools\" has 0 coefficients"),
        (|kept| kept.base_log_odds = f64::NAN, "a coefficient of \"base\" is NaN"),
        (|kept| kept.base_log_odds = 1e9, "a coefficient of \"base\" is 1000000000"),
        (|kept| kept.terms[4].slots[1].log_odds = f64::NAN, "a coefficient of \"founded\" is NaN"),
        (|kept| kept.terms[4].slots[0].log_odds = f64::INFINITY, "a coefficient of \"founded\" is inf"),
        (|kept| kept.terms[0].slots[3].log_odds = -1000.5, "a coefficient of \"employees\" is -1000.5"),
        (|kept| add_hypothesis(kept, |one| one.when = None), "hypothesis \"h\" has no condition"),
        (|kept| add_hypothesis(kept, |one| one.slot = None), "hypothesis \"h\" has no coefficient"),
        (
            |kept| add_hypothesis(kept, |one| one.slot.as_mut().unwrap().log_odds = f64::NAN),
            "a coefficient of \"hypothesis \\\"h\\\"\" is NaN",
        ),
        (
            |kept| add_exclusion_rule(kept, |exclusion_rule| exclusion_rule.when = None),
            "exclusion rule \"bern\" has no condition",
        ),
        (
            |kept| add_exclusion_rule(kept, |exclusion_rule| exclusion_rule.severity = 7),
            "exclusion rule \"bern\" has no severity",
        ),
        (|kept| kept.exclusion_rules = vec![crate::fixtures::exclusion_rule(); 101], "it has 101 exclusion rules"),
        (|kept| kept.golden_rows = vec![golden(4, 0.875)], "golden row 0 has 4 values"),
        (|kept| kept.golden_rows = vec![golden(5, 0.875), golden(6, 0.875)], "golden row 1 has 6 values"),
    ];
    for (change, words) in cases {
        let error = compile_changed(change).unwrap_err();
        assert_eq!(error, inconsistent(words));
        assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "ARTIFACT_INCONSISTENT"));
        assert_eq!(
            error.to_string(),
            format!("the stored model is inconsistent: {words}; restore a backup of the store, or train again")
        );
    }
}

/// The fixture's bins of employees ascend, and its slot for missing values is lower.
#[test]
fn monotonicity_is_checked_exactly_and_excludes_the_missing_slot() {
    let directed = |term: usize, direction: stored::Direction, change: fn(&mut stored::Term)| {
        compile_changed(|kept| {
            kept.terms[term].direction = direction.into();
            change(&mut kept.terms[term]);
        })
    };
    directed(0, stored::Direction::Increasing, |_| {}).unwrap();
    directed(0, stored::Direction::Increasing, |term| term.slots[1].log_odds = 0.75).unwrap();
    directed(4, stored::Direction::Unspecified, |term| term.slots[1].log_odds = 9.0).unwrap();
    let against = "attribute \"employees\" goes against its direction";
    let error = directed(0, stored::Direction::Decreasing, |_| {}).unwrap_err();
    assert_eq!(error, inconsistent(against));
    let error = directed(0, stored::Direction::Increasing, |term| term.slots[1].log_odds = 0.75_f64.next_up());
    assert_eq!(error.unwrap_err(), inconsistent(against));
    let error = directed(1, stored::Direction::Increasing, |_| {}).unwrap_err();
    assert_eq!(error, inconsistent("attribute \"city\" has a direction and no order"));
}

#[test]
fn a_damaged_encoder_is_refused_by_its_attribute() {
    let bins = |kept: &mut Kept, change: fn(&mut stored::BinEncoder)| match kept.terms[0].encoder.as_mut() {
        Some(term::Encoder::Number(bins)) => change(bins),
        other => panic!("{other:?}"),
    };
    let levels = |kept: &mut Kept, change: fn(&mut stored::LevelEncoder)| match kept.terms[1].encoder.as_mut() {
        Some(term::Encoder::Category(levels)) => change(levels),
        other => panic!("{other:?}"),
    };
    for (result, attribute) in [
        (compile_changed(|kept| bins(kept, |bins| bins.edges.reverse())), "employees"),
        (compile_changed(|kept| bins(kept, |bins| bins.edges[0] = f64::NAN)), "employees"),
        (compile_changed(|kept| bins(kept, |bins| bins.greatest = f64::INFINITY)), "employees"),
        (compile_changed(|kept| levels(kept, |levels| levels.keys[1] = levels.keys[0].clone())), "city"),
        (compile_changed(|kept| levels(kept, |levels| drop(levels.labels.pop()))), "city"),
    ] {
        assert_eq!(result.unwrap_err(), inconsistent(format!("attribute {attribute:?} has no encoder")));
    }
}

#[test]
fn golden_rows_must_score_to_the_bit() {
    let mut row = golden(5, 0.125 - 0.5 + 0.25 + 0.25 - 0.5 + 0.25 + 0.75);
    let kinds = [
        Some(cell::Kind::Number(5.0)),
        Some(cell::Kind::Text(" zürich".to_owned())),
        Some(cell::Kind::Flag(true)),
        Some(cell::Kind::Texts(stored::Texts { values: vec!["ZÜRICH".to_owned(), "sap".to_owned()] })),
        Some(cell::Kind::Days(31)),
    ];
    row.cells = kinds.map(|kind| stored::Cell { kind }).into();
    assert!(compile_changed(|kept| kept.golden_rows = vec![golden(5, 0.875), row.clone()]).is_ok());
    row.log_odds = row.log_odds.next_up();
    let error = compile_changed(|kept| kept.golden_rows = vec![golden(5, 0.875), row.clone()]).unwrap_err();
    assert!(matches!(error, CompileError::GoldenRow { row: 1, .. }), "{error}");
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "GOLDEN_ROW_MISMATCH"));
}

#[test]
fn the_largest_coefficients_and_equal_tiers_are_allowed() {
    assert!(compile_changed(|kept| kept.base_log_odds = MAX_LOG_ODDS).is_ok());
    assert!(compile_changed(|kept| kept.terms[0].slots[0].log_odds = -MAX_LOG_ODDS).is_ok());
    assert!(compile_changed(|kept| kept.tiers = Some(stored::TierCuts { a: 1.0, b: 1.0, c: 1.0 })).is_ok());
}
