//! How the customers stand: who stays, who left and why, and for how long they have been customers.

use std::collections::BTreeMap;

use sweetspot_core::{MOST_HYPOTHESES, ReviewField, Status, hypothesis_label};

use super::amounts::Amounts;
use super::ranking::Ranking;
use super::tally::customers;
use super::{Evidence, Share, Told, short};

/// Days of a year, on average.
const DAYS_OF_YEAR: f64 = 365.25;
/// Most years that are shown one by one, the newest.
const MOST_YEARS: usize = 20;

/// How the accounts stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Bought, and still customers.
    pub active: u64,
    /// Bought, and left.
    pub churned: u64,
    /// Never bought.
    pub lost: u64,
    /// Nobody said.
    pub unknown: u64,
    /// How many of those who bought left.
    pub churn: Share,
    /// Why they left, of those who left.
    pub churn_reasons: Ranking,
}

impl Standing {
    /// Counts them.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let status = |row: usize| evidence.outcome(row).status;
        let count = |wanted: Option<Status>| (0..evidence.rows()).filter(|row| status(*row) == wanted).count() as u64;
        let (active, churned) = (count(Some(Status::Won)), count(Some(Status::Churned)));
        let told = Told::of(evidence, ReviewField::ChurnReason);
        let left = (0..evidence.rows()).filter(|row| status(*row) == Some(Status::Churned));
        let reasons = left.map(|row| or_outcome(evidence, told.texts(row), row));
        Self {
            active,
            churned,
            lost: count(Some(Status::Lost)),
            unknown: count(None),
            churn: Share { part: churned, of: active + churned },
            churn_reasons: Ranking::of(reasons),
        }
    }
}

/// The reasons of a review, or else that of the outcome.
fn or_outcome<'a>(evidence: &'a Evidence, told: Vec<&'a str>, row: usize) -> Vec<&'a str> {
    if told.is_empty() { evidence.outcome(row).reason.into_iter().collect() } else { told }
}

/// Why customers were won: by the reviews, or else by the outcomes of those who stayed.
pub(super) fn win_reasons(evidence: &Evidence) -> Ranking {
    let told = Told::of(evidence, ReviewField::WinReason);
    Ranking::of(customers(evidence).into_iter().map(|row| {
        let stayed = evidence.outcome(row).status == Some(Status::Won);
        if stayed && !told.is_told() { or_outcome(evidence, Vec::new(), row) } else { told.texts(row) }
    }))
}

/// How many customers came in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// How many came.
    pub customers: u64,
    /// How many of them left since, of those whose status is known.
    pub churn: Share,
}

/// Since when they have been customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenure {
    /// Of how many customers the first day is known.
    pub told: Share,
    /// How many years those who did not leave have been customers, on the day of the document; nothing where nobody's
    /// first day is known. When those who left did so is not known.
    pub years: Option<Amounts>,
    /// By the year in which they came, the oldest first; the newest twenty.
    pub by_year: Vec<Year>,
    /// How many are to become customers only after the day of the document.
    pub later: u64,
}

impl Tenure {
    /// Counts them.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let mut tenure = Self::default();
        let (mut years, mut by_year) = (Vec::new(), BTreeMap::new());
        for row in customers(evidence) {
            let outcome = evidence.outcome(row);
            tenure.told.of += 1;
            let Some(since) = outcome.since else { continue };
            tenure.told.part += 1;
            let days = f64::from(evidence.as_of.days) - f64::from(since.days);
            tenure.later += u64::from(days < 0.0);
            if days >= 0.0 && outcome.status != Some(Status::Churned) {
                years.push(days / DAYS_OF_YEAR);
            }
            if let Some(day) = since.to_civil() {
                let (count, churn): &mut (u64, Share) = by_year.entry(day.year()).or_default();
                *count += 1;
                churn.of += u64::from(outcome.status.is_some());
                churn.part += u64::from(outcome.status == Some(Status::Churned));
            }
        }
        let skipped = by_year.len().saturating_sub(MOST_YEARS);
        let year = |(year, (customers, churn))| Year { year, customers, churn };
        tenure.by_year = by_year.into_iter().skip(skipped).map(year).collect();
        tenure.years = Amounts::of(years);
        tenure
    }
}

/// Who decides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committee {
    /// How many people decide; nothing where nobody said.
    pub decision_makers: Option<Amounts>,
    /// How many customers have more than one, of those of whom their number is known.
    pub several: Share,
    /// Their titles or departments.
    pub decision_maker_titles: Ranking,
    /// Titles or departments of those who influence them.
    pub influencer_titles: Ranking,
}

impl Committee {
    /// Counts them.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let rows = customers(evidence);
        let told = Told::of(evidence, ReviewField::DecisionMakers);
        let numbers: Vec<f64> = rows.iter().filter_map(|row| told.number(*row)).collect();
        let titles = |field| {
            let told = Told::of(evidence, field);
            Ranking::of(rows.iter().map(|row| told.texts(*row)))
        };
        Self {
            several: Share::of(numbers.iter().map(|number| *number > 1.0)),
            decision_makers: Amounts::of(numbers),
            decision_maker_titles: titles(ReviewField::DecisionMakerTitles),
            influencer_titles: titles(ReviewField::InfluencerTitles),
        }
    }
}

/// A belief about good customers, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Belief {
    /// The belief in words.
    pub label: String,
    /// Who holds it; may be empty.
    pub author: String,
    /// What was believed, as a ratio of odds.
    pub believed: f64,
    /// The verdict; nothing where it was stated after the training.
    pub verdict: Option<sweetspot_core::Verdict>,
    /// How many are ideal of the customers for whom it holds.
    pub ideal: Share,
    /// What the customers say, all else equal: a ratio of odds with its 90% interval; nothing where they say nothing.
    pub found: Option<(f64, f64, f64)>,
}

/// Most beliefs that are shown: those that the version was trained with, and those that the definition holds.
const MOST_BELIEFS: usize = 2 * MOST_HYPOTHESES;

/// The beliefs of the version, and those that were stated since.
pub(super) fn beliefs(evidence: &Evidence) -> Vec<Belief> {
    let tested = evidence.model.hypotheses();
    let known: Vec<&str> = tested.iter().map(|tested| tested.id.as_str()).collect();
    let held = evidence.definition.hypotheses.iter().map(|held| &held.hypothesis);
    let new = held.filter(|held| !known.contains(&held.id.as_str())).map(|held| Belief {
        label: short(&hypothesis_label(&held.statement, &held.when, evidence.kind(&held.when.attribute))),
        author: short(&held.author),
        believed: held.odds_ratio,
        verdict: None,
        ideal: Share::default(),
        found: None,
    });
    let told = tested.iter().map(|tested| Belief {
        label: short(&tested.label),
        author: short(&tested.author),
        believed: tested.odds_ratio,
        verdict: Some(tested.verdict),
        ideal: Share { part: tested.ideal, of: tested.customers },
        found: tested.customers_say.map(|effect| {
            let (low, high) = effect.interval();
            (effect.log_odds.exp(), low.exp(), high.exp())
        }),
    });
    told.chain(new).take(MOST_BELIEFS).collect()
}
