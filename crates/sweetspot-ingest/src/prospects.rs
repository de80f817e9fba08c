//! A list of prospects, streamed: a few thousand rows in memory at a time, whatever the length of the file.

use std::collections::{BTreeMap, VecDeque};

use sweetspot_core::parse::{Parsed, read_date, read_number};
use sweetspot_core::{Account, Kind, TextFormat, Value, parse_list};

use super::column::{Candidate, Decision, Evidence, FileFormat, Reader, decide, list_note};
use super::error::IngestError;
use super::history::{Ids, Missing, Plan, position, read_id, require};
use super::limits::clip;
use super::mapping::Mapping;
use super::source::{Reject, Row, Rows, Source};

/// Rows that are looked at before it is decided how numbers and days are written, and the bytes of their texts.
const HEAD_ROWS: usize = 10_000;
const HEAD_BYTES: usize = 16 << 20;

/// One row to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// The row below the header, from 1.
    pub row: u64,
    /// The id as it stands in the file.
    pub id: String,
    /// The account; its own id is unique within the file: a repeated one is `id#2`, `id#3` and so on.
    pub account: Account,
    /// The cells of the columns that are kept, in the order in which they were named: the texts of the file, trimmed.
    pub kept: Vec<String>,
}

/// What a version knows of an attribute that a list may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAttribute {
    /// Its name.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// How its texts were written in the customers.
    pub format: TextFormat,
}

/// The rows of a file, in order. Cells stay texts, which the model reads by its own schema, but for numbers and days whose texts
/// could mean something else: they are read as the column is written in this file.
pub struct Prospects {
    rows: Rows,
    missing: Missing,
    id: Option<usize>,
    columns: Vec<ListColumn>,
    /// The headings as they stand in the file, and the places of those that are kept.
    headings: Vec<String>,
    kept: Vec<usize>,
    absent: Vec<String>,
    ids: Ids,
    semicolons: bool,
    /// Rows that are read and not handed out yet.
    head: VecDeque<Result<ReadRow, Reject>>,
    decided: bool,
    ended: bool,
    notes: Vec<String>,
}

/// A column with an attribute.
#[derive(Debug)]
struct ListColumn {
    place: usize,
    candidate: Candidate,
    decision: Decision,
    /// The kind, where it is known.
    kind: Option<Kind>,
}

/// A row with the texts of its attributes.
#[derive(Debug)]
struct ReadRow {
    number: u64,
    id: String,
    unique_id: String,
    /// The number of a column, and its text.
    texts: Vec<(usize, String)>,
    kept: Vec<String>,
}

impl Prospects {
    /// Reads the header. Outcome columns need not be there, nor all of the attributes.
    ///
    /// # Errors
    /// Where the file cannot be read as CSV, or lacks the id column or every attribute of the mapping.
    pub fn open(source: Source, mapping: &Mapping) -> Result<Self, IngestError> {
        let mut rows = Rows::open(source.with_options(&mapping.file))?;
        let headings = rows.columns().to_vec();
        rows.rename(mapping.columns());
        let Plan { id, attributes, absent } = Plan::for_prospects(mapping, rows.name(), rows.columns())?;
        if mapping.id.is_some() {
            rows.set_key(id);
        }
        let column = |(place, name): (usize, String)| {
            let kind = mapping.kinds.get(&name).copied();
            let of_column = mapping.columns.get(&name).map_or_else(TextFormat::default, |settings| settings.format);
            let candidate = Candidate {
                kind: kind.unwrap_or(Kind::Category),
                name,
                evidence: Evidence::default(),
                // The mapping is that of the customers: what the list itself says comes first.
                set: TextFormat::default(),
                fallback: of_column,
                trained: mapping.format,
            };
            ListColumn { place, candidate, decision: Decision::default(), kind }
        };
        Ok(Self {
            missing: Missing::new(mapping, rows.columns()),
            semicolons: rows.has_semicolons(),
            rows,
            id,
            columns: attributes.into_iter().map(column).collect(),
            headings,
            kept: Vec::new(),
            absent,
            ids: Ids::default(),
            head: VecDeque::new(),
            decided: false,
            ended: false,
            notes: Vec::new(),
        })
    }

    /// Takes the kinds of attributes from a version, and how the texts of its customers were written. To be called before the
    /// first row.
    pub fn read_as(&mut self, known: &[KnownAttribute]) {
        let known: BTreeMap<&str, &KnownAttribute> = known.iter().map(|one| (one.name.as_str(), one)).collect();
        for column in &mut self.columns {
            // The model splits texts into lists and reads flags by itself.
            let known = known.get(column.candidate.name.as_str());
            let known = known.filter(|known| matches!(known.kind, Kind::Number | Kind::Date));
            if let Some(KnownAttribute { kind, format, .. }) = known {
                column.kind = column.kind.or(Some(*kind));
                column.candidate.kind = column.kind.unwrap_or(*kind);
                column.candidate.trained = column.candidate.trained.or(*format);
            }
        }
    }

    /// Attributes of the mapping that the file lacks: missing in every row.
    #[must_use]
    pub fn absent_columns(&self) -> &[String] {
        &self.absent
    }

    /// Keeps the cells of these columns with every prospect; returns their headings. A column has the name of its heading, or of
    /// the attribute that it holds. To be called before the first row.
    ///
    /// # Errors
    /// Where the file lacks one of them.
    pub fn keep(&mut self, names: &[String]) -> Result<Vec<String>, IngestError> {
        let place = |name: &String| position(&self.headings, name).or_else(|| position(self.rows.columns(), name));
        let absent = names.iter().filter(|name| place(name).is_none());
        require(self.rows.name(), &self.headings, absent.map(String::as_str))?;
        self.kept = names.iter().filter_map(place).collect();
        Ok(self.kept.iter().filter_map(|place| self.headings.get(*place).cloned()).collect())
    }

    /// One line on how the file is read, where that is worth one; complete when all rows have been read.
    #[must_use]
    pub fn reading(&self) -> Option<String> {
        self.rows.reading()
    }

    /// Calls columns by these names where they differ in case, spaces, hyphens and underscores alone.
    pub fn rename<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let before = self.rows.columns().to_vec();
        self.rows.rename(names);
        for ListColumn { place, candidate, .. } in &mut self.columns {
            if before.get(*place) == Some(&candidate.name)
                && let Some(renamed) = self.rows.columns().get(*place)
            {
                candidate.name.clone_from(renamed);
            }
        }
    }

    /// The names of the attributes that the file has.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.candidate.name.as_str())
    }

    /// The columns' names, in file order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.rows.columns()
    }

    /// What a reader should know of how columns are read, one sentence each; empty before the first row.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The next row of the file.
    fn advance(&mut self) -> Result<Option<Result<ReadRow, Reject>>, IngestError> {
        let Self { rows, missing, id, columns, kept, ids, .. } = self;
        let row = rows.advance()?;
        Ok(row.map(|row| row.and_then(|row| read_row(&row, (*id, kept.as_slice()), missing, columns, ids))))
    }

    /// Reads rows ahead, and decides how columns are written.
    fn read_head(&mut self) -> Result<(), IngestError> {
        let mut bytes = 0;
        while self.head.len() < HEAD_ROWS && bytes < HEAD_BYTES {
            let Some(row) = self.advance()? else { break };
            bytes += row.as_ref().map_or(0, ReadRow::bytes);
            self.head.push_back(row);
        }
        self.decide()?;
        for column in &self.columns {
            self.notes.extend(list_note(&column.candidate, &column.decision));
        }
        self.decided = true;
        Ok(())
    }

    /// Decides how columns are written, from all rows so far.
    fn decide(&mut self) -> Result<(), IngestError> {
        let candidates: Vec<Candidate> = self.columns.iter().map(|column| column.candidate.clone()).collect();
        let file = FileFormat { set: TextFormat::default(), semicolons: self.semicolons };
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

    /// The next row, with its values. A row that goes against what was decided from those before it ends the list.
    fn step(&mut self) -> Result<Option<Result<Prospect, Reject>>, IngestError> {
        if !self.decided {
            self.read_head()?;
        }
        if let Some(row) = self.head.pop_front() {
            return Ok(Some(row.map(|row| self.prospect(row))));
        }
        let row = self.advance()?;
        let unsettled = |column: &ListColumn| column.candidate.evidence.unsettles(column.decision.format);
        if self.columns.iter().any(unsettled) {
            self.decide_again()?;
        }
        Ok(row.map(|row| row.map(|row| self.prospect(row))))
    }

    /// Decides from what has come since. What was decided before holds for rows that are gone.
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

    fn prospect(&self, row: ReadRow) -> Prospect {
        let ReadRow { number, id, unique_id, texts, kept } = row;
        let value = |(column, text): (usize, String)| {
            let column = self.columns.get(column)?;
            Some((column.candidate.name.clone(), column.value(text)?))
        };
        let attributes = texts.into_iter().filter_map(value).collect();
        Prospect { row: number, id, account: Account { id: unique_id, attributes }, kept }
    }
}

impl ReadRow {
    fn bytes(&self) -> usize {
        self.texts.iter().map(|(_, text)| text).chain(&self.kept).map(String::len).sum()
    }
}

impl ListColumn {
    /// The value of a text: the text itself, unless it means something else in this file than it does alone.
    fn value(&self, text: String) -> Option<Value> {
        let reader = Reader(self.decision.format);
        match self.kind {
            Some(Kind::List) => Some(Value::List(parse_list(&text).into_iter().map(str::to_owned).collect())),
            // Where a cell of numbers is empty, some programs write that it is false.
            Some(Kind::Number) if text.eq_ignore_ascii_case("false") => None,
            Some(Kind::Number) => Some(match (reader.number(&text), read_number(&text, None)) {
                (Some(number), Some(Parsed { ambiguous: true, .. })) => Value::Number(number),
                _ => Value::Text(text),
            }),
            Some(Kind::Date) => Some(match (reader.date(&text), read_date(&text, None)) {
                (Some(day), alone) if alone != Some(Parsed { value: day, ambiguous: false }) => Value::Date(day),
                _ => Value::Text(text),
            }),
            Some(Kind::Category | Kind::Flag) | None => Some(Value::Text(text)),
        }
    }
}

impl Iterator for Prospects {
    /// A prospect or a rejected row; an error ends the file.
    type Item = Result<Result<Prospect, Reject>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

fn read_row(
    row: &Row<'_>,
    (id, kept): (Option<usize>, &[usize]),
    missing: &Missing,
    columns: &mut [ListColumn],
    ids: &mut Ids,
) -> Result<ReadRow, Reject> {
    let id = read_id(row, id, missing)?;
    let mut texts = Vec::with_capacity(columns.len());
    for (number, column) in columns.iter_mut().enumerate() {
        if let Some(text) = missing.known(column.place, row.cell(column.place)).map(clip) {
            column.candidate.evidence.observe(row.number, text, column.candidate.kind);
            texts.push((number, text.to_owned()));
        }
    }
    let kept = kept.iter().map(|place| row.cell(*place).to_owned()).collect();
    Ok(ReadRow { number: row.number, unique_id: ids.unique(&id, row.number), id, texts, kept })
}
