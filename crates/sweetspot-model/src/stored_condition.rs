//! Conversion of conditions to and from their stored form, and the attributes that they use.

use std::collections::BTreeSet;

use sweetspot_core::{AccountTable, AttributeKind, Condition, Matcher, Vocabulary as _};

use crate::stored::{self, StoredField};

/// A text that no condition contains; it represents every level that a model does not distinguish.
pub(super) const OTHER_LEVEL: &str = "\u{10ffff}";

/// Converts a condition to its stored form, with the kind as which it reads values.
pub(super) fn stored_condition(condition: &Condition, kind: Option<AttributeKind>) -> stored::Condition {
    let kind = kind.map_or(0, StoredField::into_stored);
    stored::Condition { kind, ..condition.clone().into() }
}

/// Reads a stored condition; `None` if it has no test.
pub(super) fn matcher_from_stored(stored: Option<&stored::Condition>) -> Option<Matcher> {
    let condition = stored?.clone();
    let kind = AttributeKind::from_stored(condition.kind, "kind").ok();
    Some(Matcher::new(condition.try_into().ok()?, kind))
}

/// A matcher that reads values as the columns of a dataset do.
pub(super) fn dataset_matcher(condition: Condition, accounts: &AccountTable) -> Matcher {
    let kind = accounts.kind(&condition.attribute);
    let format = accounts.format(&condition.attribute);
    Matcher::new(condition, kind).with_format(format)
}

/// The attributes of conditions that are not attributes of the model, without repetitions, by name.
pub(super) fn additional_attributes<'a>(
    known: &BTreeSet<String>,
    conditions: impl Iterator<Item = &'a Matcher>,
) -> Vec<String> {
    let names: BTreeSet<&str> = conditions.map(Matcher::attribute).collect();
    names.into_iter().filter(|name| !known.contains(*name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::{Test, Value};

    use super::*;
    use crate::fixtures::value;

    fn test() -> impl Strategy<Value = Test> {
        let texts = prop::collection::vec(crate::fixtures::text(), 1..4);
        let bound = || prop::option::of(-50.0..500.0_f64);
        prop_oneof![
            texts.prop_map(Test::AnyOf),
            (bound(), bound()).prop_map(|(gte, lt)| Test::Range { gte, lt }),
            any::<bool>().prop_map(Test::Present),
            any::<bool>().prop_map(Test::Flag),
        ]
    }

    fn some_kind() -> impl Strategy<Value = Option<AttributeKind>> {
        prop::option::of(prop::sample::select(AttributeKind::ALL.to_vec()))
    }

    proptest! {
        #[test]
        fn a_stored_condition_matches_the_same_values(test in test(), kind in some_kind(), value in prop::option::of(value())) {
            let asked = Matcher::new(Condition { attribute: "a".to_owned(), test }, kind);
            let kept = matcher_from_stored(Some(&stored_condition(&asked.condition, kind))).unwrap();
            prop_assert_eq!(&kept, &asked);
            let value = value.as_ref().map(Value::as_ref);
            prop_assert_eq!(kept.holds(value.as_ref()), asked.holds(value.as_ref()));
            prop_assert!(value.is_some() || asked.holds(None) == (asked.condition.test == Test::Present(false)));
        }
    }

    #[test]
    fn attributes_beyond_the_model_are_named_once() {
        let named = |name: &str| Matcher::new(Condition { attribute: name.to_owned(), test: Test::Flag(true) }, None);
        let asked = ["z", "known", "b", "z"].map(named);
        assert_eq!(additional_attributes(&["known".to_owned()].into(), asked.iter()), ["b", "z"]);
        assert_eq!(matcher_from_stored(Some(&stored::Condition::default())), None);
    }
}
