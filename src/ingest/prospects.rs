//! A list of prospects, streamed: one row in memory at a time, whatever the length of the file.

use std::collections::BTreeMap;

use super::error::IngestError;
use super::history::{Ids, Missing, Plan, read_id};
use super::limits::clip;
use super::mapping::Mapping;
use super::source::{Reject, Row, Rows, Source};
use crate::domain::{Account, Kind, Value, parse_list};

/// One row to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// The row below the header, from 1.
    pub row: u64,
    /// The id as it stands in the file.
    pub id: String,
    /// The account; its own id is unique within the file: a repeated one is `id#2`, `id#3` and so on.
    pub account: Account,
}

/// The rows of a file, in order. Cells stay texts: the model reads them by its own schema.
pub struct Prospects {
    rows: Rows,
    missing: Missing,
    id: Option<usize>,
    /// Place, name and whether it is split into a list.
    attributes: Vec<(usize, String, bool)>,
    absent: Vec<String>,
    ids: Ids,
    ended: bool,
}

impl Prospects {
    /// Reads the header. Outcome columns need not be there, nor all of the attributes.
    ///
    /// # Errors
    /// Where the file cannot be read as CSV, or lacks the id column or every attribute of the mapping.
    pub fn open(source: Source, mapping: &Mapping) -> Result<Self, IngestError> {
        let mut rows = Rows::open(source.with_options(&mapping.file))?;
        rows.rename(mapping.columns());
        let Plan { id, attributes, absent } = Plan::for_prospects(mapping, rows.name(), rows.columns())?;
        if mapping.id.is_some() {
            rows.set_key(id);
        }
        let is_list = |name: &String| mapping.kinds.get(name) == Some(&Kind::List);
        let attributes = attributes.into_iter().map(|(place, name)| (place, is_list(&name), name));
        let attributes = attributes.map(|(place, list, name)| (place, name, list)).collect();
        Ok(Self { rows, missing: Missing::new(mapping), id, attributes, absent, ids: Ids::default(), ended: false })
    }

    /// Attributes of the mapping that the file lacks: missing in every row.
    #[must_use]
    pub fn absent_columns(&self) -> &[String] {
        &self.absent
    }

    /// One line on how the file is read, where that is worth one; complete when all rows have been read.
    #[must_use]
    pub fn reading(&self) -> Option<String> {
        self.rows.reading()
    }

    /// Calls columns by these names where they differ in case, spaces, hyphens and underscores alone. Returns what they were
    /// called before, as in rows that have been read, and are called now.
    pub fn rename<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
        let before = self.rows.columns().to_vec();
        let renamed = self.rows.rename(names);
        for (place, name, _) in &mut self.attributes {
            if before.get(*place) == Some(name)
                && let Some(now) = self.rows.columns().get(*place)
            {
                name.clone_from(now);
            }
        }
        renamed
    }

    /// The names of the attributes that the file has.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(_, name, _)| name.as_str())
    }

    /// The columns' names, in file order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.rows.columns()
    }
}

impl Iterator for Prospects {
    /// A prospect or a rejected row; an error ends the file.
    type Item = Result<Result<Prospect, Reject>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let Self { rows, missing, id, attributes, ids, .. } = self;
        let step =
            rows.advance().map(|row| row.map(|row| row.and_then(|row| prospect(&row, *id, missing, attributes, ids))));
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

fn prospect(
    row: &Row<'_>,
    id: Option<usize>,
    missing: &Missing,
    attributes: &[(usize, String, bool)],
    ids: &mut Ids,
) -> Result<Prospect, Reject> {
    let id = read_id(row, id, missing)?;
    let mut values = BTreeMap::new();
    for (place, name, list) in attributes {
        if let Some(text) = missing.known(row.cell(*place)).map(clip) {
            let value = if *list {
                Value::List(parse_list(text).into_iter().map(str::to_owned).collect())
            } else {
                Value::Text(text.to_owned())
            };
            values.insert(name.clone(), value);
        }
    }
    let account = Account { id: ids.unique(&id, row.number), attributes: values };
    Ok(Prospect { row: row.number, id, account })
}
