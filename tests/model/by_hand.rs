//! A score computed by hand from the scorecard alone, with none of the model's code.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sweetspot::domain::{Account, Condition, Date, Digest, Hypothesis, Test, Value};
use sweetspot::model::{Scorer, TrainingSpec, Unattended, train};

use crate::customers::{customers, spec, trained};

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The slots that a value fills, by the scorecard's own instructions.
fn slots(attribute: &Json, value: Option<&Value>) -> Vec<usize> {
    let last = attribute["slots"].as_array().unwrap().len() - 1;
    let below = |number: f64| numbers(&attribute["edges"]).into_iter().filter(|edge| *edge <= number).count();
    let keys =
        || attribute["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    match value {
        None => vec![last],
        Some(Value::Number(number)) => vec![below(*number)],
        Some(Value::Date(date)) => vec![below(f64::from(date.days))],
        Some(Value::Flag(flag)) => vec![usize::from(*flag)],
        Some(Value::Text(text)) => {
            let keys = keys();
            vec![keys.iter().position(|key| *key == text.trim().to_lowercase()).unwrap_or(keys.len())]
        }
        Some(Value::List(items)) if items.is_empty() => vec![keys().len()],
        Some(Value::List(items)) => {
            let keys = keys();
            items.iter().filter_map(|item| keys.iter().position(|key| *key == item.to_lowercase())).collect()
        }
    }
}

/// What the pairs add, from the slots that the attributes fill.
fn of_pairs(card: &Json, filled: &BTreeMap<&str, usize>) -> Vec<f64> {
    let pair = |pair: &Json| {
        let group = |name: &str, groups: &str| {
            let slot = *filled.get(pair[name].as_str().unwrap()).unwrap();
            numbers(&pair[groups]).get(slot).copied().unwrap() as usize
        };
        let width = numbers(&pair["second_groups"]).into_iter().fold(0.0, f64::max) as usize + 1;
        let cell = group("first", "first_groups") * width + group("second", "second_groups");
        pair["cells"].get(cell).unwrap()["log_odds"].as_f64().unwrap()
    };
    card["pairs"].as_array().unwrap().iter().map(pair).collect()
}

/// Whether a hypothesis holds, by the scorecard's own instructions.
fn holds(when: &Json, value: Option<&Value>) -> bool {
    let known = |text: &str| {
        let key = text.trim().to_lowercase();
        when["any_of"].as_array().is_some_and(|keys| keys.iter().any(|known| *known == key.as_str()))
    };
    let number = |number: f64| {
        let bounded = when.get("at_least").is_some() || when.get("below").is_some();
        bounded
            && when["at_least"].as_f64().is_none_or(|bound| number >= bound)
            && when["below"].as_f64().is_none_or(|bound| number < bound)
    };
    match value {
        None => when["present"] == false,
        Some(_) if when.get("present").is_some() => when["present"] == true,
        Some(Value::Number(found)) => number(*found),
        Some(Value::Date(date)) => number(f64::from(date.days)),
        Some(Value::Flag(flag)) => when["flag"] == *flag,
        Some(Value::Text(text)) => known(text),
        Some(Value::List(items)) => items.iter().any(|item| known(item)),
    }
}

/// Beliefs with every test, one of them about an attribute that no customer has.
fn believing() -> TrainingSpec {
    let any_of = |texts: &[&str]| Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect());
    let tests = [
        ("industry", any_of(&["FINTECH", "Space"])),
        ("employees", Test::Range { gte: Some(100.0), lt: Some(1000.0) }),
        ("remote", Test::Flag(true)),
        ("tools", any_of(&["sap"])),
        ("founded", Test::Range { gte: None, lt: Some(13_000.0) }),
        ("ceo", Test::Present(false)),
    ];
    let hypothesis = |(attribute, test): (&str, Test)| Hypothesis {
        id: attribute.to_owned(),
        statement: String::new(),
        when: Condition { attribute: attribute.to_owned(), test },
        odds_ratio: 1.5,
        confidence_customers: 20.0,
        author: String::new(),
        expires: None,
    };
    TrainingSpec { hypotheses: tests.map(hypothesis).into(), ..spec() }
}

#[test]
fn a_score_computed_by_hand_is_the_score() {
    let artifact = train(&believing(), &customers(800, 1.0, 11), Digest::of(b"made up"), &Unattended).unwrap();
    let scorer = Scorer::compile(&artifact).unwrap();
    let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
    assert!(!card["pairs"].as_array().unwrap().is_empty());
    let accounts = [
        vec![],
        vec![
            ("employees", Value::Number(120.0)),
            ("industry", Value::Text(" FINTECH".into())),
            ("remote", Value::Flag(true)),
        ],
        vec![
            ("tools", Value::List(vec!["SAP".into(), "Oracle".into(), "jira".into()])),
            ("founded", Value::Date(Date { days: 12_345 })),
            ("industry", Value::Text("Space".into())),
        ],
        vec![("tools", Value::List(vec![])), ("employees", Value::Number(-5.0)), ("remote", Value::Flag(false))],
    ];
    let mut held = 0;
    for attributes in accounts {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let account = Account { id: String::new(), attributes };
        let mut log_odds = card["base_log_odds"].as_f64().unwrap();
        let mut filled = BTreeMap::new();
        for attribute in card["attributes"].as_array().unwrap() {
            let name = attribute["attribute"].as_str().unwrap();
            for slot in slots(attribute, account.attributes.get(name)) {
                log_odds += attribute["slots"][slot]["log_odds"].as_f64().unwrap();
                filled.insert(name, slot);
            }
        }
        for hypothesis in card["hypotheses"].as_array().unwrap() {
            let when = &hypothesis["when"];
            if holds(when, account.attributes.get(when["attribute"].as_str().unwrap())) {
                log_odds += hypothesis["log_odds"].as_f64().unwrap();
                held += 1;
            }
        }
        log_odds += of_pairs(&card, &filled).iter().sum::<f64>();
        let fit = scorer.score(&account);
        assert_eq!(log_odds.to_bits(), fit.log_odds.to_bits(), "{account:?}");
        assert!((1.0 / (1.0 + (-log_odds).exp()) - fit.probability).abs() < 1e-15);
    }
    assert_eq!(held, 1 + 4 + 4 + 1, "the attribute that nobody has, and each of the others once");
}

#[test]
fn every_coefficient_is_a_multiple_of_the_grain() {
    let card: Json = serde_json::from_str(&trained(&customers(500, 1.0, 2)).unwrap().to_json()).unwrap();
    let mut all = vec![card["base_log_odds"].as_f64().unwrap()];
    for attribute in card["attributes"].as_array().unwrap() {
        all.extend(attribute["slots"].as_array().unwrap().iter().map(|slot| slot["log_odds"].as_f64().unwrap()));
    }
    assert!(all.iter().all(|number| (number * 4_294_967_296.0).fract() == 0.0));
}
