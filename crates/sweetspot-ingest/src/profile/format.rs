//! How the columns of a file are written: decided, said, and put into a proposed mapping.

use sweetspot_core::{DateOrder, DecimalMark, Kind, TextFormat};

use super::{Look, Remarks, Verdict};
use crate::column::{Because, Candidate, Decision, Evidence, FileFormat, ambiguous_note, decide};
use crate::mapping::{ColumnSettings, Mapping};

/// Decides how each column is read.
pub(super) fn settle(looks: &mut [Look<'_>], mapping: Option<&Mapping>, semicolons: bool) {
    let open = Mapping::default();
    let mapping = mapping.unwrap_or(&open);
    let candidate =
        |look: &Look<'_>| Candidate::new(look.name, look.kind, Evidence::of(look.texts, look.kind), mapping);
    let candidates: Vec<Candidate> = looks.iter().map(candidate).collect();
    let decisions = decide(&candidates, FileFormat { set: mapping.format, semicolons });
    for (look, decision) in looks.iter_mut().zip(decisions) {
        look.decision = decision;
    }
}

/// Says which columns the file leaves open, and which are read by a habit.
pub(super) fn remark(looks: &[Look<'_>], remarks: &mut Remarks) {
    for look in looks.iter().filter(|look| is_used(look)) {
        match &look.decision {
            Ok(decision) => ambiguous_note(look.name, decision).into_iter().for_each(|note| remarks.note(note)),
            Err(undecided) => {
                remarks.note(undecided.sentence(look.name));
                let setting = if look.kind == Kind::Number {
                    "decimal = \",\"  # or \".\": the file is ambiguous"
                } else {
                    "date_order = \"dmy\"  # or \"mdy\", \"ymd\": the file is ambiguous"
                };
                remarks.undecided.push((look.name.to_owned(), setting));
            }
        }
    }
}

/// Puts into a proposed mapping how the columns are read: for the file what most of them have, for a column what it has alone.
pub(super) fn propose(looks: &[Look<'_>], mapping: &mut Mapping, remarks: &mut Remarks) {
    let decided = || looks.iter().filter_map(|look| Some((look, look.decision.as_ref().ok()?)));
    let decimals = || decided().filter_map(|(look, decision)| Some((look, decision, decision.format.decimal?)));
    let matters = |decision: &Decision, mark| decision.open.is_some() || mark == DecimalMark::Comma;
    let commas = decimals().filter(|(_, _, mark)| *mark == DecimalMark::Comma).count();
    let points =
        decimals().filter(|(_, decision, mark)| *mark == DecimalMark::Point && decision.open.is_some()).count();
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
    let usual = if day_first >= month_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
    if month_first + day_first > 0 {
        mapping.format.date_order = Some(usual);
        let example = orders().find(|(_, _, order)| *order == usual);
        remarks.format[1] =
            example.map_or_else(String::new, |(_, decision, order)| format!("{}, {}", order.words(), reason(decision)));
    }
    for (look, decision, mark) in decimals().filter(|(_, decision, _)| decision.open.is_some()) {
        if mark != of_file {
            set(mapping, look, TextFormat { decimal: Some(mark), date_order: None });
        }
        let _ = decision;
    }
    for (look, _, order) in orders().filter(|(_, _, order)| *order != usual || of_numbers(*order)) {
        set(mapping, look, TextFormat { decimal: None, date_order: Some(order) });
    }
}

fn set(mapping: &mut Mapping, look: &Look<'_>, format: TextFormat) {
    let settings: &mut ColumnSettings = mapping.columns.entry(look.name.to_owned()).or_default();
    settings.format = format.or(settings.format);
}

/// Why, beside a setting of the file.
fn reason(decision: &Decision) -> String {
    match &decision.because {
        Some(Because::Cell(witness) | Because::Sister { witness, .. }) => format!("because of {}", witness.text),
        Some(Because::Assumed) => "assumed: no day is above 12".to_owned(),
        _ => String::new(),
    }
}

/// Whether a column is read for its values.
fn is_used(look: &Look<'_>) -> bool {
    matches!(look.verdict, Verdict::Attribute | Verdict::Outcome | Verdict::Review)
}
