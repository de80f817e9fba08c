//! The roles of a file's columns in a mapping.

use std::collections::{HashMap, HashSet};

use sweetspot_core::suggest::did_you_mean;

use crate::error::IngestError;
use crate::mapping::{AttributeSelection, ColumnSettings, Mapping};
use crate::quoted_list::quoted_list;

/// The maximum number of missing columns named in a message.
const MAX_NAMED_COLUMNS: usize = 10;

/// The columns to read.
#[derive(Debug)]
pub(crate) struct ColumnPlan {
    /// The index of the id column, if any.
    pub(crate) id: Option<usize>,
    /// The index and name of each attribute, in the order of the mapping or, with "auto", of the file.
    pub(crate) attributes: Vec<(usize, String)>,
    /// The attributes of the mapping that the file lacks.
    pub(crate) absent: Vec<String>,
}

impl ColumnPlan {
    /// Creates the plan for history. Every column that the mapping names must exist.
    pub(crate) fn new(mapping: &Mapping, file: &str, header: &[String]) -> Result<Self, IngestError> {
        let (listed, excluded): (&[String], &[String]) = match &mapping.attributes {
            AttributeSelection::Auto { exclude } => (&[], exclude),
            AttributeSelection::Listed(columns) => (columns, &[]),
        };
        let outcome = mapping.outcome.columns().map(|(_, column)| column);
        let all = [listed, excluded].into_iter().flatten().chain(mapping.kinds.keys()).chain(mapping.review.values());
        let all = all.chain(mapping.columns.keys());
        let all = all.map(String::as_str);
        let own = mapping.id.as_deref().into_iter().chain(mapping.weight.as_deref());
        require(file, header, own.chain(all).chain(outcome))?;
        Ok(Self::from_header(mapping, header))
    }

    /// Creates the plan for scoring. The id and at least one attribute must exist.
    pub(crate) fn for_prospects(mapping: &Mapping, file: &str, header: &[String]) -> Result<Self, IngestError> {
        require(file, header, mapping.id.as_deref())?;
        let plan = Self::from_header(mapping, header);
        if plan.attributes.is_empty() {
            require(file, header, plan.absent.iter().map(String::as_str))?;
        }
        Ok(plan)
    }

    fn from_header(mapping: &Mapping, header: &[String]) -> Self {
        let id = mapping.id.as_deref().and_then(|name| position(header, name));
        let mut absent = Vec::new();
        let attributes = match &mapping.attributes {
            AttributeSelection::Auto { .. } => {
                let reserved = mapping.reserved();
                let open = header.iter().enumerate().filter(|(_, name)| !reserved.contains(name.as_str()));
                open.map(|(place, name)| (place, name.clone())).collect()
            }
            AttributeSelection::Listed(columns) => {
                let found = columns.iter().filter_map(|name| {
                    let place = position(header, name);
                    if place.is_none() {
                        absent.push(name.clone());
                    }
                    Some((place?, name.clone()))
                });
                found.collect()
            }
        };
        Self { id, attributes, absent }
    }
}

/// Returns the index of a column.
pub(crate) fn position(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|column| column == name)
}

/// Checks that a file has these columns.
///
/// # Errors
/// Returns the missing columns, with the closest columns of the file.
pub(crate) fn require<'a>(
    file: &str,
    header: &[String],
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), IngestError> {
    let present: HashSet<&str> = header.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    let missing: Vec<&str> = names.into_iter().filter(|name| !present.contains(name) && seen.insert(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let columns = || header.iter().map(String::as_str);
    let listed: Vec<String> = missing
        .iter()
        .take(MAX_NAMED_COLUMNS)
        .map(|name| format!("{name:?}{}", did_you_mean(name, columns())))
        .collect();
    let unlisted = missing.len().saturating_sub(MAX_NAMED_COLUMNS);
    let more = if unlisted == 0 { String::new() } else { format!(" and {unlisted} more") };
    Err(IngestError::MissingColumns {
        file: file.to_owned(),
        missing: format!("{} {}{more}", if missing.len() == 1 { "column" } else { "columns" }, listed.join(", ")),
        columns: quoted_list(columns(), 50),
    })
}

/// The texts that mean missing, by column.
#[derive(Debug)]
pub(crate) struct MissingTexts {
    all_columns: HashSet<String>,
    /// By column index: texts that mean missing, and texts that do not.
    columns: HashMap<usize, (HashSet<String>, HashSet<String>)>,
}

impl MissingTexts {
    /// Takes the texts from the mapping, for a file with this header.
    pub(crate) fn new(mapping: &Mapping, header: &[String]) -> Self {
        let set = |texts: &[String]| texts.iter().cloned().collect();
        let column = |(name, settings): (&String, &ColumnSettings)| {
            Some((position(header, name)?, (set(&settings.missing), set(&settings.not_missing))))
        };
        Self { all_columns: set(&mapping.missing), columns: mapping.columns.iter().filter_map(column).collect() }
    }

    /// Returns the trimmed text of a cell in this column, unless it means missing.
    pub(crate) fn present_text<'a>(&self, column: usize, text: &'a str) -> Option<&'a str> {
        let (missing, not_missing) = self.columns.get(&column).map(|(missing, not)| (missing, not)).unzip();
        let listed = |texts: Option<&HashSet<String>>| texts.is_some_and(|texts| texts.contains(text));
        let is_missing = listed(missing) || (self.all_columns.contains(text) && !listed(not_missing));
        (!text.is_empty() && !is_missing).then_some(text)
    }
}
