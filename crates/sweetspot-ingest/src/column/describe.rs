//! How a column is read, in words.

use sweetspot_core::{DecimalMark, Kind};

use super::build::{Reader, reading_and_setting};
use super::{Because, Candidate, Decision, Facts, Undecided};

/// Numbers that often stand for a value that is missing, and days that do.
const SENTINELS: [f64; 7] = [-1.0, -99.0, -999.0, -9999.0, 999_999.0, 9_999_999.0, 99_999_999.0];
const SENTINEL_DAYS: [&str; 5] = ["1900-01-01", "1899-12-30", "1970-01-01", "9999-12-31", "1753-01-01"];

/// Whole numbers with at most this many values may be codes.
const MAX_CODES: u64 = 12;
/// Fewest cells of such a column.
const MIN_CODED: u64 = 30;

/// What is decided about a column and its cells, in one line without its name.
pub(crate) fn describe(
    facts: &Facts<'_>,
    kind: Kind,
    decision: &Result<Decision, Undecided>,
    missing: &[(String, u64)],
) -> String {
    let mut parts = vec![head(facts, kind, decision)];
    if !missing.is_empty() {
        let texts: Vec<String> = missing.iter().map(|(text, count)| format!("{count} × {text:?}")).collect();
        parts.push(format!("{} = missing", texts.join(", ")));
    }
    if let Ok(decision) = decision {
        parts.extend(sentinels(facts, kind, Reader(decision.format)));
        parts.extend(codes(facts, kind, Reader(decision.format)));
    }
    parts.join(", ")
}

fn head(facts: &Facts<'_>, kind: Kind, decision: &Result<Decision, Undecided>) -> String {
    let distinct = facts.distinct();
    let plural = |one: &str, many: &str| format!("{distinct} {}", if distinct == 1 { one } else { many });
    match (kind, decision) {
        _ if facts.present == 0 => "only missing cells".to_owned(),
        (Kind::Category, _) => plural("text", "different texts"),
        (Kind::List, _) => "lists".to_owned(),
        (Kind::Flag, _) => "yes or no".to_owned(),
        (Kind::Number, Err(_)) => "numbers, in a form that the file leaves open".to_owned(),
        (Kind::Date, Err(_)) => "dates, in an order that the file leaves open".to_owned(),
        (Kind::Number, Ok(decision)) => match (&decision.open, decision.format.decimal) {
            (Some(open), Some(_)) => {
                let (number, _) = reading_and_setting(&open.text, decision.format);
                format!("numbers, {} = {number} ({})", open.text, because(decision))
            }
            (None, Some(DecimalMark::Comma)) => format!("numbers with a decimal comma ({})", because(decision)),
            (_, Some(DecimalMark::Point) | None) => "numbers".to_owned(),
        },
        (Kind::Date, Ok(decision)) => match decision.format.date_order {
            Some(order) => format!("dates, {} ({})", order.words(), because(decision)),
            None => "dates".to_owned(),
        },
    }
}

/// Why a column is read as it is.
pub(super) fn because(decision: &Decision) -> String {
    match &decision.because {
        Some(Because::Cell(witness)) => format!("because the column has {}", witness.text),
        Some(Because::Sister { column, witness }) => format!("because {column:?} has {}", witness.text),
        Some(Because::Mapping) => "as the mapping says".to_owned(),
        Some(Because::Customers) => "as in the customers".to_owned(),
        Some(Because::Semicolons) => "because semicolons separate the cells".to_owned(),
        Some(Because::Currency) => "as amounts in its currency are written".to_owned(),
        Some(Because::DecimalComma) => "as where numbers have a decimal comma".to_owned(),
        Some(Because::Dots) => "as usual with dots".to_owned(),
        Some(Because::Numbers) => "by its numbers".to_owned(),
        Some(Because::Assumed) => "assumed: no day is above 12".to_owned(),
        None => "nothing else is possible".to_owned(),
    }
}

/// Values that look like stand-ins for missing ones: said, and not assumed.
fn sentinels(facts: &Facts<'_>, kind: Kind, reader: Reader) -> Option<String> {
    let suspect = |text: &str| match kind {
        Kind::Number => reader.number(text).is_some_and(|number| SENTINELS.contains(&number)),
        Kind::Date => reader.date(text).is_some_and(|day| SENTINEL_DAYS.contains(&day.to_string().as_str())),
        Kind::Category | Kind::Flag | Kind::List => false,
    };
    let negative = |text: &str| reader.number(text).is_some_and(|number| number < 0.0);
    let (text, count) = facts.texts().filter(|(text, _)| suspect(text)).max_by_key(|(_, count)| *count)?;
    // Among other negative numbers, -1 is one of them.
    let usual = kind == Kind::Number
        && negative(text)
        && facts.texts().any(|(other, _)| other != text && negative(other) && !suspect(other));
    (!usual && facts.distinct() > 2)
        .then(|| format!("{count} × {text} may stand for missing: if so, list it under missing"))
}

/// That few whole numbers may be codes.
fn codes(facts: &Facts<'_>, kind: Kind, reader: Reader) -> Option<String> {
    let whole = |text: &str| reader.number(text).is_some_and(|number| number.fract() == 0.0);
    let few = (3..=MAX_CODES).contains(&facts.distinct()) && facts.present >= MIN_CODED;
    (kind == Kind::Number && few && facts.texts().all(|(text, _)| whole(text)))
        .then(|| format!("{} values: if they are codes, list the column under categorical", facts.distinct()))
}

/// What a reader of a list should know of how a column is read: that it is read otherwise than a cell alone would be, or otherwise
/// than in the customers.
pub(crate) fn list_note(column: &Candidate, decision: &Decision) -> Option<String> {
    let open = decision.open.as_ref()?;
    let (taken, _) = reading_and_setting(&open.text, decision.format);
    let customers = column.fallback.or(column.trained);
    let otherwise = match (decision.format.decimal, decision.format.date_order) {
        (Some(mark), _) => customers.decimal.is_some_and(|other| other != mark),
        (None, order) => customers.date_order.is_some_and(|other| Some(other) != order),
    };
    let unlike = if otherwise { ", unlike the customers" } else { "" };
    Some(format!("column {:?}: {} is read as {taken}{unlike} ({})", column.name, open.text, because(decision)))
}
