//! Hypotheses, from the wire into a training and back with their verdicts.

use sweetspot_core::{Condition, Effect, Hypothesis, HypothesisFault, Test, Verdict, check_hypotheses};
use sweetspot_model::HypothesisSummary;
use sweetspot_proto::v1::{self, hypothesis_summary};

use super::condition::{condition, wire_condition};
use super::said::expiry;
use crate::api::problems::Problems;

const REASON: &str = "INVALID_HYPOTHESIS";
const PATH: &str = "config.hypotheses";
/// Largest size of a logarithm whose odds are told: beyond, they would be infinite.
const LARGEST_LOG_ODDS: f64 = 700.0;

/// Reads hypotheses; `excluded` are the attributes that take no part.
pub(super) fn hypotheses(wire: Vec<v1::Hypothesis>, excluded: &[String], problems: &mut Problems) -> Vec<Hypothesis> {
    let mut read = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let hypothesis = hypothesis(wire, &path, problems);
        if excluded.contains(&hypothesis.when.attribute) {
            let text = "the attribute is in excluded_attributes: remove it there, or remove the hypothesis";
            problems.add(REASON, format!("{path}.when.attribute"), text);
        }
        read.push(hypothesis);
    }
    for HypothesisFault { index, field, text } in check_hypotheses(&read) {
        match index {
            Some(index) => problems.add(REASON, format!("{PATH}[{index}].{field}"), text),
            None => problems.add("TOO_MANY_HYPOTHESES", PATH, text),
        }
    }
    read
}

/// Where there is no usable condition, the hypothesis asks for nothing, so that its other faults are told all the same.
pub(super) fn hypothesis(wire: v1::Hypothesis, path: &str, problems: &mut Problems) -> Hypothesis {
    let v1::Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expire_time } = wire;
    let expires = expiry(expire_time, path, problems);
    let place = format!("{path}.when");
    if when.is_none() {
        problems.add(REASON, place.as_str(), "condition is required: set the accounts that the hypothesis applies to");
    }
    let when = when.and_then(|when| condition(when, &place, problems));
    let when = when.unwrap_or_else(|| Condition { attribute: String::new(), test: Test::AnyOf(Vec::new()) });
    Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires }
}

/// A hypothesis with its verdict, as it is answered.
pub(in crate::api) fn summary(summary: HypothesisSummary) -> v1::HypothesisSummary {
    let HypothesisSummary {
        id,
        statement,
        author,
        when,
        label,
        odds_ratio,
        confidence_customers,
        verdict,
        customers,
        ideal,
        customers_say,
        model,
    } = summary;
    let verdict = match verdict {
        Verdict::Supported => hypothesis_summary::Verdict::Supported,
        Verdict::Refuted => hypothesis_summary::Verdict::Refuted,
        Verdict::NotEnoughData => hypothesis_summary::Verdict::NotEnoughData,
    };
    v1::HypothesisSummary {
        id,
        statement,
        author,
        when: Some(wire_condition(when)),
        label,
        odds_ratio,
        confidence_customers,
        verdict: verdict.into(),
        customers,
        ideal,
        customers_say: customers_say.map(odds),
        model: Some(odds(model)),
    }
}

fn odds(effect: Effect) -> v1::OddsRatio {
    let of = |log_odds: f64| log_odds.clamp(-LARGEST_LOG_ODDS, LARGEST_LOG_ODDS).exp();
    let (low, high) = effect.interval();
    v1::OddsRatio { estimate: of(effect.log_odds), low: of(low), high: of(high) }
}
