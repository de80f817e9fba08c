//! Whether a hypothesis holds for an account: the one way from a value to the answer, in training and in scoring.

use std::collections::BTreeSet;

use crate::domain::{Condition, Test, ValueRef};
use crate::generated::stored::{self, condition};

use super::encoder::{category, date, flag, level_key, list, number};

/// A condition ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Belief {
    /// The condition as a person gave it.
    pub condition: Condition,
    /// The keys of its texts, if it has any.
    keys: BTreeSet<String>,
}

impl Belief {
    /// Of a condition.
    pub(super) fn new(condition: Condition) -> Self {
        let texts: &[String] = if let Test::AnyOf(texts) = &condition.test { texts } else { &[] };
        let keys = texts.iter().map(|text| level_key(text).into_owned()).collect();
        Self { condition, keys }
    }

    /// The attribute that it asks for.
    pub(super) fn attribute(&self) -> &str {
        &self.condition.attribute
    }

    /// Whether it holds for an account with this value. Texts are compared as levels are. A text stands for a number, a date or a
    /// flag where the test needs one, and is one of several if it is one of the items that it spells. Of dates, a range asks for
    /// the days since 1970-01-01. Nothing but `Present(false)` holds for a missing value.
    pub(super) fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        let (test, value) = match (&self.condition.test, value) {
            (Test::Present(wanted), value) => return value.is_some() == *wanted,
            (_, None) => return false,
            (test, Some(value)) => (test, value),
        };
        match test {
            Test::AnyOf(_) => self.is_one_of(value),
            Test::Range { gte, lt } => number(value)
                .or_else(|| date(value))
                .is_some_and(|number| gte.is_none_or(|bound| number >= bound) && lt.is_none_or(|bound| number < bound)),
            Test::Flag(wanted) => flag(value) == Some(*wanted),
            Test::Present(wanted) => *wanted,
        }
    }

    fn is_one_of(&self, value: &ValueRef<'_>) -> bool {
        let known = |text: &str| self.keys.contains(level_key(text).as_ref());
        category(value).is_some_and(|text| known(&text))
            || list(value).is_some_and(|items| items.into_iter().any(known))
    }

    /// The condition as it is kept.
    pub(super) fn to_stored(&self) -> stored::Condition {
        let test = match &self.condition.test {
            Test::AnyOf(texts) => condition::Test::AnyOf(stored::Texts { values: texts.clone() }),
            Test::Range { gte, lt } => condition::Test::Range(stored::Range { gte: *gte, lt: *lt }),
            Test::Present(present) => condition::Test::Present(*present),
            Test::Flag(flag) => condition::Test::Flag(*flag),
        };
        stored::Condition { attribute: self.condition.attribute.clone(), test: Some(test) }
    }

    /// From what is kept; nothing where there is no test.
    pub(super) fn from_stored(stored: Option<&stored::Condition>) -> Option<Self> {
        let stored::Condition { attribute, test } = stored?;
        let test = match test.as_ref()? {
            condition::Test::AnyOf(stored::Texts { values }) => Test::AnyOf(values.clone()),
            condition::Test::Range(stored::Range { gte, lt }) => Test::Range { gte: *gte, lt: *lt },
            condition::Test::Present(present) => Test::Present(*present),
            condition::Test::Flag(flag) => Test::Flag(*flag),
        };
        Some(Self::new(Condition { attribute: attribute.clone(), test }))
    }
}

/// The attributes that beliefs ask for beyond those of the model, each once, by name.
pub(super) fn attributes_beyond<'a>(
    known: &BTreeSet<String>,
    beliefs: impl Iterator<Item = &'a Belief>,
) -> Vec<String> {
    let asked: BTreeSet<&str> = beliefs.map(Belief::attribute).collect();
    asked.into_iter().filter(|name| !known.contains(*name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Date, Value};
    use crate::model::made_up::value;

    fn belief(test: Test) -> Belief {
        Belief::new(Condition { attribute: "a".to_owned(), test })
    }

    fn any_of(texts: &[&str]) -> Test {
        Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn range(gte: Option<f64>, lt: Option<f64>) -> Test {
        Test::Range { gte, lt }
    }

    #[test]
    fn each_test_reads_values_as_the_model_does() {
        let text = |text: &str| Value::Text(text.to_owned());
        let items = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        for (test, value, holds) in [
            (any_of(&["Zürich", "Bern"]), text(" ZU\u{308}RICH "), true),
            (any_of(&["zürich"]), text("Basel"), false),
            (any_of(&["SAP"]), items(&["Jira", "sap"]), true),
            (any_of(&["SAP"]), text("Jira; sap"), true),
            (any_of(&["SAP"]), items(&[]), false),
            (any_of(&["90210"]), Value::Number(90210.0), true),
            (range(Some(50.0), Some(51.0)), Value::Number(50.0), true),
            (range(None, Some(50.0)), Value::Number(50.0), false),
            (range(Some(1000.0), None), text("$ 1,200"), true),
            (range(Some(1000.0), None), text("many"), false),
            (range(Some(10.0), None), Value::Date(Date { days: 11 }), true),
            (range(None, Some(10.0)), text("1970-01-05"), true),
            (Test::Flag(true), text("YES"), true),
            (Test::Flag(false), Value::Number(0.0), true),
            (Test::Flag(false), text("perhaps"), false),
            (Test::Present(true), items(&[]), true),
            (Test::Present(false), text(""), false),
        ] {
            assert_eq!(belief(test.clone()).holds(Some(&value.as_ref())), holds, "{test:?} of {value:?}");
        }
    }

    fn test() -> impl Strategy<Value = Test> {
        let texts = prop::collection::vec(crate::model::made_up::text(), 1..4);
        let bound = || prop::option::of(-50.0..500.0_f64);
        prop_oneof![
            texts.prop_map(Test::AnyOf),
            (bound(), bound()).prop_map(|(gte, lt)| Test::Range { gte, lt }),
            any::<bool>().prop_map(Test::Present),
            any::<bool>().prop_map(Test::Flag),
        ]
    }

    proptest! {
        #[test]
        fn what_is_kept_answers_the_same(test in test(), value in prop::option::of(value())) {
            let asked = belief(test);
            let kept = Belief::from_stored(Some(&asked.to_stored())).unwrap();
            prop_assert_eq!(&kept, &asked);
            let value = value.as_ref().map(Value::as_ref);
            prop_assert_eq!(kept.holds(value.as_ref()), asked.holds(value.as_ref()));
            prop_assert!(value.is_some() || asked.holds(None) == (asked.condition.test == Test::Present(false)));
        }
    }

    #[test]
    fn attributes_beyond_the_model_are_named_once() {
        let named = |name: &str| Belief::new(Condition { attribute: name.to_owned(), test: Test::Flag(true) });
        let beliefs = ["z", "known", "b", "z"].map(named);
        assert_eq!(attributes_beyond(&["known".to_owned()].into(), beliefs.iter()), ["b", "z"]);
        assert_eq!(Belief::from_stored(Some(&stored::Condition::default())), None);
    }
}
