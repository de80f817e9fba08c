//! The formats of the columns in a file: decided, described, and added to a proposed mapping.

use sweetspot_core::{AttributeKind, DateOrder, DecimalMark, TextFormat};

use super::{ColumnRole, InspectedColumn, MappingRemarks};
use crate::column::{Decision, DecisionReason, FileFormat, FormatCandidate, FormatEvidence, ambiguous_note, decide};
use crate::mapping::{ColumnSettings, Mapping};

/// Decides the format of each column.
pub(super) fn decide_formats(looks: &mut [InspectedColumn<'_>], mapping: Option<&Mapping>, semicolons: bool) {
    let open = Mapping::default();
    let mapping = mapping.unwrap_or(&open);
    let candidate = |look: &InspectedColumn<'_>| {
        FormatCandidate::new(look.name, look.kind, FormatEvidence::new(look.texts, look.kind), mapping)
    };
    let candidates: Vec<FormatCandidate> = looks.iter().map(candidate).collect();
    let decisions = decide(&candidates, FileFormat { setting: mapping.format, has_semicolons: semicolons });
    for (look, decision) in looks.iter_mut().zip(decisions) {
        look.decision = decision;
    }
}

/// Adds remarks on columns that remain undecided, and on those that are read by default.
pub(super) fn add_remarks(looks: &[InspectedColumn<'_>], remarks: &mut MappingRemarks) {
    for look in looks.iter().filter(|look| is_used(look)) {
        match &look.decision {
            Ok(decision) => ambiguous_note(look.name, decision).into_iter().for_each(|note| remarks.note(note)),
            Err(undecided) => {
                remarks.note(undecided.sentence(look.name));
                let setting = if look.kind == AttributeKind::Number {
                    "decimal = \",\"  # or \".\": the file is ambiguous"
                } else {
                    "date_order = \"dmy\"  # or \"mdy\", \"ymd\": the file is ambiguous"
                };
                remarks.undecided.push((look.name.to_owned(), setting));
            }
        }
    }
}

/// Adds the formats to a proposed mapping: the most common one for the file, and exceptions for single columns.
pub(super) fn propose(looks: &[InspectedColumn<'_>], mapping: &mut Mapping, remarks: &mut MappingRemarks) {
    let decided = || looks.iter().filter_map(|look| Some((look, look.decision.as_ref().ok()?)));
    let decimals = || decided().filter_map(|(look, decision)| Some((look, decision, decision.format.decimal?)));
    let matters = |decision: &Decision, mark| decision.ambiguous_cell.is_some() || mark == DecimalMark::Comma;
    let commas = decimals().filter(|(_, _, mark)| *mark == DecimalMark::Comma).count();
    let points = decimals()
        .filter(|(_, decision, mark)| *mark == DecimalMark::Point && decision.ambiguous_cell.is_some())
        .count();
    let of_file = if commas >= points { DecimalMark::Comma } else { DecimalMark::Point };
    if commas + points > 0 {
        mapping.format.decimal = Some(of_file);
        let example = decimals().find(|(_, decision, mark)| *mark == of_file && matters(decision, *mark));
        remarks.format[0] = example.map_or_else(String::new, |(_, decision, _)| reason(decision));
    }
    let orders = || decided().filter_map(|(look, decision)| Some((look, decision, decision.format.date_order?)));
    let of_numbers = |order| matches!(order, DateOrder::YearFirst | DateOrder::Serial);
    let counts = |order| orders().filter(|(_, _, other)| *other == order).count();
    let (month_first, day_first) = (counts(DateOrder::MonthFirst), counts(DateOrder::DayFirst));
    let frequent = if day_first >= month_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
    if month_first + day_first > 0 {
        mapping.format.date_order = Some(frequent);
        let example = orders().find(|(_, _, order)| *order == frequent);
        remarks.format[1] = example
            .map_or_else(String::new, |(_, decision, order)| format!("{}, {}", order.description(), reason(decision)));
    }
    for (look, decision, mark) in decimals().filter(|(_, decision, _)| decision.ambiguous_cell.is_some()) {
        if mark != of_file {
            set_format(mapping, look, TextFormat { decimal: Some(mark), date_order: None });
        }
        let _ = decision;
    }
    for (look, _, order) in orders().filter(|(_, _, order)| *order != frequent || of_numbers(*order)) {
        set_format(mapping, look, TextFormat { decimal: None, date_order: Some(order) });
    }
}

fn set_format(mapping: &mut Mapping, look: &InspectedColumn<'_>, format: TextFormat) {
    let settings: &mut ColumnSettings = mapping.columns.entry(look.name.to_owned()).or_default();
    settings.format = format.or(settings.format);
}

/// Returns the reason for a setting of the file.
fn reason(decision: &Decision) -> String {
    match &decision.reason {
        Some(DecisionReason::Cell(witness) | DecisionReason::OtherColumn { witness, .. }) => {
            format!("because of {}", witness.text)
        }
        Some(DecisionReason::Assumed) => "assumed: no day is above 12".to_owned(),
        _ => String::new(),
    }
}

/// Returns whether the values of a column are used.
fn is_used(look: &InspectedColumn<'_>) -> bool {
    matches!(look.role, ColumnRole::Attribute | ColumnRole::Outcome | ColumnRole::Review)
}
