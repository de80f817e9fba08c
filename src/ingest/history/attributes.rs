//! From the cells of columns to attributes.

use crate::domain::{Column, ColumnData, Kind};
use crate::ingest::column::{Facts, TextColumn, ToldColumn, build, infer, judge};
use crate::ingest::mapping::{Attributes, Mapping};
use crate::ingest::profile::Verdict;

/// One attribute as its cells come in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Its kind is told, and its cells are read at once.
    Told(ToldColumn),
    /// Its texts are kept: they are its values, or its kind is found out at the end.
    Texts(TextColumn),
}

impl Incoming {
    /// An empty column, whose kind may be told.
    pub(super) fn new(told: Option<Kind>) -> Self {
        let told = told.and_then(ToldColumn::new);
        told.map_or_else(|| Self::Texts(TextColumn::default()), Self::Told)
    }

    /// Adds a row; `None` is missing. Returns by how many bytes the column's texts have grown.
    pub(super) fn push(&mut self, cell: Option<&str>) -> usize {
        match self {
            Self::Told(column) => column.push(cell),
            Self::Texts(column) => column.push(cell),
        }
    }
}

/// The attributes' values, and notes on what was left out and what could not be read.
pub(super) fn values(
    mapping: &Mapping,
    names: Vec<(usize, String)>,
    columns: Vec<Incoming>,
    notes: &mut Vec<String>,
) -> Vec<Column> {
    let auto = matches!(mapping.attributes, Attributes::Auto { .. });
    let mut kept = Vec::new();
    for ((_, name), column) in names.into_iter().zip(columns) {
        let built = match column {
            Incoming::Told(column) => Ok(column.finish(&name)),
            Incoming::Texts(column) => match mapping.kinds.get(&name) {
                Some(kind) => Ok(build(&name, &column, *kind)),
                None => found(&name, &column, auto),
            },
        };
        match built {
            Ok((data, more)) => {
                notes.extend(more);
                kept.push(Column { name, data });
            }
            Err(why) => notes.push(why),
        }
    }
    kept
}

/// The values of a column whose kind nobody tells; why it is left out, where columns are chosen by what they hold.
fn found(name: &str, column: &TextColumn, choose: bool) -> Result<(ColumnData, Vec<String>), String> {
    let facts = Facts::of(column);
    let kind = infer(&facts);
    // Whoever lists a column, or tells its kind, wants it.
    if choose {
        let (verdict, why) = judge(name, &facts, kind);
        if verdict != Verdict::Attribute {
            return Err(format!("column {name:?} is left out as {}: {why}", verdict.word()));
        }
    }
    Ok(build(name, column, kind))
}
