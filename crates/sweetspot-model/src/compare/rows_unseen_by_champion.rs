//! Rows that the champion has never seen: newer customers, and customers whose outcome was unknown when it was trained.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{Customers, LabelPolicy};

use super::{EvaluatedRow, EvaluatedSample};
use crate::Scorer;

/// The champion's log-odds by the hash of an account's id.
pub type UnseenRows = BTreeMap<u64, f64>;

/// Scores the rows of the challenger's sample that the champion was not trained on, neither directly nor through a row
/// of the same group.
///
/// `champion_customers` contains the champion's customers, of which it has seen those that `policy`, its own, labels;
/// `customers` are the challenger's, which contain the rows.
#[must_use]
pub fn score_unseen_rows(
    champion: &Scorer,
    policy: &LabelPolicy,
    champion_customers: &Customers,
    challenger: &EvaluatedSample,
    customers: &Customers,
) -> UnseenRows {
    let (seen, groups) = training_rows(policy, champion_customers);
    let has_seen = |row: &EvaluatedRow| seen.binary_search(&row.account).is_ok();
    let seen_groups: BTreeSet<u32> =
        challenger.rows().iter().filter(|row| row.group > 0 && has_seen(row)).map(|row| row.group).collect();
    let unseen: BTreeSet<u64> = challenger
        .rows()
        .iter()
        .filter(|row| !has_seen(row) && !seen_groups.contains(&row.group))
        .map(|row| row.account)
        .collect();
    if unseen.is_empty() {
        return UnseenRows::new();
    }
    let new_group = |row: usize| customers.outcomes().get(row).group.is_none_or(|group| !groups.contains(group));
    let accounts = customers.accounts();
    let hashed = accounts.ids().iter().map(EvaluatedRow::account_hash).enumerate();
    let rows = hashed.filter(|(row, account)| unseen.contains(account) && new_group(*row));
    rows.map(|(row, account)| (account, champion.score_row(accounts, row).log_odds)).collect()
}

/// The rows that a version was trained on: account hashes in ascending order, and declared groups.
fn training_rows<'a>(policy: &LabelPolicy, customers: &'a Customers) -> (Vec<u64>, BTreeSet<&'a str>) {
    // The policy labeled these customers before. If it now fails, all of them count as seen.
    let labels = policy.label(customers).map(|labels| labels.ideal).unwrap_or_default();
    let learned = |row: &usize| labels.get(*row).is_none_or(Option::is_some);
    let rows: Vec<usize> = (0..customers.accounts().rows()).filter(learned).collect();
    let ids = rows.iter().filter_map(|row| customers.accounts().ids().get(*row));
    let mut seen: Vec<u64> = ids.map(EvaluatedRow::account_hash).collect();
    seen.sort_unstable();
    (seen, rows.iter().filter_map(|row| customers.outcomes().get(*row).group).collect())
}
