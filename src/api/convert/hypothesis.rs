//! Converts the hypotheses of a training from messages, and their verdicts to messages.

use sweetspot_core::{Condition, Effect, Hypothesis, HypothesisFault, Test, check_hypotheses};
use sweetspot_model::HypothesisSummary;
use sweetspot_proto::v1;

use super::attribution::parse_expiry;
use super::condition::parse_condition;
use crate::api::violations::Violations;
use crate::messages::entries::wire_condition;
use crate::messages::enums::WireEnum as _;

const REASON: &str = "INVALID_HYPOTHESIS";
const PATH: &str = "config.hypotheses";
/// Maximum absolute log-odds that are converted to odds. Larger ones would be infinite.
const MAX_LOG_ODDS: f64 = 700.0;

/// Reads hypotheses; `excluded` are the attributes that the training excludes.
pub(super) fn parse_hypotheses(
    wire: Vec<v1::Hypothesis>,
    excluded: &[String],
    problems: &mut Violations,
) -> Vec<Hypothesis> {
    let mut read = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let hypothesis = parse_hypothesis(wire, &path, problems);
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

/// Without a valid condition, an empty one takes its place, so that the other problems are reported as well.
pub(super) fn parse_hypothesis(wire: v1::Hypothesis, path: &str, problems: &mut Violations) -> Hypothesis {
    let v1::Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expire_time } = wire;
    let expires = parse_expiry(expire_time, path, problems);
    let place = format!("{path}.when");
    if when.is_none() {
        problems.add(REASON, place.as_str(), "condition is required: set the accounts that the hypothesis applies to");
    }
    let when = when.and_then(|when| parse_condition(when, &place, problems));
    let when = when.unwrap_or_else(|| Condition { attribute: String::new(), test: Test::AnyOf(Vec::new()) });
    Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires }
}

/// Converts a hypothesis with its verdict.
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
        data_effect: customers_say,
        model_effect: model,
    } = summary;
    v1::HypothesisSummary {
        id,
        statement,
        author,
        when: Some(wire_condition(when)),
        label,
        odds_ratio,
        confidence_customers,
        verdict: verdict.wire().into(),
        customers,
        ideal,
        customers_say: customers_say.map(odds_ratio_interval),
        model: Some(odds_ratio_interval(model)),
    }
}

fn odds_ratio_interval(effect: Effect) -> v1::OddsRatio {
    let odds = |log_odds: f64| log_odds.clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS).exp();
    let (low, high) = effect.interval();
    v1::OddsRatio { estimate: odds(effect.log_odds), low: odds(low), high: odds(high) }
}
