//! Rules as text.

use sweetspot_core::{AttributeKind, Column, ColumnData, Condition, Test, date_from_days, is_year_column};
use sweetspot_model::SegmentSummary;

use crate::format::{format_band, format_exact};
use crate::{ReportInput, format_date};

/// One condition: `sector is Logistics or Retail`, `employees from 10 to below 200`.
pub(crate) fn condition(input: &ReportInput, condition: &Condition) -> String {
    let Condition { attribute, test } = condition;
    let dated = input.kind(attribute) == Some(AttributeKind::Date);
    let column = input.accounts().column(attribute);
    let years =
        matches!(column, Some(Column { data: ColumnData::Numbers(numbers), .. }) if is_year_column(attribute, numbers));
    // The bounds of a date attribute are days.
    let bound = |bound: f64| match (dated, years) {
        (true, _) => format_date(date_from_days(bound)),
        (false, true) => bound.to_string(),
        (false, false) => format_exact(bound),
    };
    let name = input.attribute(attribute);
    let (noun, amount) = (name.noun(), |number: f64| name.amount(&bound(number)));
    match test {
        Test::AnyOf(texts) if name.kind == Some(AttributeKind::List) => format!("{noun} has {}", texts.join(" or ")),
        Test::AnyOf(texts) => format!("{noun} is {}", texts.join(" or ")),
        Test::Range { gte: Some(gte), lt: Some(lt) } => format!("{noun} from {} to below {}", bound(*gte), amount(*lt)),
        Test::Range { gte: Some(gte), lt: None } => format!("{noun} of {} or more", amount(*gte)),
        Test::Range { gte: None, lt: Some(lt) } => format!("{noun} below {}", amount(*lt)),
        Test::Range { gte: None, lt: None } | Test::Present(true) => format!("{noun} is known"),
        Test::Present(false) => format!("{noun} is not known"),
        Test::Flag(true) => format!("{noun} is yes"),
        Test::Flag(false) => format!("{noun} is no"),
    }
}

/// The name of a segment, with the labels and units of its attributes: `Contract: Two year; revenue (EUR): 10 million or
/// more`.
pub(crate) fn segment_name(input: &ReportInput, segment: &SegmentSummary) -> String {
    let part = |part: &str| {
        let condition = segment.conditions.iter().find(|condition| {
            part.strip_prefix(condition.attribute.trim()).is_some_and(|rest| rest.starts_with(": "))
        })?;
        let value = part.get(condition.attribute.trim().len() + 2..)?;
        let value = if matches!(condition.test, Test::Range { .. }) { format_band(value) } else { value.to_owned() };
        Some(input.attribute(&condition.attribute).with_value(&value))
    };
    let parts: Vec<String> =
        segment.name.split("; ").map(|text| part(text).unwrap_or_else(|| text.to_owned())).collect();
    parts.join("; ")
}

/// The whole rule: `An account belongs here if: sector is Logistics or Retail, and employees of 200 or more.` The rules of
/// earlier segments come first.
pub(super) fn sentence(rule: &[String], is_first: bool) -> String {
    let account = if is_first { "An account" } else { "An account that is in no earlier segment" };
    match rule {
        [] => String::new(),
        [only] => format!("{account} belongs here if: {only}."),
        [first @ .., last] => format!("{account} belongs here if: {}, and {last}.", first.join(", ")),
    }
}
