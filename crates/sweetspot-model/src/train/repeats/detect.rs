//! Detection of rows of one account: attributes propose candidates, outcomes decide.

use rayon::prelude::*;

use super::account_weights;
use super::coarse_rows::{CoarseRows, DraftFit};
use super::correlation::{IntraclassCorrelation, Residuals};
use super::identifying_attributes::{IdentifyingAttributes, find_signatures, has_enough_rows};
use super::partition::Partition;
use super::table::{TokenColumns, TokenizedAttributes};

/// The maximum number of rows of one account, and the divisor of all rows that gives it for a large account.
const MAX_ACCOUNT_ROWS: usize = 50;
const LARGE_ROWS_DIVISOR: usize = 20;
/// The minimum number of accounts with several rows.
const MIN_GROUPS: usize = 20;
/// The minimum z of correlated outcomes: up to a hundred correlated candidates are tried.
const MIN_Z: f64 = 5.0;
/// The minimum likeness of rows of one account, and the minimum correlation of their outcomes: places, days and prices
/// have effects, too, but smaller ones; if outcomes are nearly the same, less likeness is enough. Large accounts need
/// the higher likeness.
const MIN_LIKENESS_AND_RHO: [(f64, f64); 2] = [(0.5, 0.1), (0.25, 0.5)];
const MIN_LIKENESS_AND_RHO_LARGE: [(f64, f64); 1] = [(0.9, 0.1)];
/// The number of standard errors of ρ between groups by which ρ must exceed its minimum for large accounts: a few large
/// groups are weak evidence.
const MARGIN_LARGE: f64 = 2.0;
/// The minimum likeness for a weak correlation to be mentioned.
const MIN_MENTIONED_LIKENESS: f64 = 0.5;
/// The minimum number of groups per effective parameter for one fit to all rows; with fewer, that fit overfits to each
/// account.
const MIN_GROUPS_PER_PARAMETER: f64 = 20.0;
/// The maximum number of partitions of few groups that are evaluated by fits which leave groups out.
const MAX_EVALUATED: usize = 2;
/// The maximum number of refinements of an accepted partition, with further attributes, that are evaluated in addition.
const MAX_REFINED: usize = 3;
/// The maximum number of rows of one account that are used to evaluate it.
const MAX_EVALUATED_ROWS: usize = 30;
/// The number of rounds in which the correlation of few groups is estimated with the weights of the last estimate, and
/// the minimum result.
const RHO_ROUNDS: usize = 2;
const MIN_RHO: f64 = 0.02;

/// The detected accounts: groups of rows that are likely to be of one account.
#[derive(Debug)]
pub(super) struct DetectedAccounts {
    /// The accounts of two or more rows.
    pub accounts: Partition,
    /// The indices of the attributes that identify them.
    pub attributes: Vec<usize>,
    /// The correlation of their outcomes.
    pub rho: f64,
}

/// The result of a search.
#[derive(Debug, Default)]
pub(super) struct DetectionResult {
    pub detected: Option<DetectedAccounts>,
    /// Attributes whose equal rows have weakly correlated outcomes, and the correlation; it has no effect on the fit.
    pub weak_correlation: Option<(Vec<usize>, f64)>,
}

/// Rows that may be of one account.
#[derive(Debug)]
struct AccountCandidate {
    attributes: Vec<usize>,
    likeness: f64,
    /// The number of groups, and the sum of their squared sizes: equal for equal partitions.
    shape: (usize, usize),
    rows: usize,
    correlation: IntraclassCorrelation,
}

/// Searches for rows of one account.
pub(super) fn detect_accounts(attributes: &TokenizedAttributes<'_>, draft: &CoarseRows<'_>) -> DetectionResult {
    let Some(DraftFit { residuals, smoothing }) = draft.draft() else { return DetectionResult::default() };
    let full_partition = attributes.full_table().map(|table| (table.partitions(), table));
    let mut mentioned = None;
    for size in [AccountSize::Normal, AccountSize::Large] {
        let cap = size.max_rows(attributes.row_count());
        if size == AccountSize::Large && cap <= MAX_ACCOUNT_ROWS {
            break;
        }
        let mut candidates = account_candidates(attributes, full_partition.as_ref(), &residuals, size);
        let mut few = FewGroupsEvaluator {
            attributes,
            draft,
            residuals: &residuals,
            smoothing: &smoothing,
            size,
            evaluated: Vec::new(),
        };
        if best_accepted(&candidates, size).is_none() {
            few.evaluate_largest(&mut candidates);
        }
        few.evaluate_refined(&mut candidates);
        let chosen = best_accepted(&candidates, size);
        mentioned = mentioned.or_else(|| {
            let little = |candidate: &&AccountCandidate| {
                candidate.correlation.z >= MIN_Z && candidate.likeness >= MIN_MENTIONED_LIKENESS
            };
            let candidate = max_z(candidates.iter().filter(little))?;
            Some((candidate.attributes.clone(), candidate.correlation.rho))
        });
        if let Some(chosen) = chosen {
            let accounts = attributes.partition(&chosen.attributes).with_max_rows(cap);
            let few = has_few_groups(accounts.len(), &residuals);
            let rho = chosen.correlation.rho.clamp(0.0, 1.0);
            let rho = if few { few_groups_rho(&accounts, draft, rho) } else { rho };
            return DetectionResult {
                detected: Some(DetectedAccounts { accounts, attributes: chosen.attributes.clone(), rho }),
                weak_correlation: None,
            };
        }
    }
    DetectionResult { detected: None, weak_correlation: mentioned }
}

/// The correlation of outcomes of known accounts, 0 if it may be chance.
pub(super) fn account_rho(accounts: &Partition, draft: &CoarseRows<'_>) -> f64 {
    let Some(DraftFit { residuals, smoothing }) = draft.draft() else { return 0.0 };
    if !has_few_groups(accounts.len(), &residuals) {
        let found = IntraclassCorrelation::new(accounts.groups(), &residuals);
        return if found.z > 2.0 { found.rho.clamp(0.0, 1.0) } else { 0.0 };
    }
    let found = out_of_group_correlation(accounts, draft, RowWeighting::Even { smoothing: &smoothing });
    let Some(found) = found else { return 0.0 };
    if found.z > 2.0 { few_groups_rho(accounts, draft, found.rho.clamp(0.0, 1.0)) } else { 0.0 }
}

/// The allowed size of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccountSize {
    Normal,
    Large,
}

impl AccountSize {
    const fn max_rows(self, rows: usize) -> usize {
        match self {
            Self::Normal => MAX_ACCOUNT_ROWS,
            Self::Large => rows / LARGE_ROWS_DIVISOR,
        }
    }

    fn accepts(self, candidate: &AccountCandidate) -> bool {
        let margin = match self {
            Self::Normal => 0.0,
            Self::Large => MARGIN_LARGE * candidate.correlation.standard_error,
        };
        let enough = |(likeness, rho): &(f64, f64)| {
            candidate.likeness >= *likeness && candidate.correlation.rho - margin >= *rho
        };
        candidate.correlation.z >= MIN_Z
            && match self {
                Self::Normal => MIN_LIKENESS_AND_RHO.iter().any(enough),
                Self::Large => MIN_LIKENESS_AND_RHO_LARGE.iter().any(enough),
            }
    }

    /// The minimum likeness for acceptance.
    fn min_likeness(self) -> f64 {
        match self {
            Self::Normal => MIN_LIKENESS_AND_RHO.iter().map(|(likeness, _)| *likeness).fold(f64::INFINITY, f64::min),
            Self::Large => {
                MIN_LIKENESS_AND_RHO_LARGE.iter().map(|(likeness, _)| *likeness).fold(f64::INFINITY, f64::min)
            }
        }
    }
}

/// The candidate with the largest z: too coarse a key adds pairs of unrelated rows, too fine a key loses pairs.
fn best_accepted(candidates: &[AccountCandidate], size: AccountSize) -> Option<&AccountCandidate> {
    max_z(candidates.iter().filter(|candidate| size.accepts(candidate)))
}

fn max_z<'a>(candidates: impl Iterator<Item = &'a AccountCandidate>) -> Option<&'a AccountCandidate> {
    candidates.reduce(|best, next| if next.correlation.z > best.correlation.z { next } else { best })
}

fn has_few_groups(groups: usize, residuals: &Residuals) -> bool {
    (groups as f64) < MIN_GROUPS_PER_PARAMETER * residuals.effective_parameters
}

/// Each signature with acceptable group sizes, with the correlation of its outcomes.
fn account_candidates(
    attributes: &TokenizedAttributes<'_>,
    full_table: Option<&(Vec<Partition>, TokenColumns)>,
    residuals: &Residuals,
    size: AccountSize,
) -> Vec<AccountCandidate> {
    let cap = size.max_rows(attributes.row_count());
    let from_seed = |table: &TokenColumns, seed: usize, partition: &Partition| {
        // Groups of the usual size alone were evaluated before, by a lower standard.
        let more_than = if size == AccountSize::Large { MAX_ACCOUNT_ROWS } else { 0 };
        if !has_enough_rows(partition, cap, table.sample_rows.len(), more_than) {
            return Vec::new();
        }
        let signatures = find_signatures(attributes, table, (seed, partition), cap);
        signatures.into_iter().filter_map(|signature| account_candidate(signature, table, residuals, cap)).collect()
    };
    let of_seed = |seed: usize| {
        if let Some((partitions, table)) = full_table {
            return partitions.get(seed).map(|partition| from_seed(table, seed, partition)).unwrap_or_default();
        }
        let enough = |partition: &Partition| has_enough_rows(partition, cap, attributes.row_count(), 0);
        let some = attributes.sample_table(seed, enough);
        some.map(|table| from_seed(&table, seed, &table.partition(seed))).unwrap_or_default()
    };
    (0..attributes.columns.len())
        .into_par_iter()
        .map(of_seed)
        .collect::<Vec<Vec<AccountCandidate>>>()
        .into_iter()
        .flatten()
        .collect()
}

fn account_candidate(
    signature: IdentifyingAttributes,
    table: &TokenColumns,
    residuals: &Residuals,
    cap: usize,
) -> Option<AccountCandidate> {
    let IdentifyingAttributes { attributes, likeness, partition } = signature;
    let (rows, in_crowds) = partition.row_counts(cap);
    let accounts = partition.with_max_rows(cap);
    // Days, price lists and product lines have groups that are too large.
    if accounts.len() < MIN_GROUPS || in_crowds > rows {
        return None;
    }
    let first_rows = |values: &[f64]| -> Vec<f64> {
        table.sample_rows.iter().map(|place| values.get(*place as usize).copied().unwrap_or(0.0)).collect()
    };
    let of_table = Residuals {
        values: first_rows(&residuals.values),
        variances: first_rows(&residuals.variances),
        effective_parameters: residuals.effective_parameters,
    };
    let found = IntraclassCorrelation::new(accounts.groups(), &of_table);
    let squares = accounts.groups().map(|group| group.len().pow(2)).sum();
    Some(AccountCandidate { attributes, likeness, shape: (accounts.len(), squares), rows, correlation: found })
}

/// Evaluates partitions of few groups by fits that leave groups out: one fit to all rows can overfit to each group.
struct FewGroupsEvaluator<'a> {
    attributes: &'a TokenizedAttributes<'a>,
    draft: &'a CoarseRows<'a>,
    residuals: &'a Residuals,
    /// The smoothing parameters of the draft.
    smoothing: &'a [f64],
    size: AccountSize,
    /// The correlation of each evaluated shape.
    evaluated: Vec<((usize, usize), IntraclassCorrelation)>,
}

impl FewGroupsEvaluator<'_> {
    /// Evaluates the partitions with the most rows.
    fn evaluate_largest(&mut self, candidates: &mut [AccountCandidate]) {
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.rows));
        self.evaluate(candidates, &[], MAX_EVALUATED);
    }

    /// Evaluates those that begin with the attributes of an accepted one: if its values recur by chance, too, pairs of
    /// one account may be a minority.
    fn evaluate_refined(&mut self, candidates: &mut [AccountCandidate]) {
        if let Some(attributes) = best_accepted(candidates, self.size).map(|accepted| accepted.attributes.clone()) {
            self.evaluate(candidates, &attributes, self.evaluated.len() + MAX_REFINED);
        }
    }

    /// Evaluates those that begin with these attributes, until `max_evaluated` have been evaluated.
    fn evaluate(&mut self, candidates: &mut [AccountCandidate], first: &[usize], max_evaluated: usize) {
        let is_asked = |candidate: &&mut AccountCandidate| {
            has_few_groups(candidate.shape.0, self.residuals)
                && candidate.likeness >= self.size.min_likeness()
                && candidate.attributes.starts_with(first)
        };
        for candidate in candidates.iter_mut().filter(is_asked) {
            if let Some((_, found)) = self.evaluated.iter().find(|(shape, _)| *shape == candidate.shape) {
                candidate.correlation = *found;
            } else if self.evaluated.len() < max_evaluated {
                let cap = self.size.max_rows(self.attributes.row_count());
                let accounts = self.attributes.partition(&candidate.attributes).with_max_rows(cap);
                let weighting = RowWeighting::Even { smoothing: self.smoothing };
                let Some(found) = out_of_group_correlation(&accounts, self.draft, weighting) else { continue };
                candidate.correlation = found;
                self.evaluated.push((candidate.shape, found));
            }
        }
    }
}

/// The correlation of few accounts, from fits that leave accounts out and weight rows by it: without weights they
/// overfit.
fn few_groups_rho(accounts: &Partition, draft: &CoarseRows<'_>, mut rho: f64) -> f64 {
    for _ in 0..RHO_ROUNDS {
        let Some(found) = out_of_group_correlation(accounts, draft, RowWeighting::Correlated { rho }) else { break };
        rho = found.rho.clamp(MIN_RHO, 1.0);
    }
    rho
}

/// How the rows of one account are weighted by fits that leave accounts out.
#[derive(Clone, Copy, Debug)]
enum RowWeighting<'a> {
    /// Like others, with the smoothing parameters of the draft: they are nearly those of the fits, which would need
    /// most of their time to estimate them.
    Even { smoothing: &'a [f64] },
    /// By the correlation of their outcomes.
    Correlated { rho: f64 },
}

/// The correlation of outcomes within accounts, by fits that saw no row of the account. Only some rows of each account
/// are used.
fn out_of_group_correlation(
    accounts: &Partition,
    draft: &CoarseRows<'_>,
    weighting: RowWeighting<'_>,
) -> Option<IntraclassCorrelation> {
    let in_account: Vec<bool> = accounts.group_by_row(draft.row_count()).iter().map(Option::is_some).collect();
    let accounts = accounts.with_max_rows_per_group(MAX_EVALUATED_ROWS);
    let of_rows = accounts.group_by_row(draft.row_count());
    let takes_part = |row: usize| in_account.get(row) != Some(&true) || of_rows.get(row).copied().flatten().is_some();
    let unseen = match weighting {
        RowWeighting::Even { smoothing } => draft.out_of_group_residuals(&of_rows, None, Some(smoothing), takes_part),
        RowWeighting::Correlated { rho } => {
            draft.out_of_group_residuals(&of_rows, Some(&account_weights(&of_rows, rho)), None, takes_part)
        }
    };
    Some(IntraclassCorrelation::new(accounts.groups(), &unseen?))
}
