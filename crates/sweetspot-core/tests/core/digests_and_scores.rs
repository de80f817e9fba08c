//! Digests, the names of kinds and tiers, and the displayed score.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sweetspot_core::{
    AttributeKind, DataSupport, Date, Digest, Fit, MatchedExclusionRules, PondSide, Tier, Value, ValueRef,
};

proptest! {
    #[test]
    fn a_digest_survives_its_text(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let digest = Digest::new(&bytes);
        let text = digest.to_string();
        prop_assert_eq!(text.len(), 64);
        prop_assert_eq!(text.parse::<Digest>().unwrap(), digest);
        prop_assert_eq!(Digest::new(&bytes), digest);
        prop_assert_eq!(format!("{digest:?}"), format!("Digest({text})"));
        let mut more = bytes.clone();
        more.push(0);
        prop_assert_ne!(Digest::new(&more), digest);
    }

    #[test]
    fn only_64_lower_case_digits_are_a_digest(text in "([0-9a-f]{62,65}|[0-9a-g]{64}|[0-9A-F]{64}|\\PC{0,64})") {
        let expected = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match text.parse::<Digest>() {
            Ok(digest) => prop_assert!(expected && digest.to_string() == text),
            Err(error) => prop_assert!(!expected && error.to_string().contains("64 lower-case"), "{}", text),
        }
    }

    #[test]
    fn digests_are_in_the_order_of_their_texts(one in any::<u64>(), other in any::<u64>()) {
        let [one, other] = [one, other].map(|bytes| Digest::new(&bytes.to_le_bytes()));
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
    }

    #[test]
    fn a_score_lies_between_1_and_99(probability in 1e-15..1.0) {
        let score = fit_with_probability(probability).score();
        prop_assert!((1..=99).contains(&score));
        prop_assert!((f64::from(score) - probability * 100.0).abs() <= 1.0);
    }
}

fn fit_with_probability(probability: f64) -> Fit {
    Fit {
        probability,
        log_odds: 0.0,
        low: probability,
        high: probability,
        data_support: DataSupport::Thin,
        base_log_odds: 0.0,
        tier: Tier::A,
        coverage: 0.0,
        pond_side: PondSide::In,
        matched_rules: MatchedExclusionRules::default(),
        segment: None,
        expected_value: None,
    }
}

#[test]
fn scores_by_hand() {
    for (probability, score) in
        [(1e-15, 1), (0.004, 1), (0.014, 1), (0.015, 2), (0.5, 50), (0.994, 99), (0.996, 99), (1.0 - 1e-15, 99)]
    {
        assert_eq!(fit_with_probability(probability).score(), score, "{probability}");
    }
}

#[test]
fn the_best_tier_comes_first() {
    assert_eq!(Tier::ALL.map(Tier::letter), ["A", "B", "C", "D"]);
    assert!(Tier::ALL.is_sorted());
}

#[test]
fn every_attribute_kind_has_its_own_word() {
    let words: BTreeSet<_> = AttributeKind::ALL.into_iter().map(AttributeKind::as_str).collect();
    assert_eq!(words, ["category", "date", "flag", "list", "number"].into());
}

#[test]
fn a_borrowed_value_equals_its_owner() {
    for (value, borrowed) in [
        (Value::Number(-0.5), ValueRef::Number(-0.5)),
        (Value::Text("a".to_owned()), ValueRef::Text("a")),
        (Value::Flag(true), ValueRef::Flag(true)),
        (Value::List(vec!["a".to_owned(), String::new()]), ValueRef::List(vec!["a", ""])),
        (Value::Date(Date { days: -1 }), ValueRef::Date(Date { days: -1 })),
    ] {
        assert_eq!(value.as_ref(), borrowed);
    }
}
