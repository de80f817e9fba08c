//! Issues with the values of a scored list, counted by attribute.

use std::collections::BTreeMap;

use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{Account, AttributeStatus, FitScore};

use super::output::{Output, plural};

/// The maximum number of attributes reported.
const MAX_REPORTED: usize = 20;

/// Ambiguous values, and values that cannot be read as their attribute's kind.
#[derive(Debug, Default)]
pub(crate) struct AttributeIssueSummary {
    by_attribute: BTreeMap<(String, AttributeStatus), IssueCount>,
}

#[derive(Debug)]
struct IssueCount {
    values: u64,
    /// The first such value as it was sent, and how it was read.
    example: String,
    reading: String,
}

impl AttributeIssueSummary {
    /// Adds the issues of a score; `sent` returns the account that was scored.
    pub(crate) fn add(&mut self, score: &FitScore, sent: impl Fn() -> Option<Account>) {
        for issue in &score.issues {
            let status = issue.status();
            if !matches!(status, AttributeStatus::Ambiguous | AttributeStatus::TypeMismatch) {
                continue;
            }
            let count = self.by_attribute.entry((issue.attribute.clone(), status)).or_insert_with(|| IssueCount {
                values: 0,
                example: sent().and_then(|account| value_text(&account, &issue.attribute)).unwrap_or_default(),
                reading: issue.reading.clone(),
            });
            count.values += 1;
        }
    }

    /// Prints the issues, one line per attribute.
    pub(crate) fn print(&self, out: Output) {
        for ((attribute, status), count) in self.by_attribute.iter().take(MAX_REPORTED) {
            out.warn(&count.sentence(attribute, *status));
        }
        if let Some(more) = self.by_attribute.len().checked_sub(MAX_REPORTED).filter(|more| *more > 0) {
            out.warn(&format!(
                "warning: the same applies to {}",
                plural(more as u64, "more attribute", "more attributes")
            ));
        }
    }
}

impl IssueCount {
    fn sentence(&self, attribute: &str, status: AttributeStatus) -> String {
        let Self { values, example, reading: taken } = self;
        let count = plural(*values, "value", "values");
        if status == AttributeStatus::Ambiguous {
            return format!(
                "warning: attribute {attribute:?}: {count} could mean two things, such as {example:?}, which is taken as {taken}"
            );
        }
        let count_as = if *values == 1 { "counts" } else { "count" };
        format!(
            "warning: attribute {attribute:?}: {count} cannot be read as the model's kind and {count_as} as missing, such as {example:?}"
        )
    }
}

fn value_text(account: &Account, attribute: &str) -> Option<String> {
    match account.attributes.get(attribute)?.kind.as_ref()? {
        Kind::Text(text) => Some(text.clone()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Flag(flag) => Some(flag.to_string()),
        Kind::Texts(texts) => Some(texts.values.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::{AttributeIssue, AttributeValue};

    use super::*;

    #[test]
    fn unreadable_values_are_counted_with_the_first_as_example() {
        let account = |text: &str| Account {
            attributes: [("size".to_owned(), AttributeValue { kind: Some(Kind::Text(text.to_owned())) })].into(),
            ..Account::default()
        };
        let score = |status: AttributeStatus, reading: &str| FitScore {
            issues: vec![AttributeIssue {
                attribute: "size".to_owned(),
                status: status.into(),
                reading: reading.to_owned(),
                ..AttributeIssue::default()
            }],
            ..FitScore::default()
        };
        let mut issues = AttributeIssueSummary::default();
        issues.add(&score(AttributeStatus::Ambiguous, "1.2"), || Some(account("1.200")));
        issues.add(&score(AttributeStatus::Ambiguous, "3.4"), || Some(account("3.400")));
        issues.add(&score(AttributeStatus::TypeMismatch, ""), || Some(account("many")));
        issues.add(&score(AttributeStatus::Missing, ""), || None);
        let told: Vec<_> =
            issues.by_attribute.iter().map(|((name, status), count)| count.sentence(name, *status)).collect();
        assert_eq!(
            told,
            [
                "warning: attribute \"size\": 1 value cannot be read as the model's kind and counts as missing, such as \"many\"",
                "warning: attribute \"size\": 2 values could mean two things, such as \"1.200\", which is taken as 1.2",
            ]
        );
    }
}
