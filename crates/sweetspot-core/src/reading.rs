//! A value read as one kind, whatever kind it was written as. The only way from a value to what a score, a rule, a hypothesis or
//! a filter sees of it.

use std::borrow::Cow;

use super::parse::{read_date, read_number};
use super::{Date, Kind, TextFormat, ValueRef, is_blank, parse_flag, parse_list};

/// A value as one kind sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read<'a> {
    /// A finite number.
    Number(f64),
    /// Days since 1970-01-01.
    Days(f64),
    /// Yes or no.
    Flag(bool),
    /// A text that says something.
    Text(Cow<'a, str>),
    /// Items that say something; there may be none.
    List(Vec<Cow<'a, str>>),
}

/// Reads a value as a kind, or, where no kind is known, as what it is; texts in this format. Nothing where it is missing: blank,
/// or not readable as that kind.
pub(crate) fn read<'a>(value: &ValueRef<'a>, kind: Option<Kind>, format: TextFormat) -> Option<Read<'a>> {
    match kind {
        Some(Kind::Number) => number(value, format).map(Read::Number),
        Some(Kind::Date) => date(value, format).map(Read::Days),
        Some(Kind::Flag) => flag(value).map(Read::Flag),
        Some(Kind::Category) => category(value).map(Read::Text),
        Some(Kind::List) => list(value).map(Read::List),
        None => match value {
            ValueRef::Number(number) => number.is_finite().then_some(Read::Number(*number)),
            ValueRef::Date(date) => Some(Read::Days(f64::from(date.days))),
            ValueRef::Flag(flag) => Some(Read::Flag(*flag)),
            ValueRef::Text(_) => category(value).map(Read::Text),
            ValueRef::List(_) => list(value).map(Read::List),
        },
    }
}

/// A number: also a text that spells one, and a flag as 1 or 0.
#[inline]
#[must_use]
pub fn number(value: &ValueRef<'_>, format: TextFormat) -> Option<f64> {
    match value {
        ValueRef::Number(number) => Some(*number).filter(|number| number.is_finite()),
        ValueRef::Text(text) => number_of_text(text, format),
        ValueRef::Flag(flag) => Some(f64::from(u8::from(*flag))),
        ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// The number that a text spells; `true` and `false` are flags written as a text.
#[must_use]
pub fn number_of_text(text: &str, format: TextFormat) -> Option<f64> {
    let flag = || match text.trim() {
        word if word.eq_ignore_ascii_case("true") => Some(1.0),
        word if word.eq_ignore_ascii_case("false") => Some(0.0),
        _ => None,
    };
    read_number(text, format.decimal).map(|parsed| parsed.value).or_else(flag)
}

/// The day that a text spells.
#[must_use]
pub fn date_of_text(text: &str, format: TextFormat) -> Option<Date> {
    read_date(text, format.date_order).map(|parsed| parsed.value)
}

/// A day, counted from 1970-01-01: also a text that spells one.
#[must_use]
pub fn date(value: &ValueRef<'_>, format: TextFormat) -> Option<f64> {
    match value {
        ValueRef::Date(date) => Some(f64::from(date.days)),
        ValueRef::Text(text) => date_of_text(text, format).map(|date| f64::from(date.days)),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) => None,
    }
}

/// A flag: also a text that spells one, and the numbers 1 and 0.
#[must_use]
pub fn flag(value: &ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Flag(flag) => Some(*flag),
        ValueRef::Text(text) => flag_of_text(text),
        ValueRef::Number(number) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
        ValueRef::Number(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// The flag that a text spells; `1.0` and `0.0` are flags written as numbers.
#[must_use]
pub fn flag_of_text(text: &str) -> Option<bool> {
    parse_flag(text).or_else(|| match read_number(text, None)?.value {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => None,
    })
}

/// One text that says something: of a number, a flag or a date the text that spells it.
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

/// Several texts: those of a list that say something, those that one text spells, or the one text that another kind is.
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

/// What was taken of a text that could mean two things, as a person reads it; nothing where it can mean only one.
#[must_use]
pub fn taken_as(text: &str, kind: Kind, format: TextFormat) -> Option<String> {
    match kind {
        Kind::Number => {
            read_number(text, format.decimal).filter(|parsed| parsed.ambiguous).map(|parsed| parsed.value.to_string())
        }
        Kind::Date => {
            read_date(text, format.date_order).filter(|parsed| parsed.ambiguous).map(|parsed| parsed.value.to_string())
        }
        Kind::Category | Kind::Flag | Kind::List => None,
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
                Kind::Number,
                vec![ValueRef::Number(1.0), ValueRef::Flag(true), ValueRef::Text("1.0"), ValueRef::Text("true")],
                Read::Number(1.0),
            ),
            (
                Kind::Date,
                vec![ValueRef::Date(Date { days: 11 }), ValueRef::Text("1970-01-12"), ValueRef::Text("12.01.1970")],
                Read::Days(11.0),
            ),
            (
                Kind::Flag,
                vec![ValueRef::Flag(false), ValueRef::Number(0.0), ValueRef::Text("Nein"), ValueRef::Text("0.0")],
                Read::Flag(false),
            ),
            (Kind::Category, vec![ValueRef::Number(90210.0), ValueRef::Text("90210")], Read::Text("90210".into())),
            (
                Kind::List,
                vec![ValueRef::List(vec!["a", "", "b"]), ValueRef::Text("a; b"), ValueRef::Text("a, b")],
                Read::List(vec!["a".into(), "b".into()]),
            ),
            (
                Kind::List,
                vec![ValueRef::List(vec![]), ValueRef::List(vec![" "]), ValueRef::Text(";")],
                Read::List(vec![]),
            ),
        ] {
            for value in values {
                assert_eq!(
                    read(&value, Some(kind), TextFormat::default()),
                    Some(expected.clone()),
                    "{value:?} as {}",
                    kind.word()
                );
            }
        }
    }

    #[test]
    fn blank_and_unreadable_values_are_missing() {
        for kind in Kind::ALL.into_iter().map(Some).chain([None]) {
            assert_eq!(read(&ValueRef::Text(" "), kind, TextFormat::default()), None, "{kind:?}");
        }
        for (kind, value) in [
            (Kind::Date, ValueRef::Text("20190301")),
            (Kind::Date, ValueRef::Number(17_000.0)),
            (Kind::Number, ValueRef::Text("many")),
            (Kind::Number, ValueRef::Text("yes")),
            (Kind::Flag, ValueRef::Number(2.0)),
            (Kind::Category, ValueRef::List(vec!["a"])),
        ] {
            assert_eq!(read(&value, Some(kind), TextFormat::default()), None, "{value:?} as {}", kind.word());
        }
    }

    #[test]
    fn what_could_mean_two_things_says_which_was_taken() {
        let open = TextFormat::default();
        assert_eq!(taken_as("1.200", Kind::Number, open).as_deref(), Some("1.2"));
        assert_eq!(taken_as("01/03/2019", Kind::Date, open).as_deref(), Some("2019-01-03"));
        assert_eq!(taken_as("1200", Kind::Number, open), None);
        assert_eq!(taken_as("1.200", Kind::Category, open), None);
        let set = TextFormat { decimal: Some(DecimalMark::Comma), date_order: Some(DateOrder::DayFirst) };
        assert_eq!(taken_as("1.200", Kind::Number, set), None);
        assert_eq!(number(&ValueRef::Text("1.200"), set), Some(1200.0));
        assert_eq!(date(&ValueRef::Text("01/02/1970"), set), Some(31.0));
    }
}
