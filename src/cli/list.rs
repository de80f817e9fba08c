//! A list of prospects, with or without a mapping.

use std::collections::BTreeSet;
use std::path::Path;

use sweetspot_core::Value;
use sweetspot_core::suggest::nearest;
use sweetspot_ingest::{
    KnownAttribute, Mapping, Prospect, Prospects, Reject, Source, SourceProgress, is_id_heading, listing,
};

use super::context::Context;
use super::exclusions::{ExcludeArgs, Exclusions};
use super::exit::CliError;
use super::input::{data, mapping, source};
use super::output::{Output, wrap};
use super::versions::Answering;

/// Most attributes that a list lacks, and that are named.
const MAX_NAMED: usize = 10;

/// A list of prospects under way.
pub(crate) struct List {
    prospects: Prospects,
    id_header: Option<String>,
    /// Without a mapping the id comes among the attributes.
    id_among_attributes: bool,
    name: String,
    out: Output,
    notes_told: bool,
    exclusions: Exclusions,
    /// Rows so far, those that are left out or cannot be used included.
    rows: u64,
    progress: Option<SourceProgress>,
}

impl List {
    /// Opens a list and reads its header; `-` is standard input. Without a mapping every column but the id is an attribute:
    /// the model passes over those it does not know.
    ///
    /// # Errors
    /// Where the file or the mapping cannot be used.
    pub(crate) fn open(context: &Context, file: &Path, map: Option<&Path>) -> Result<Self, CliError> {
        let map = map.map(mapping).transpose()?;
        let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
        let list = Self::read(source(file)?, name, map, context.out)?;
        let absent = list.prospects.absent_columns();
        if !absent.is_empty() {
            let what = format!("{} lacks columns of the mapping: {}", list.name, absent.join(", "));
            context.out.warn(&format!("warning: {what}; they count as missing in every row"));
        }
        Ok(list)
    }

    fn read(source: Source, name: String, map: Option<Mapping>, out: Output) -> Result<Self, CliError> {
        let id_among_attributes = map.is_none();
        let map = map.unwrap_or_default();
        let progress = source.progress();
        let prospects = Prospects::open(source, &map).map_err(|error| data(&error))?;
        let id_header = if id_among_attributes {
            prospects.columns().iter().find(|name| is_id_heading(name)).cloned()
        } else {
            map.id
        };
        let (exclusions, notes_told) = (Exclusions::default(), false);
        Ok(Self { prospects, id_header, id_among_attributes, name, out, notes_told, exclusions, rows: 0, progress })
    }

    /// Leaves out the accounts whose ids are in these files.
    ///
    /// # Errors
    /// Where the ids of a file cannot be used.
    pub(crate) fn exclude(&mut self, files: &ExcludeArgs) -> Result<(), CliError> {
        let mapped = self.id_header.as_deref().filter(|_| !self.id_among_attributes);
        self.exclusions = Exclusions::read(files, mapped, self.out)?;
        Ok(())
    }

    /// Keeps the cells of these columns with each prospect; returns their headings. To be called before the first row.
    ///
    /// # Errors
    /// Where the list lacks one of them.
    pub(crate) fn keep(&mut self, columns: &[String]) -> Result<Vec<String>, CliError> {
        self.prospects.keep(columns).map_err(|error| data(&error))
    }

    /// Has numbers and days read as the attributes of a version; to be called before the first row.
    pub(crate) fn read_as(&mut self, known: &[KnownAttribute]) {
        self.prospects.read_as(known);
    }

    /// Matches the columns with the attributes of a version, in whatever way the headings are written, and reads them by its kinds.
    ///
    /// # Errors
    /// Where no column is one of its attributes: every score would be that of an account of which nothing is known.
    pub(crate) fn match_attributes(&mut self, version: &Answering) -> Result<(), CliError> {
        self.prospects.rename(version.names.iter().map(String::as_str));
        self.prospects.read_as(&version.known);
        if self.id_among_attributes {
            self.id_header = self.prospects.columns().iter().find(|name| is_id_heading(name)).cloned();
        }
        let is_known = |column: &str| version.names.iter().any(|name| name == column);
        if version.names.is_empty() || self.prospects.attributes().any(is_known) {
            if self.id_among_attributes {
                self.warn_of_absent(&version.names);
            }
            return Ok(());
        }
        let attributes = listing(version.names.iter().map(String::as_str), 10);
        let columns = listing(self.prospects.columns().iter().map(String::as_str), 10);
        Err(CliError::Data(format!(
            "no column of {} is an attribute of the model: its attributes are {attributes}; the columns are {columns}",
            self.name
        )))
    }

    /// Warns of attributes of a model that no column is called like.
    fn warn_of_absent(&self, names: &[String]) {
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

    /// How far the file has been read; `None` where its size is not known, or it was read as a whole when it was opened.
    pub(crate) fn progress(&self) -> Option<SourceProgress> {
        self.progress.clone().filter(|progress| progress.read() < progress.total())
    }

    /// How many rows were left out because their ids are in other files.
    pub(crate) fn excluded(&self) -> u64 {
        self.exclusions.rows()
    }

    /// Reports how the file was read and what was left out of it; complete at its end.
    pub(crate) fn report(&self) {
        if let Some(reading) = self.reading() {
            self.out.note(&format!("note: {reading}"));
        }
        self.exclusions.report(self.rows, self.out);
    }

    /// One line on how the file was read, where that is worth one; complete at its end.
    pub(crate) fn reading(&self) -> Option<String> {
        self.prospects.reading()
    }

    /// The next row that can be used and is not left out, or why it cannot be used.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Prospect, Reject>>, CliError> {
        loop {
            let row = self.prospects.next().transpose().map_err(|error| data(&error))?;
            if !std::mem::replace(&mut self.notes_told, true) {
                self.prospects.notes().iter().for_each(|note| self.out.note(&format!("note: {note}")));
            }
            let Some(row) = row else { return Ok(None) };
            self.rows += 1;
            let row = row.and_then(|prospect| self.identified(prospect));
            if !row.as_ref().is_ok_and(|prospect| self.exclusions.matches(&prospect.id)) {
                return Ok(Some(row));
            }
        }
    }

    fn identified(&self, mut prospect: Prospect) -> Result<Prospect, Reject> {
        let Some(column) = self.id_header.as_deref().filter(|_| self.id_among_attributes) else { return Ok(prospect) };
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

    /// What the column of ids is called: `row` where there is none.
    pub(crate) fn id_header(&self) -> &str {
        self.id_header.as_deref().unwrap_or("row")
    }

    /// What the file is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &'static str, map: Option<&str>) -> List {
        let map = map.map(|map| Mapping::parse(map, "mapping.toml").unwrap());
        let out = Output { json: false, quiet: true };
        List::read(Source::new("list.csv", text.as_bytes()), "list.csv".to_owned(), map, out).unwrap()
    }

    fn ids(mut list: List) -> Vec<Result<String, &'static str>> {
        let mut ids = Vec::new();
        while let Some(row) = list.next().unwrap() {
            ids.push(row.map(|prospect| prospect.id).map_err(|reject| reject.reason));
        }
        ids
    }

    #[test]
    fn without_a_mapping_the_id_is_found_by_its_name() {
        let text = "city,Account ID\nParis,a\nRome,\n";
        assert_eq!(list(text, None).id_header(), "Account ID");
        assert_eq!(ids(list(text, None)), [Ok("a".to_owned()), Err("ID_MISSING")]);
        let mut list = list(text, None);
        let first = list.next().unwrap().unwrap().unwrap();
        assert_eq!(first.account.attributes.keys().collect::<Vec<_>>(), ["city"]);
    }

    #[test]
    fn without_an_id_rows_are_counted() {
        let list = list("city,valid\nParis,yes\n", None);
        assert_eq!(list.id_header(), "row");
        assert_eq!(ids(list), [Ok("row-1".to_owned())]);
    }

    #[test]
    fn a_mapping_has_the_last_word() {
        let list = list("id,key\n1,x\n", Some("id = \"key\"\nattributes = \"auto\"\n"));
        assert_eq!(list.id_header(), "key");
        assert_eq!(ids(list), [Ok("x".to_owned())]);
    }
}
