//! Reads the accounts of a target list with full validation, and reports each problem with its row.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Account;
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use crate::api::convert::account_table::parse_table;
use crate::api::convert::row::{WireRowReader, check_account_count};
use crate::api::convert::row_faults::{IgnoredValue, RowFaults};
use crate::api::limits::MAX_SCORED_ACCOUNTS;
use crate::api::violations::{Violations, truncate_for_message};
use crate::api::wire::received::{self, rank_targets_request as wire};

/// The accounts that can be ranked, and the results for the others.
#[derive(Debug)]
pub(in crate::api::report) struct RankableAccounts {
    pub(super) accounts: Vec<Account>,
    /// The ignored values, by account id.
    pub(super) ignored: BTreeMap<String, Vec<IgnoredValue>>,
    pub(super) received: u64,
    pub(super) excluded: u64,
    pub(super) errors: Vec<v1::RowError>,
}

/// Checks the number of accounts.
pub(super) fn check_accounts(form: Option<wire::Accounts>, problems: &mut Violations) -> Option<wire::Accounts> {
    let (count, path) = match &form {
        None => (0, "accounts"),
        Some(wire::Accounts::Rows(rows)) => (rows.rows.len(), "rows"),
        Some(wire::Accounts::Table(table)) => (table.account_ids.len(), "table.account_ids"),
    };
    check_account_count(count, path, MAX_SCORED_ACCOUNTS, problems)?;
    form
}

/// Reads the accounts with the attributes of a model. If no account is valid, all problems become problems of the
/// request.
pub(super) fn read_accounts(
    payload: wire::Accounts,
    excluded: &BTreeSet<String>,
    scorer: &Scorer,
    violations: &mut Violations,
) -> Option<RankableAccounts> {
    let mut faults = RowFaults::new(MAX_SCORED_ACCOUNTS);
    let reads = |name: &str| scorer.attribute_index(name).is_some();
    let (accounts, path): (Vec<Account>, _) = match payload {
        wire::Accounts::Rows(received::AccountRows { rows }) => {
            let reader = WireRowReader { path: "rows", is_read: &reads };
            (rows.iter().enumerate().map(|(row, wire)| reader.read(wire, row, &mut faults)).collect(), "rows")
        }
        wire::Accounts::Table(table) => {
            let (table, found) = self::parse_table(table, "table.", MAX_SCORED_ACCOUNTS, &reads, violations)?;
            faults = found;
            ((0..table.ids.len()).map(|row| table.account(row)).collect(), "table.account_ids")
        }
    };
    check_ids(&accounts, path, &mut faults);
    let received = accounts.len() as u64;
    let errors: Vec<v1::RowError> =
        accounts.iter().enumerate().filter_map(|(row, account)| row_error(row, account, &faults)).collect();
    if errors.len() == accounts.len() {
        faults.add_violations(violations);
        return None;
    }
    let (mut good, mut ignored, mut left_out) = (Vec::new(), BTreeMap::new(), 0);
    for (row, account) in accounts.into_iter().enumerate().filter(|(row, _)| faults.first_fault(*row).is_none()) {
        if excluded.contains(&account.id) {
            left_out += 1;
            continue;
        }
        if !faults.ignored(row).is_empty() {
            ignored.insert(account.id.clone(), faults.ignored(row).to_vec());
        }
        good.push(account);
    }
    Some(RankableAccounts { accounts: good, ignored, received, excluded: left_out, errors })
}

fn check_ids(accounts: &[Account], path: &str, faults: &mut RowFaults) {
    let mut seen = BTreeSet::new();
    for (row, account) in accounts.iter().enumerate() {
        let field = || if path == "rows" { format!("rows[{row}].account_id") } else { format!("{path}[{row}]") };
        faults.check_id(row, &account.id, field);
        faults.check_duplicate(row, account.id.is_empty() || seen.insert(account.id.as_str()), field);
    }
}

fn row_error(row: usize, account: &Account, faults: &RowFaults) -> Option<v1::RowError> {
    let fault = faults.first_fault(row)?;
    Some(v1::RowError {
        account_id: truncate_for_message(&account.id).to_owned(),
        // The limits of lists are far below the range of the field.
        row_index: row as u32,
        reason: fault.reason.to_owned(),
        field: fault.field.clone(),
        description: fault.description.clone(),
    })
}
