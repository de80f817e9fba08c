//! A rule as people say it.

use sweetspot_core::{Column, ColumnData, Condition, Kind, Test, days, holds_years};

use crate::words::exact;
use crate::{Evidence, day};

/// One condition: `sector is Logistics or Retail`, `employees from 10 to below 200`.
pub(super) fn condition(evidence: &Evidence, condition: &Condition) -> String {
    let Condition { attribute, test } = condition;
    let dated = evidence.kind(attribute) == Some(Kind::Date);
    let column = evidence.accounts().column(attribute);
    let years =
        matches!(column, Some(Column { data: ColumnData::Numbers(numbers), .. }) if holds_years(attribute, numbers));
    // Days of a model come from days.
    let bound = |bound: f64| match (dated, years) {
        (true, _) => day(days(bound)),
        (false, true) => bound.to_string(),
        (false, false) => exact(bound),
    };
    match test {
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

/// The whole rule: `Look for accounts with sector is …`.
pub(super) fn sentence(rule: &[String]) -> String {
    match rule {
        [] => String::new(),
        [only] => format!("An account belongs here if: {only}."),
        [first @ .., last] => format!("An account belongs here if: {}, and {last}.", first.join(", ")),
    }
}
