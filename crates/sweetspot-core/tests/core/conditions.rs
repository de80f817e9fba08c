//! Conditions on values of all kinds, with the kind of the attribute unknown.

use proptest::prelude::*;
use sweetspot_core::{Condition, Date, Test, Value};

#[expect(clippy::needless_pass_by_value, reason = "each call creates its own value")]
fn holds(test: &Test, value: Option<Value>) -> bool {
    let condition = Condition { attribute: "a".to_owned(), test: test.clone() };
    condition.holds(value.as_ref().map(Value::as_ref).as_ref())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn any_of(texts: &[&str]) -> Test {
    Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn every_kind() -> [Value; 5] {
    [Value::Number(1.0), text("1"), Value::Flag(true), list(&["1"]), Value::Date(Date { days: 1 })]
}

#[test]
fn presence_asks_for_nothing_else() {
    for value in every_kind() {
        assert!(holds(&Test::Present(true), Some(value.clone())), "{value:?}");
        assert!(!holds(&Test::Present(false), Some(value.clone())), "{value:?}");
    }
    assert!(holds(&Test::Present(true), Some(list(&[]))), "an empty list is present");
    assert!(holds(&Test::Present(false), None));
    assert!(!holds(&Test::Present(true), None));
}

#[test]
fn tests_read_each_kind_of_value() {
    let range = Test::Range { gte: Some(1.0), lt: Some(2.0) };
    for (test, expected) in [
        (any_of(&["1"]), [true, true, true, true, false]),
        (any_of(&["2.1.1970"]), [false, false, false, false, true]),
        (range, [true, true, true, false, true]),
        (Test::Flag(true), [true, true, true, false, false]),
    ] {
        for (value, expected) in every_kind().into_iter().zip(expected) {
            assert_eq!(holds(&test, Some(value.clone())), expected, "{test:?} of {value:?}");
        }
        assert!(!holds(&test, None), "{test:?} of a missing value");
    }
}

#[test]
fn texts_are_compared_as_levels_are_and_lists_by_item() {
    let colors = any_of(&["red", "blue"]);
    for (value, expected) in [
        (text("red"), true),
        (text(" Red"), true),
        (text("re"), false),
        (text("green; blue"), true),
        (text(""), false),
        (list(&["green", "blue"]), true),
        (list(&["green"]), false),
        (list(&[]), false),
    ] {
        assert_eq!(holds(&colors, Some(value.clone())), expected, "{value:?}");
    }
    assert!(!holds(&any_of(&[]), Some(text(""))), "a test without texts matches nothing");
}

#[test]
fn a_missing_attribute_passes_only_the_missing_test() {
    assert!(!holds(&Test::Flag(true), None));
    assert!(holds(&Test::Present(false), None));
}

proptest! {
    #[test]
    fn a_range_includes_its_lower_end_only(
        number in -100..100_i32,
        gte in prop::option::of(-100..100_i32),
        lt in prop::option::of(-100..100_i32),
    ) {
        let inside = gte.is_none_or(|gte| number >= gte) && lt.is_none_or(|lt| number < lt);
        let test = Test::Range { gte: gte.map(f64::from), lt: lt.map(f64::from) };
        prop_assert_eq!(holds(&test, Some(Value::Number(f64::from(number)))), inside);
        prop_assert_eq!(holds(&test, Some(text(&format!("$ {number}").replace("$ -", "-$")))), inside);
    }

    #[test]
    fn a_flag_has_one_of_two_values(flag in any::<bool>(), wanted in any::<bool>()) {
        for value in [Value::Flag(flag), text(if flag { "Yes" } else { "off" })] {
            prop_assert_eq!(holds(&Test::Flag(wanted), Some(value)), flag == wanted);
        }
    }

    #[test]
    fn no_text_or_number_panics(written in "\\PC{0,12}", number in any::<f64>()) {
        for test in [any_of(&["a"]), Test::Flag(true), Test::Range { gte: Some(number), lt: Some(-number) }] {
            let _ = holds(&test, Some(text(&written)));
            prop_assert!(!holds(&test, Some(Value::Number(f64::NAN))));
        }
    }
}
