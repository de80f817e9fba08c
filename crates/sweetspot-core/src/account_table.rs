//! Many accounts in columns: the form in which history is imported, stored and used for training.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{ColumnMetadata, Date, NullableLists, NullableVec, TextFormat, Texts, ValueRef, Vocabulary, level_key};

/// The kind of an attribute's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeKind {
    /// Finite numbers.
    Number,
    /// One text of a set.
    Category,
    /// Yes or no.
    Flag,
    /// Several texts at once.
    List,
    /// Calendar days.
    Date,
}

impl AttributeKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Number, Self::Category, Self::Flag, Self::List, Self::Date];

    /// The value in files, messages and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Category => "category",
            Self::Flag => "flag",
            Self::List => "list",
            Self::Date => "date",
        }
    }
}

/// The values of one attribute, one entry per row.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// Finite numbers.
    Numbers(NullableVec<f64>),
    /// Indices into a dictionary of texts.
    Categories {
        /// The distinct texts.
        dictionary: Vec<String>,
        /// One index per row.
        codes: NullableVec<u32>,
    },
    /// Flags.
    Flags(NullableVec<bool>),
    /// Lists of indices into a dictionary of texts.
    Lists {
        /// The distinct texts.
        dictionary: Vec<String>,
        /// One list of indices per row; an empty list is not missing.
        rows: NullableLists,
    },
    /// Calendar days.
    Dates(NullableVec<Date>),
}

impl ColumnData {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Categories { codes, .. } => codes.len(),
            Self::Flags(values) => values.len(),
            Self::Lists { rows, .. } => rows.len(),
            Self::Dates(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kind of these values.
    #[must_use]
    pub const fn kind(&self) -> AttributeKind {
        match self {
            Self::Numbers(_) => AttributeKind::Number,
            Self::Categories { .. } => AttributeKind::Category,
            Self::Flags(_) => AttributeKind::Flag,
            Self::Lists { .. } => AttributeKind::List,
            Self::Dates(_) => AttributeKind::Date,
        }
    }

    /// The value of a row; `None` if it is missing or the row does not exist.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<ValueRef<'_>> {
        match self {
            Self::Numbers(values) => values.get(row).map(ValueRef::Number),
            Self::Categories { dictionary, codes } => {
                let code = codes.get(row)?;
                dictionary.get(code as usize).map(|text| ValueRef::Text(text))
            }
            Self::Flags(values) => values.get(row).map(ValueRef::Flag),
            Self::Lists { dictionary, rows } => {
                let codes = rows.get(row)?;
                let texts = codes.iter().filter_map(|code| dictionary.get(*code as usize));
                Some(ValueRef::List(texts.map(String::as_str).collect()))
            }
            Self::Dates(values) => values.get(row).map(ValueRef::Date),
        }
    }
}

/// One attribute of all accounts of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The attribute's name.
    pub name: String,
    /// Its values.
    pub data: ColumnData,
}

/// Accounts in columns. Rows are ordered, ids are unique, and columns have one entry per row and unique names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountTable {
    ids: Texts,
    columns: Vec<Column>,
    /// What is known about columns besides their values.
    metadata: BTreeMap<String, ColumnMetadata>,
}

/// An error in the columns of a table.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TableError {
    /// A column does not have one value per id.
    #[error("column {column:?} has {found} values for {rows} accounts: give every column one value for each account")]
    Length {
        /// The name of the column.
        column: String,
        /// The number of values.
        found: usize,
        /// The number of accounts.
        rows: usize,
    },
    /// Two columns have the same name.
    #[error("column {column:?} appears twice: give each attribute one column")]
    DuplicateColumn {
        /// The name.
        column: String,
    },
    /// Two accounts have the same id.
    #[error("account id {id:?} appears twice: import each account once")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// A code is outside its dictionary, or a number is not finite.
    #[error(
        "column {column:?} has an invalid value in row {row}: codes must point into the dictionary and numbers must be finite"
    )]
    Value {
        /// The name of the column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
}

impl AccountTable {
    /// Creates a table from columns.
    ///
    /// # Errors
    /// Returns an error if ids or names repeat, lengths differ, a code is outside its dictionary, or a number is not
    /// finite.
    pub fn new(ids: Texts, columns: Vec<Column>) -> Result<Self, TableError> {
        first_duplicate(ids.iter()).map_or(Ok(()), |id| Err(TableError::DuplicateId { id: id.to_owned() }))?;
        first_duplicate(columns.iter().map(|column| column.name.as_str()))
            .map_or(Ok(()), |name| Err(TableError::DuplicateColumn { column: name.to_owned() }))?;
        for column in &columns {
            if column.data.len() != ids.len() {
                let (found, rows) = (column.data.len(), ids.len());
                return Err(TableError::Length { column: column.name.clone(), found, rows });
            }
            if let Some(row) = first_invalid_row(&column.data) {
                return Err(TableError::Value { column: column.name.clone(), row });
            }
        }
        Ok(Self { ids, columns, metadata: BTreeMap::new() })
    }

    /// Returns the table with this metadata of its columns. Empty metadata and that of unknown columns is ignored.
    #[must_use]
    pub fn with_metadata(self, metadata: BTreeMap<String, ColumnMetadata>) -> Self {
        let Self { ids, columns, .. } = self;
        let is_column = |name: &String| columns.iter().any(|column| column.name == *name);
        let metadata = metadata.into_iter().filter(|(name, known)| !known.is_empty() && is_column(name)).collect();
        Self { ids, columns, metadata }
    }

    /// What is known about a column besides its values.
    #[must_use]
    pub fn metadata(&self, name: &str) -> Option<&ColumnMetadata> {
        self.metadata.get(name)
    }

    /// The format of a column's texts; empty if it is unknown.
    #[must_use]
    pub fn format(&self, name: &str) -> TextFormat {
        self.metadata(name).map(|known| known.format).unwrap_or_default()
    }

    /// Whether the values of a column are the lower ends of ranges.
    #[must_use]
    pub fn is_binned(&self, name: &str) -> bool {
        self.metadata(name).is_some_and(|known| known.is_binned)
    }

    /// The number of accounts.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.ids.len()
    }

    /// The accounts' ids, in row order.
    #[must_use]
    pub const fn ids(&self) -> &Texts {
        &self.ids
    }

    /// The attributes, in their original order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of one attribute.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Vocabulary for AccountTable {
    fn attributes(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    fn kind(&self, attribute: &str) -> Option<AttributeKind> {
        self.column(attribute).map(|column| column.data.kind())
    }

    fn text_format(&self, attribute: &str) -> TextFormat {
        self.format(attribute)
    }

    fn levels(&self, attribute: &str) -> Vec<&str> {
        let dictionary = self.column(attribute).and_then(|column| match &column.data {
            ColumnData::Categories { dictionary, .. } | ColumnData::Lists { dictionary, .. } => Some(dictionary),
            ColumnData::Numbers(_) | ColumnData::Flags(_) | ColumnData::Dates(_) => None,
        });
        dictionary.into_iter().flatten().map(String::as_str).collect()
    }

    fn has_level(&self, attribute: &str, text: &str) -> bool {
        let key = level_key(text);
        self.levels(attribute).into_iter().any(|level| level_key(level) == key)
    }
}

fn first_duplicate<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::HashSet::with_capacity(texts.size_hint().0);
    texts.find(|text| !seen.insert(*text))
}

/// The first row whose value is not finite, or is outside the dictionary.
pub(super) fn first_invalid_row(data: &ColumnData) -> Option<usize> {
    match data {
        ColumnData::Numbers(values) => values.iter().position(|value| value.is_some_and(|number| !number.is_finite())),
        ColumnData::Categories { dictionary, codes } => {
            codes.iter().position(|code| code.is_some_and(|code| code as usize >= dictionary.len()))
        }
        ColumnData::Lists { dictionary, rows } => {
            let unusable = |codes: &[u32]| codes.iter().any(|code| *code as usize >= dictionary.len());
            rows.iter().position(|codes| codes.is_some_and(unusable))
        }
        ColumnData::Flags(_) | ColumnData::Dates(_) => None,
    }
}
