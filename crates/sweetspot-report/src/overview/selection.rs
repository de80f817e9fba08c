//! The few kinds of accounts that hold most of the difference between ideal customers and others.

use super::candidate::{AttributeCandidates, Candidate, segment_candidates};
use super::row_set::RowSet;
use crate::{Proportion, ReportInput};

/// The maximum number of kinds on each side: readers do not remember more.
const MAX_KINDS: usize = 3;
/// The minimum number of customers of a kind, and the divisor of all customers that gives it for large tables.
const MIN_CUSTOMERS: u64 = 10;
const MIN_SHARE_DIVISOR: u64 = 25;
/// The maximum number of rules that are combined in pairs.
const MAX_PAIRED: usize = 40;
/// The z of a difference that one test would show by chance in 1 of 40 cases.
const MIN_Z: f64 = 1.96;
/// The minimum ratio of the odds of being ideal, in either direction: smaller differences are not worth a rule.
const MIN_ODDS_RATIO: f64 = 1.5;

/// The labeled customers, and those among them that are ideal.
pub(super) struct LabeledCustomers {
    /// The row numbers of labeled customers.
    pub rows: Vec<usize>,
    ideal: RowSet,
}

impl LabeledCustomers {
    pub(super) fn new(input: &ReportInput) -> Self {
        let rows: Vec<usize> = (0..input.rows()).filter(|row| input.ideal(*row).is_some()).collect();
        let is_ideal = |position: usize| rows.get(position).and_then(|row| input.ideal(*row)) == Some(true);
        let ideal = RowSet::from_fn(rows.len(), is_ideal);
        Self { rows, ideal }
    }

    /// The share of ideal customers in a set of labeled customers.
    pub(super) fn ideal(&self, rows: &RowSet) -> Proportion {
        Proportion { part: rows.intersection(&self.ideal).len(), total: rows.len() }
    }

    /// The row numbers of the ideal customers in a set.
    pub(super) fn ideal_rows(&self, rows: &RowSet) -> Vec<usize> {
        let ideal = rows.intersection(&self.ideal);
        self.rows.iter().enumerate().filter(|(position, _)| ideal.contains(*position)).map(|(_, row)| *row).collect()
    }

    /// The share of ideal customers among all labeled ones.
    pub(super) fn all(&self) -> Proportion {
        Proportion { part: self.ideal.len(), total: self.rows.len() as u64 }
    }
}

/// The kinds of accounts on both sides.
#[derive(Debug, Default)]
pub(super) struct PatternSelection {
    /// Kinds whose rate of ideal customers is above that of all, the most notable first.
    pub above: Vec<Candidate>,
    /// Kinds whose rate is below that of all.
    pub below: Vec<Candidate>,
}

impl PatternSelection {
    /// Selects kinds of accounts by their difference.
    ///
    /// The quality of a kind with n customers is n^¼ × (its rate − the rate of all), one of the functions of Klösgen
    /// 1996, Explora: √n would prefer halves of all accounts, and n⁰ a few lucky ones. Each further kind is judged by
    /// the customers of no earlier one, which must be at least half of its own. Its difference must exceed what the
    /// best of all candidates would show by chance: √(2 ln m) standard errors for m candidates. All conditions on one
    /// number have the same bound.
    pub(super) fn new(input: &ReportInput, labeled: &LabeledCustomers) -> Self {
        let attributes = AttributeCandidates::of_all(input, &labeled.rows);
        let interactions = interaction_candidates(input, &attributes);
        let side = |sign: f64, singles: fn(&AttributeCandidates) -> &Vec<Candidate>| {
            let mut candidates: Vec<Candidate> = attributes.iter().flat_map(singles).cloned().collect();
            candidates.extend(pairs(&candidates, labeled, sign));
            candidates.extend(improved(interactions.iter(), labeled, sign));
            candidates
        };
        let mut bounds = Vec::new();
        let above = side(1.0, |attribute| &attribute.positive);
        let above = [above, segment_candidates(input, &labeled.rows)].concat();
        let above = select(&above, labeled, 1.0, &mut bounds, RowSet::empty(labeled.rows.len()));
        let chosen = above.iter().fold(RowSet::empty(labeled.rows.len()), |all, kind| all.union(&kind.rows));
        let below = select(&side(-1.0, |attribute| &attribute.negative), labeled, -1.0, &mut bounds, chosen);
        Self { above, below }
    }
}

/// The number of standard errors by which the rate of `rows` differs from that of all, in the direction of `sign`.
fn z(labeled: &LabeledCustomers, rows: &RowSet, sign: f64) -> f64 {
    let (Proportion { part, total }, Some(usual)) = (labeled.ideal(rows), labeled.all().rate()) else { return 0.0 };
    let variance = usual * (1.0 - usual);
    if total == 0 || variance <= 0.0 {
        return 0.0;
    }
    sign * (part as f64 / total as f64 - usual) * (total as f64 / variance).sqrt()
}

/// The quality of a kind with these customers.
fn quality(labeled: &LabeledCustomers, rows: &RowSet, sign: f64) -> f64 {
    let difference = labeled.ideal(rows).rate().zip(labeled.all().rate()).map_or(0.0, |(rate, usual)| rate - usual);
    sign * difference * (rows.len() as f64).powf(0.25)
}

/// The logarithm of the ratio of the odds of these rows to the odds of all; half an account is added to each count.
fn log_odds_ratio(labeled: &LabeledCustomers, rows: &RowSet) -> f64 {
    let log_odds = |Proportion { part, total }: Proportion| ((part as f64 + 0.5) / ((total - part) as f64 + 0.5)).ln();
    log_odds(labeled.ideal(rows)) - log_odds(labeled.all())
}

/// The values of two attributes that interact, each pair with both of its rules.
fn interaction_candidates(input: &ReportInput, attributes: &[AttributeCandidates]) -> Vec<Pair> {
    let find = |name: &str| attributes.iter().find(|one| one.attribute == name);
    let interactions = input.model.interactions();
    let attribute_pairs = interactions.iter().filter_map(|pair| find(&pair.first).zip(find(&pair.second)));
    let pairs = attribute_pairs
        .flat_map(|(first, second)| first.all.iter().flat_map(|one| second.all.iter().map(move |other| (one, other))));
    pairs.filter_map(|(one, other)| Pair::new(one, other)).collect()
}

/// Two rules together.
struct Pair {
    both: Candidate,
    one: RowSet,
    other: RowSet,
}

impl Pair {
    fn new(one: &Candidate, other: &Candidate) -> Option<Self> {
        Some(Self { both: one.and(other)?, one: one.rows.clone(), other: other.rows.clone() })
    }
}

/// The pairs of the most notable rules.
fn pairs(singles: &[Candidate], labeled: &LabeledCustomers, sign: f64) -> Vec<Candidate> {
    let mut singles: Vec<&Candidate> = singles.iter().collect();
    singles.sort_by(|a, b| z(labeled, &b.rows, sign).total_cmp(&z(labeled, &a.rows, sign)));
    singles.truncate(MAX_PAIRED);
    let mut pairs = Vec::new();
    for (index, one) in singles.iter().enumerate() {
        pairs.extend(singles.iter().skip(index + 1).filter_map(|other| Pair::new(one, other)));
    }
    improved(pairs.iter(), labeled, sign)
}

/// The pairs whose rate differs more than that of each of both rules.
fn improved<'a>(pairs: impl Iterator<Item = &'a Pair>, labeled: &LabeledCustomers, sign: f64) -> Vec<Candidate> {
    let improves = |pair: &&Pair| {
        let Proportion { part, total } = labeled.ideal(&pair.both.rows);
        [&pair.one, &pair.other].into_iter().all(|alone| {
            let Some(usual) = labeled.ideal(alone).rate() else { return false };
            let variance = (usual * (1.0 - usual)).max(f64::MIN_POSITIVE);
            total >= MIN_CUSTOMERS
                && sign * (part as f64 / total as f64 - usual) * (total as f64 / variance).sqrt() > MIN_Z
        })
    };
    pairs.filter(improves).map(|pair| pair.both.clone()).collect()
}

/// The z that the largest of `tests` independent differences rarely exceeds by chance.
fn min_z(tests: usize) -> f64 {
    MIN_Z.max((2.0 * (tests.max(1) as f64).ln()).sqrt())
}

/// Selects the most notable candidates, each judged by the customers that are not in `taken`.
fn select(
    candidates: &[Candidate],
    labeled: &LabeledCustomers,
    sign: f64,
    bounds: &mut Vec<(String, String)>,
    mut taken: RowSet,
) -> Vec<Candidate> {
    let min_z = min_z(candidates.len());
    let mut selected: Vec<Candidate> = Vec::new();
    while selected.len() < MAX_KINDS {
        let fits_bounds = |candidate: &&Candidate| {
            let conflicts = |(attribute, bound): &(String, String)| {
                bounds.iter().any(|(other, used)| other == attribute && used != bound)
            };
            !candidate.bounds.iter().any(conflicts)
        };
        let qualified = candidates.iter().filter(fits_bounds).filter_map(|candidate| {
            let remaining = candidate.rows.difference(&taken);
            let min_customers = MIN_CUSTOMERS.max(labeled.rows.len() as u64 / MIN_SHARE_DIVISOR);
            let enough = remaining.len() >= min_customers
                && 2 * remaining.len() >= candidate.rows.len()
                && log_odds_ratio(labeled, &candidate.rows) * sign >= MIN_ODDS_RATIO.ln();
            let is_nested =
                selected.iter().any(|one| one.rows.is_subset(&candidate.rows) || candidate.rows.is_subset(&one.rows));
            let z = z(labeled, &remaining, sign).min(z(labeled, &candidate.rows, sign));
            (enough && !is_nested && z >= min_z).then(|| (quality(labeled, &remaining, sign), candidate))
        });
        let Some((_, best)) = qualified.reduce(|best, next| if next.0 > best.0 { next } else { best }) else { break };
        taken = taken.union(&best.rows);
        bounds.extend(best.bounds.iter().cloned());
        selected.push(best.clone());
    }
    selected
}
