//! A score computed by hand from the scorecard alone, without the model's code.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sweetspot_core::{
    Account, Attribution, Condition, Customers, Date, Digest, ExclusionRule, Hypothesis, PondMapSectionKind, PondSide,
    Severity, Test, Value,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use crate::customer_fixtures::{customers, spec, train_default};

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The slots that a value fills, by the instructions of the scorecard.
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

/// The contributions of the interactions, from the slots that the attributes fill.
fn interaction_log_odds(card: &Json, filled: &BTreeMap<&str, usize>) -> Vec<f64> {
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

/// Whether a hypothesis holds, by the instructions of the scorecard.
fn is_condition_met(when: &Json, value: Option<&Value>) -> bool {
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

/// Hypotheses with every kind of test, one of them about an attribute that no customer has.
fn spec_with_hypotheses() -> TrainingSpec {
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
    let artifact =
        train(&spec_with_hypotheses(), &customers(800, 1.0, 11), Digest::new(b"made up"), &NoProgress).unwrap();
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
            if is_condition_met(when, account.attributes.get(when["attribute"].as_str().unwrap())) {
                log_odds += hypothesis["log_odds"].as_f64().unwrap();
                held += 1;
            }
        }
        log_odds += interaction_log_odds(&card, &filled).iter().sum::<f64>();
        let fit = scorer.score(&account);
        assert_eq!(log_odds.to_bits(), fit.log_odds.to_bits(), "{account:?}");
        assert!((1.0 / (1.0 + (-log_odds).exp()) - fit.probability).abs() < 1e-15);
    }
    assert_eq!(held, 1 + 4 + 4 + 1, "the attribute that no account has, and each of the others once");
}

/// Whether a condition of a segment holds for the slots that an account fills, by the instructions of the scorecard.
fn is_slot_condition_met(card: &Json, when: &Json, account: &Account) -> bool {
    let attributes = card["attributes"].as_array().unwrap();
    let attribute = attributes.iter().find(|attribute| attribute["attribute"] == when["attribute"]).unwrap();
    let filled = slots(attribute, account.attributes.get(when["attribute"].as_str().unwrap()));
    let last = attribute["slots"].as_array().unwrap().len() - 1;
    let keys = when["any_of"].as_array();
    filled.into_iter().any(|slot| {
        if let Some(keys) = keys {
            return attribute["keys"].get(slot).is_some_and(|key| keys.contains(key));
        }
        let edges = numbers(&attribute["edges"]);
        let (lower, upper) = (slot.checked_sub(1).and_then(|below| edges.get(below)), edges.get(slot));
        slot != last
            && when["at_least"].as_f64().is_none_or(|bound| lower.is_some_and(|edge| *edge >= bound))
            && when["below"].as_f64().is_none_or(|bound| upper.is_some_and(|edge| *edge <= bound))
    })
}

/// Exclusion rules of every kind for the customers of two segments.
fn spec_with_rules() -> TrainingSpec {
    let exclusion_rule = |id: &str, attribute: &str, test, severity| ExclusionRule {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: attribute.to_owned(), test },
        severity,
        section: PondMapSectionKind::AccountProfile,
        attribution: Attribution::default(),
    };
    let mining = Test::AnyOf(vec!["MINING".to_owned()]);
    let exclusion_rules = vec![
        exclusion_rule("mining", "sector", mining, Severity::Out),
        exclusion_rule("banned", "banned", Test::Flag(true), Severity::Out),
        exclusion_rule("tiny", "employees", Test::Range { gte: None, lt: Some(50.0) }, Severity::Caution),
    ];
    TrainingSpec { exclusion_rules, ..spec() }
}

/// A model with these exclusion rules.
pub(crate) fn train_with_rules(customers: &Customers) -> ModelArtifact {
    train(&spec_with_rules(), customers, Digest::new(b"made up"), &NoProgress).unwrap()
}

#[test]
fn side_segment_and_value_computed_by_hand_are_those_of_the_score() {
    let customers = crate::segments::two_segment_customers(1200, 3);
    let artifact = train_with_rules(&customers);
    let scorer = Scorer::compile(&artifact).unwrap();
    let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
    let (mut sides, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for (sector, employees, banned) in ["Logistics", "Health", "Mining", "Space"].into_iter().flat_map(|sector| {
        [20.0, 150.0, 1500.0, 4000.0]
            .into_iter()
            .flat_map(move |size| [false, true].map(|banned| (sector, size, banned)))
    }) {
        let attributes = [
            ("sector", Value::Text(sector.to_owned())),
            ("employees", Value::Number(employees)),
            ("banned", Value::Flag(banned)),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        let account = Account { id: String::new(), attributes };
        let fit = scorer.score(&account);
        let cut = card["tiers"]["c"].as_f64().unwrap();
        let gate_holds = |exclusion_rule: &&Json| {
            let when = &exclusion_rule["when"];
            is_condition_met(when, account.attributes.get(when["attribute"].as_str().unwrap()))
        };
        let fired: Vec<&Json> = card["exclusion_rules"].as_array().unwrap().iter().filter(gate_holds).collect();
        let out = fired.iter().any(|exclusion_rule| exclusion_rule["severity"] == "OUT")
            || fit.probability < cut && cut < 1.0;
        assert_eq!(fit.pond_side == PondSide::Out, out, "{account:?}");
        let ids: Vec<&str> = scorer.exclusion_rule_ids(fit.matched_rules).collect();
        assert_eq!(ids, fired.iter().map(|exclusion_rule| exclusion_rule["id"].as_str().unwrap()).collect::<Vec<_>>());
        let rule = |segment: &&Json| {
            segment["conditions"].as_array().unwrap().iter().all(|when| is_slot_condition_met(&card, when, &account))
        };
        let segment = card["segments"].as_array().unwrap().iter().find(rule);
        let id = segment.and_then(|segment| segment["id"].as_str());
        assert_eq!(fit.segment.and_then(|place| scorer.segment_id(place)), id, "{account:?}");
        let values = &card["values"];
        let if_ideal = segment.unwrap_or(values)["value_if_ideal"].as_f64().unwrap();
        let expected = fit.probability * if_ideal + (1.0 - fit.probability) * values["value_if_not"].as_f64().unwrap();
        assert_eq!(fit.expected_value, Some(expected));
        *sides.entry(fit.pond_side).or_insert(0) += 1;
        *kinds.entry(fit.segment).or_insert(0) += 1;
    }
    assert!(sides.len() == 2 && kinds.len() >= 3, "{sides:?} {kinds:?}");
}

#[test]
fn every_coefficient_is_a_multiple_of_the_step() {
    let card: Json = serde_json::from_str(&train_default(&customers(500, 1.0, 2)).unwrap().to_json()).unwrap();
    let mut all = vec![card["base_log_odds"].as_f64().unwrap()];
    for attribute in card["attributes"].as_array().unwrap() {
        all.extend(attribute["slots"].as_array().unwrap().iter().map(|slot| slot["log_odds"].as_f64().unwrap()));
    }
    assert!(all.iter().all(|number| (number * 4_294_967_296.0).fract() == 0.0));
}
