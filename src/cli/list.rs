//! A list of prospects, with or without a mapping.

use std::path::Path;

use crate::domain::Value;
use crate::ingest::{Mapping, Prospect, Prospects, Reject, Source, listing};

use super::context::Context;
use super::exit::CliError;
use super::input::{data, mapping, source};
use super::versions::Answering;

/// Without a mapping, the first column of one of these names is the id. Compared by letters and digits alone, in any case.
const ID_NAMES: [&str; 8] = ["id", "account", "accountid", "customerid", "companyid", "prospectid", "leadid", "uuid"];

/// A list of prospects under way.
pub(crate) struct List {
    prospects: Prospects,
    id_header: Option<String>,
    /// Without a mapping the id comes among the attributes.
    id_among_attributes: bool,
    name: String,
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
        let list = Self::read(source(file)?, name, map)?;
        let absent = list.prospects.absent_columns();
        if !absent.is_empty() {
            let what = format!("{} lacks columns of the mapping: {}", list.name, absent.join(", "));
            context.out.warn(&format!("warning: {what}; they count as missing in every row"));
        }
        Ok(list)
    }

    fn read(source: Source, name: String, map: Option<Mapping>) -> Result<Self, CliError> {
        let id_among_attributes = map.is_none();
        let map = map.unwrap_or_default();
        let prospects = Prospects::open(source, &map).map_err(|error| data(&error))?;
        let id_header =
            if id_among_attributes { prospects.columns().iter().find(|name| is_id(name)).cloned() } else { map.id };
        Ok(Self { prospects, id_header, id_among_attributes, name })
    }

    /// Matches the columns with the attributes of a version, in whatever way the headings are written. Returns which ones are
    /// called otherwise from now on: what they were called before, as in rows that have been read, and are called now.
    ///
    /// # Errors
    /// Where no column is one of its attributes: every score would be that of an account of which nothing is known.
    pub(crate) fn match_attributes(&mut self, version: &Answering) -> Result<Vec<(String, String)>, CliError> {
        let renamed = self.prospects.rename(version.names.iter().map(String::as_str));
        if self.id_among_attributes {
            self.id_header = self.prospects.columns().iter().find(|name| is_id(name)).cloned();
        }
        let is_known = |column: &str| version.names.iter().any(|name| name == column);
        if version.names.is_empty() || self.prospects.attributes().any(is_known) {
            return Ok(renamed);
        }
        let attributes = listing(version.names.iter().map(String::as_str), 10);
        let columns = listing(self.prospects.columns().iter().map(String::as_str), 10);
        Err(CliError::Data(format!(
            "no column of {} is an attribute of the model: its attributes are {attributes}, and the columns {columns}",
            self.name
        )))
    }

    /// One line on how the file was read, where that is worth one; complete at its end.
    pub(crate) fn reading(&self) -> Option<String> {
        self.prospects.reading()
    }

    /// The next row that can be used, or why it cannot.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Prospect, Reject>>, CliError> {
        let row = self.prospects.next().transpose().map_err(|error| data(&error))?;
        Ok(row.map(|row| row.and_then(|prospect| self.identified(prospect))))
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
                description: format!("column {column:?} holds no id: give every account one"),
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

fn is_id(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ID_NAMES.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &'static str, map: Option<&str>) -> List {
        let map = map.map(|map| Mapping::parse(map, "mapping.toml").unwrap());
        List::read(Source::new("list.csv", text.as_bytes()), "list.csv".to_owned(), map).unwrap()
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
