//! The SPICED diagnosis of ideal customers, why they bought, how they use it and who decides: the answers of their reviews,
//! compared with those of the others, and the findings.

use sweetspot_core::{ReviewField, SpicedPart};

use super::super::ReportInput;
use super::{attribution, is_current};
use crate::answers::{FieldComparison, compare_fields, spiced_field};

/// The maximum number of findings per part.
const MAX_FINDINGS: usize = 5;

/// The fields about buying and using, which are compared along with the SPICED answers, each with its name.
pub(super) const BUYING_FIELDS: [(ReviewField, &str); 5] = [
    (ReviewField::WinReason, "Win reason"),
    (ReviewField::Usage, "Usage"),
    (ReviewField::DecisionMakers, "Number of decision makers"),
    (ReviewField::DecisionMakerTitles, "Decision makers"),
    (ReviewField::InfluencerTitles, "Influencers"),
];

/// One part of the diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub struct SpicedPartSummary {
    /// The part.
    pub part: SpicedPart,
    /// The answers of ideal customers and of the others.
    pub answers: FieldComparison,
    /// The findings, with their authors.
    pub findings: Vec<String>,
}

impl SpicedPartSummary {
    /// Whether there is neither an answer of an ideal customer nor a finding.
    pub(crate) const fn is_unanswered(&self) -> bool {
        self.answers.frequent.is_empty() && self.findings.is_empty()
    }
}

/// All parts, with or without answers, and the comparisons of [`BUYING_FIELDS`].
pub(crate) fn compared_answers(input: &ReportInput) -> (Vec<SpicedPartSummary>, Vec<FieldComparison>) {
    let buying_fields = BUYING_FIELDS.into_iter().map(|(field, _)| field);
    let fields: Vec<ReviewField> = SpicedPart::ALL.into_iter().map(spiced_field).chain(buying_fields).collect();
    let mut comparisons = compare_fields(input, &fields).into_iter();
    let summarize = |(part, answers)| SpicedPartSummary { part, answers, findings: findings(input, part) };
    let spiced = SpicedPart::ALL.into_iter().zip(comparisons.by_ref()).map(summarize).collect();
    (spiced, comparisons.collect())
}

fn findings(input: &ReportInput, part: SpicedPart) -> Vec<String> {
    let findings = input.definition.findings.iter();
    findings
        .filter(|finding| finding.spiced == Some(part) && is_current(input, &finding.attribution))
        .take(MAX_FINDINGS)
        .map(|finding| format!("{} ({})", finding.text, attribution(&finding.attribution)))
        .collect()
}
