//! Merges the tables of an import's messages into one, column by column.

use std::collections::{BTreeMap, HashMap};
use std::hash::RandomState;
use std::mem;

use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnData, ColumnMetadata, Interner, NullableLists, NullableVec,
    ReviewField, is_blank,
};

use crate::api::convert::account_table::ParsedTable;
use crate::api::convert::row_faults::RowFaults;
use crate::api::limits::MAX_ATTRIBUTES;
use crate::api::violations::Violations;

/// The columns merged so far. An attribute that a message does not have is missing for its accounts.
#[derive(Debug, Default)]
pub(super) struct AccountTableMerger {
    /// Interned account ids; the index of an id is its row.
    ids: Interner<RandomState>,
    merged: Vec<MergedColumn>,
    by_name: HashMap<String, usize>,
    review: BTreeMap<ReviewField, MergedColumn>,
    /// The metadata of columns. The first message that states some decides.
    metadata: BTreeMap<String, ColumnMetadata>,
}

#[derive(Debug)]
struct MergedColumn {
    column: Column,
    /// The codes of the texts, if the column has a dictionary.
    codes: HashMap<String, u32>,
}

impl AccountTableMerger {
    /// The number of rows so far.
    pub(super) const fn rows(&self) -> usize {
        self.ids.len()
    }

    /// The number of cells in the merged table, missing ones included.
    pub(super) fn cells(&self) -> u64 {
        (self.ids.len() as u64).saturating_mul((self.merged.len() + self.review.len()) as u64)
    }

    /// Adds the accounts of a message.
    pub(super) fn add(&mut self, table: ParsedTable, mut faults: RowFaults, problems: &mut Violations) {
        let ParsedTable { ids, columns, metadata } = table;
        for (name, known) in metadata {
            self.metadata.entry(name).or_insert(known);
        }
        let before = self.ids.len();
        for (row, id) in ids.iter().enumerate() {
            let field = || format!("accounts.account_ids[{row}]");
            faults.check_id(row, id, field);
            let known = self.ids.len();
            let first = self.ids.intern(id) as usize == known;
            faults.check_duplicate(row, first || id.is_empty(), field);
        }
        faults.add_violations(problems);
        for column in columns {
            self.add_column(column, before, problems);
        }
        if self.merged.len() > MAX_ATTRIBUTES {
            let text = format!("{} attributes in total exceed the limit of {MAX_ATTRIBUTES}", self.merged.len());
            problems.add("TOO_MANY_ATTRIBUTES", "accounts.columns", text);
        }
    }

    /// Adds the review fields of the accounts that are added next. A field has one type of values.
    pub(super) fn add_review(&mut self, columns: Vec<(ReviewField, ColumnData)>) {
        let before = self.ids.len();
        for (field, data) in columns {
            let merged = self.review.entry(field).or_insert_with(|| MergedColumn::new(String::new(), &data));
            merged.append(data, before);
        }
    }

    fn add_column(&mut self, column: Column, before: usize, problems: &mut Violations) {
        let Column { name, data } = column;
        let index = *self.by_name.entry(name.clone()).or_insert(self.merged.len());
        if index == self.merged.len() {
            self.merged.push(MergedColumn::new(name, &data));
        }
        let Some(merged) = self.merged.get_mut(index) else { return };
        let kind = merged.column.data.kind();
        if kind == data.kind() {
            merged.append(data, before);
        } else {
            let text = format!(
                "the column's kind was {} in earlier messages and is {} now: use one kind",
                kind.as_str(),
                data.kind().as_str()
            );
            problems.add("COLUMN_KIND_CHANGED", format!("accounts.columns[{:?}]", merged.column.name), text);
        }
    }

    /// The row of an account.
    pub(super) fn row(&self, account: &str) -> Option<usize> {
        self.ids.find(account).map(|row| row as usize)
    }

    /// Returns the merged table, and the reviews of its accounts.
    pub(super) fn finish(self, problems: &mut Violations) -> Option<(AccountTable, AccountReviews)> {
        let Self { ids, merged, by_name: _, review: fields, metadata } = self;
        let finish_column = |mut merged: MergedColumn| {
            pad(&mut merged.column.data, ids.len());
            merged.column
        };
        let mut review = AccountReviews::default();
        for (field, merged) in fields {
            review.set(field, finish_column(merged).data);
        }
        let columns = merged.into_iter().map(finish_column).collect();
        let table = AccountTable::new(ids.into_texts(), columns);
        let table = table.map_err(|error| problems.add("INVALID_TABLE", "accounts", error.to_string()));
        Some((table.ok()?.with_metadata(metadata), review))
    }
}

impl MergedColumn {
    fn new(name: String, like: &ColumnData) -> Self {
        let data = match like {
            ColumnData::Numbers(_) => ColumnData::Numbers(NullableVec::default()),
            ColumnData::Categories { .. } => {
                ColumnData::Categories { dictionary: Vec::new(), codes: NullableVec::default() }
            }
            ColumnData::Flags(_) => ColumnData::Flags(NullableVec::default()),
            ColumnData::Lists { .. } => ColumnData::Lists { dictionary: Vec::new(), rows: NullableLists::default() },
            ColumnData::Dates(_) => ColumnData::Dates(NullableVec::default()),
        };
        Self { column: Column { name, data }, codes: HashMap::new() }
    }

    /// Appends values of the same type, starting at row `from`.
    fn append(&mut self, data: ColumnData, from: usize) {
        let Self { column, codes: known } = self;
        pad(&mut column.data, from);
        match (&mut column.data, data) {
            (ColumnData::Numbers(all), ColumnData::Numbers(more)) => all.extend(more.iter()),
            (ColumnData::Flags(all), ColumnData::Flags(more)) => all.extend(more.iter()),
            (ColumnData::Dates(all), ColumnData::Dates(more)) => all.extend(more.iter()),
            (
                ColumnData::Categories { dictionary, codes },
                ColumnData::Categories { dictionary: texts, codes: more },
            ) => {
                let mut recode = DictionaryMerge::new(texts, dictionary, known);
                codes.extend(more.iter().map(|code| code.and_then(|code| recode.code(code))));
            }
            (ColumnData::Lists { dictionary, rows }, ColumnData::Lists { dictionary: texts, rows: more }) => {
                let mut recode = DictionaryMerge::new(texts, dictionary, known);
                for list in more.iter() {
                    rows.push(list.map(|codes| codes.iter().filter_map(|code| recode.code(*code))));
                }
            }
            _ => debug_assert!(false, "the kinds were compared before"),
        }
    }
}

/// Merges the used texts of a message into the dictionary of the column. A blank text has no code there: it is a
/// missing value, and is dropped from lists.
struct DictionaryMerge<'a> {
    texts: Vec<String>,
    codes: Vec<Option<u32>>,
    dictionary: &'a mut Vec<String>,
    known: &'a mut HashMap<String, u32>,
}

impl<'a> DictionaryMerge<'a> {
    fn new(texts: Vec<String>, dictionary: &'a mut Vec<String>, known: &'a mut HashMap<String, u32>) -> Self {
        Self { codes: vec![None; texts.len()], texts, dictionary, known }
    }

    fn code(&mut self, code: u32) -> Option<u32> {
        let (slot, text) = (self.codes.get_mut(code as usize)?, self.texts.get_mut(code as usize)?);
        if slot.is_none() && is_blank(text) {
            return None;
        }
        if slot.is_none() {
            let text = mem::take(text);
            let (known, dictionary) = (&mut *self.known, &mut *self.dictionary);
            // A column has fewer texts than an import has bytes, which is far below the range of a code.
            let new = dictionary.len() as u32;
            *slot = Some(*known.entry(text).or_insert_with_key(|text| {
                dictionary.push(text.clone());
                new
            }));
        }
        *slot
    }
}

/// Extends a column to this number of rows with missing values.
fn pad(data: &mut ColumnData, rows: usize) {
    match data {
        ColumnData::Numbers(values) => values.pad(rows),
        ColumnData::Categories { codes, .. } => codes.pad(rows),
        ColumnData::Flags(values) => values.pad(rows),
        ColumnData::Lists { rows: lists, .. } => lists.pad(rows),
        ColumnData::Dates(values) => values.pad(rows),
    }
}
