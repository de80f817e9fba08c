//! Columns that could be attributes by what they hold, and by what they are cannot: keys of places, dates of the deal, and
//! products of outcomes.

use sweetspot_core::{Kind, deal_date_word};

use super::names::is_place_key;
use super::{Look, Verdict, derived};
use crate::mapping::{Attributes, Mapping};

/// Says of each such column what it is, unless somebody lists it as an attribute.
pub(super) fn find(looks: &mut [Look<'_>], mapping: &Mapping) {
    let listed = |name: &str| match &mapping.attributes {
        Attributes::Listed(columns) => columns.iter().any(|column| column == name),
        Attributes::Auto { .. } => false,
    };
    for (place, reason) in derived::find(looks) {
        if let Some(look) = looks.get_mut(place).filter(|look| !listed(look.name)) {
            (look.verdict, look.reason, look.leak, look.caution) = (Verdict::Derived, reason, None, None);
        }
    }
    let since = mapping.outcome.since.is_none();
    for look in looks.iter_mut().filter(|look| look.verdict == Verdict::Attribute && look.leak.is_none()) {
        if let Some((verdict, reason)) = unfit(look, since).filter(|_| !listed(look.name)) {
            (look.verdict, look.reason, look.caution) = (verdict, reason, None);
        }
    }
}

/// Fewest rows that a column can be seen to number.
const MIN_NUMBERED_ROWS: usize = 10;

/// What a column that numbers the rows is called, beside a column without a name: letters and digits alone, in lower case.
const NUMBER_NAMES: [&str; 12] =
    ["", "no", "nr", "num", "row", "rows", "rownumber", "rownum", "index", "line", "unnamed0", "lfdnr"];

/// Whether the column numbers the rows: by its name, and by whole numbers that go up from 0 or 1 in the order of the file, with
/// few gaps.
fn numbers_rows(look: &Look<'_>) -> bool {
    let name: String = look.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if !NUMBER_NAMES.contains(&name.as_str()) && name != "column1" {
        return false;
    }
    let rows = look.texts.rows().count();
    let numbers: Vec<usize> = look.texts.rows().map_while(|text| text?.parse().ok()).collect();
    let most = rows + rows / 10;
    rows >= MIN_NUMBERED_ROWS
        && numbers.len() == rows
        && numbers.first().is_some_and(|first| *first <= 1)
        && numbers.last().is_some_and(|last| *last <= most)
        && numbers.is_sorted_by(|a, b| a < b)
}

fn unfit(look: &Look<'_>, since_is_open: bool) -> Option<(Verdict, String)> {
    if numbers_rows(look) {
        return Some((Verdict::Identifier, "it numbers the rows".to_owned()));
    }
    if is_place_key(look) {
        let reason = "a key of places: new keys are unknown to the model; keep city, region or country instead";
        return Some((Verdict::PlaceKey, reason.to_owned()));
    }
    let word = deal_date_word(look.name).filter(|_| look.kind == Kind::Date)?;
    let hint = if since_is_open { "; if customers are customers since then, name it under outcome.since" } else { "" };
    Some((Verdict::DealDate, format!("its name refers to the deal ({word:?}): it describes when, not who{hint}")))
}
