//! The mapping of rows that a database has aggregated.

use std::collections::BTreeMap;

use sweetspot_core::{AttributeKind, DateOrder, DecimalMark, LabelPreset, TextFormat};

use super::{AttributeSelection, Mapping, MappingError, OutcomeColumns};
use crate::source::FileOptions;

/// How the rows of a history are aggregated, and how the result is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// The columns to aggregate by: attributes with their kinds, then outcome columns.
    pub columns: Vec<(String, Option<AttributeKind>)>,
    /// The column of the result with the number of rows.
    pub weight: String,
    /// The mapping of the result.
    pub mapping: Mapping,
}

impl Mapping {
    /// Derives how to aggregate the history that the mapping describes. `origin` is its name in messages.
    ///
    /// # Errors
    /// Returns an error if the mapping does not list the attributes with their kinds, or its label policy depends on more
    /// than the status of an account.
    pub fn aggregation(&self, origin: &str) -> Result<Aggregation, MappingError> {
        let mut problems = Vec::new();
        let listed: &[String] = match &self.attributes {
            AttributeSelection::Listed(columns) => columns,
            AttributeSelection::Auto { .. } => {
                problems.push("attributes is \"auto\": list the columns to aggregate by".to_owned());
                &[]
            }
        };
        if self.weight.is_some() {
            problems.push("weight is set: the rows are aggregated already".to_owned());
        }
        if self.outcome.status.is_none() {
            problems.push("outcome.status is missing: without it, nothing can be learned from the rows".to_owned());
        }
        for name in listed.iter().filter(|name| !self.kinds.contains_key(*name)) {
            problems
                .push(format!("attribute {name:?} has no kind: add it to numeric, categorical, list, flag or date"));
        }
        problems.extend(self.label_problem());
        if !problems.is_empty() {
            return Err(MappingError::Settings { origin: origin.to_owned(), problems });
        }
        let attributes = listed.iter().map(|name| (name.clone(), self.kinds.get(name).copied()));
        let status = self.outcome.status.iter().map(|status| &status.column);
        let outcome = status.chain(self.outcome.undecided.iter().map(|undecided| &undecided.column));
        let columns: Vec<_> = attributes.chain(outcome.map(|name| (name.clone(), None))).collect();
        let mut weight = "weight".to_owned();
        while columns.iter().any(|(name, _)| name.eq_ignore_ascii_case(&weight)) {
            weight.push('_');
        }
        let mapping = self.of_aggregated_rows(&weight);
        Ok(Aggregation { columns, weight, mapping })
    }

    /// Why the label of an account needs more than its status, if it does.
    fn label_problem(&self) -> Option<String> {
        let name = self.label.preset.name();
        let needs_value = match self.label.preset {
            LabelPreset::Won | LabelPreset::Retained => false,
            LabelPreset::HighValue => true,
            LabelPreset::Ideal | LabelPreset::Custom(_) => self.outcome.value.is_some(),
        };
        if needs_value {
            return Some(format!(
                "label.policy {name} depends on the value of each customer, which aggregated rows do not have: use won or \
                 retained, or leave out outcome.value"
            ));
        }
        let days = self.label.maturity_days?;
        Some(format!("label.maturity_days is {days}: aggregated rows have no dates of customers, so leave it out"))
    }

    /// The mapping of the result: ids, amounts, dates of customers, groups, reasons and reviews are gone.
    fn of_aggregated_rows(&self, weight: &str) -> Self {
        let mut columns = self.columns.clone();
        columns.retain(|name, _| self.kinds.contains_key(name));
        for (name, kind) in &self.kinds {
            let format = match kind {
                AttributeKind::Number => TextFormat { decimal: Some(DecimalMark::Point), date_order: None },
                AttributeKind::Date => TextFormat { decimal: None, date_order: Some(DateOrder::YearFirst) },
                AttributeKind::Category | AttributeKind::List | AttributeKind::Flag => continue,
            };
            let metadata = &mut columns.entry(name.clone()).or_default().metadata;
            (metadata.format, metadata.is_binned) = (format, true);
        }
        Self {
            id: None,
            weight: Some(weight.to_owned()),
            file: FileOptions { all_rows: true, ..FileOptions::default() },
            format: TextFormat::default(),
            columns,
            outcome: OutcomeColumns {
                status: self.outcome.status.clone(),
                undecided: self.outcome.undecided.clone(),
                ..OutcomeColumns::default()
            },
            review: BTreeMap::default(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
id = "ID"
decimal = ","
attributes = ["Industry", "Employees", "Founded", "Remote"]
categorical = ["Industry"]
numeric = ["Employees"]
date = ["Founded"]
flag = ["Remote"]
[columns."Employees"]
unit = "people"
[columns."Stage"]
missing = ["?"]
[outcome]
status = { column = "Stage", won = ["Won"], lost = ["Lost"] }
value = "Amount"
group = "Company"
[label]
policy = "won"
"#;

    #[test]
    fn the_result_is_read_by_a_mapping_of_its_own() {
        let aggregation = Mapping::parse(TEXT, "m").unwrap().aggregation("m").unwrap();
        let names: Vec<_> = aggregation.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Industry", "Employees", "Founded", "Remote", "Stage"]);
        let text = aggregation.mapping.to_toml();
        assert_eq!(Mapping::parse(&text, "result").unwrap(), aggregation.mapping, "{text}");
        for line in ["weight = \"weight\"", "all_rows = true", "binned = true", "unit = \"people\"", "decimal = \".\""]
        {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("group = ") && !text.contains("value = ") && !text.contains("id = \"ID"), "{text}");
    }

    #[test]
    fn the_weight_gets_a_name_that_no_column_has() {
        let text = TEXT.replace("Remote", "Weight");
        assert_eq!(Mapping::parse(&text, "m").unwrap().aggregation("m").unwrap().weight, "weight_");
    }

    #[test]
    fn mappings_that_do_not_say_enough_are_refused() {
        for (from, to, expected) in [
            ("flag = [\"Remote\"]", "", "attribute \"Remote\" has no kind"),
            ("policy = \"won\"", "policy = \"high_value\"", "depends on the value of each customer"),
            ("policy = \"won\"", "policy = \"ideal\"", "depends on the value of each customer"),
            ("id = \"ID\"", "weight = \"n\"\nid = \"ID\"", "outcome.group are mutually exclusive"),
        ] {
            let text = TEXT.replace(from, to);
            let refused = Mapping::parse(&text, "m").and_then(|mapping| mapping.aggregation("m")).unwrap_err();
            assert!(refused.to_string().contains(expected), "{refused}");
        }
    }
}
