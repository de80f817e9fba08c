//! Rules as text.

use sweetspot_core::{AttributeKind, Column, ColumnData, Condition, Test, date_from_days, is_year_column};

use crate::format::format_exact;
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
    match test {
        Test::AnyOf(texts) if input.kind(attribute) == Some(AttributeKind::List) => {
            format!("{attribute} has {}", texts.join(" or "))
        }
        Test::AnyOf(texts) => format!("{attribute} is {}", texts.join(" or ")),
        Test::Range { gte: Some(gte), lt: Some(lt) } => {
            format!("{attribute} from {} to below {}", bound(*gte), bound(*lt))
        }
        Test::Range { gte: Some(gte), lt: None } => format!("{attribute} of {} or more", bound(*gte)),
        Test::Range { gte: None, lt: Some(lt) } => format!("{attribute} below {}", bound(*lt)),
        Test::Range { gte: None, lt: None } | Test::Present(true) => format!("{attribute} is known"),
        Test::Present(false) => format!("{attribute} is not known"),
        Test::Flag(true) => format!("{attribute} is yes"),
        Test::Flag(false) => format!("{attribute} is no"),
    }
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
