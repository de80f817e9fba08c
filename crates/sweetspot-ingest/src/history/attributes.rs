//! From the cells of columns to attributes.

use sweetspot_core::{Column, ColumnData, Kind};

use crate::column::{
    Candidate, Decision, Evidence, Facts, TextColumn, TypedColumn, Undecided, build, infer, judge, unreadable_note,
};
use crate::mapping::{Attributes, Mapping};
use crate::profile::Verdict;

/// One attribute as its cells come in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Its kind is known, and most of its cells are read at once.
    Typed(Box<TypedColumn>),
    /// Its texts are kept: they are its values, or its kind is found out at the end.
    Texts(Box<TextColumn>),
}

impl Incoming {
    /// An empty column, whose kind may be known.
    pub(super) fn new(known: Option<Kind>) -> Self {
        let typed = known.and_then(TypedColumn::new);
        typed.map_or_else(|| Self::Texts(Box::default()), |typed| Self::Typed(Box::new(typed)))
    }

    /// Adds a cell of this row of the file; `None` is missing. Returns by how many bytes the column's texts have grown.
    pub(super) fn push(&mut self, row: u64, cell: Option<&str>) -> usize {
        match self {
            Self::Typed(column) => column.push(row, cell),
            Self::Texts(column) => column.push(row, cell),
        }
    }
}

/// A column whose kind is known, before it is decided how it is written.
#[derive(Debug)]
pub(super) struct Settled {
    name: String,
    cells: Incoming,
    kind: Kind,
    /// What a reader should know of it.
    notes: Vec<String>,
}

impl Settled {
    /// A column of this kind.
    pub(super) const fn new(name: String, cells: Incoming, kind: Kind) -> Self {
        Self { name, cells, kind, notes: Vec::new() }
    }

    /// What is to be decided about it.
    pub(super) fn candidate(&self, mapping: &Mapping) -> Candidate {
        let evidence = match &self.cells {
            Incoming::Typed(column) => column.evidence().clone(),
            Incoming::Texts(column) => Evidence::of(column, self.kind),
        };
        Candidate::new(&self.name, self.kind, evidence, mapping)
    }

    /// Its values, and notes on how they came about.
    ///
    /// # Errors
    /// What is to be set in the mapping where the file leaves open how the column is written.
    pub(super) fn finish(
        self,
        decision: &Result<Decision, Undecided>,
        notes: &mut Vec<String>,
    ) -> Result<Column, String> {
        let Self { name, cells, kind, notes: own } = self;
        let decision = decision.as_ref().map_err(|undecided| undecided.sentence(&name))?;
        let (data, more) = match cells {
            Incoming::Typed(column) => column.finish(&name, decision),
            Incoming::Texts(column) => build(&name, &column, kind, decision),
        };
        notes.extend(own.into_iter().chain(more));
        Ok(Column { name, data })
    }

    /// Its values without its name.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub(super) fn finish_data(
        self,
        decision: &Result<Decision, Undecided>,
        notes: &mut Vec<String>,
    ) -> Result<ColumnData, String> {
        self.finish(decision, notes).map(|column| column.data)
    }
}

/// The attributes with their kinds, and notes on the columns that are left out.
pub(super) fn settle(
    mapping: &Mapping,
    names: Vec<(usize, String)>,
    columns: Vec<Incoming>,
    notes: &mut Vec<String>,
) -> Vec<Settled> {
    let auto = matches!(mapping.attributes, Attributes::Auto { .. });
    let mut kept = Vec::new();
    for ((_, name), column) in names.into_iter().zip(columns) {
        let known = mapping.kinds.get(&name).copied();
        let settled = match (column, known) {
            (Incoming::Typed(column), _) => {
                let kind = column.kind();
                Ok(Settled::new(name, Incoming::Typed(column), kind))
            }
            (texts, Some(kind)) => Ok(Settled::new(name, texts, kind)),
            (Incoming::Texts(column), None) => infer_kind(name, column, auto),
        };
        match settled {
            Ok(settled) => kept.push(settled),
            Err(why) => notes.push(why),
        }
    }
    kept
}

/// A column whose kind the mapping does not say; why it is left out, where columns are chosen by what they hold.
fn infer_kind(name: String, mut column: Box<TextColumn>, choose: bool) -> Result<Settled, String> {
    let facts = Facts::of(&column);
    let inferred = infer(&name, &facts);
    let (kind, missing) = (inferred.kind, inferred.missing);
    let unreadable = facts.texts().filter(|(text, _)| missing.iter().any(|marker| marker == text));
    let notes = unreadable_note(&name, kind, &unreadable.collect::<Vec<_>>()).into_iter().collect();
    column.forget(|text| missing.iter().any(|marker| marker == text));
    // A column that is listed, or whose kind is given, is wanted.
    if choose {
        let (verdict, why) = judge(&name, &Facts::of(&column), kind);
        if verdict != Verdict::Attribute {
            return Err(format!("column {name:?} is left out as {}: {why}", verdict.word()));
        }
    }
    Ok(Settled { name, cells: Incoming::Texts(column), kind, notes })
}
