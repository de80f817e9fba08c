//! The status of the customers (who stays, who left and why), their tenure, buying committees, and the hypotheses about
//! them.

use std::collections::BTreeMap;

use sweetspot_core::{MAX_HYPOTHESES, OutcomeStatus, ReviewField, hypothesis_label};

use super::amount_statistics::Amounts;
use super::breakdown::customers;
use super::ranking::AnswerRanking;
use super::{FieldSource, Proportion, ReportInput, truncate};

/// The average number of days per year.
const DAYS_PER_YEAR: f64 = 365.25;
/// The maximum number of years to show, the newest.
const MAX_YEARS: usize = 20;

/// The number of accounts by status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusCounts {
    /// Current customers.
    pub active: u64,
    /// Customers that left.
    pub churned: u64,
    /// Accounts that never bought.
    pub lost: u64,
    /// Accounts with an unknown status.
    pub unknown: u64,
    /// The churned accounts of all that bought.
    pub churn: Proportion,
    /// The reasons for leaving, of the churned accounts.
    pub churn_reasons: AnswerRanking,
}

impl StatusCounts {
    /// Counts the accounts.
    pub(super) fn new(input: &ReportInput) -> Self {
        let status = |row: usize| input.outcome(row).status;
        let count = |outcome_status: Option<OutcomeStatus>| {
            (0..input.rows()).filter(|row| status(*row) == outcome_status).count() as u64
        };
        let (active, churned) = (count(Some(OutcomeStatus::Won)), count(Some(OutcomeStatus::Churned)));
        let churn_reason = FieldSource::new(input, ReviewField::ChurnReason);
        let left = (0..input.rows()).filter(|row| status(*row) == Some(OutcomeStatus::Churned));
        let reasons = left.map(|row| reasons_or_outcome(input, churn_reason.texts(row), row));
        Self {
            active,
            churned,
            lost: count(Some(OutcomeStatus::Lost)),
            unknown: count(None),
            churn: Proportion { part: churned, total: active + churned },
            churn_reasons: AnswerRanking::new(reasons),
        }
    }
}

/// The reasons in the review, or else the reason of the outcome.
fn reasons_or_outcome<'a>(input: &'a ReportInput, reasons: Vec<&'a str>, row: usize) -> Vec<&'a str> {
    if reasons.is_empty() { input.outcome(row).reason.into_iter().collect() } else { reasons }
}

/// The reasons for buying: from the reviews, or else from the outcomes of customers that stayed.
pub(super) fn win_reasons(input: &ReportInput) -> AnswerRanking {
    let win_reason = FieldSource::new(input, ReviewField::WinReason);
    AnswerRanking::new(customers(input).into_iter().map(|row| win_reason.win_reasons(input, row)))
}

/// The customers that started in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearCohort {
    /// The year.
    pub year: i16,
    /// The number of customers.
    pub customers: u64,
    /// The churned customers of those with a known status.
    pub churn: Proportion,
}

/// The tenure of the customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenure {
    /// The customers with a known start date.
    pub with_start_day: Proportion,
    /// The tenure of current customers in years, on the day of the document; `None` if no start date is known. The end
    /// dates of churned customers are unknown.
    pub years: Option<Amounts>,
    /// By start year, oldest first; the newest twenty.
    pub by_year: Vec<YearCohort>,
    /// The number of customers with a start date after the day of the document.
    pub future_count: u64,
}

impl Tenure {
    /// Computes the tenure.
    pub(super) fn new(input: &ReportInput) -> Self {
        let mut tenure = Self::default();
        let (mut years, mut by_year) = (Vec::new(), BTreeMap::new());
        for row in customers(input) {
            let outcome = input.outcome(row);
            tenure.with_start_day.total += 1;
            let Some(since) = outcome.since else { continue };
            tenure.with_start_day.part += 1;
            let days = f64::from(input.as_of.days) - f64::from(since.days);
            tenure.future_count += u64::from(days < 0.0);
            if days >= 0.0 && outcome.status != Some(OutcomeStatus::Churned) {
                years.push(days / DAYS_PER_YEAR);
            }
            if let Some(day) = since.to_civil() {
                let (count, churn): &mut (u64, Proportion) = by_year.entry(day.year()).or_default();
                *count += 1;
                churn.total += u64::from(outcome.status.is_some());
                churn.part += u64::from(outcome.status == Some(OutcomeStatus::Churned));
            }
        }
        let skipped = by_year.len().saturating_sub(MAX_YEARS);
        let year = |(year, (customers, churn))| YearCohort { year, customers, churn };
        tenure.by_year = by_year.into_iter().skip(skipped).map(year).collect();
        tenure.years = Amounts::new(years);
        tenure
    }
}

/// The buying committee.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committee {
    /// The number of decision makers; `None` if it is unknown for all customers.
    pub decision_makers: Option<Amounts>,
    /// The customers with more than one decision maker, of those with a known number.
    pub several_decision_makers: Proportion,
    /// The titles or departments of the decision makers.
    pub decision_maker_titles: AnswerRanking,
    /// The titles or departments of the influencers.
    pub influencer_titles: AnswerRanking,
}

impl Committee {
    /// Summarizes the committees.
    pub(super) fn new(input: &ReportInput) -> Self {
        let rows = customers(input);
        let source = FieldSource::new(input, ReviewField::DecisionMakers);
        let numbers: Vec<f64> = rows.iter().filter_map(|row| source.number(*row)).collect();
        let titles = |field| {
            let source = FieldSource::new(input, field);
            AnswerRanking::new(rows.iter().map(|row| source.texts(*row)))
        };
        Self {
            several_decision_makers: Proportion::from_bools(numbers.iter().map(|number| *number > 1.0)),
            decision_makers: Amounts::new(numbers),
            decision_maker_titles: titles(ReviewField::DecisionMakerTitles),
            influencer_titles: titles(ReviewField::InfluencerTitles),
        }
    }
}

/// A hypothesis about good customers, with its result.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewHypothesis {
    /// The hypothesis as text.
    pub label: String,
    /// The author; may be empty.
    pub author: String,
    /// The expected odds ratio.
    pub expected_odds_ratio: f64,
    /// The verdict; `None` if the hypothesis is newer than the training.
    pub verdict: Option<sweetspot_core::Verdict>,
    /// The ideal customers of those that meet the condition.
    pub ideal: Proportion,
    /// The observed odds ratio with its 90% interval, all else equal; `None` if the customers provide no estimate.
    pub observed_odds_ratio: Option<(f64, f64, f64)>,
}

/// The maximum number of hypotheses to show: those of the version, and those of the definition.
const MAX_SHOWN_HYPOTHESES: usize = 2 * MAX_HYPOTHESES;

/// The hypotheses of the version, and newer ones of the definition.
pub(super) fn hypotheses(input: &ReportInput) -> Vec<ReviewHypothesis> {
    let tested = input.model.hypotheses();
    let known: Vec<&str> = tested.iter().map(|tested| tested.id.as_str()).collect();
    let stated = input.definition.hypotheses.iter().map(|entry| &entry.hypothesis);
    let new = stated.filter(|hypothesis| !known.contains(&hypothesis.id.as_str())).map(|hypothesis| ReviewHypothesis {
        label: truncate(&hypothesis_label(
            &hypothesis.statement,
            &hypothesis.when,
            input.kind(&hypothesis.when.attribute),
        )),
        author: truncate(&hypothesis.author),
        expected_odds_ratio: hypothesis.odds_ratio,
        verdict: None,
        ideal: Proportion::default(),
        observed_odds_ratio: None,
    });
    let results = tested.iter().map(|tested| ReviewHypothesis {
        label: truncate(&tested.label),
        author: truncate(&tested.author),
        expected_odds_ratio: tested.odds_ratio,
        verdict: Some(tested.verdict),
        ideal: Proportion { part: tested.ideal, total: tested.customers },
        observed_odds_ratio: tested.data_effect.map(|effect| {
            let (low, high) = effect.interval();
            (effect.log_odds.exp(), low.exp(), high.exp())
        }),
    });
    results.chain(new).take(MAX_SHOWN_HYPOTHESES).collect()
}
