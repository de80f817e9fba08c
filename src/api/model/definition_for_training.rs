//! Adds the valid hypotheses and exclusion rules of a model's definition to a training, unless the request overrides
//! them.

use jiff::Timestamp;
use sweetspot_core::{
    Definition, ExclusionRule, Hypothesis, HypothesisEntry, MAX_EXCLUSION_RULES, MAX_HYPOTHESES, check_hypotheses,
};
use sweetspot_model::TrainingSpec;

/// Adds the entries of a definition to a training request. Omitted entries are recorded as warnings in the spec.
pub(super) fn apply_definition(spec: &mut TrainingSpec, definition: Definition, now: Timestamp) {
    let Definition { hypotheses, exclusion_rules, .. } = definition;
    for HypothesisEntry { hypothesis, .. } in hypotheses {
        apply_hypothesis(spec, hypothesis, now);
    }
    for exclusion_rule in exclusion_rules {
        apply_exclusion_rule(spec, exclusion_rule, now);
    }
}

fn apply_hypothesis(spec: &mut TrainingSpec, hypothesis: Hypothesis, now: Timestamp) {
    // A hypothesis of the request with the same id, or about the same accounts, takes precedence.
    if spec.hypotheses.iter().any(|requested| is_same_hypothesis(requested, &hypothesis)) {
        return;
    }
    let reason = if let Some(day) = hypothesis.expired_on(now) {
        format!("it expired on {day}")
    } else if spec.excluded_attributes.contains(&hypothesis.when.attribute) {
        format!("its attribute {:?} is excluded", hypothesis.when.attribute)
    } else if spec.hypotheses.len() >= MAX_HYPOTHESES {
        format!("the request and the definition together have more than {MAX_HYPOTHESES}")
    } else {
        spec.hypotheses.push(hypothesis);
        return;
    };
    spec.initial_warnings.push(format!("hypothesis {:?} of the definition is left out: {reason}", hypothesis.id));
}

/// Adds an exclusion rule, unless the request has one with the same id.
fn apply_exclusion_rule(spec: &mut TrainingSpec, exclusion_rule: ExclusionRule, now: Timestamp) {
    if spec.exclusion_rules.iter().any(|requested| requested.id == exclusion_rule.id) {
        return;
    }
    let reason = if !exclusion_rule.attribution.holds(now) {
        "it has expired".to_owned()
    } else if spec.exclusion_rules.len() >= MAX_EXCLUSION_RULES {
        format!("the request and the definition together have more than {MAX_EXCLUSION_RULES}")
    } else {
        spec.exclusion_rules.push(exclusion_rule);
        return;
    };
    spec.initial_warnings
        .push(format!("exclusion rule {:?} of the definition is left out: {reason}", exclusion_rule.id));
}

/// Whether both have the same id, or are about the same accounts.
fn is_same_hypothesis(requested: &Hypothesis, stored: &Hypothesis) -> bool {
    let doubled = || check_hypotheses(&[requested.clone(), stored.clone()]).iter().any(|fault| fault.index == Some(1));
    requested.id == stored.id || doubled()
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Condition, Test};

    use super::*;

    fn hypothesis(id: &str, attribute: &str, expires: Option<Timestamp>) -> Hypothesis {
        Hypothesis {
            id: id.to_owned(),
            statement: String::new(),
            when: Condition { attribute: attribute.to_owned(), test: Test::Flag(true) },
            odds_ratio: 2.0,
            confidence_customers: 10.0,
            author: String::new(),
            expires,
        }
    }

    fn apply_hypotheses(spec: TrainingSpec, held: Vec<Hypothesis>) -> (Vec<String>, Vec<String>) {
        let held = held.into_iter().map(|hypothesis| HypothesisEntry {
            hypothesis,
            stated_at: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        });
        let definition = Definition { hypotheses: held.collect(), ..Definition::default() };
        let mut spec = spec;
        apply_definition(&mut spec, definition, Timestamp::UNIX_EPOCH);
        (spec.hypotheses.into_iter().map(|one| one.id).collect(), spec.initial_warnings)
    }

    #[test]
    fn hypotheses_of_the_request_override_those_of_the_definition() {
        let own = TrainingSpec { hypotheses: vec![hypothesis("a", "x", None)], ..TrainingSpec::default() };
        let held = vec![hypothesis("a", "y", None), hypothesis("b", "x", None), hypothesis("c", "z", None)];
        assert_eq!(apply_hypotheses(own, held), (vec!["a".to_owned(), "c".to_owned()], Vec::new()));
    }

    #[test]
    fn hypotheses_that_are_left_out_are_reported() {
        let own = TrainingSpec { excluded_attributes: vec!["x".to_owned()], ..TrainingSpec::default() };
        let held = vec![hypothesis("a", "x", None), hypothesis("b", "y", Some(Timestamp::UNIX_EPOCH))];
        let (ids, told) = apply_hypotheses(own, held);
        assert!(ids.is_empty());
        assert_eq!(
            told,
            [
                "hypothesis \"a\" of the definition is left out: its attribute \"x\" is excluded",
                "hypothesis \"b\" of the definition is left out: it expired on 1970-01-01",
            ]
        );
    }

    #[test]
    fn a_training_has_no_more_hypotheses_than_the_maximum() {
        let own = (0..MAX_HYPOTHESES).map(|id| hypothesis(&id.to_string(), &id.to_string(), None)).collect();
        let own = TrainingSpec { hypotheses: own, ..TrainingSpec::default() };
        let (ids, told) = apply_hypotheses(own, vec![hypothesis("one more", "x", None)]);
        assert_eq!((ids.len(), told.len()), (MAX_HYPOTHESES, 1));
    }
}
