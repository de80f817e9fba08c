//! Converts the cells of columns to attributes.

use sweetspot_core::{AttributeKind, Column, ColumnData};

use crate::column::{
    ColumnFormatError, ColumnFormatInput, ColumnStats, FormatDecision, FormatEvidence, TextColumn, TypedColumnBuilder,
    assess_role, build, infer, unreadable_note,
};
use crate::column_role::ColumnRole;
use crate::mapping::{AttributeSelection, Mapping};

/// An attribute while its cells are read.
#[derive(Debug)]
pub(super) enum AttributeBuilder {
    /// The kind is known, and most cells are parsed immediately.
    Typed(Box<TypedColumnBuilder>),
    /// The texts are stored: they are the values, or the kind is inferred at the end.
    Texts(Box<TextColumn>),
}

impl AttributeBuilder {
    /// Creates an empty column, with its kind if known.
    pub(super) fn new(known: Option<AttributeKind>) -> Self {
        let typed = known.and_then(TypedColumnBuilder::new);
        typed.map_or_else(|| Self::Texts(Box::default()), |typed| Self::Typed(Box::new(typed)))
    }

    /// Adds a cell of this row of the file; `None` is missing. Returns the number of bytes by which the texts have
    /// grown.
    pub(super) fn push(&mut self, row: u64, cell: Option<&str>) -> usize {
        match self {
            Self::Typed(column) => column.push(row, cell),
            Self::Texts(column) => column.push(row, cell),
        }
    }
}

/// A column whose kind is known, but not its format.
#[derive(Debug)]
pub(super) struct UnformattedColumn {
    name: String,
    cells: AttributeBuilder,
    kind: AttributeKind,
    notes: Vec<String>,
}

impl UnformattedColumn {
    /// Creates a column of this kind.
    pub(super) const fn new(name: String, cells: AttributeBuilder, kind: AttributeKind) -> Self {
        Self { name, cells, kind, notes: Vec::new() }
    }

    /// Returns the column as a candidate for the format decision.
    pub(super) fn candidate(&self, mapping: &Mapping) -> ColumnFormatInput {
        let evidence = match &self.cells {
            AttributeBuilder::Typed(column) => column.evidence().clone(),
            AttributeBuilder::Texts(column) => FormatEvidence::new(column, self.kind),
        };
        ColumnFormatInput::new(&self.name, self.kind, evidence, mapping)
    }

    /// Returns its values with the column name, and notes on their conversion.
    ///
    /// # Errors
    /// Returns the setting that the mapping needs if the file does not determine the column format.
    pub(super) fn finish(
        self,
        decision: &Result<FormatDecision, ColumnFormatError>,
        notes: &mut Vec<String>,
    ) -> Result<Column, String> {
        let Self { name, cells, kind, notes: own } = self;
        let decision = decision.as_ref().map_err(|undecided| undecided.sentence(&name))?;
        let (data, more) = match cells {
            AttributeBuilder::Typed(column) => column.finish(&name, decision),
            AttributeBuilder::Texts(column) => build(&name, &column, kind, decision),
        };
        notes.extend(own.into_iter().chain(more));
        Ok(Column { name, data })
    }

    /// Returns its values without the column name.
    ///
    /// # Errors
    /// See [`Self::finish`].
    pub(super) fn finish_data(
        self,
        decision: &Result<FormatDecision, ColumnFormatError>,
        notes: &mut Vec<String>,
    ) -> Result<ColumnData, String> {
        self.finish(decision, notes).map(|column| column.data)
    }
}

/// Returns the attributes with their kinds, and notes on omitted columns.
pub(super) fn settle(
    mapping: &Mapping,
    names: Vec<(usize, String)>,
    columns: Vec<AttributeBuilder>,
    notes: &mut Vec<String>,
) -> Vec<UnformattedColumn> {
    let auto = matches!(mapping.attributes, AttributeSelection::Auto { .. });
    let mut attributes = Vec::new();
    for ((_, name), column) in names.into_iter().zip(columns) {
        let known = mapping.kinds.get(&name).copied();
        let column = match (column, known) {
            (AttributeBuilder::Typed(column), _) => {
                let kind = column.kind();
                Ok(UnformattedColumn::new(name, AttributeBuilder::Typed(column), kind))
            }
            (texts, Some(kind)) => Ok(UnformattedColumn::new(name, texts, kind)),
            (AttributeBuilder::Texts(column), None) => infer_kind(name, column, auto),
        };
        match column {
            Ok(column) => attributes.push(column),
            Err(note) => notes.push(note),
        }
    }
    attributes
}

/// Infers the kind of a column that the mapping does not specify. With `choose`, returns an error with the reason if
/// the column should be omitted.
fn infer_kind(name: String, mut column: Box<TextColumn>, choose: bool) -> Result<UnformattedColumn, String> {
    let stats = ColumnStats::new(&column);
    let inferred = infer(&name, &stats);
    let (kind, missing) = (inferred.kind, inferred.missing);
    let unreadable = stats.texts().filter(|(text, _)| missing.iter().any(|marker| marker == text));
    let notes = unreadable_note(&name, kind, &unreadable.collect::<Vec<_>>()).into_iter().collect();
    column.mark_missing(|text| missing.iter().any(|marker| marker == text));
    // A column that is listed or has an explicit kind is always used.
    if choose {
        let (verdict, why) = assess_role(&name, &ColumnStats::new(&column), kind);
        if verdict != ColumnRole::Attribute {
            return Err(format!("column {name:?} is left out as {}: {why}", verdict.label()));
        }
    }
    Ok(UnformattedColumn { name, cells: AttributeBuilder::Texts(column), kind, notes })
}
