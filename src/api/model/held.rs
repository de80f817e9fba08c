//! What of a model's definition enters a training: beliefs and rules that hold, unless the request has its own.

use jiff::Timestamp;
use sweetspot_core::{Definition, Gate, HeldHypothesis, Hypothesis, MOST_GATES, MOST_HYPOTHESES, check_hypotheses};
use sweetspot_model::TrainingSpec;

/// Adds what a definition holds to what a request asks for. What is left out is told in the spec.
pub(super) fn join(spec: &mut TrainingSpec, definition: Definition, now: Timestamp) {
    let Definition { hypotheses, gates, .. } = definition;
    for HeldHypothesis { hypothesis, .. } in hypotheses {
        join_hypothesis(spec, hypothesis, now);
    }
    for gate in gates {
        join_gate(spec, gate, now);
    }
}

fn join_hypothesis(spec: &mut TrainingSpec, hypothesis: Hypothesis, now: Timestamp) {
    // What the request says of the same belief, or of the same accounts, is its last word.
    if spec.hypotheses.iter().any(|own| same(own, &hypothesis)) {
        return;
    }
    let why = if let Some(day) = hypothesis.expired(now) {
        format!("it expired on {day}")
    } else if spec.excluded_attributes.contains(&hypothesis.when.attribute) {
        format!("its attribute {:?} is excluded", hypothesis.when.attribute)
    } else if spec.hypotheses.len() >= MOST_HYPOTHESES {
        format!("the request and the definition together have more than {MOST_HYPOTHESES}")
    } else {
        spec.hypotheses.push(hypothesis);
        return;
    };
    spec.left_out.push(format!("hypothesis {:?} of the definition is left out: {why}", hypothesis.id));
}

/// Of two gates with one id the request's wins.
fn join_gate(spec: &mut TrainingSpec, gate: Gate, now: Timestamp) {
    if spec.gates.iter().any(|own| own.id == gate.id) {
        return;
    }
    let why = if !gate.by.holds(now) {
        "it has expired".to_owned()
    } else if spec.gates.len() >= MOST_GATES {
        format!("the request and the definition together have more than {MOST_GATES}")
    } else {
        spec.gates.push(gate);
        return;
    };
    spec.left_out.push(format!("gate {:?} of the definition is left out: {why}", gate.id));
}

/// Whether both have one id, or are about the same accounts.
fn same(own: &Hypothesis, held: &Hypothesis) -> bool {
    let doubled = || check_hypotheses(&[own.clone(), held.clone()]).iter().any(|fault| fault.index == Some(1));
    own.id == held.id || doubled()
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Condition, Test};

    use super::*;

    fn belief(id: &str, attribute: &str, expires: Option<Timestamp>) -> Hypothesis {
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

    fn joined(spec: TrainingSpec, held: Vec<Hypothesis>) -> (Vec<String>, Vec<String>) {
        let held = held.into_iter().map(|hypothesis| HeldHypothesis {
            hypothesis,
            stated: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        });
        let definition = Definition { hypotheses: held.collect(), ..Definition::default() };
        let mut spec = spec;
        join(&mut spec, definition, Timestamp::UNIX_EPOCH);
        (spec.hypotheses.into_iter().map(|one| one.id).collect(), spec.left_out)
    }

    #[test]
    fn the_request_wins_and_the_rest_joins() {
        let own = TrainingSpec { hypotheses: vec![belief("a", "x", None)], ..TrainingSpec::default() };
        let held = vec![belief("a", "y", None), belief("b", "x", None), belief("c", "z", None)];
        assert_eq!(joined(own, held), (vec!["a".to_owned(), "c".to_owned()], Vec::new()));
    }

    #[test]
    fn what_is_left_out_is_told() {
        let own = TrainingSpec { excluded_attributes: vec!["x".to_owned()], ..TrainingSpec::default() };
        let held = vec![belief("a", "x", None), belief("b", "y", Some(Timestamp::UNIX_EPOCH))];
        let (ids, told) = joined(own, held);
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
    fn no_more_enter_than_one_training_takes() {
        let own = (0..MOST_HYPOTHESES).map(|id| belief(&id.to_string(), &id.to_string(), None)).collect();
        let own = TrainingSpec { hypotheses: own, ..TrainingSpec::default() };
        let (ids, told) = joined(own, vec![belief("one more", "x", None)]);
        assert_eq!((ids.len(), told.len()), (MOST_HYPOTHESES, 1));
    }
}
