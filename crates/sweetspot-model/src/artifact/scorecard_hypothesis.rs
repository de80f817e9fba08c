//! The scorecard's section on a hypothesis.

use serde_json::{Map, Value, json};
use sweetspot_core::{Condition, Effect, Test, level_key};

use super::HypothesisSummary;
use crate::stored;

/// A hypothesis as JSON: its condition, what it adds, and its verdict.
pub(super) fn hypothesis_json(stored: &stored::Hypothesis) -> Option<Value> {
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
    } = HypothesisSummary::from_stored(stored)?;
    Some(json!({
        "id": id,
        "statement": statement,
        "author": author,
        "when": condition_json(&when),
        "label": label,
        "log_odds": model.log_odds,
        "standard_error": model.standard_error,
        "customers": customers,
        "ideal": ideal,
        "believed_odds_ratio": odds_ratio,
        "confidence_customers": confidence_customers,
        "verdict": verdict.as_str(),
        "customers_say": customers_say.map(|Effect { log_odds, standard_error }| json!({
            "log_odds": log_odds,
            "standard_error": standard_error,
        })),
    }))
}

/// A condition with its texts as keys, so that it can be evaluated by hand.
pub(super) fn condition_json(condition: &Condition) -> Value {
    let Condition { attribute, test } = condition;
    let mut json = Map::from_iter([("attribute".to_owned(), json!(attribute))]);
    let mut set = |key: &str, value: Value| {
        json.insert(key.to_owned(), value);
    };
    match test {
        Test::AnyOf(texts) => set("any_of", texts.iter().map(|text| level_key(text)).collect()),
        Test::Range { gte, lt } => {
            let bounds = [("at_least", gte), ("below", lt)];
            for (key, bound) in bounds.into_iter().filter(|(_, bound)| bound.is_some()) {
                set(key, json!(bound));
            }
        }
        Test::Present(present) => set("present", json!(present)),
        Test::Flag(flag) => set("flag", json!(flag)),
    }
    Value::Object(json)
}
