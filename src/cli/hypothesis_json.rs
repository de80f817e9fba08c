//! The hypotheses of a version as JSON.

use serde_json::{Map, Value, json};
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::{Condition, HypothesisSummary, OddsRatio, Range};

use super::hypothesis_text::verdict;

/// Returns a hypothesis with its verdict.
pub(super) fn hypothesis_json(hypothesis: &HypothesisSummary) -> Value {
    json!({
        "id": hypothesis.id,
        "statement": hypothesis.statement,
        "author": hypothesis.author,
        "when": hypothesis.when.as_ref().map(condition_json),
        "label": hypothesis.label,
        "odds_ratio": hypothesis.odds_ratio,
        "confidence_customers": hypothesis.confidence_customers,
        "verdict": verdict(hypothesis.verdict()),
        "customers": hypothesis.customers,
        "ideal": hypothesis.ideal,
        "customers_say": hypothesis.customers_say.as_ref().map(odds_json),
        "model": hypothesis.model.as_ref().map(odds_json),
    })
}

fn odds_json(odds_ratio: &OddsRatio) -> Value {
    json!({ "odds_ratio": odds_ratio.estimate, "low": odds_ratio.low, "high": odds_ratio.high })
}

/// Returns a condition, with the keys of a file of hypotheses.
pub(super) fn condition_json(condition: &Condition) -> Value {
    let mut json = Map::from_iter([("attribute".to_owned(), json!(condition.attribute))]);
    let mut set = |key: &str, value: Value| {
        json.insert(key.to_owned(), value);
    };
    match &condition.test {
        Some(Test::AnyOf(texts)) => set("any_of", json!(texts.values)),
        Some(Test::Range(Range { gte, lt })) => {
            let bounds = [("at_least", gte), ("below", lt)];
            for (key, bound) in bounds.into_iter().filter(|(_, bound)| bound.is_some()) {
                set(key, json!(bound));
            }
        }
        Some(Test::Present(present)) => set("present", json!(present)),
        Some(Test::Flag(flag)) => set("flag", json!(flag)),
        None => (),
    }
    Value::Object(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::hypothesis_text::tests::hypothesis;

    #[test]
    fn hypothesis_json_uses_the_keys_of_the_file() {
        let json = hypothesis_json(&hypothesis());
        assert_eq!(json["when"], json!({ "attribute": "Industry", "any_of": ["Logistics", "Freight"] }));
        assert_eq!(
            (&json["verdict"], &json["customers_say"]["odds_ratio"]),
            (&"not enough data".into(), &123.4.into())
        );
    }
}
