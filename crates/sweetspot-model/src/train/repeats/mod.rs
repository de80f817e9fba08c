//! Several rows of one account: opportunities, contacts, policies. They must not cross folds, and count for what they add.
//!
//! See `docs/adr/0014-rows-of-one-account.md`.

mod correlation;
mod detect;
mod draft;
mod partition;
mod signature;
mod table;

use sweetspot_core::{Column, ColumnData, Status, grouped};

use self::detect::{Outcome, detect, rho_of};
use self::draft::Draft;
use self::partition::{Partition, agreement};
use self::table::Attributes;

/// A number or date repeats with the accounts where it has this many values and agrees in this share of their rows.
const MIN_VALUES: usize = 50;
const MIN_AGREEMENT: f64 = 0.5;
/// A text is a name where it is known of this share of the rows, and one value stands for at most this many rows in the mean.
const MIN_NAMED: f64 = 0.9;
const MAX_ROWS_PER_NAME: usize = 50;
/// Rates of ideal rows that differ by more make repeating itself the outcome.
const MAX_RATE_DIFFERENCE: f64 = 0.4;
/// Most attributes that a sentence names.
const MAX_NAMED: usize = 4;

/// Labelled rows, as a search for accounts sees them.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabeledRows<'a> {
    /// Where they stand in the columns.
    pub rows: &'a [usize],
    /// 0 or 1.
    pub labels: &'a [f64],
    /// Case weights.
    pub weights: &'a [f64],
    /// What became of each, where that is known.
    pub statuses: &'a [Option<Status>],
}

/// The rows of accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    /// The account of each row; nothing where a row stands alone. Empty where no rows repeat.
    pub accounts: Vec<Option<usize>>,
    /// What each row counts for in an account of k rows whose outcomes go together by ρ: 1 / (1 + (k − 1) ρ). Empty where each row
    /// counts as one.
    pub worth: Vec<f64>,
    /// Whether the fit weighs rows by that. Where only texts repeat, levels take up what is particular to an account by themselves.
    pub weighs_fit: bool,
    /// What a person should know, one sentence each.
    pub warnings: Vec<String>,
}

impl Repeats {
    /// The accounts that a person declared, one entry a row; none where no row has a group.
    pub(super) fn of_groups(declared: Vec<Option<usize>>) -> Self {
        let accounts = if declared.iter().all(Option::is_none) { Vec::new() } else { declared };
        Self { accounts, ..Self::default() }
    }

    /// The same accounts, with what their rows count for: how much their outcomes go together decides it.
    pub(super) fn weighed(self, columns: &[&Column], of: LabeledRows<'_>) -> Self {
        let accounts = Partition::of_groups(&self.accounts);
        if accounts.len() == 0 {
            return self;
        }
        let rho = rho_of(&accounts, &Draft::new(columns, of.rows, of.labels, of.weights));
        let worth = if rho > 0.0 { weights(&self.accounts, rho) } else { Vec::new() };
        let warnings = repeating_is_the_outcome(&self.accounts, of.labels).into_iter().collect();
        Self { accounts: self.accounts, weighs_fit: !worth.is_empty(), worth, warnings }
    }

    /// The accounts that attributes and outcomes show. `columns` are the model's attributes, `names` further texts that may be names.
    pub(super) fn found(columns: &[&Column], names: &[&Column], of: LabeledRows<'_>) -> Self {
        let all: Vec<&Column> = columns.iter().chain(names).copied().collect();
        let attributes = Attributes::new(&all, of.rows);
        let Outcome { detected, mentioned } = detect(&attributes, &Draft::new(columns, of.rows, of.labels, of.weights));
        let name = |index: &usize| all.get(*index).map(|column| column.name.as_str());
        let Some(found) = detected else {
            let warnings =
                mentioned.map(|(names, rho)| mention(&names.iter().filter_map(name).collect::<Vec<_>>(), rho));
            return Self { warnings: warnings.into_iter().collect(), ..Self::default() };
        };
        let accounts = found.accounts.of_rows(of.rows.len());
        let repeats =
            |index: &usize| attributes.is_number(*index) && repeats_with(&found.accounts, &attributes, *index);
        let weighs_fit = (0..all.len()).any(|index| repeats(&index));
        let names: Vec<&str> = found.attributes.iter().filter_map(name).collect();
        let mut warnings = vec![found_sentence(&found.accounts, &names, found.rho, weighs_fit)];
        warnings.extend(repeating_is_the_outcome(&accounts, of.labels));
        Self { worth: weights(&accounts, found.rho), accounts, weighs_fit, warnings }
    }

    /// The weights of the fit, where rows do not all count as one.
    pub(super) fn fit_weights(&self) -> Option<&[f64]> {
        (self.weighs_fit && !self.worth.is_empty()).then_some(&*self.worth)
    }
}

/// What each row of an account counts for, one entry a row: m / k with m = k / (1 + (k − 1) ρ), the effective size of a
/// cluster (Kish 1965, Survey Sampling, 5.4).
pub(super) fn weights(accounts: &[Option<usize>], rho: f64) -> Vec<f64> {
    let mut sizes = vec![0_usize; accounts.iter().flatten().max().map_or(0, |last| last + 1)];
    for account in accounts.iter().flatten() {
        if let Some(size) = sizes.get_mut(*account) {
            *size += 1;
        }
    }
    let size = |account: &Option<usize>| account.and_then(|account| sizes.get(account)).copied().unwrap_or(1);
    accounts.iter().map(|account| 1.0 / (1.0 + (size(account) as f64 - 1.0) * rho)).collect()
}

/// Whether a column may hold names: texts that are nearly always there and hardly ever the same.
pub(super) fn may_be_name(column: &Column, rows: &[usize]) -> bool {
    let ColumnData::Categories { codes, .. } = &column.data else { return false };
    let mut known: Vec<u32> = rows.iter().filter_map(|row| codes.get(*row)).collect();
    let filled = known.len();
    known.sort_unstable();
    known.dedup();
    filled as f64 >= MIN_NAMED * rows.len() as f64 && known.len() * MAX_ROWS_PER_NAME >= filled
}

/// Whether a number of many values is the same within accounts.
fn repeats_with(accounts: &Partition, attributes: &Attributes<'_>, attribute: usize) -> bool {
    let tokens = attributes.tokens(attribute);
    let mut values = tokens.clone();
    values.sort_unstable();
    values.dedup();
    let (agreeing, _) = agreement(accounts.groups(), &tokens);
    let pairs: usize = accounts.groups().map(|group| group.len() - 1).sum();
    values.len() >= MIN_VALUES && agreeing >= MIN_AGREEMENT * pairs as f64
}

fn found_sentence(accounts: &Partition, names: &[&str], rho: f64, weighs_fit: bool) -> String {
    let rows: usize = accounts.groups().map(<[u32]>::len).sum();
    let [rows, groups] = [rows, accounts.len()].map(|count| grouped(&count.to_string()));
    let (names, end) = (
        list(names),
        "Map a group to define the accounts yourself, or declare the rows independent (train --independent-rows)",
    );
    let done = if weighs_fit { "stay in one fold and count for what they add" } else { "stay in one fold" };
    format!(
        "{rows} rows look like {groups} accounts: rows with the same {names} have similar outcomes (correlation \
         {rho:.2}). Rows of one account {done}, so the figures are for accounts not seen before. {end}"
    )
}

fn mention(names: &[&str], rho: f64) -> String {
    format!(
        "rows with the same {} have slightly similar outcomes (correlation {rho:.2}): the figures are for new \
         customers whose values are like those of this table",
        list(names)
    )
}

/// `A, B and C`.
fn list(names: &[&str]) -> String {
    let mut quoted: Vec<String> = names.iter().take(MAX_NAMED).map(|name| format!("{name:?}")).collect();
    if names.len() > MAX_NAMED {
        quoted.push(format!("{} more", names.len() - MAX_NAMED));
    }
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Where the rate of rows that repeat has little to do with that of single rows, rows were multiplied for what they are.
fn repeating_is_the_outcome(accounts: &[Option<usize>], labels: &[f64]) -> Option<String> {
    let worth = weights(accounts, 1.0);
    let rate = |repeated: bool| {
        let of: Vec<f64> = labels
            .iter()
            .zip(&worth)
            .filter(|(_, worth)| (**worth < 1.0) == repeated)
            .map(|(label, _)| *label)
            .collect();
        (!of.is_empty()).then(|| of.iter().sum::<f64>() / of.len() as f64)
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
