//! Describes in words how a column is read.

use sweetspot_core::{AttributeKind, DecimalMark};

use super::convert_texts::{CellParser, reading_and_setting};
use super::{ColumnFormatError, ColumnFormatInput, ColumnStats, FormatDecision, FormatReason};

/// Numbers that often represent missing values, and likewise dates.
const SENTINELS: [f64; 7] = [-1.0, -99.0, -999.0, -9999.0, 999_999.0, 9_999_999.0, 99_999_999.0];
const SENTINEL_DAYS: [&str; 5] = ["1900-01-01", "1899-12-30", "1970-01-01", "9999-12-31", "1753-01-01"];

/// The maximum number of distinct whole numbers in a column of codes.
const MAX_CODES: u64 = 12;
/// The minimum number of cells in a column of codes.
const MIN_CODED: u64 = 30;

/// Describes the decision about a column and its cells in one line, without the column name.
pub(crate) fn describe(
    stats: &ColumnStats<'_>,
    kind: AttributeKind,
    decision: &Result<FormatDecision, ColumnFormatError>,
    missing: &[(String, u64)],
) -> String {
    let mut parts = vec![kind_and_format(stats, kind, decision)];
    if !missing.is_empty() {
        let texts: Vec<String> = missing.iter().map(|(text, count)| format!("{count} × {text:?}")).collect();
        parts.push(format!("{} = missing", texts.join(", ")));
    }
    if let Ok(decision) = decision {
        parts.extend(sentinel_note(stats, kind, CellParser(decision.format)));
        parts.extend(code_note(stats, kind, CellParser(decision.format)));
    }
    parts.join(", ")
}

fn kind_and_format(
    stats: &ColumnStats<'_>,
    kind: AttributeKind,
    decision: &Result<FormatDecision, ColumnFormatError>,
) -> String {
    let distinct = stats.distinct();
    let plural = |singular: &str, plural_form: &str| {
        format!("{distinct} {}", if distinct == 1 { singular } else { plural_form })
    };
    match (kind, decision) {
        _ if stats.present == 0 => "only missing cells".to_owned(),
        (AttributeKind::Category, _) => plural("text", "different texts"),
        (AttributeKind::List, _) => "lists".to_owned(),
        (AttributeKind::Flag, _) => "yes or no".to_owned(),
        (AttributeKind::Number, Err(_)) => "numbers, in a form that the file leaves open".to_owned(),
        (AttributeKind::Date, Err(_)) => "dates, in an order that the file leaves open".to_owned(),
        (AttributeKind::Number, Ok(decision)) => match (&decision.ambiguous_cell, decision.format.decimal) {
            (Some(open), Some(_)) => {
                let (number, _) = reading_and_setting(&open.text, decision.format);
                format!("numbers, {} = {number} ({})", open.text, decision_reason(decision))
            }
            (None, Some(DecimalMark::Comma)) => format!("numbers with a decimal comma ({})", decision_reason(decision)),
            (_, Some(DecimalMark::Point) | None) => "numbers".to_owned(),
        },
        (AttributeKind::Date, Ok(decision)) => match decision.format.date_order {
            Some(order) => format!("dates, {} ({})", order.description(), decision_reason(decision)),
            None => "dates".to_owned(),
        },
    }
}

/// Describes the reason for the format of a column.
pub(super) fn decision_reason(decision: &FormatDecision) -> String {
    match &decision.reason {
        Some(FormatReason::Cell(witness)) => format!("because the column has {}", witness.text),
        Some(FormatReason::OtherColumn { column, witness }) => format!("because {column:?} has {}", witness.text),
        Some(FormatReason::Mapping) => "as the mapping says".to_owned(),
        Some(FormatReason::Customers) => "as in the customers".to_owned(),
        Some(FormatReason::Semicolons) => "because semicolons separate the cells".to_owned(),
        Some(FormatReason::Currency) => "as amounts in its currency are written".to_owned(),
        Some(FormatReason::DecimalComma) => "as where numbers have a decimal comma".to_owned(),
        Some(FormatReason::Dots) => "as usual with dots".to_owned(),
        Some(FormatReason::Numbers) => "by its numbers".to_owned(),
        Some(FormatReason::Assumed) => "assumed: no day is above 12".to_owned(),
        None => "nothing else is possible".to_owned(),
    }
}

/// Returns a note on values that look like placeholders for missing values. They are reported, but not treated as
/// missing.
fn sentinel_note(stats: &ColumnStats<'_>, kind: AttributeKind, reader: CellParser) -> Option<String> {
    let suspect = |text: &str| match kind {
        AttributeKind::Number => reader.number(text).is_some_and(|number| SENTINELS.contains(&number)),
        AttributeKind::Date => reader.date(text).is_some_and(|day| SENTINEL_DAYS.contains(&day.to_string().as_str())),
        AttributeKind::Category | AttributeKind::Flag | AttributeKind::List => false,
    };
    let negative = |text: &str| reader.number(text).is_some_and(|number| number < 0.0);
    let (text, count) = stats.texts().filter(|(text, _)| suspect(text)).max_by_key(|(_, count)| *count)?;
    // Among other negative numbers, -1 is not a placeholder.
    let is_usual = kind == AttributeKind::Number
        && negative(text)
        && stats.texts().any(|(other, _)| other != text && negative(other) && !suspect(other));
    (!is_usual && stats.distinct() > 2)
        .then(|| format!("{count} × {text} may stand for missing: if so, list it under missing"))
}

/// Returns a note if a few distinct whole numbers may be codes.
fn code_note(stats: &ColumnStats<'_>, kind: AttributeKind, reader: CellParser) -> Option<String> {
    let is_whole = |text: &str| reader.number(text).is_some_and(|number| number.fract() == 0.0);
    let few = (3..=MAX_CODES).contains(&stats.distinct()) && stats.present >= MIN_CODED;
    (kind == AttributeKind::Number && few && stats.texts().all(|(text, _)| is_whole(text)))
        .then(|| format!("{} values: if they are codes, list the column under categorical", stats.distinct()))
}

/// Returns a note for a list if a column is read differently from a cell in isolation, or from the customer data.
pub(crate) fn list_note(column: &ColumnFormatInput, decision: &FormatDecision) -> Option<String> {
    let open = decision.ambiguous_cell.as_ref()?;
    let (reading, _) = reading_and_setting(&open.text, decision.format);
    let customers = column.fallback.or(column.training_format);
    let differs = match (decision.format.decimal, decision.format.date_order) {
        (Some(mark), _) => customers.decimal.is_some_and(|other| other != mark),
        (None, order) => customers.date_order.is_some_and(|other| Some(other) != order),
    };
    let contrast = if differs { ", unlike the customers" } else { "" };
    Some(format!(
        "column {:?}: {} is read as {reading}{contrast} ({})",
        column.name,
        open.text,
        decision_reason(decision)
    ))
}
