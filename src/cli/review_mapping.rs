//! The mapping that imports the table of an account review without loss.

use std::fmt::Write as _;

use sweetspot_core::parse::NumberReadings;
use sweetspot_core::{AttributeKind, ColumnMetadata, DecimalMark, ReviewField, TextFormat};
use sweetspot_ingest::{AttributeSelection, ColumnSettings, FileOptions, Mapping, StatusColumn};
use sweetspot_proto::v1::review_table_column::Outcome;
use sweetspot_proto::v1::{self, ListReviewRowsResponse, ReviewTableColumn};

use crate::messages::document_settings::document_settings;
use crate::messages::review_fields::parse_review_field;
use crate::messages::training::label_policy;

/// The heading of the column with account ids, unless an attribute has this name.
const ID_HEADING: &str = "Account ID";

/// Collects what the mapping must contain while the table is written.
#[derive(Debug)]
pub(crate) struct ReviewMapping {
    id_heading: String,
    columns: Vec<MappedColumn>,
    currency: String,
    label_policy: v1::LabelPolicy,
    documents: v1::DocumentSettings,
}

/// A column of the table.
#[derive(Debug)]
struct MappedColumn {
    heading: String,
    meaning: ReviewTableColumn,
    /// Whether any cell is not empty.
    has_value: bool,
    /// Whether a cell is another number with a decimal comma.
    is_ambiguous: bool,
}

impl MappedColumn {
    fn review_field(&self) -> Option<ReviewField> {
        parse_review_field(self.meaning.review_field(), self.meaning.quarter)
    }

    fn attribute_kind(&self) -> Option<AttributeKind> {
        AttributeKind::ALL.into_iter().find(|kind| kind.as_str() == self.meaning.attribute_kind)
    }

    fn has_numbers(&self) -> bool {
        let of_review = self.review_field().map(ReviewField::kind);
        let is_number = |kind: Option<AttributeKind>| kind == Some(AttributeKind::Number);
        is_number(self.attribute_kind())
            || is_number(of_review)
            || matches!(self.meaning.outcome(), Outcome::Value | Outcome::CostToServe | Outcome::CostToAcquire)
    }

    /// Returns the metadata that the mapping must set.
    fn metadata(&self) -> ColumnMetadata {
        let ReviewTableColumn { decimal, date_order, label, unit, is_changeable, is_binned, .. } = &self.meaning;
        let format = TextFormat::from_keys(decimal, date_order);
        let point = TextFormat { decimal: Some(DecimalMark::Point), ..TextFormat::default() };
        let format = if self.is_ambiguous { format.or(point) } else { format };
        let (label, unit) = (label.clone(), unit.clone());
        ColumnMetadata { format, label, unit, is_changeable: *is_changeable, is_binned: *is_binned }
    }
}

impl ReviewMapping {
    /// Starts with the columns of a page of the table, without its rows.
    pub(crate) fn new(page: &ListReviewRowsResponse) -> Self {
        let column = |(heading, meaning): (&String, &ReviewTableColumn)| MappedColumn {
            heading: heading.clone(),
            meaning: meaning.clone(),
            has_value: false,
            is_ambiguous: false,
        };
        let mut id_heading = ID_HEADING.to_owned();
        while page.headings.contains(&id_heading) {
            id_heading.push_str(" (id)");
        }
        Self {
            id_heading,
            columns: page.headings.iter().zip(&page.columns).map(column).collect(),
            currency: page.currency.clone(),
            label_policy: page.label_policy.clone().unwrap_or_default(),
            documents: page.document_settings.clone().unwrap_or_default(),
        }
    }

    /// Returns the heading of the column with account ids.
    pub(crate) fn id_heading(&self) -> &str {
        &self.id_heading
    }

    /// Takes account of the cells of a row.
    pub(crate) fn observe(&mut self, cells: &[String]) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.has_value |= !cell.is_empty();
            column.is_ambiguous |= !column.is_ambiguous && column.has_numbers() && NumberReadings::new(cell).differ();
        }
    }

    /// Returns the mapping as TOML.
    pub(crate) fn finish(self) -> String {
        let Self { id_heading, columns, currency, label_policy: policy, documents } = self;
        let mut mapping = Mapping {
            id: Some(id_heading),
            file: FileOptions { all_rows: true, ..FileOptions::default() },
            label: label_policy(&policy),
            documents: document_settings(&documents),
            ..Mapping::default()
        };
        mapping.outcome.currency = Some(currency).filter(|currency| !currency.is_empty());
        let mut attributes = Vec::new();
        for column in &columns {
            let heading = &column.heading;
            if let Some(kind) = column.attribute_kind() {
                attributes.push((column.meaning.attribute_number, heading.clone()));
                mapping.kinds.insert(heading.clone(), kind);
            }
            if let Some(field) = column.review_field() {
                mapping.review.insert(field, heading.clone());
            }
            map_outcome(&mut mapping, column);
            let metadata = column.metadata();
            if !metadata.is_empty() {
                mapping.columns.insert(heading.clone(), ColumnSettings { metadata, ..ColumnSettings::default() });
            }
        }
        attributes.sort();
        let attributes: Vec<String> = attributes.into_iter().map(|(_, name)| name).collect();
        mapping.attributes = if attributes.is_empty() {
            AttributeSelection::Auto { exclude: columns.iter().map(|column| column.heading.clone()).collect() }
        } else {
            AttributeSelection::Listed(attributes)
        };
        repeated_columns(&columns) + &mapping.to_toml()
    }
}

/// Maps a part of the outcome.
fn map_outcome(mapping: &mut Mapping, column: &MappedColumn) {
    let (heading, outcome) = (Some(column.heading.clone()), &mut mapping.outcome);
    match column.meaning.outcome() {
        // A file whose status column has no status is refused.
        Outcome::Status if column.has_value => {
            let texts = |word: &str| vec![word.to_owned()];
            let (won, lost, churned) = (texts("won"), texts("lost"), texts("churned"));
            outcome.status = Some(StatusColumn { column: column.heading.clone(), won, lost, churned });
        }
        Outcome::Status | Outcome::Unspecified => {}
        Outcome::Value => outcome.value = heading,
        Outcome::CostToServe => outcome.cost_to_serve = heading,
        Outcome::CostToAcquire => outcome.cost_to_acquire = heading,
        Outcome::Since => outcome.since = heading,
        Outcome::Group => outcome.group = heading,
        Outcome::Reason => outcome.reason = heading,
    }
}

/// Returns comments on the columns that an import ignores, because they repeat others.
fn repeated_columns(columns: &[MappedColumn]) -> String {
    let mut comments = String::new();
    for MappedColumn { heading, meaning, .. } in columns.iter().filter(|column| !column.meaning.repeats.is_empty()) {
        // Writing to a string cannot fail.
        let _infallible =
            writeln!(comments, "# {heading:?} repeats {:?} and is not read: edit that column.", meaning.repeats);
    }
    comments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::ColumnData;
    use sweetspot_ingest::{Source, read_customers};

    use super::*;
    use crate::cli::table_writer::{TableColumn, TableWriter};

    fn page(columns: &[(&str, ReviewTableColumn)]) -> ListReviewRowsResponse {
        ListReviewRowsResponse {
            headings: columns.iter().map(|(heading, _)| (*heading).to_owned()).collect(),
            columns: columns.iter().map(|(_, meaning)| meaning.clone()).collect(),
            currency: "EUR".to_owned(),
            ..ListReviewRowsResponse::default()
        }
    }

    fn attribute(kind: &str, number: u32) -> ReviewTableColumn {
        ReviewTableColumn { attribute_kind: kind.to_owned(), attribute_number: number, ..Default::default() }
    }

    /// A text as an import stores it: trimmed, and not empty.
    fn text() -> impl Strategy<Value = String> {
        let any = prop_oneof![
            "\\PC{1,8}",
            "['=+@\"\t\r\n;|,./()%#0-9ax -]{1,6}",
            "(Total|Sum|©|Notes:|'0|=\"1\"|n/a|NULL)[ 0-9]{0,2}"
        ];
        any.prop_map(|text| text.trim().to_owned()).prop_filter("an empty cell is missing", |text| !text.is_empty())
    }

    /// A number, often one that a decimal comma would make another one, such as 1.234.
    fn number() -> impl Strategy<Value = f64> {
        let finite = any::<f64>().prop_filter("stored numbers are finite", |number| number.is_finite());
        prop_oneof![finite, (-99_999..999_999_i32).prop_map(|number| f64::from(number) / 1000.0)]
    }

    fn check_file(name: &str, rows: &[(Option<String>, Option<f64>)]) -> Result<(), TestCaseError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let page = page(&[("Account ID", attribute("number", 2)), ("words", attribute("category", 1))]);
        let mut mapping = ReviewMapping::new(&page);
        let header = [mapping.id_heading(), "Account ID", "words"].map(TableColumn::text);
        let mut table = TableWriter::create(&path, header, false).unwrap();
        for (row, (words, number)) in rows.iter().enumerate() {
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            let cells = [number, words.clone().unwrap_or_default()];
            mapping.observe(&cells);
            let [number, words] = cells;
            table.push(&[format!("k{row}"), number, words], None).unwrap();
        }
        table.finish().unwrap();
        let mapping = Mapping::parse(&mapping.finish(), "mapping").unwrap();
        let read = read_customers(Source::open(&path).unwrap(), &mapping).unwrap().customers;
        let columns = read.accounts().columns();
        prop_assert_eq!(columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["words", "Account ID"]);
        let numbers: Vec<Option<u64>> = rows.iter().map(|(_, number)| number.map(f64::to_bits)).collect();
        prop_assert!(
            matches!(&columns[1].data, ColumnData::Numbers(read) if read.iter().map(|number| number.map(f64::to_bits)).eq(numbers))
        );
        for (row, (words, _)) in rows.iter().enumerate() {
            let found = columns[0].data.get(row);
            prop_assert_eq!(found, words.as_deref().map(sweetspot_core::ValueRef::Text), "row {}", row);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn a_table_reads_back_through_its_mapping(rows in prop::collection::vec((prop::option::of(text()), prop::option::of(number())), 1..9)) {
            for name in ["t.csv", "t.jsonl"] {
                check_file(name, &rows)?;
            }
        }
    }

    #[test]
    fn a_mapping_names_only_what_the_table_contains() {
        use v1::review_table_column::Outcome;
        let outcome = |outcome: Outcome| ReviewTableColumn { outcome: outcome.into(), ..Default::default() };
        let review = ReviewTableColumn { review_field: v1::ReviewField::Notes.into(), ..Default::default() };
        let repeats = ReviewTableColumn { repeats: "city".to_owned(), ..Default::default() };
        let columns = [
            ("Current Status", outcome(Outcome::Status)),
            ("Value", outcome(Outcome::Value)),
            ("Notes", review),
            ("Location", repeats),
        ];
        let mut mapping = ReviewMapping::new(&page(&columns));
        mapping.observe(&["", "1.250", "", "Bern"].map(str::to_owned));
        let text = mapping.finish();
        assert!(text.starts_with("# \"Location\" repeats \"city\" and is not read: edit that column.\n"), "{text}");
        let mapping = Mapping::parse(&text, "mapping").unwrap();
        assert_eq!((mapping.outcome.status, mapping.outcome.value.as_deref()), (None, Some("Value")));
        assert_eq!(mapping.review.keys().collect::<Vec<_>>(), [&ReviewField::Notes]);
        assert_eq!(mapping.columns["Value"].metadata.format.decimal, Some(DecimalMark::Point));
    }
}
