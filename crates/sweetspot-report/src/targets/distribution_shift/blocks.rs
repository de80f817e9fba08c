//! Distribution shifts, as text and as a table.

use super::{DistributionShift, ShiftSize};
use crate::{Block, CalloutKind, ColumnHead, Proportion, Table, TableCell, format_band, format_percent, plural};

/// The maximum number of attributes to show.
const MAX_ATTRIBUTES: usize = 10;

/// The section of a list's document; empty if there is nothing to compare.
pub(in crate::targets) fn blocks(shifts: &[DistributionShift], is_amount: impl Fn(&str) -> bool) -> Vec<Block> {
    if shifts.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "How this list differs from the customers".to_owned())];
    blocks.push(Block::Callout(CalloutKind::Finding, finding(shifts)));
    if shifts.iter().any(|shift| shift.size() == ShiftSize::VeryDifferent) {
        let text = "Where few customers have such values, the model had little to learn from: the share of this list that turns out ideal \
                    may differ from the probabilities by more than the intervals show.";
        blocks.push(Block::Callout(CalloutKind::Caution, text.to_owned()));
    }
    let text = "The population stability index is 0 if the list and the customers are distributed equally over the values of an attribute. \
                From 0.1 on they are different, from 0.25 on very different. The next column is the index that 19 of 20 lists drawn from \
                accounts like the customers stay below: a lower index is no more than chance.";
    blocks.push(Block::Text(text.to_owned()));
    blocks.push(Block::Table(table(shifts, is_amount)));
    let unlisted = shifts.len().saturating_sub(MAX_ATTRIBUTES) as u64;
    if unlisted > 0 {
        let more = plural(unlisted, "further attribute matters", "further attributes matter");
        blocks.push(Block::Text(format!("{more} less to the scores.")));
    }
    blocks
}

fn finding(shifts: &[DistributionShift]) -> String {
    let all = shifts.len();
    let mut different = shifts.iter().filter(|shift| shift.size() > ShiftSize::Similar);
    let Some(first) = different.next() else {
        return no_shift_text(shifts);
    };
    let matters = first.attribute.to_string();
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

/// The text for no shift, or for inconclusive shifts.
fn no_shift_text(shifts: &[DistributionShift]) -> String {
    let attributes = plural(shifts.len() as u64, "attribute", "attributes");
    match shifts.iter().filter(|shift| shift.is_inconclusive()).count() {
        0 => format!("This list is distributed over the {attributes} of the model much like the customers."),
        open => format!(
            "There are too few accounts to tell whether this list differs from the customers: in {open} of {attributes} it does, but not \
             beyond chance."
        ),
    }
}

fn table(shifts: &[DistributionShift], is_amount: impl Fn(&str) -> bool) -> Table {
    let share = |share: Proportion| TableCell {
        text: share.rate().map(format_percent).unwrap_or_default(),
        is_faint: share.is_faint(),
    };
    let row = |shift: &DistributionShift| -> Vec<TableCell> {
        let verdict = match shift.size() {
            ShiftSize::Similar if shift.index <= shift.chance_bound => "no more than chance",
            ShiftSize::Similar => "similar",
            ShiftSize::Different => "different",
            ShiftSize::VeryDifferent => "very different",
        };
        let value = if is_amount(&shift.attribute.key) { format_band(&shift.value) } else { shift.value.clone() };
        vec![
            shift.attribute.to_string().into(),
            verdict.into(),
            format!("{:.2}", shift.index).into(),
            format!("{:.2}", shift.chance_bound).into(),
            value.into(),
            share(shift.customers),
            share(shift.list),
        ]
    };
    Table {
        caption: "How this list and the customers are distributed, most important attributes first".to_owned(),
        columns: vec![
            ColumnHead::text("Attribute"),
            ColumnHead::text("Verdict"),
            ColumnHead::figure("Index"),
            ColumnHead::figure("By chance below"),
            ColumnHead::text("Differs most in"),
            ColumnHead::figure("Customers"),
            ColumnHead::figure("This list"),
        ],
        rows: shifts.iter().take(MAX_ATTRIBUTES).map(row).collect(),
    }
}
