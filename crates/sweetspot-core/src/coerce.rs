//! Reads a value as one kind, whatever its own kind. Scores, exclusion rules, hypotheses and filters all read values
//! through this module.

use std::borrow::Cow;

use super::parse::{read_date, read_number};
use super::{AttributeKind, Date, TextFormat, ValueRef, is_blank, parse_flag, parse_list};

/// A value read as one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CoercedValue<'a> {
    /// A finite number.
    Number(f64),
    /// Days since 1970-01-01.
    Days(f64),
    /// Yes or no.
    Flag(bool),
    /// A text that is not blank.
    Text(Cow<'a, str>),
    /// Items that are not blank; can be empty.
    List(Vec<Cow<'a, str>>),
}

/// Reads a value as a kind or, if the kind is `None`, as its own kind; texts in this format. `None` if the value is
/// missing: blank, or not readable as that kind.
pub(crate) fn read_typed<'a>(
    value: &ValueRef<'a>,
    kind: Option<AttributeKind>,
    format: TextFormat,
) -> Option<CoercedValue<'a>> {
    match kind {
        Some(AttributeKind::Number) => number(value, format).map(CoercedValue::Number),
        Some(AttributeKind::Date) => date(value, format).map(CoercedValue::Days),
        Some(AttributeKind::Flag) => flag(value).map(CoercedValue::Flag),
        Some(AttributeKind::Category) => category(value).map(CoercedValue::Text),
        Some(AttributeKind::List) => list(value).map(CoercedValue::List),
        None => match value {
            ValueRef::Number(number) => number.is_finite().then_some(CoercedValue::Number(*number)),
            ValueRef::Date(date) => Some(CoercedValue::Days(f64::from(date.days))),
            ValueRef::Flag(flag) => Some(CoercedValue::Flag(*flag)),
            ValueRef::Text(_) => category(value).map(CoercedValue::Text),
            ValueRef::List(_) => list(value).map(CoercedValue::List),
        },
    }
}

/// Reads a number, also from a text, or from a flag as 1 or 0.
#[inline]
#[must_use]
pub fn number(value: &ValueRef<'_>, format: TextFormat) -> Option<f64> {
    match value {
        ValueRef::Number(number) => Some(*number).filter(|number| number.is_finite()),
        ValueRef::Text(text) => number_from_text(text, format),
        ValueRef::Flag(flag) => Some(f64::from(u8::from(*flag))),
        ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// Reads a number from a text; `true` and `false` are 1 and 0.
#[must_use]
pub fn number_from_text(text: &str, format: TextFormat) -> Option<f64> {
    let flag = || match text.trim() {
        word if word.eq_ignore_ascii_case("true") => Some(1.0),
        word if word.eq_ignore_ascii_case("false") => Some(0.0),
        _ => None,
    };
    read_number(text, format.decimal).map(|parsed| parsed.value).or_else(flag)
}

/// Reads a day from a text.
#[must_use]
pub fn date_from_text(text: &str, format: TextFormat) -> Option<Date> {
    read_date(text, format.date_order).map(|parsed| parsed.value)
}

/// Reads a day as days since 1970-01-01, also from a text.
#[must_use]
pub fn date(value: &ValueRef<'_>, format: TextFormat) -> Option<f64> {
    match value {
        ValueRef::Date(date) => Some(f64::from(date.days)),
        ValueRef::Text(text) => date_from_text(text, format).map(|date| f64::from(date.days)),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) => None,
    }
}

/// Reads a flag, also from a text, or from the numbers 1 and 0.
#[must_use]
pub fn flag(value: &ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Flag(flag) => Some(*flag),
        ValueRef::Text(text) => flag_from_text(text),
        ValueRef::Number(number) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
        ValueRef::Number(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// Reads a flag from a text, including numbers equal to 1 or 0, such as `1.0`.
#[must_use]
pub fn flag_from_text(text: &str) -> Option<bool> {
    parse_flag(text).or_else(|| match read_number(text, None)?.value {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => None,
    })
}

/// Reads one text that is not blank; a number, a flag or a date is formatted as text.
#[must_use]
pub fn category<'a>(value: &ValueRef<'a>) -> Option<Cow<'a, str>> {
    match value {
        ValueRef::Text(text) => (!is_blank(text)).then_some(Cow::Borrowed(*text)),
        ValueRef::Number(number) => Some(number.to_string().into()),
        ValueRef::Flag(flag) => Some(flag.to_string().into()),
        ValueRef::Date(date) => Some(date.to_string().into()),
        ValueRef::List(_) => None,
    }
}

/// Reads several texts: the items of a list that are not blank, the items of a text, or a value of another kind as one
/// text.
#[must_use]
pub fn list<'a>(value: &ValueRef<'a>) -> Option<Vec<Cow<'a, str>>> {
    match value {
        ValueRef::List(items) => {
            Some(items.iter().filter(|item| !is_blank(item)).map(|item| Cow::Borrowed(*item)).collect())
        }
        ValueRef::Text(text) => (!is_blank(text)).then(|| parse_list(text).into_iter().map(Cow::Borrowed).collect()),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_) => category(value).map(|text| vec![text]),
    }
}

/// The interpretation of an ambiguous text, formatted for people; `None` if the text is unambiguous.
#[must_use]
pub fn ambiguous_reading(text: &str, kind: AttributeKind, format: TextFormat) -> Option<String> {
    match kind {
        AttributeKind::Number => {
            read_number(text, format.decimal).filter(|parsed| parsed.ambiguous).map(|parsed| parsed.value.to_string())
        }
        AttributeKind::Date => {
            read_date(text, format.date_order).filter(|parsed| parsed.ambiguous).map(|parsed| parsed.value.to_string())
        }
        AttributeKind::Category | AttributeKind::Flag | AttributeKind::List => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DateOrder, DecimalMark};

    #[test]
    fn one_value_reads_the_same_whatever_it_was_written_as() {
        for (kind, values, expected) in [
            (
                AttributeKind::Number,
                vec![ValueRef::Number(1.0), ValueRef::Flag(true), ValueRef::Text("1.0"), ValueRef::Text("true")],
                CoercedValue::Number(1.0),
            ),
            (
                AttributeKind::Date,
                vec![ValueRef::Date(Date { days: 11 }), ValueRef::Text("1970-01-12"), ValueRef::Text("12.01.1970")],
                CoercedValue::Days(11.0),
            ),
            (
                AttributeKind::Flag,
                vec![ValueRef::Flag(false), ValueRef::Number(0.0), ValueRef::Text("Nein"), ValueRef::Text("0.0")],
                CoercedValue::Flag(false),
            ),
            (
                AttributeKind::Category,
                vec![ValueRef::Number(90210.0), ValueRef::Text("90210")],
                CoercedValue::Text("90210".into()),
            ),
            (
                AttributeKind::List,
                vec![ValueRef::List(vec!["a", "", "b"]), ValueRef::Text("a; b"), ValueRef::Text("a, b")],
                CoercedValue::List(vec!["a".into(), "b".into()]),
            ),
            (
                AttributeKind::List,
                vec![ValueRef::List(vec![]), ValueRef::List(vec![" "]), ValueRef::Text(";")],
                CoercedValue::List(vec![]),
            ),
        ] {
            for value in values {
                assert_eq!(
                    read_typed(&value, Some(kind), TextFormat::default()),
                    Some(expected.clone()),
                    "{value:?} as {}",
                    kind.as_str()
                );
            }
        }
    }

    #[test]
    fn blank_and_unreadable_values_are_missing() {
        for kind in AttributeKind::ALL.into_iter().map(Some).chain([None]) {
            assert_eq!(read_typed(&ValueRef::Text(" "), kind, TextFormat::default()), None, "{kind:?}");
        }
        for (kind, value) in [
            (AttributeKind::Date, ValueRef::Text("20190301")),
            (AttributeKind::Date, ValueRef::Number(17_000.0)),
            (AttributeKind::Number, ValueRef::Text("many")),
            (AttributeKind::Number, ValueRef::Text("yes")),
            (AttributeKind::Flag, ValueRef::Number(2.0)),
            (AttributeKind::Category, ValueRef::List(vec!["a"])),
        ] {
            assert_eq!(read_typed(&value, Some(kind), TextFormat::default()), None, "{value:?} as {}", kind.as_str());
        }
    }

    #[test]
    fn an_ambiguous_text_reports_its_reading() {
        let open = TextFormat::default();
        assert_eq!(ambiguous_reading("1.200", AttributeKind::Number, open).as_deref(), Some("1.2"));
        assert_eq!(ambiguous_reading("01/03/2019", AttributeKind::Date, open).as_deref(), Some("2019-01-03"));
        assert_eq!(ambiguous_reading("1200", AttributeKind::Number, open), None);
        assert_eq!(ambiguous_reading("1.200", AttributeKind::Category, open), None);
        let set = TextFormat { decimal: Some(DecimalMark::Comma), date_order: Some(DateOrder::DayFirst) };
        assert_eq!(ambiguous_reading("1.200", AttributeKind::Number, set), None);
        assert_eq!(number(&ValueRef::Text("1.200"), set), Some(1200.0));
        assert_eq!(date(&ValueRef::Text("01/02/1970"), set), Some(31.0));
    }
}
