//! The table of a review with all columns: those of the template, and those that an import needs to restore the
//! customers.

use std::collections::BTreeSet;

use sweetspot_core::{
    AttributeKind, ColumnData, ColumnMetadata, DecimalMark, MAX_QUARTERS, ReviewField, TextFormat, ValueRef,
};

use super::review_table::{HEADINGS, REVIEW_FIELDS, ReviewRow, status_word};
use super::{FieldSource, ReportInput};

/// A part of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomePart {
    /// Won, lost or churned.
    Status,
    /// The value.
    Value,
    /// The cost to serve.
    CostToServe,
    /// The cost to acquire.
    CostToAcquire,
    /// The day since which the account is a customer.
    Since,
    /// The group.
    Group,
    /// The reason.
    Reason,
}

/// What an import reads from a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMeaning {
    /// The field of the review.
    pub review: Option<ReviewField>,
    /// The part of the outcome.
    pub outcome: Option<OutcomePart>,
    /// The kind of the attribute that has the heading as its name.
    pub attribute: Option<AttributeKind>,
    /// The place of the attribute among all attributes, from 1; 0 if the column is no attribute.
    pub attribute_number: usize,
    /// The metadata of the attribute. Numbers have the decimal mark of its format, and days are always written as
    /// 2026-11-24.
    pub metadata: ColumnMetadata,
    /// The heading of the column that this one repeats for readers. An import reads nothing from it.
    pub repeats: Option<String>,
}

/// A column: its heading, its meaning, and the source of its cells.
#[derive(Clone, Debug)]
struct ReviewColumnCells<'a> {
    heading: String,
    meaning: ColumnMeaning,
    source: CellSource<'a>,
}

#[derive(Clone, Copy, Debug)]
enum CellSource<'a> {
    Empty,
    Values(&'a ColumnData),
    Outcome(OutcomePart),
    /// The reason of the outcome of churned accounts.
    ChurnReason,
}

/// The table with all columns.
#[derive(Debug)]
pub struct AllColumnsTable<'a> {
    input: &'a ReportInput,
    columns: Vec<ReviewColumnCells<'a>>,
}

/// The heading of the column with the reasons of the outcomes.
const REASON_HEADING: &str = "Reason";

/// The parts of an outcome that the template lacks, with their headings.
const MORE_OUTCOMES: [(OutcomePart, &str); 5] = [
    (OutcomePart::Value, "Value"),
    (OutcomePart::CostToServe, "Cost to serve"),
    (OutcomePart::CostToAcquire, "Cost to acquire"),
    (OutcomePart::Group, "Group"),
    (OutcomePart::Reason, REASON_HEADING),
];

impl<'a> AllColumnsTable<'a> {
    /// The table of these customers.
    #[must_use]
    pub fn new(input: &'a ReportInput) -> Self {
        let mut builder = TableBuilder::new(input);
        builder.add_template();
        builder.add_outcomes();
        builder.add_review_fields();
        builder.add_attributes();
        Self { input, columns: builder.columns }
    }

    /// The heading and the meaning of each column. Headings are unique.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &ColumnMeaning)> {
        self.columns.iter().map(|column| (column.heading.as_str(), &column.meaning))
    }

    /// The row of an account; `None` if the row does not exist.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<ReviewRow> {
        let account_id = self.input.accounts().ids().get(row)?.to_owned();
        let cells = self.columns.iter().map(|column| self.cell(column, row).unwrap_or_default()).collect();
        Some(ReviewRow { account_id, cells })
    }

    fn cell(&self, column: &ReviewColumnCells<'_>, row: usize) -> Option<String> {
        let outcome = self.input.outcome(row);
        match column.source {
            CellSource::Empty => None,
            CellSource::Values(values) => {
                values.get(row).map(|value| exact_text(&value, column.meaning.metadata.format))
            }
            CellSource::ChurnReason => outcome
                .reason
                .filter(|_| outcome.status == Some(sweetspot_core::OutcomeStatus::Churned))
                .map(str::to_owned),
            CellSource::Outcome(part) => match part {
                OutcomePart::Status => outcome.status.map(|status| status_word(status).to_owned()),
                OutcomePart::Value => outcome.value.map(|amount| amount.to_string()),
                OutcomePart::CostToServe => outcome.cost_to_serve.map(|amount| amount.to_string()),
                OutcomePart::CostToAcquire => outcome.cost_to_acquire.map(|amount| amount.to_string()),
                OutcomePart::Since => outcome.since.map(|day| day.to_string()),
                OutcomePart::Group => outcome.group.map(str::to_owned),
                OutcomePart::Reason => outcome.reason.map(str::to_owned),
            },
        }
    }
}

/// Collects the columns.
struct TableBuilder<'a> {
    input: &'a ReportInput,
    columns: Vec<ReviewColumnCells<'a>>,
    /// The headings in use, attributes included.
    headings: BTreeSet<String>,
    /// The attributes that already have a column.
    placed: BTreeSet<&'a str>,
}

impl<'a> TableBuilder<'a> {
    fn new(input: &'a ReportInput) -> Self {
        // An import names attributes by their headings, so that other columns with the same heading are renamed.
        let headings = input.accounts().columns().iter().map(|column| column.name.clone()).collect();
        Self { input, columns: Vec::new(), headings, placed: BTreeSet::new() }
    }

    fn add_template(&mut self) {
        for (heading, field) in HEADINGS.into_iter().zip(template_fields()) {
            match field {
                TemplateField::Outcome(part) => self.add_outcome(part, heading),
                TemplateField::Review(field) => self.add_template_field(field, heading),
            }
        }
    }

    /// Adds the column of the review. If the review has none, adds the attribute or the outcome that answers the
    /// question, or an empty column to be filled in.
    fn add_template_field(&mut self, field: ReviewField, heading: &'static str) {
        let review = self.review_column(field);
        let attribute = FieldSource::attribute(self.input, field);
        match (review, attribute) {
            (Some(values), _) => self.add_review_field(field, heading, values),
            (None, Some(column)) if column.name == heading => self.add_attribute(&column.name, None),
            (None, Some(column)) => {
                let meaning = ColumnMeaning { repeats: Some(column.name.clone()), ..ColumnMeaning::default() };
                self.push(heading, meaning, CellSource::Values(&column.data));
            }
            (None, None) if field == ReviewField::ChurnReason && self.has_outcome(OutcomePart::Reason) => {
                let meaning = ColumnMeaning { repeats: Some(REASON_HEADING.to_owned()), ..ColumnMeaning::default() };
                self.push(heading, meaning, CellSource::ChurnReason);
            }
            (None, None) => {
                let meaning = ColumnMeaning { review: Some(field), ..ColumnMeaning::default() };
                self.push(heading, meaning, CellSource::Empty);
            }
        }
    }

    fn add_outcomes(&mut self) {
        for (part, heading) in MORE_OUTCOMES {
            if self.has_outcome(part) {
                self.add_outcome(part, heading);
            }
        }
    }

    fn add_review_fields(&mut self) {
        let in_template = |field: &ReviewField| *field == ReviewField::Name || REVIEW_FIELDS.contains(field);
        let fields = ReviewField::ALL.into_iter().filter(|field| !in_template(field));
        let quarters = (1..=MAX_QUARTERS).map(ReviewField::Spend);
        let last_quarter = quarters.clone().rfind(|field| self.review_column(*field).is_some());
        for field in fields.chain(quarters) {
            match self.review_column(field) {
                Some(values) => self.add_review_field(field, &review_heading(field), values),
                // A mapping lists the quarters without gaps.
                None if last_quarter.is_some_and(|last| matches!(field, ReviewField::Spend(_)) && field < last) => {
                    let meaning = ColumnMeaning { review: Some(field), ..ColumnMeaning::default() };
                    self.push(&review_heading(field), meaning, CellSource::Empty);
                }
                None => {}
            }
        }
    }

    fn add_attributes(&mut self) {
        for column in self.input.accounts().columns() {
            if !self.placed.contains(column.name.as_str()) {
                self.add_attribute(&column.name, None);
            }
        }
    }

    /// Adds a column of the review. An attribute of the same name and with the same values shares the column.
    fn add_review_field(&mut self, field: ReviewField, heading: &str, values: &'a ColumnData) {
        if self.input.accounts().column(heading).is_some_and(|column| column.data == *values) {
            return self.add_attribute(heading, Some(field));
        }
        let meaning = ColumnMeaning { review: Some(field), ..ColumnMeaning::default() };
        self.push(heading, meaning, CellSource::Values(values));
    }

    fn add_attribute(&mut self, name: &str, review: Option<ReviewField>) {
        let attributes = self.input.accounts().columns();
        let Some((place, column)) = attributes.iter().enumerate().find(|(_, column)| column.name == name) else {
            return;
        };
        self.placed.insert(&column.name);
        let (attribute, metadata) = (Some(column.data.kind()), self.input.accounts().metadata(name).cloned());
        let metadata = metadata.unwrap_or_default();
        let meaning =
            ColumnMeaning { review, outcome: None, attribute, attribute_number: place + 1, metadata, repeats: None };
        let (heading, source) = (column.name.clone(), CellSource::Values(&column.data));
        self.columns.push(ReviewColumnCells { heading, meaning, source });
    }

    fn add_outcome(&mut self, part: OutcomePart, heading: &str) {
        let meaning = ColumnMeaning { outcome: Some(part), ..ColumnMeaning::default() };
        self.push(heading, meaning, CellSource::Outcome(part));
    }

    /// Adds a column that is not an attribute, under this heading or, if it is in use, the next free one.
    fn push(&mut self, heading: &str, meaning: ColumnMeaning, source: CellSource<'a>) {
        let words = if meaning.outcome.is_some() { "outcome" } else { "review" };
        let mut candidates = std::iter::once(heading.to_owned()).chain((1..).map(|number: u32| match number {
            1 => format!("{heading} ({words})"),
            _ => format!("{heading} ({words} {number})"),
        }));
        let free = candidates.find(|candidate| !self.headings.contains(candidate));
        let heading = free.unwrap_or_default();
        self.headings.insert(heading.clone());
        self.columns.push(ReviewColumnCells { heading, meaning, source });
    }

    fn review_column(&self, field: ReviewField) -> Option<&'a ColumnData> {
        self.input.customers.review().columns().find(|(other, _)| *other == field).map(|(_, values)| values)
    }

    fn has_outcome(&self, part: OutcomePart) -> bool {
        self.input.customers.outcomes().iter().any(|outcome| match part {
            OutcomePart::Status => outcome.status.is_some(),
            OutcomePart::Value => outcome.value.is_some(),
            OutcomePart::CostToServe => outcome.cost_to_serve.is_some(),
            OutcomePart::CostToAcquire => outcome.cost_to_acquire.is_some(),
            OutcomePart::Since => outcome.since.is_some(),
            OutcomePart::Group => outcome.group.is_some(),
            OutcomePart::Reason => outcome.reason.is_some(),
        })
    }
}

/// What the template asks for under a heading.
enum TemplateField {
    Review(ReviewField),
    Outcome(OutcomePart),
}

/// The fields of the template, in the order of [`HEADINGS`].
fn template_fields() -> impl Iterator<Item = TemplateField> {
    let more = REVIEW_FIELDS.into_iter().flat_map(|field| {
        let outcomes = [OutcomePart::Since, OutcomePart::Status].map(TemplateField::Outcome);
        let before = if field == ReviewField::Usage { outcomes.into() } else { Vec::new() };
        before.into_iter().chain([TemplateField::Review(field)])
    });
    std::iter::once(TemplateField::Review(ReviewField::Name)).chain(more)
}

/// The heading of a field that the template lacks: `Critical event`, `Spend Q1`.
fn review_heading(field: ReviewField) -> String {
    if let ReviewField::Spend(quarter) = field {
        return format!("Spend Q{quarter}");
    }
    let words = field.key().replace('_', " ");
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A value as a text from which an import reads the same value.
fn exact_text(value: &ValueRef<'_>, format: TextFormat) -> String {
    match value {
        ValueRef::Number(number) if format.decimal == Some(DecimalMark::Comma) => number.to_string().replace('.', ","),
        ValueRef::Number(number) => number.to_string(),
        ValueRef::Text(text) => (*text).to_owned(),
        ValueRef::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        ValueRef::Date(date) => date.to_string(),
        ValueRef::List(items) => list_text(items),
    }
}

/// The items with `; ` between them. A semicolon at the end distinguishes an empty list from a missing one, and keeps
/// a single item with a comma in one piece.
fn list_text(items: &[&str]) -> String {
    match items {
        [] => ";".to_owned(),
        [item] if item.contains(", ") => format!("{item};"),
        _ => items.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::parse_list;

    use super::*;

    #[test]
    fn headings_are_in_plain_words() {
        assert_eq!(review_heading(ReviewField::CriticalEvent), "Critical event");
        assert_eq!(review_heading(ReviewField::Spend(12)), "Spend Q12");
        assert_eq!(template_fields().count(), HEADINGS.len());
    }

    proptest! {
        #[test]
        fn a_list_reads_back(items in prop::collection::btree_set("[a-z,. &\"'-]{0,4}[a-z]", 0..5)) {
            let items: Vec<&str> = items.iter().map(|item| item.trim()).collect::<BTreeSet<_>>().into_iter().collect();
            let text = list_text(&items);
            prop_assert_eq!(parse_list(&text), items, "{}", text);
        }

        #[test]
        fn a_number_reads_back_to_the_last_bit(bits in any::<u64>(), comma in any::<bool>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
            let format = TextFormat { decimal: Some(mark), ..TextFormat::default() };
            let text = exact_text(&ValueRef::Number(number), format);
            let read = sweetspot_core::coerce::number_from_text(&text, format);
            prop_assert_eq!(read.map(f64::to_bits), Some(bits), "{}", text);
        }
    }
}
