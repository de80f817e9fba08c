//! A list of prospects, streamed: at most a few thousand rows are in memory, whatever the length of the file.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use sweetspot_core::parse::{Parsed, read_date, read_number};
use sweetspot_core::{Account, AttributeKind, TextFormat, Value};

use super::column::{
    CellParser, ColumnFormatInput, FileFormatHints, FormatDecision, FormatEvidence, decide, list_note,
};
use super::error::IngestError;
use super::history::{ColumnPlan, Ids, MissingTexts, position, read_id, require};
use super::limits::clip;
use super::list_cells::list_items;
use super::mapping::Mapping;
use super::source::{Reject, RowReader, Source, ValidRow};

/// The limits on the rows, and on the bytes of their texts, that are read before the formats of numbers and dates are
/// decided.
const MAX_HEAD_ROWS: usize = 10_000;
const MAX_HEAD_BYTES: usize = 16 << 20;

/// A row to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// The number of the row below the header, starting at 1.
    pub row: u64,
    /// The id as written in the file.
    pub id: String,
    /// The account. Its id is unique within the file: repeated ids become `id#2`, `id#3` and so on.
    pub account: Account,
    /// The trimmed cells of the columns passed to [`ProspectReader::store_columns`], in the same order.
    pub extra_cells: Vec<String>,
}

/// What a model version knows about an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAttribute {
    /// The name of the attribute.
    pub name: String,
    /// The kind of its values.
    pub kind: AttributeKind,
    /// The text format in the customer data.
    pub format: TextFormat,
}

/// Iterates over the rows of a file, in order. Cells stay texts, which the model parses by its own schema, except for
/// ambiguous numbers and dates, which are parsed in the format of their column in this file.
pub struct ProspectReader {
    rows: RowReader,
    missing: MissingTexts,
    id: Option<usize>,
    columns: Vec<ProspectColumn>,
    /// The headings as written in the file.
    headings: Vec<String>,
    extra_columns: Vec<usize>,
    absent: Vec<String>,
    ids: Ids,
    semicolons: bool,
    /// Rows that have been read but not returned yet.
    head: VecDeque<Result<BufferedRow, Reject>>,
    is_decided: bool,
    is_ended: bool,
    notes: Vec<String>,
}

/// A column with an attribute.
#[derive(Debug)]
struct ProspectColumn {
    place: usize,
    candidate: ColumnFormatInput,
    decision: FormatDecision,
    /// The kind, if known.
    kind: Option<AttributeKind>,
}

/// A row with the texts of its attributes.
#[derive(Debug)]
struct BufferedRow {
    number: u64,
    id: String,
    unique_id: String,
    /// The index of a column in `columns`, and its text.
    texts: Vec<(usize, String)>,
    extra_cells: Vec<String>,
}

impl ProspectReader {
    /// Reads the header. Outcome columns and some of the attributes may be absent.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or lacks the id column or every attribute of the mapping.
    pub fn open(source: Source, mapping: &Mapping) -> Result<Self, IngestError> {
        let mut rows = RowReader::open(source.with_options(&mapping.file))?;
        let headings = rows.columns().to_vec();
        rows.rename(mapping.columns());
        let ColumnPlan { id, attributes, absent } = ColumnPlan::for_prospects(mapping, rows.name(), rows.columns())?;
        if mapping.id.is_some() {
            rows.set_id_column(id);
        }
        let column = |(place, name): (usize, String)| {
            let kind = mapping.kinds.get(&name).copied();
            let of_column =
                mapping.columns.get(&name).map_or_else(TextFormat::default, |settings| settings.metadata.format);
            let candidate = ColumnFormatInput {
                kind: kind.unwrap_or(AttributeKind::Category),
                name,
                evidence: FormatEvidence::default(),
                // The mapping describes the customers, so evidence in the list itself takes precedence.
                setting: TextFormat::default(),
                fallback: of_column,
                training_format: mapping.format,
            };
            ProspectColumn { place, candidate, decision: FormatDecision::default(), kind }
        };
        Ok(Self {
            missing: MissingTexts::new(mapping, rows.columns()),
            semicolons: rows.has_semicolons(),
            rows,
            id,
            columns: attributes.into_iter().map(column).collect(),
            headings,
            extra_columns: Vec::new(),
            absent,
            ids: Ids::default(),
            head: VecDeque::new(),
            is_decided: false,
            is_ended: false,
            notes: Vec::new(),
        })
    }

    /// Sets the attribute kinds and text formats that a version knows from its customers. Call this before reading the
    /// first row.
    pub fn set_known_attributes(&mut self, known: &[KnownAttribute]) {
        let known: BTreeMap<&str, &KnownAttribute> =
            known.iter().map(|attribute| (attribute.name.as_str(), attribute)).collect();
        for column in &mut self.columns {
            // The model parses flags itself.
            let known = known.get(column.candidate.name.as_str());
            let known = known.filter(|known| {
                matches!(known.kind, AttributeKind::Number | AttributeKind::Date | AttributeKind::List)
            });
            if let Some(KnownAttribute { kind, format, .. }) = known {
                column.kind = column.kind.or(Some(*kind));
                column.candidate.kind = column.kind.unwrap_or(*kind);
                column.candidate.training_format = column.candidate.training_format.or(*format);
            }
        }
    }

    /// Returns the attributes of the mapping that the file lacks. They are missing in every row.
    #[must_use]
    pub fn absent_columns(&self) -> &[String] {
        &self.absent
    }

    /// Stores the cells of these columns with every prospect and returns their headings. A column is identified by its
    /// heading or by the name of its attribute. Call this before reading the first row.
    ///
    /// # Errors
    /// Returns an error if the file lacks one of the columns.
    pub fn store_columns(&mut self, names: &[String]) -> Result<Vec<String>, IngestError> {
        let place = |name: &String| position(&self.headings, name).or_else(|| position(self.rows.columns(), name));
        let absent = names.iter().filter(|name| place(name).is_none());
        require(self.rows.name(), &self.headings, absent.map(String::as_str))?;
        self.extra_columns = names.iter().filter_map(place).collect();
        Ok(self.extra_columns.iter().filter_map(|place| self.headings.get(*place).cloned()).collect())
    }

    /// Returns a one-line summary of how the file is read, if noteworthy. It is complete after all rows have been read.
    #[must_use]
    pub fn reading(&self) -> Option<String> {
        self.rows.reading()
    }

    /// Renames columns to these names if they differ only in case, spaces, hyphens and underscores.
    pub fn rename<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let before = self.rows.columns().to_vec();
        self.rows.rename(names);
        for ProspectColumn { place, candidate, .. } in &mut self.columns {
            if before.get(*place) == Some(&candidate.name)
                && let Some(renamed) = self.rows.columns().get(*place)
            {
                candidate.name.clone_from(renamed);
            }
        }
    }

    /// Returns the names of the attributes that the file has.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.candidate.name.as_str())
    }

    /// Returns the names of the columns, in file order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.rows.columns()
    }

    /// Returns notes on how columns are read, one sentence each. Empty before the first row.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the next row of the file.
    fn next_row(&mut self) -> Result<Option<Result<BufferedRow, Reject>>, IngestError> {
        let Self { rows, missing, id, columns, extra_columns: kept, ids, .. } = self;
        let row = rows.advance()?;
        Ok(row.map(|row| row.and_then(|row| read_row(&row, (*id, kept.as_slice()), missing, columns, ids))))
    }

    /// Reads rows ahead and decides the column formats.
    fn read_head(&mut self) -> Result<(), IngestError> {
        let mut bytes = 0;
        while self.head.len() < MAX_HEAD_ROWS && bytes < MAX_HEAD_BYTES {
            let Some(row) = self.next_row()? else { break };
            bytes += row.as_ref().map_or(0, BufferedRow::bytes);
            self.head.push_back(row);
        }
        self.decide()?;
        for column in &self.columns {
            self.notes.extend(list_note(&column.candidate, &column.decision));
        }
        self.is_decided = true;
        Ok(())
    }

    /// Decides the column formats from all rows read so far.
    fn decide(&mut self) -> Result<(), IngestError> {
        let candidates: Vec<ColumnFormatInput> = self.columns.iter().map(|column| column.candidate.clone()).collect();
        let file = FileFormatHints { setting: TextFormat::default(), has_semicolons: self.semicolons };
        let mut problems = Vec::new();
        for (column, decision) in self.columns.iter_mut().zip(decide(&candidates, file)) {
            match decision {
                Ok(decision) => column.decision = decision,
                Err(undecided) => problems.push(undecided.sentence(&column.candidate.name)),
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(IngestError::Undecided { file: self.rows.name().to_owned(), problems })
    }

    /// Returns the next row with its values. A row that contradicts an earlier format decision ends the list.
    fn next_prospect(&mut self) -> Result<Option<Result<Prospect, Reject>>, IngestError> {
        if !self.is_decided {
            self.read_head()?;
        }
        if let Some(row) = self.head.pop_front() {
            return Ok(Some(row.map(|row| self.prospect(row))));
        }
        let row = self.next_row()?;
        let unsettled = |column: &ProspectColumn| column.candidate.evidence.is_ambiguous_for(column.decision.format);
        if self.columns.iter().any(unsettled) {
            self.decide_again()?;
        }
        Ok(row.map(|row| row.map(|row| self.prospect(row))))
    }

    /// Decides again with the evidence since the last decision. Earlier decisions must hold, because their rows have
    /// been returned.
    fn decide_again(&mut self) -> Result<(), IngestError> {
        let before: Vec<TextFormat> = self.columns.iter().map(|column| column.decision.format).collect();
        self.decide()?;
        let row = self.rows.count();
        let changed = self
            .columns
            .iter()
            .zip(before)
            .filter(|(column, before)| !before.is_empty() && column.decision.format != *before);
        let problems: Vec<String> = changed
            .map(|(column, _)| {
                let name = &column.candidate.name;
                format!("column {name:?} has a different format from row {row} on: use one format")
            })
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(IngestError::Undecided { file: self.rows.name().to_owned(), problems })
    }

    fn prospect(&self, row: BufferedRow) -> Prospect {
        let BufferedRow { number, id, unique_id, texts, extra_cells: kept } = row;
        let value = |(column, text): (usize, String)| {
            let column = self.columns.get(column)?;
            Some((column.candidate.name.clone(), column.value(text)?))
        };
        let attributes = texts.into_iter().filter_map(value).collect();
        Prospect { row: number, id, account: Account { id: unique_id, attributes }, extra_cells: kept }
    }
}

impl BufferedRow {
    fn bytes(&self) -> usize {
        self.texts.iter().map(|(_, text)| text).chain(&self.extra_cells).map(String::len).sum()
    }
}

impl ProspectColumn {
    /// Returns the value of a text. It stays a text unless its meaning in this file differs from its meaning in
    /// isolation.
    fn value(&self, text: String) -> Option<Value> {
        let reader = CellParser(self.decision.format);
        match self.kind {
            Some(AttributeKind::List) => {
                Some(Value::List(list_items(&text).into_iter().map(Cow::into_owned).collect()))
            }
            // Some programs write `false` for empty cells of numbers.
            Some(AttributeKind::Number) if text.eq_ignore_ascii_case("false") => None,
            Some(AttributeKind::Number) => Some(match (reader.number(&text), read_number(&text, None)) {
                (Some(number), Some(Parsed { ambiguous: true, .. })) => Value::Number(number),
                _ => Value::Text(text),
            }),
            Some(AttributeKind::Date) => Some(match (reader.date(&text), read_date(&text, None)) {
                (Some(day), alone) if alone != Some(Parsed { value: day, ambiguous: false }) => Value::Date(day),
                _ => Value::Text(text),
            }),
            Some(AttributeKind::Category | AttributeKind::Flag) | None => Some(Value::Text(text)),
        }
    }
}

impl Iterator for ProspectReader {
    /// A prospect or a rejected row. An error ends the iteration.
    type Item = Result<Result<Prospect, Reject>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_ended {
            return None;
        }
        let step = self.next_prospect();
        self.is_ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

fn read_row(
    row: &ValidRow<'_>,
    (id, extra_columns): (Option<usize>, &[usize]),
    missing: &MissingTexts,
    columns: &mut [ProspectColumn],
    ids: &mut Ids,
) -> Result<BufferedRow, Reject> {
    let id = read_id(row, id, missing)?;
    let mut texts = Vec::with_capacity(columns.len());
    for (number, column) in columns.iter_mut().enumerate() {
        if let Some(text) = missing.present_text(column.place, row.cell(column.place)).map(clip) {
            column.candidate.evidence.observe(row.number, text, column.candidate.kind);
            texts.push((number, text.to_owned()));
        }
    }
    let extra_columns = extra_columns.iter().map(|place| row.cell(*place).to_owned()).collect();
    Ok(BufferedRow {
        number: row.number,
        unique_id: ids.unique(&id, row.number),
        id,
        texts,
        extra_cells: extra_columns,
    })
}
