//! From columns of texts to attributes.

use crate::domain::Column;
use crate::ingest::column::{Facts, TextColumn, build, infer, judge};
use crate::ingest::mapping::{Attributes, Mapping};
use crate::ingest::profile::Verdict;

/// The attributes' values, and notes on what was left out and what could not be read.
pub(super) fn values(
    mapping: &Mapping,
    names: Vec<(usize, String)>,
    columns: Vec<TextColumn>,
    notes: &mut Vec<String>,
) -> Vec<Column> {
    let auto = matches!(mapping.attributes, Attributes::Auto { .. });
    let mut kept = Vec::new();
    for ((_, name), column) in names.into_iter().zip(columns) {
        let facts = Facts::of(&column);
        let forced = mapping.kinds.get(&name).copied();
        let kind = forced.unwrap_or_else(|| infer(&facts));
        // Whoever tells the kind of a column wants the column.
        if auto && forced.is_none() {
            let (verdict, why) = judge(&name, &facts, kind);
            if verdict != Verdict::Attribute {
                notes.push(format!("column {name:?} is left out as {}: {why}", verdict.word()));
                continue;
            }
        }
        let (data, more) = build(&name, &column, kind);
        notes.extend(more);
        kept.push(Column { name, data });
    }
    kept
}
