//! The scorecard's section on a hypothesis.

use serde_json::{Map, Value, json};
use sweetspot_core::{AttributeKind, Condition, Effect, Test, level_key, parse_date, parse_flag, parse_number};

use super::HypothesisSummary;
use super::scorecard_json::units;
use crate::stored;
use crate::stored_condition::matcher_from_stored;

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
    let slot = stored.slot.as_ref()?;
    let kind = matcher_from_stored(stored.when.as_ref())?.kind();
    Some(json!({
        "id": id,
        "statement": statement,
        "author": author,
        "when": condition_json(&when, kind),
        "label": label,
        "log_odds": model.log_odds,
        "units": units(model.log_odds),
        "variance": slot.variance,
        "factors": slot.factors,
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

/// A condition with its texts as keys, so that it can be evaluated by hand. `kind` is the kind as which it reads
/// values; `None` if it reads them as they are.
pub(super) fn condition_json(condition: &Condition, kind: Option<AttributeKind>) -> Value {
    let Condition { attribute, test } = condition;
    let mut json = Map::from_iter([("attribute".to_owned(), json!(attribute))]);
    if let Some(kind) = kind {
        json.insert("kind".to_owned(), json!(kind.as_str()));
    }
    match test {
        Test::AnyOf(texts) => {
            let keys: Vec<_> = texts.iter().map(|text| level_key(text)).filter(|key| !key.is_empty()).collect();
            json.insert("any_of".to_owned(), json!(keys));
            json.extend(texts_of_other_kinds(texts, kind));
        }
        Test::Range { gte, lt } => {
            let bounds = [("at_least", gte), ("below", lt)];
            let bounds = bounds.into_iter().filter(|(_, bound)| bound.is_some());
            json.extend(bounds.map(|(key, bound)| (key.to_owned(), json!(bound))));
        }
        Test::Present(present) => _ = json.insert("present".to_owned(), json!(present)),
        Test::Flag(flag) => _ = json.insert("flag".to_owned(), json!(flag)),
    }
    Value::Object(json)
}

/// What a condition's texts are as numbers, days and flags, where values can be of these kinds.
fn texts_of_other_kinds(texts: &[String], kind: Option<AttributeKind>) -> impl Iterator<Item = (String, Value)> {
    let days = |text: &String| parse_date(text).map(|date| date.days);
    let lists = [
        (
            "numbers",
            AttributeKind::Number,
            texts.iter().filter_map(|text| parse_number(text)).map(Value::from).collect(),
        ),
        ("days", AttributeKind::Date, texts.iter().filter_map(days).map(Value::from).collect()),
        ("flags", AttributeKind::Flag, texts.iter().filter_map(|text| parse_flag(text)).map(Value::from).collect()),
    ];
    let possible = lists.into_iter().filter(move |(_, of_kind, values): &(_, _, Vec<Value>)| {
        kind.is_none_or(|kind| kind == *of_kind) && !values.is_empty()
    });
    possible.map(|(key, _, values)| (key.to_owned(), Value::Array(values)))
}
