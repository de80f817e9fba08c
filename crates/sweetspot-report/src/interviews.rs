//! Interviews: how many there were in each segment, which customers to ask next, and what to ask.

use std::collections::BTreeSet;

use sweetspot_core::SpicedPart;

use super::ReportInput;
use super::answers::spiced_field;
use super::field_source::FieldSource;
use super::segments::segment_name;
use super::summary::is_current;

/// The range of the number of interviews in a segment (Winning by Design, "How to Create an Ideal Customer Profile &
/// Segmentation", step 3).
const MIN_INTERVIEWS: u64 = 5;
const MAX_INTERVIEWS: u64 = 10;
/// The maximum number of customers to ask next, per segment.
const MAX_CANDIDATES: usize = 3;

/// What to ask the person who sold to a customer or looks after it.
const CUSTOMER_QUESTIONS: [&str; 5] = [
    "How did you and the customer find each other?",
    "Who took part in the decision, and who works with you now?",
    "Which problem did they have when they found you?",
    "What has the product changed for each of these people?",
    "What would have happened to them without it?",
];

/// What to ask a company that could become a customer.
const PROSPECT_QUESTIONS: [&str; 5] = [
    "How would you look for a solution, and how did you hear of us?",
    "Who would take part in the decision?",
    "Which problem do you have, and what does it cost you?",
    "What would a solution change for each of these people?",
    "What happens if you leave everything as it is?",
];

/// The interviews until now.
///
/// An interview is a customer, past or present, for which a review answers at least one part of SPICED, or about which a
/// current finding states something. Accounts outside the data with a finding count as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interviews {
    /// The number of interviews with customers of any segment or none, and with accounts outside the data.
    pub total: u64,
    /// By segment, in the order of the segments; without segments, one entry without a name for all customers.
    pub segments: Vec<SegmentInterviews>,
    /// What to ask, if any segment needs more interviews.
    pub questions: Vec<&'static str>,
}

impl Interviews {
    /// The number of interviews that a segment needs: `5 to 10`.
    pub(super) fn recommended_range() -> String {
        format!("{MIN_INTERVIEWS} to {MAX_INTERVIEWS}")
    }
}

/// The interviews with customers of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentInterviews {
    /// The name of the segment; empty for all customers.
    pub name: String,
    /// The number of interviews.
    pub interviews: u64,
    /// The number of interviews that are missing to the five that a segment needs.
    pub missing: u64,
    /// The ideal customers to ask next, those of the highest value first, if interviews are missing.
    pub candidates: Vec<String>,
}

impl Interviews {
    /// Counts the interviews.
    #[must_use]
    pub fn new(input: &ReportInput) -> Self {
        let findings = input.definition.findings.iter();
        let mut discussed: BTreeSet<&str> = findings
            .filter(|finding| is_current(input, &finding.attribution))
            .map(|finding| finding.account_id.as_str())
            .filter(|account| !account.is_empty())
            .collect();
        let sources = SpicedPart::ALL.map(|part| FieldSource::new(input, spiced_field(part)));
        let (mut interviewed, mut open) = (Vec::new(), Vec::new());
        for row in 0..input.rows() {
            let is_discussed = input.accounts().ids().get(row).is_some_and(|id| discussed.remove(id));
            if input.is_customer(row) && (is_discussed || sources.iter().any(|source| source.is_known(row))) {
                interviewed.push(row);
            } else if input.ideal(row) == Some(true) {
                open.push(row);
            }
        }
        let open = best_customers(input, open);
        let segment_of = |row: usize| input.fits.get(row).and_then(|fit| fit.segment).map(usize::from);
        let names: Vec<String> = input.model.segments().iter().map(|segment| segment_name(input, segment)).collect();
        let segment = |name: String, holds: &dyn Fn(usize) -> bool| {
            let interviews = interviewed.iter().filter(|row| holds(**row)).count() as u64;
            let missing = MIN_INTERVIEWS.saturating_sub(interviews);
            let candidates = open.iter().filter(|row| missing > 0 && holds(**row)).take(MAX_CANDIDATES);
            let candidates = candidates.map(|row| input.name(*row).to_owned()).collect();
            SegmentInterviews { name, interviews, missing, candidates }
        };
        let segments: Vec<SegmentInterviews> = if names.is_empty() {
            vec![segment(String::new(), &|_| true)]
        } else {
            let by_number = |(number, name)| segment(name, &|row| segment_of(row) == Some(number));
            names.into_iter().enumerate().map(by_number).collect()
        };
        let has_customers = input.labels.ideal.iter().any(Option::is_some);
        let questions = if has_customers { CUSTOMER_QUESTIONS } else { PROSPECT_QUESTIONS };
        // What is left are accounts outside the data.
        let total = (interviewed.len() + discussed.len()) as u64;
        let is_missing = segments.iter().any(|segment| segment.missing > 0);
        let is_missing = is_missing && (has_customers || total < MIN_INTERVIEWS);
        Self { total, segments, questions: if is_missing { questions.to_vec() } else { Vec::new() } }
    }
}

/// These customers by value, or else by fit, the best first.
pub(super) fn best_customers(input: &ReportInput, mut rows: Vec<usize>) -> Vec<usize> {
    let value = |row: usize| input.outcome(row).net_value().unwrap_or(f64::NEG_INFINITY);
    let fit = |row: usize| input.fits.get(row).map_or(0.0, |fit| fit.probability);
    rows.sort_by(|a, b| value(*b).total_cmp(&value(*a)).then(fit(*b).total_cmp(&fit(*a))).then(a.cmp(b)));
    rows
}
