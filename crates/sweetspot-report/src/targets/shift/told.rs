//! How a list differs, in words and as a table.

use super::{Shift, ShiftSize};
use crate::{Block, Cell, Head, Share, Table, Tone, band, percent, plain, plural};

/// Attributes that are told.
const MOST: usize = 10;

/// The section of a list's document; nothing where there is nothing to compare.
pub(in crate::targets) fn blocks(shifts: &[Shift], is_amount: impl Fn(&str) -> bool) -> Vec<Block> {
    if shifts.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "How this list differs from the customers".to_owned())];
    blocks.push(Block::Told(Tone::Finding, finding(shifts)));
    if shifts.iter().any(|shift| shift.size() == ShiftSize::Far) {
        let text = "Where few customers have such values, the model had little to learn from: the share of this list that turns out ideal \
                    may differ from the probabilities by more than the intervals show.";
        blocks.push(Block::Told(Tone::Caution, text.to_owned()));
    }
    let text = "The population stability index is 0 if the list and the customers are distributed equally over the values of an attribute. \
                From 0.1 on they are different, from 0.25 on very different. The next column is the index that 19 of 20 lists drawn from \
                accounts like the customers stay below: a lower index is no more than chance.";
    blocks.push(Block::Text(text.to_owned()));
    blocks.push(Block::Table(table(shifts, is_amount)));
    let beyond = shifts.len().saturating_sub(MOST) as u64;
    if beyond > 0 {
        let more = plural(beyond, "further attribute matters", "further attributes matter");
        blocks.push(Block::Text(format!("{more} less to the scores.")));
    }
    blocks
}

fn finding(shifts: &[Shift]) -> String {
    let all = shifts.len();
    let mut different = shifts.iter().filter(|shift| shift.size() > ShiftSize::Alike);
    let Some(first) = different.next() else {
        return alike(shifts);
    };
    let matters = plain(&first.attribute);
    match different.count() + 1 {
        1 => format!(
            "1 of {all} attributes is distributed differently on this list than among the customers: {matters}."
        ),
        many => format!(
            "{many} of {all} attributes are distributed differently on this list than among the customers; {matters} matters most \
             to the scores."
        ),
    }
}

/// That nothing differs, or that it cannot be told.
fn alike(shifts: &[Shift]) -> String {
    let attributes = plural(shifts.len() as u64, "attribute", "attributes");
    match shifts.iter().filter(|shift| shift.is_open()).count() {
        0 => format!("This list is distributed over the {attributes} of the model much like the customers."),
        open => format!(
            "There are too few accounts to tell whether this list differs from the customers: in {open} of {attributes} it does, but not \
             beyond chance."
        ),
    }
}

fn table(shifts: &[Shift], is_amount: impl Fn(&str) -> bool) -> Table {
    let share = |share: Share| Cell { text: share.rate().map(percent).unwrap_or_default(), faint: share.is_faint() };
    let row = |shift: &Shift| -> Vec<Cell> {
        let verdict = match shift.size() {
            ShiftSize::Alike if shift.index <= shift.by_chance => "no more than chance",
            ShiftSize::Alike => "similar",
            ShiftSize::Different => "different",
            ShiftSize::Far => "very different",
        };
        let value = if is_amount(&shift.attribute) { band(&shift.value) } else { shift.value.clone() };
        vec![
            plain(&shift.attribute).into(),
            verdict.into(),
            format!("{:.2}", shift.index).into(),
            format!("{:.2}", shift.by_chance).into(),
            value.into(),
            share(shift.customers),
            share(shift.list),
        ]
    };
    Table {
        caption: "How this list and the customers are distributed, most important attributes first".to_owned(),
        columns: vec![
            Head::text("Attribute"),
            Head::text("Verdict"),
            Head::figure("Index"),
            Head::figure("By chance below"),
            Head::text("Differs most in"),
            Head::figure("Customers"),
            Head::figure("This list"),
        ],
        rows: shifts.iter().take(MOST).map(row).collect(),
    }
}
