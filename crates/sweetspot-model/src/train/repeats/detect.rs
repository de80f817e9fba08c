//! Structure proposes, outcomes decide: which rows are of one account.

use rayon::prelude::*;

use super::correlation::{Correlation, Residuals};
use super::draft::Draft;
use super::partition::Partition;
use super::signature::{Signature, is_enough, signatures};
use super::table::{Attributes, Table};
use super::weights;

/// Rows of one account, at most; and rows of a large account, as a share of all.
const MAX_ROWS: usize = 50;
const MAX_LARGE: usize = 20;
/// Fewest accounts with several rows.
const MIN_GROUPS: usize = 20;
/// Standard errors from which on outcomes go together: up to a hundred correlated candidates are tried.
const MIN_Z: f64 = 5.0;
/// How far rows must look like one account, and how much their outcomes go together: a place, a day or a price has effects, too, but
/// smaller ones; and where outcomes are nearly the same, less likeness is enough. Large accounts must look very much like one.
const ACCEPTED: [(f64, f64); 2] = [(0.5, 0.1), (0.25, 0.5)];
const ACCEPTED_LARGE: [(f64, f64); 1] = [(0.9, 0.1)];
/// How many standard errors of ρ from group to group it must be larger where accounts are large: a few large groups say little.
const MARGIN_LARGE: f64 = 2.0;
/// From this likeness on, what goes together a little is mentioned.
const MENTIONED: f64 = 0.5;
/// With fewer groups for each effective parameter, one fit to all rows has seen the accounts.
const MIN_GROUPS_PER_PARAMETER: f64 = 20.0;
/// Partitions of few groups that are judged by fits which leave groups out.
const MAX_LEFT_OUT: usize = 2;
/// And how many more, of one that was accepted, with further attributes.
const MAX_FINER: usize = 3;
/// Rows of one account that are enough to judge it.
const MAX_ROWS_JUDGED: usize = 30;
/// Rounds in which few groups' correlation is found with the weights that it gives, and the least that comes out.
const ROUNDS: usize = 2;
const MIN_RHO: f64 = 0.02;

/// Rows that look like several of one account.
#[derive(Debug)]
pub(super) struct Detected {
    /// The accounts of two or more rows.
    pub accounts: Partition,
    /// What they are known by, as indices of attributes.
    pub attributes: Vec<usize>,
    /// How much their outcomes go together.
    pub rho: f64,
}

/// What a search ends with.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub detected: Option<Detected>,
    /// Attributes on which equal rows go together a little, and how much; nothing is done about these.
    pub mentioned: Option<(Vec<usize>, f64)>,
}

/// Rows that may be of one account.
#[derive(Debug)]
struct Candidate {
    attributes: Vec<usize>,
    likeness: f64,
    /// How many groups, and the sum of their squared sizes: equal for the same partition.
    shape: (usize, usize),
    rows: usize,
    found: Correlation,
}

/// Looks for rows of one account.
pub(super) fn detect(attributes: &Attributes<'_>, draft: &Draft<'_>) -> Outcome {
    let Some(residuals) = draft.residuals() else { return Outcome::default() };
    let whole = attributes.whole().map(|table| (table.partitions(), table));
    let mut mentioned = None;
    for size in [Size::Usual, Size::Large] {
        let cap = size.cap(attributes.rows());
        if size == Size::Large && cap <= MAX_ROWS {
            break;
        }
        let mut candidates = candidates(attributes, whole.as_ref(), &residuals, size);
        let mut few = FewJudge { attributes, draft, residuals: &residuals, size, judged: Vec::new() };
        if best(&candidates, size).is_none() {
            few.largest(&mut candidates);
        }
        few.finer(&mut candidates);
        let chosen = best(&candidates, size);
        mentioned = mentioned.or_else(|| {
            let little = |one: &&Candidate| one.found.z >= MIN_Z && one.likeness >= MENTIONED;
            let one = strongest(candidates.iter().filter(little))?;
            Some((one.attributes.clone(), one.found.rho))
        });
        if let Some(chosen) = chosen {
            let accounts = attributes.partition(&chosen.attributes).with_groups_up_to(cap);
            let few = is_few(accounts.len(), &residuals);
            let rho = chosen.found.rho.clamp(0.0, 1.0);
            let rho = if few { rho_of_few(&accounts, draft, rho) } else { rho };
            return Outcome {
                detected: Some(Detected { accounts, attributes: chosen.attributes.clone(), rho }),
                mentioned: None,
            };
        }
    }
    Outcome { detected: None, mentioned }
}

/// How much the outcomes of known accounts go together, 0 where that may be chance.
pub(super) fn rho_of(accounts: &Partition, draft: &Draft<'_>) -> f64 {
    let Some(residuals) = draft.residuals() else { return 0.0 };
    if !is_few(accounts.len(), &residuals) {
        let found = Correlation::new(accounts.groups(), &residuals);
        return if found.z > 2.0 { found.rho.clamp(0.0, 1.0) } else { 0.0 };
    }
    let Some(found) = unseen_correlation(accounts, draft, None) else { return 0.0 };
    if found.z > 2.0 { rho_of_few(accounts, draft, found.rho.clamp(0.0, 1.0)) } else { 0.0 }
}

/// How large accounts may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Usual,
    Large,
}

impl Size {
    const fn cap(self, rows: usize) -> usize {
        match self {
            Self::Usual => MAX_ROWS,
            Self::Large => rows / MAX_LARGE,
        }
    }

    fn accepts(self, one: &Candidate) -> bool {
        let margin = match self {
            Self::Usual => 0.0,
            Self::Large => MARGIN_LARGE * one.found.error,
        };
        let enough = |(likeness, rho): &(f64, f64)| one.likeness >= *likeness && one.found.rho - margin >= *rho;
        one.found.z >= MIN_Z
            && match self {
                Self::Usual => ACCEPTED.iter().any(enough),
                Self::Large => ACCEPTED_LARGE.iter().any(enough),
            }
    }

    /// The least likeness that may be accepted.
    fn least_likeness(self) -> f64 {
        match self {
            Self::Usual => ACCEPTED.iter().map(|(likeness, _)| *likeness).fold(f64::INFINITY, f64::min),
            Self::Large => ACCEPTED_LARGE.iter().map(|(likeness, _)| *likeness).fold(f64::INFINITY, f64::min),
        }
    }
}

/// The candidate whose z is largest: too coarse a key dilutes its pairs with strangers, too fine a key loses pairs.
fn best(candidates: &[Candidate], size: Size) -> Option<&Candidate> {
    strongest(candidates.iter().filter(|one| size.accepts(one)))
}

fn strongest<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    candidates.reduce(|best, next| if next.found.z > best.found.z { next } else { best })
}

fn is_few(groups: usize, residuals: &Residuals) -> bool {
    (groups as f64) < MIN_GROUPS_PER_PARAMETER * residuals.effective
}

/// Every signature whose groups are no crowds, with how much their outcomes go together.
fn candidates(
    attributes: &Attributes<'_>,
    whole: Option<&(Vec<Partition>, Table)>,
    residuals: &Residuals,
    size: Size,
) -> Vec<Candidate> {
    let cap = size.cap(attributes.rows());
    let from_seed = |table: &Table, seed: usize, partition: &Partition| {
        // Groups of the usual size alone were judged before, by a lower standard.
        let more_than = if size == Size::Large { MAX_ROWS } else { 0 };
        if !is_enough(partition, cap, table.places.len(), more_than) {
            return Vec::new();
        }
        let signatures = signatures(attributes, table, (seed, partition), cap);
        signatures.into_iter().filter_map(|one| candidate(one, table, residuals, cap)).collect()
    };
    let of_seed = |seed: usize| {
        if let Some((partitions, table)) = whole {
            return partitions.get(seed).map(|partition| from_seed(table, seed, partition)).unwrap_or_default();
        }
        let enough = |partition: &Partition| is_enough(partition, cap, attributes.rows(), 0);
        let some = attributes.of_values(seed, enough);
        some.map(|table| from_seed(&table, seed, &table.partition(seed))).unwrap_or_default()
    };
    (0..attributes.columns.len())
        .into_par_iter()
        .map(of_seed)
        .collect::<Vec<Vec<Candidate>>>()
        .into_iter()
        .flatten()
        .collect()
}

fn candidate(signature: Signature, table: &Table, residuals: &Residuals, cap: usize) -> Option<Candidate> {
    let Signature { attributes, likeness, partition } = signature;
    let (rows, in_crowds) = partition.rows(cap);
    let accounts = partition.with_groups_up_to(cap);
    // Days, price lists and product lines are crowds.
    if accounts.len() < MIN_GROUPS || in_crowds > rows {
        return None;
    }
    let of = |values: &[f64]| -> Vec<f64> {
        table.places.iter().map(|place| values.get(*place as usize).copied().unwrap_or(0.0)).collect()
    };
    let of_table = Residuals {
        values: of(&residuals.values),
        variances: of(&residuals.variances),
        effective: residuals.effective,
    };
    let found = Correlation::new(accounts.groups(), &of_table);
    let squares = accounts.groups().map(|group| group.len().pow(2)).sum();
    Some(Candidate { attributes, likeness, shape: (accounts.len(), squares), rows, found })
}

/// Judges partitions of few groups by fits that leave groups out: one fit to all rows has seen each of them.
struct FewJudge<'a> {
    attributes: &'a Attributes<'a>,
    draft: &'a Draft<'a>,
    residuals: &'a Residuals,
    size: Size,
    /// By shape, what was found.
    judged: Vec<((usize, usize), Correlation)>,
}

impl FewJudge<'_> {
    /// The largest partitions.
    fn largest(&mut self, candidates: &mut [Candidate]) {
        candidates.sort_by_key(|one| std::cmp::Reverse(one.rows));
        self.judge(candidates, &[], MAX_LEFT_OUT);
    }

    /// Those that begin with the attributes of one that is accepted: among the pairs of a value that recurs by chance, too, those of
    /// accounts may be the fewer.
    fn finer(&mut self, candidates: &mut [Candidate]) {
        if let Some(attributes) = best(candidates, self.size).map(|one| one.attributes.clone()) {
            self.judge(candidates, &attributes, self.judged.len() + MAX_FINER);
        }
    }

    /// Of those that begin with these attributes, until so many have been judged.
    fn judge(&mut self, candidates: &mut [Candidate], first: &[usize], most: usize) {
        let is_asked = |one: &&mut Candidate| {
            is_few(one.shape.0, self.residuals)
                && one.likeness >= self.size.least_likeness()
                && one.attributes.starts_with(first)
        };
        for one in candidates.iter_mut().filter(is_asked) {
            if let Some((_, found)) = self.judged.iter().find(|(shape, _)| *shape == one.shape) {
                one.found = *found;
            } else if self.judged.len() < most {
                let cap = self.size.cap(self.attributes.rows());
                let accounts = self.attributes.partition(&one.attributes).with_groups_up_to(cap);
                let Some(found) = unseen_correlation(&accounts, self.draft, None) else { continue };
                one.found = found;
                self.judged.push((one.shape, found));
            }
        }
    }
}

/// The correlation of few accounts, from fits that leave accounts out and weigh rows by it: without weights they overfit.
fn rho_of_few(accounts: &Partition, draft: &Draft<'_>, mut rho: f64) -> f64 {
    for _ in 0..ROUNDS {
        let Some(found) = unseen_correlation(accounts, draft, Some(rho)) else { break };
        rho = found.rho.clamp(MIN_RHO, 1.0);
    }
    rho
}

/// How much outcomes within accounts go together by fits that saw no row of the account; with ρ, rows are weighed by it. Some rows of
/// each account are enough.
fn unseen_correlation(accounts: &Partition, draft: &Draft<'_>, rho: Option<f64>) -> Option<Correlation> {
    let in_account: Vec<bool> = accounts.of_rows(draft.rows()).iter().map(Option::is_some).collect();
    let accounts = accounts.thinned(MAX_ROWS_JUDGED);
    let of_rows = accounts.of_rows(draft.rows());
    let takes_part = |row: usize| in_account.get(row) != Some(&true) || of_rows.get(row).copied().flatten().is_some();
    let weights = rho.map(|rho| weights(&of_rows, rho));
    let unseen = draft.residuals_out_of_group(&of_rows, weights.as_deref(), takes_part)?;
    Some(Correlation::new(accounts.groups(), &unseen))
}
