//! Conditions of a model as they are kept, and the attributes that they ask for.

use std::collections::BTreeSet;

use sweetspot_core::{AccountTable, Condition, Kind, Matcher, Test, Vocabulary as _};

use crate::stored::{self, condition};

/// A text that no condition names: it stands for every level that a model does not tell apart.
pub(super) const OTHER_LEVEL: &str = "\u{10ffff}";

/// A condition as it is kept, with the kind as which it reads values.
pub(super) fn to_stored(condition: &Condition, kind: Option<Kind>) -> stored::Condition {
    let test = match &condition.test {
        Test::AnyOf(texts) => condition::Test::AnyOf(stored::Texts { values: texts.clone() }),
        Test::Range { gte, lt } => condition::Test::Range(stored::Range { gte: *gte, lt: *lt }),
        Test::Present(present) => condition::Test::Present(*present),
        Test::Flag(flag) => condition::Test::Flag(*flag),
    };
    let kind = kind.map_or(condition::Kind::Unspecified, stored_kind).into();
    stored::Condition { attribute: condition.attribute.clone(), kind, test: Some(test) }
}

/// From what is kept; nothing where there is no test.
pub(super) fn from_stored(stored: Option<&stored::Condition>) -> Option<Matcher> {
    let stored = stored?;
    let test = match stored.test.as_ref()? {
        condition::Test::AnyOf(stored::Texts { values }) => Test::AnyOf(values.clone()),
        condition::Test::Range(stored::Range { gte, lt }) => Test::Range { gte: *gte, lt: *lt },
        condition::Test::Present(present) => Test::Present(*present),
        condition::Test::Flag(flag) => Test::Flag(*flag),
    };
    Some(Matcher::new(Condition { attribute: stored.attribute.clone(), test }, kind(stored.kind())))
}

const fn stored_kind(kind: Kind) -> condition::Kind {
    match kind {
        Kind::Number => condition::Kind::Number,
        Kind::Category => condition::Kind::Category,
        Kind::Flag => condition::Kind::Flag,
        Kind::List => condition::Kind::List,
        Kind::Date => condition::Kind::Date,
    }
}

const fn kind(stored: condition::Kind) -> Option<Kind> {
    match stored {
        condition::Kind::Unspecified => None,
        condition::Kind::Number => Some(Kind::Number),
        condition::Kind::Category => Some(Kind::Category),
        condition::Kind::Flag => Some(Kind::Flag),
        condition::Kind::List => Some(Kind::List),
        condition::Kind::Date => Some(Kind::Date),
    }
}

/// A condition that reads values as the columns of a dataset have them.
pub(super) fn of_dataset(condition: Condition, accounts: &AccountTable) -> Matcher {
    let kind = accounts.kind(&condition.attribute);
    let format = accounts.format(&condition.attribute);
    Matcher::new(condition, kind).with_format(format)
}

/// The attributes that conditions ask for beyond those of the model, each once, by name.
pub(super) fn attributes_beyond<'a>(
    known: &BTreeSet<String>,
    conditions: impl Iterator<Item = &'a Matcher>,
) -> Vec<String> {
    let asked: BTreeSet<&str> = conditions.map(Matcher::attribute).collect();
    asked.into_iter().filter(|name| !known.contains(*name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::Value;

    use super::*;
    use crate::made_up::value;

    fn test() -> impl Strategy<Value = Test> {
        let texts = prop::collection::vec(crate::made_up::text(), 1..4);
        let bound = || prop::option::of(-50.0..500.0_f64);
        prop_oneof![
            texts.prop_map(Test::AnyOf),
            (bound(), bound()).prop_map(|(gte, lt)| Test::Range { gte, lt }),
            any::<bool>().prop_map(Test::Present),
            any::<bool>().prop_map(Test::Flag),
        ]
    }

    fn some_kind() -> impl Strategy<Value = Option<Kind>> {
        prop::option::of(prop::sample::select(Kind::ALL.to_vec()))
    }

    proptest! {
        #[test]
        fn what_is_kept_answers_the_same(test in test(), kind in some_kind(), value in prop::option::of(value())) {
            let asked = Matcher::new(Condition { attribute: "a".to_owned(), test }, kind);
            let kept = from_stored(Some(&to_stored(&asked.condition, kind))).unwrap();
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
        assert_eq!(attributes_beyond(&["known".to_owned()].into(), asked.iter()), ["b", "z"]);
        assert_eq!(from_stored(Some(&stored::Condition::default())), None);
    }
}
