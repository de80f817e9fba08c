//! Conditions that a value is within a range.

use sweetspot_core::Date;

use super::QueryContext;
use super::condition::NEVER;
use super::dialect::{Spellings, fill};
use super::literal::number;
use super::slots::{is_finite, is_flag};
use crate::{CardCondition, CardKind};

/// The texts of numbers that every engine reads as a finite number: up to 99 digits on either side of the point, or an
/// exponent of a 64-bit number. An engine that cannot test whether a text is a number fails on others.
const NUMBER: &str = concat!(
    "^[+-]?([0-9]{1,99}([.][0-9]{0,99})?|[.][0-9]{1,99}",
    "|0([.]0*)?[eE][+-]?[0-9]{1,3}",
    "|[1-9]([.][0-9]*)?[eE]([+]?0*([0-9]{1,2}|[12][0-9]{2}|30[0-7])|-0*([0-9]{1,2}|[12][0-9]{2}|3[01][0-9]|32[0-3]))",
    "|1([.]([0-6][0-9]*|7([0-8][0-9]*|97693134862315[0-7]?)?)?)?[eE][+]?308",
    "|[3-9]([.][0-9]*)?[eE]-324)$",
);
/// The texts of days of the calendar in ISO 8601, alone or with a time.
const DAY: &str = concat!(
    "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)([tT ,][ ,-]*[0-9].*)?$",
);

/// The first and the last day with a year of four digits: 0000-01-01 and 9999-12-31.
const FIRST_DAY: f64 = -719_528.0;
const LAST_DAY: f64 = 2_932_896.0;

/// Whether a value that is read as a kind is within the range of a condition.
pub(super) fn of_kind(context: &QueryContext<'_>, when: &CardCondition, kind: CardKind, value: &str) -> String {
    match kind {
        CardKind::Number => in_range(when, value, &is_finite(value), number),
        CardKind::Date if when.at_least.is_some_and(is_beyond) => NEVER.to_owned(),
        CardKind::Date => {
            let when = CardCondition { below: when.below.filter(|bound| !is_beyond(*bound)), ..when.clone() };
            in_range(&when, value, &format!("{value} IS NOT NULL"), Spellings::day)
        }
        CardKind::Category => of_text(context, when, value, NEVER),
        CardKind::Flag => {
            let [yes, no] = [true, false].map(|flag| is_flag(context, value, flag));
            let as_number = format!("(CASE WHEN {yes} THEN 1 WHEN {no} THEN 0 END)");
            in_range(when, &as_number, &format!("{as_number} IS NOT NULL"), number)
        }
        CardKind::List => NEVER.to_owned(),
    }
}

/// Whether a value of any type, as text, is within the range: a number, a day as days since 1970-01-01, or a flag as 1
/// or 0.
pub(super) fn of_amount(context: &QueryContext<'_>, when: &CardCondition, value: &str) -> String {
    let contains = |number: f64| {
        when.at_least.is_none_or(|bound| number >= bound) && when.below.is_none_or(|bound| number < bound)
    };
    let flags = [("'true'", 1.0), ("'false'", 0.0)].into_iter().filter(|(_, number)| contains(*number));
    let flags: Vec<&str> = flags.map(|(flag, _)| flag).collect();
    let is_flag = if flags.is_empty() { NEVER.to_owned() } else { format!("{value} IN ({})", flags.join(", ")) };
    of_text(context, when, value, &is_flag)
}

/// Whether a text is a number or a day within the range; for other texts, `otherwise`.
fn of_text(context: &QueryContext<'_>, when: &CardCondition, value: &str, otherwise: &str) -> String {
    let spellings = context.spellings;
    let matches = |pattern: &str| fill(spellings.matches, &[value, &spellings.text(pattern)]);
    let as_number = spellings.read_as(value, spellings.double_type);
    let day = fill(spellings.by_bytes, &[&format!("SUBSTR({value}, 1, 10)")]);
    format!(
        "CASE WHEN {} THEN {} WHEN {} THEN {} ELSE {otherwise} END",
        matches(NUMBER),
        in_range(when, &as_number, &is_finite(&as_number), number),
        matches(DAY),
        in_range(when, &day, &format!("{value} IS NOT NULL"), day_text),
    )
}

/// Whether a value is known and within the range, whose bounds are spelled as SQL.
fn in_range(when: &CardCondition, value: &str, known: &str, sql: fn(f64) -> String) -> String {
    let at_least = when.at_least.map(|bound| format!("{value} >= {}", sql(bound)));
    let below = when.below.map(|bound| format!("{value} < {}", sql(bound)));
    [Some(known.to_owned()), at_least, below].into_iter().flatten().collect::<Vec<_>>().join(" AND ")
}

/// Whether a bound is after the last day, so that all days are below it.
fn is_beyond(bound: f64) -> bool {
    bound.ceil() > LAST_DAY
}

/// A day as a text whose order is that of days. Days beyond the years with four digits come before or after all others.
fn day_text(days: f64) -> String {
    match days.ceil() {
        days if days < FIRST_DAY => "'0000'".to_owned(),
        days if is_beyond(days) => "'9999-99'".to_owned(),
        days => format!("'{}'", Date { days: days as i32 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_texts_in_the_order_of_days() {
        for (days, text) in [
            (0.0, "'1970-01-01'"),
            (-0.5, "'1970-01-01'"),
            (30.5, "'1970-02-01'"),
            (FIRST_DAY, "'0000-01-01'"),
            (FIRST_DAY - 1.0, "'0000'"),
            (LAST_DAY, "'9999-12-31'"),
            (1e300, "'9999-99'"),
        ] {
            assert_eq!(day_text(days), text);
        }
    }
}
