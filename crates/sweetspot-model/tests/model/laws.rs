//! Laws of scores and explanations, for any account.

use std::sync::LazyLock;

use proptest::prelude::*;
use sweetspot_core::{Account, Date, Value};
use sweetspot_model::Scorer;

use crate::customer_fixtures::{customers, train_default};

static SCORER: LazyLock<Scorer> =
    LazyLock::new(|| Scorer::compile(&train_default(&customers(600, 1.0, 1)).unwrap()).unwrap());

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::Number),
        prop::sample::select(vec!["Fintech", " MINING", "200", "1,200", "yes", "SAP; Jira", "2020-02-02", "?", ""])
            .prop_map(|text| Value::Text(text.to_owned())),
        "\\PC{0,30}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::vec(prop::sample::select(vec!["SAP", "slack", "Jira", "Oracle", ""]), 0..5)
            .prop_map(|items| Value::List(items.into_iter().map(str::to_owned).collect())),
        any::<i32>().prop_map(|days| Value::Date(Date { days })),
    ]
}

fn account() -> impl Strategy<Value = Account> {
    let name = prop::sample::select(vec!["employees", "industry", "remote", "tools", "founded", "city", ""]);
    prop::collection::btree_map(name.prop_map(str::to_owned), value(), 0..7)
        .prop_map(|attributes| Account { id: "a".to_owned(), attributes })
}

proptest! {
    #[test]
    fn base_and_reasons_are_the_log_odds_in_any_order(account in account(), order in any::<u64>()) {
        let explained = SCORER.explain(&account);
        let mut parts: Vec<f64> = explained.contributions.iter().map(|reason| reason.log_odds).collect();
        parts.push(explained.fit.base_log_odds);
        let mut order = order;
        for end in (1..parts.len()).rev() {
            order = order.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            parts.swap(end, (order >> 33) as usize % (end + 1));
        }
        let sum: f64 = parts.iter().sum();
        prop_assert_eq!(sum.to_bits(), explained.fit.log_odds.to_bits());
    }

    #[test]
    fn scoring_is_total_and_explaining_changes_nothing(account in account()) {
        let fit = SCORER.score(&account);
        prop_assert!(fit.probability > 0.0 && fit.probability < 1.0);
        prop_assert!((1..=99).contains(&fit.score()));
        prop_assert!((0.0..=1.0).contains(&fit.coverage));
        prop_assert_eq!(&SCORER.explain(&account).fit, &fit);
        prop_assert_eq!(SCORER.score(&account), fit);
    }

    #[test]
    fn a_number_as_text_scores_like_the_number(size in 1_u32..100_000) {
        let with = |value| Account { id: String::new(), attributes: [("employees".to_owned(), value)].into() };
        let number = SCORER.score(&with(Value::Number(f64::from(size))));
        prop_assert_eq!(SCORER.score(&with(Value::Text(format!(" {size} ")))), number);
    }
}

#[test]
fn notes_report_missing_and_unknown_values() {
    use sweetspot_core::AttributeNoteKind::{Missing, OutOfRange, TypeMismatch, UnknownAttribute, UnseenCategory};
    let attributes = [
        ("employees", Value::Number(1e9)),
        ("industry", Value::Text("Space".into())),
        ("remote", Value::Text("perhaps".into())),
        ("founded", Value::Date(Date { days: 500 })),
        ("city", Value::Text("Bern".into())),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
    let explained = SCORER.explain(&Account { id: String::new(), attributes });
    let notes: Vec<_> = explained.notes.iter().map(|note| (note.attribute.as_ref(), note.kind)).collect();
    let expected = [
        ("employees", OutOfRange),
        ("industry", UnseenCategory),
        ("remote", TypeMismatch),
        ("tools", Missing),
        ("city", UnknownAttribute),
    ];
    assert_eq!(notes, expected);
    assert_eq!(explained.fit.coverage, 0.6);
}
