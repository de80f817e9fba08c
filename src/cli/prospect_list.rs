//! A list of prospects, with or without a mapping.

use std::collections::BTreeSet;
use std::path::Path;

use sweetspot_core::suggest::nearest;
use sweetspot_core::{ReviewField, Value};
use sweetspot_ingest::{
    KnownAttribute, Mapping, Prospect, ProspectReader, Reject, Source, SourceProgress, is_id_heading, quoted_list,
};

use super::context::Context;
use super::excluded_ids::{ExcludeArgs, Exclusions};
use super::exit::CliError;
use super::input::{data_error, mapping, open_source};
use super::output::{Output, wrap};
use super::version_lookup::ScoringVersion;

/// The maximum number of absent attributes named in a warning.
const MAX_NAMED: usize = 10;

/// A list of prospects that is being read.
pub(crate) struct ProspectList {
    prospects: ProspectReader,
    id_header: Option<String>,
    /// The column with the names of the accounts, by the mapping.
    name_column: Option<String>,
    /// Whether the id is also an attribute, which it is without a mapping.
    is_id_attribute: bool,
    name: String,
    out: Output,
    has_printed_notes: bool,
    exclusions: Exclusions,
    /// The number of rows so far, including rows that are left out or rejected.
    rows: u64,
    progress: Option<SourceProgress>,
}

impl ProspectList {
    /// Opens a list and reads its header; `-` is standard input. Without a mapping, every column except the id is an
    /// attribute: the model ignores unknown ones.
    ///
    /// # Errors
    /// Returns an error if the file or the mapping is invalid.
    pub(crate) fn open(context: &Context, file: &Path, map: Option<&Path>) -> Result<Self, CliError> {
        let map = map.map(mapping).transpose()?;
        let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
        let list = Self::read(open_source(file)?, name, map, context.out)?;
        let absent = list.prospects.absent_columns();
        if !absent.is_empty() {
            let what = format!("{} lacks columns of the mapping: {}", list.name, absent.join(", "));
            context.out.warn(&format!("warning: {what}; they count as missing in every row"));
        }
        Ok(list)
    }

    /// Reads the header of a list.
    ///
    /// # Errors
    /// Returns an error if the columns do not fit the mapping.
    pub(super) fn read(source: Source, name: String, map: Option<Mapping>, out: Output) -> Result<Self, CliError> {
        let id_among_attributes = map.is_none();
        let map = map.unwrap_or_default();
        let progress = source.progress();
        let name_column = map.review.get(&ReviewField::Name).cloned();
        let prospects = ProspectReader::open(source, &map).map_err(|error| data_error(&error))?;
        let id_header = if id_among_attributes {
            prospects.columns().iter().find(|name| is_id_heading(name)).cloned()
        } else {
            map.id
        };
        let (exclusions, notes_told) = (Exclusions::default(), false);
        Ok(Self {
            prospects,
            id_header,
            name_column,
            is_id_attribute: id_among_attributes,
            name,
            out,
            has_printed_notes: notes_told,
            exclusions,
            rows: 0,
            progress,
        })
    }

    /// Leaves out the accounts whose ids are in these files.
    ///
    /// # Errors
    /// Returns an error if the ids of a file cannot be read.
    pub(crate) fn exclude(&mut self, files: &ExcludeArgs) -> Result<(), CliError> {
        let mapped = self.id_header.as_deref().filter(|_| !self.is_id_attribute);
        self.exclusions = Exclusions::read(files, mapped, self.out)?;
        Ok(())
    }

    /// Keeps the cells of these columns with each prospect, and returns their headings. Must be called before the first
    /// row.
    ///
    /// # Errors
    /// Returns an error if the list lacks one of them.
    pub(crate) fn keep_columns(&mut self, columns: &[String]) -> Result<Vec<String>, CliError> {
        self.prospects.store_columns(columns).map_err(|error| data_error(&error))
    }

    /// Keeps the names of the accounts as the only cells of each prospect, if the list has them. Must be called before
    /// the first row.
    ///
    /// # Errors
    /// Returns an error if the columns cannot be read.
    pub(crate) fn keep_names(&mut self) -> Result<(), CliError> {
        let column = self.name_column.iter().filter(|column| self.prospects.columns().contains(column));
        let column: Vec<String> = column.cloned().collect();
        self.keep_columns(&column).map(drop)
    }

    /// Reads numbers and dates by the attributes of a version. Must be called before the first row.
    pub(crate) fn set_known_attributes(&mut self, known: &[KnownAttribute]) {
        self.prospects.set_known_attributes(known);
    }

    /// Matches the columns with the attributes of a version, whatever the spelling of the headings, and reads them by
    /// its kinds.
    ///
    /// # Errors
    /// Returns an error if no column is one of its attributes: every score would be that of an account without
    /// attributes.
    pub(crate) fn match_attributes(&mut self, version: &ScoringVersion) -> Result<(), CliError> {
        self.prospects.rename(version.names.iter().map(String::as_str));
        self.prospects.set_known_attributes(&version.known);
        if self.is_id_attribute {
            self.id_header = self.prospects.columns().iter().find(|name| is_id_heading(name)).cloned();
        }
        let is_known = |column: &str| version.names.iter().any(|name| name == column);
        if version.names.is_empty() || self.prospects.attributes().any(is_known) {
            if self.is_id_attribute {
                self.warn_about_absent(&version.names);
            }
            return Ok(());
        }
        let attributes = quoted_list(version.names.iter().map(String::as_str), 10);
        let columns = quoted_list(self.prospects.columns().iter().map(String::as_str), 10);
        Err(CliError::Data(format!(
            "no column of {} is an attribute of the model: its attributes are {attributes}; the columns are {columns}",
            self.name
        )))
    }

    /// Warns of attributes of a model for which there is no column.
    fn warn_about_absent(&self, names: &[String]) {
        let columns: BTreeSet<&str> = self.prospects.columns().iter().map(String::as_str).collect();
        let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let others: Vec<&str> = columns.difference(&known).copied().collect();
        let mut seen = BTreeSet::new();
        let absent = names.iter().map(String::as_str).filter(|name| !columns.contains(name) && seen.insert(*name));
        let absent: Vec<String> = absent
            .map(|name| {
                let near = nearest(name, others.iter().copied());
                near.map_or_else(|| format!("{name:?}"), |column| format!("{name:?} (is it column {column:?}?)"))
            })
            .collect();
        if absent.is_empty() {
            return;
        }
        let more = absent.len().saturating_sub(MAX_NAMED);
        let shown: Vec<&str> = absent.iter().take(MAX_NAMED).map(String::as_str).collect();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let attributes = if absent.len() == 1 { "attribute" } else { "attributes" };
        let (list, shown) = (&self.name, shown.join(", "));
        let warning =
            format!("warning: {list} has no column for {attributes} {shown}{more} of the model: missing in every row");
        self.out.warn(&wrap(&warning, 0, 2));
    }

    /// Returns the progress in the file; `None` if its size is unknown, or if it was read as a whole when opened.
    pub(crate) fn progress(&self) -> Option<SourceProgress> {
        self.progress.clone().filter(|progress| progress.read() < progress.total())
    }

    /// Returns the number of rows that were left out because their ids are in other files.
    pub(crate) fn excluded_count(&self) -> u64 {
        self.exclusions.excluded_rows()
    }

    /// Reports how the file was read and what was left out; complete only at the end of the list.
    pub(crate) fn report(&self) {
        if let Some(reading) = self.reading() {
            self.out.note(&format!("note: {reading}"));
        }
        self.exclusions.report(self.rows, self.out);
    }

    /// Returns one line on how the file was read, if there is something to report; complete only at the end of the
    /// list.
    pub(crate) fn reading(&self) -> Option<String> {
        self.prospects.reading()
    }

    /// Returns the next row that is not left out: a prospect, or a reject.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read any further.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Prospect, Reject>>, CliError> {
        loop {
            let row = self.prospects.next().transpose().map_err(|error| data_error(&error))?;
            if !std::mem::replace(&mut self.has_printed_notes, true) {
                self.prospects.notes().iter().for_each(|note| self.out.note(&format!("note: {note}")));
            }
            let Some(row) = row else { return Ok(None) };
            self.rows += 1;
            let row = row.and_then(|prospect| self.with_id(prospect));
            if !row.as_ref().is_ok_and(|prospect| self.exclusions.matches(&prospect.id)) {
                return Ok(Some(row));
            }
        }
    }

    fn with_id(&self, mut prospect: Prospect) -> Result<Prospect, Reject> {
        let Some(column) = self.id_header.as_deref().filter(|_| self.is_id_attribute) else { return Ok(prospect) };
        match prospect.account.attributes.remove(column) {
            Some(Value::Text(id)) => {
                prospect.id = id;
                Ok(prospect)
            }
            Some(Value::Number(_) | Value::Flag(_) | Value::List(_) | Value::Date(_)) | None => Err(Reject {
                row: prospect.row,
                line: None,
                id: String::new(),
                reason: "ID_MISSING",
                description: format!("column {column:?} has no id: give every account an id"),
            }),
        }
    }

    /// Returns the heading of the id column, or `row` if there is none.
    pub(crate) fn id_header(&self) -> &str {
        self.id_header.as_deref().unwrap_or("row")
    }

    /// Returns the name of the file for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &'static str, map: Option<&str>) -> ProspectList {
        let map = map.map(|map| Mapping::parse(map, "mapping.toml").unwrap());
        let out = Output { json: false, quiet: true };
        ProspectList::read(Source::new("list.csv", text.as_bytes()), "list.csv".to_owned(), map, out).unwrap()
    }

    fn read_ids(mut list: ProspectList) -> Vec<Result<String, &'static str>> {
        let mut ids = Vec::new();
        while let Some(row) = list.next().unwrap() {
            ids.push(row.map(|prospect| prospect.id).map_err(|reject| reject.reason));
        }
        ids
    }

    #[test]
    fn without_a_mapping_the_id_column_is_recognized_by_its_heading() {
        let text = "city,Account ID\nParis,a\nRome,\n";
        assert_eq!(list(text, None).id_header(), "Account ID");
        assert_eq!(read_ids(list(text, None)), [Ok("a".to_owned()), Err("ID_MISSING")]);
        let mut list = list(text, None);
        let first = list.next().unwrap().unwrap().unwrap();
        assert_eq!(first.account.attributes.keys().collect::<Vec<_>>(), ["city"]);
    }

    #[test]
    fn without_an_id_column_ids_are_row_numbers() {
        let list = list("city,valid\nParis,yes\n", None);
        assert_eq!(list.id_header(), "row");
        assert_eq!(read_ids(list), [Ok("row-1".to_owned())]);
    }

    #[test]
    fn the_mapping_overrides_recognized_headings() {
        let list = list("id,key\n1,x\n", Some("id = \"key\"\nattributes = \"auto\"\n"));
        assert_eq!(list.id_header(), "key");
        assert_eq!(read_ids(list), [Ok("x".to_owned())]);
    }
}
