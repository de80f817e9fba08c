//! Several rows of one account: opportunities, contacts, policies. They must stay in one fold, and are weighted by the
//! information that they add.
//!
//! See `docs/adr/0014-rows-of-one-account.md`.

mod coarse_rows;
mod correlation;
mod detect;
mod identifying_attributes;
mod partition;
mod table;

use sweetspot_core::{Column, ColumnData, OutcomeStatus, group_thousands};

use self::coarse_rows::CoarseRows;
use self::detect::{DetectionResult, account_rho, detect_accounts};
use self::partition::{Partition, agreement};
use self::table::TokenizedAttributes;

/// A number or date repeats with the accounts if it has at least this many values and agrees in at least this share of
/// their rows.
const MIN_VALUES: usize = 50;
const MIN_AGREEMENT: f64 = 0.5;
/// A text is a name if at least this share of the rows has it, and each value has at most this many rows on average.
const MIN_NAME_COVERAGE: f64 = 0.9;
const MAX_ROWS_PER_NAME: usize = 50;
/// The maximum difference between the rates of ideal rows among repeated and single rows; above it, repetition itself
/// correlates with the outcome.
const MAX_RATE_DIFFERENCE: f64 = 0.4;
/// The maximum number of attributes listed in a sentence.
const MAX_LISTED: usize = 4;

/// Labeled rows, as input of a search for accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabeledRows<'a> {
    /// Their indices in the columns.
    pub rows: &'a [usize],
    /// The label of each row, 0 or 1.
    pub labels: &'a [f64],
    /// Case weights.
    pub weights: &'a [f64],
    /// The outcome status of each row, if known.
    pub statuses: &'a [Option<OutcomeStatus>],
}

/// The rows of accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountRepeats {
    /// The account of each row; `None` for a single row. Empty if no rows repeat.
    pub accounts: Vec<Option<usize>>,
    /// The weight of each row in an account of k rows whose outcomes have the correlation ρ: 1 / (1 + (k − 1) ρ). Empty
    /// if each row has weight one.
    pub row_weights: Vec<f64>,
    /// Whether the fit uses these weights. If only texts repeat, levels absorb the effects of single accounts.
    pub is_fit_weighted: bool,
    /// Warnings, one sentence each.
    pub warnings: Vec<String>,
}

impl AccountRepeats {
    /// The declared accounts, one entry per row; empty if no row has a group.
    pub(super) fn from_groups(declared: Vec<Option<usize>>) -> Self {
        let accounts = if declared.iter().all(Option::is_none) { Vec::new() } else { declared };
        Self { accounts, ..Self::default() }
    }

    /// The same accounts with the weights of their rows, from the correlation of their outcomes.
    pub(super) fn with_weights(self, columns: &[&Column], labeled: LabeledRows<'_>) -> Self {
        let accounts = Partition::from_groups(&self.accounts);
        if accounts.len() == 0 {
            return self;
        }
        let rho = account_rho(&accounts, &CoarseRows::new(columns, labeled.rows, labeled.labels, labeled.weights));
        let account_weights_of_rows = if rho > 0.0 { account_weights(&self.accounts, rho) } else { Vec::new() };
        let warnings = repetition_warning(&self.accounts, labeled.labels).into_iter().collect();
        Self {
            accounts: self.accounts,
            is_fit_weighted: !account_weights_of_rows.is_empty(),
            row_weights: account_weights_of_rows,
            warnings,
        }
    }

    /// The accounts detected from attributes and outcomes. `columns` are the model's attributes, `names` further texts
    /// that may be names.
    pub(super) fn detect(columns: &[&Column], names: &[&Column], labeled: LabeledRows<'_>) -> Self {
        let all: Vec<&Column> = columns.iter().chain(names).copied().collect();
        let attributes = TokenizedAttributes::new(&all, labeled.rows);
        let DetectionResult { detected, weak_correlation: mentioned } =
            detect_accounts(&attributes, &CoarseRows::new(columns, labeled.rows, labeled.labels, labeled.weights));
        let name = |index: &usize| all.get(*index).map(|column| column.name.as_str());
        let Some(found) = detected else {
            let warnings = mentioned
                .map(|(names, rho)| weak_correlation_warning(&names.iter().filter_map(name).collect::<Vec<_>>(), rho));
            return Self { warnings: warnings.into_iter().collect(), ..Self::default() };
        };
        let accounts = found.accounts.group_by_row(labeled.rows.len());
        let repeats = |index: &usize| {
            attributes.is_number(*index) && is_constant_in_accounts(&found.accounts, &attributes, *index)
        };
        let weighs_fit = (0..all.len()).any(|index| repeats(&index));
        let names: Vec<&str> = found.attributes.iter().filter_map(name).collect();
        let mut warnings = vec![detection_warning(&found.accounts, &names, found.rho, weighs_fit)];
        warnings.extend(repetition_warning(&accounts, labeled.labels));
        Self { row_weights: account_weights(&accounts, found.rho), accounts, is_fit_weighted: weighs_fit, warnings }
    }

    /// The weights of the fit; `None` if each row has weight one.
    pub(super) fn fit_weights(&self) -> Option<&[f64]> {
        (self.is_fit_weighted && !self.row_weights.is_empty()).then_some(&*self.row_weights)
    }
}

/// The weight of each row: m / k for an account of k rows, with m = k / (1 + (k − 1) ρ), the effective size of a
/// cluster (Kish 1965, Survey Sampling, 5.4).
pub(super) fn account_weights(accounts: &[Option<usize>], rho: f64) -> Vec<f64> {
    let mut sizes = vec![0_usize; accounts.iter().flatten().max().map_or(0, |last| last + 1)];
    for account in accounts.iter().flatten() {
        if let Some(size) = sizes.get_mut(*account) {
            *size += 1;
        }
    }
    let size = |account: &Option<usize>| account.and_then(|account| sizes.get(account)).copied().unwrap_or(1);
    accounts.iter().map(|account| 1.0 / (1.0 + (size(account) as f64 - 1.0) * rho)).collect()
}

/// Whether a column may contain names: texts that are nearly always present and rarely equal.
pub(super) fn is_name_column(column: &Column, rows: &[usize]) -> bool {
    let ColumnData::Categories { codes, .. } = &column.data else { return false };
    let mut known: Vec<u32> = rows.iter().filter_map(|row| codes.get(*row)).collect();
    let filled = known.len();
    known.sort_unstable();
    known.dedup();
    filled as f64 >= MIN_NAME_COVERAGE * rows.len() as f64 && known.len() * MAX_ROWS_PER_NAME >= filled
}

/// Whether a number with many values is constant within accounts.
fn is_constant_in_accounts(accounts: &Partition, attributes: &TokenizedAttributes<'_>, attribute: usize) -> bool {
    let tokens = attributes.tokens(attribute);
    let mut values = tokens.clone();
    values.sort_unstable();
    values.dedup();
    let (agreeing, _) = agreement(accounts.groups(), &tokens);
    let pairs: usize = accounts.groups().map(|group| group.len() - 1).sum();
    values.len() >= MIN_VALUES && agreeing >= MIN_AGREEMENT * pairs as f64
}

fn detection_warning(accounts: &Partition, names: &[&str], rho: f64, weighs_fit: bool) -> String {
    let rows: usize = accounts.groups().map(<[u32]>::len).sum();
    let [rows, groups] = [rows, accounts.len()].map(|count| group_thousands(&count.to_string()));
    let (names, end) = (
        list_names(names),
        "Map a group to define the accounts yourself, or declare the rows independent (train --independent-rows)",
    );
    let done = if weighs_fit { "stay in one fold and count for what they add" } else { "stay in one fold" };
    format!(
        "{rows} rows look like {groups} accounts: rows with the same {names} have similar outcomes (correlation \
         {rho:.2}). Rows of one account {done}, so the figures are for accounts not seen before. {end}"
    )
}

fn weak_correlation_warning(names: &[&str], rho: f64) -> String {
    format!(
        "rows with the same {} have slightly similar outcomes (correlation {rho:.2}): the figures are for new \
         customers whose values are like those of this table",
        list_names(names)
    )
}

/// Joins the names: `"A", "B" and "C"`.
fn list_names(names: &[&str]) -> String {
    let mut quoted: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("{name:?}")).collect();
    if names.len() > MAX_LISTED {
        quoted.push(format!("{} more", names.len() - MAX_LISTED));
    }
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// A warning if the rates of ideal rows differ much between repeated and single rows: rows may repeat because of their
/// outcome.
fn repetition_warning(accounts: &[Option<usize>], labels: &[f64]) -> Option<String> {
    let row_weights = account_weights(accounts, 1.0);
    let rate = |repeated: bool| {
        let residuals: Vec<f64> = labels
            .iter()
            .zip(&row_weights)
            .filter(|(_, row_weights)| (**row_weights < 1.0) == repeated)
            .map(|(label, _)| *label)
            .collect();
        (!residuals.is_empty()).then(|| residuals.iter().sum::<f64>() / residuals.len() as f64)
    };
    let (repeated, single) = (rate(true)?, rate(false)?);
    let differs = (repeated - single).abs() > MAX_RATE_DIFFERENCE;
    differs.then(|| {
        format!(
            "{:.0}% of the rows of accounts with several rows are ideal, and {:.0}% of single rows: having several \
             rows correlates with the outcome, so the rate of new accounts is not known",
            100.0 * repeated,
            100.0 * single
        )
    })
}

#[cfg(test)]
mod tests;
