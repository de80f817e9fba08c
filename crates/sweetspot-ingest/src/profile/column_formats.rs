//! The formats of the columns in a file: decided, described, and added to a proposed mapping.

use sweetspot_core::{AttributeKind, DateOrder, DecimalMark, TextFormat};

use super::{ColumnRole, InspectedColumn, MappingRemarks};
use crate::column::{
    ColumnFormatInput, FileFormatHints, FormatDecision, FormatEvidence, FormatReason, ambiguous_note, decide,
};
use crate::mapping::{ColumnSettings, Mapping};

/// Decides the format of each column.
pub(super) fn decide_formats(columns: &mut [InspectedColumn<'_>], mapping: Option<&Mapping>, semicolons: bool) {
    let open = Mapping::default();
    let mapping = mapping.unwrap_or(&open);
    let candidate = |column: &InspectedColumn<'_>| {
        ColumnFormatInput::new(column.name, column.kind, FormatEvidence::new(column.texts, column.kind), mapping)
    };
    let candidates: Vec<ColumnFormatInput> = columns.iter().map(candidate).collect();
    let decisions = decide(&candidates, FileFormatHints { setting: mapping.format, has_semicolons: semicolons });
    for (column, decision) in columns.iter_mut().zip(decisions) {
        column.decision = decision;
    }
}

/// Adds remarks on columns that remain undecided, and on those that are read by default.
pub(super) fn add_remarks(columns: &[InspectedColumn<'_>], remarks: &mut MappingRemarks) {
    for column in columns.iter().filter(|column| is_used(column)) {
        match &column.decision {
            Ok(decision) => ambiguous_note(column.name, decision).into_iter().for_each(|note| remarks.note(note)),
            Err(undecided) => {
                remarks.note(undecided.sentence(column.name));
                let setting = if column.kind == AttributeKind::Number {
                    "decimal = \",\"  # or \".\": the file is ambiguous"
                } else {
                    "date_order = \"dmy\"  # or \"mdy\", \"ymd\": the file is ambiguous"
                };
                remarks.undecided.push((column.name.to_owned(), setting));
            }
        }
    }
}

/// Adds the formats to a proposed mapping: the most common one for the file, and exceptions for single columns.
pub(super) fn propose(columns: &[InspectedColumn<'_>], mapping: &mut Mapping, remarks: &mut MappingRemarks) {
    let decided = || columns.iter().filter_map(|column| Some((column, column.decision.as_ref().ok()?)));
    let decimals = || decided().filter_map(|(column, decision)| Some((column, decision, decision.format.decimal?)));
    let matters = |decision: &FormatDecision, mark| decision.ambiguous_cell.is_some() || mark == DecimalMark::Comma;
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
    let orders = || decided().filter_map(|(column, decision)| Some((column, decision, decision.format.date_order?)));
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
    for (column, decision, mark) in decimals().filter(|(_, decision, _)| decision.ambiguous_cell.is_some()) {
        if mark != of_file {
            set_format(mapping, column, TextFormat { decimal: Some(mark), date_order: None });
        }
        let _ = decision;
    }
    for (column, _, order) in orders().filter(|(_, _, order)| *order != frequent || of_numbers(*order)) {
        set_format(mapping, column, TextFormat { decimal: None, date_order: Some(order) });
    }
}

fn set_format(mapping: &mut Mapping, column: &InspectedColumn<'_>, format: TextFormat) {
    let settings: &mut ColumnSettings = mapping.columns.entry(column.name.to_owned()).or_default();
    settings.metadata.format = format.or(settings.metadata.format);
}

/// Returns the reason for a setting of the file.
fn reason(decision: &FormatDecision) -> String {
    match &decision.reason {
        Some(FormatReason::Cell(witness) | FormatReason::OtherColumn { witness, .. }) => {
            format!("because of {}", witness.text)
        }
        Some(FormatReason::Assumed) => "assumed: no day is above 12".to_owned(),
        _ => String::new(),
    }
}

/// Returns whether the values of a column are used.
fn is_used(column: &InspectedColumn<'_>) -> bool {
    matches!(column.role, ColumnRole::Attribute | ColumnRole::Outcome | ColumnRole::Review)
}
