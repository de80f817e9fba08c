//! The accounts of a list: read in full, each fault told with its row.

use std::collections::BTreeSet;

use crate::api::convert::faults::Faults;
use crate::api::convert::row::{RowReader, account, check_count};
use crate::api::convert::table::table;
use crate::api::limits::SCORED_ACCOUNTS;
use crate::api::problems::{Problems, echo};
use crate::domain::Account;
use crate::generated::v1::{self, rank_targets_request as wire};

/// The accounts that can be ranked, and what became of the others.
#[derive(Debug)]
pub(in crate::api::profile) struct Listed {
    pub(super) accounts: Vec<Account>,
    pub(super) received: u64,
    pub(super) excluded: u64,
    pub(super) errors: Vec<v1::RowError>,
}

/// Reads the accounts. Where none is usable, every fault is a problem of the request.
pub(super) fn read(
    form: Option<wire::Accounts>,
    excluded: &BTreeSet<String>,
    problems: &mut Problems,
) -> Option<Listed> {
    let mut faults = Faults::new(SCORED_ACCOUNTS);
    let (accounts, path) = match form {
        None => {
            check_count(0, "accounts", SCORED_ACCOUNTS, problems)?;
            return None;
        }
        Some(wire::Accounts::Rows(v1::AccountRows { rows })) => {
            check_count(rows.len(), "rows", SCORED_ACCOUNTS, problems)?;
            let rows = rows.into_iter().enumerate();
            let reader = RowReader { path: "rows", reads: &|_| true };
            (rows.map(|(row, wire)| account(wire, row, reader, &mut faults)).collect::<Vec<_>>(), "rows")
        }
        Some(wire::Accounts::Table(table)) => {
            check_count(table.account_ids.len(), "table.account_ids", SCORED_ACCOUNTS, problems)?;
            let (table, found) = self::table(table, "table.", SCORED_ACCOUNTS, &|_| true, problems)?;
            faults = found;
            ((0..table.ids.len()).map(|row| table.account(row)).collect(), "table.account_ids")
        }
    };
    check_ids(&accounts, path, &mut faults);
    let received = accounts.len() as u64;
    let errors: Vec<v1::RowError> =
        accounts.iter().enumerate().filter_map(|(row, account)| error(row, account, &faults)).collect();
    if errors.len() == accounts.len() {
        faults.into_problems(problems);
        return None;
    }
    let good = accounts.into_iter().enumerate().filter(|(row, _)| faults.of(*row).is_none());
    let (left_out, accounts): (Vec<_>, Vec<_>) =
        good.map(|(_, account)| account).partition(|account| excluded.contains(&account.id));
    Some(Listed { accounts, received, excluded: left_out.len() as u64, errors })
}

fn check_ids(accounts: &[Account], path: &str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (row, account) in accounts.iter().enumerate() {
        let field = || if path == "rows" { format!("rows[{row}].account_id") } else { format!("{path}[{row}]") };
        faults.check_id(row, &account.id, field);
        faults.check_repeat(row, account.id.is_empty() || seen.insert(account.id.as_str()), field);
    }
}

fn error(row: usize, account: &Account, faults: &Faults) -> Option<v1::RowError> {
    let fault = faults.of(row)?;
    Some(v1::RowError {
        account_id: echo(&account.id).to_owned(),
        // Lists are bounded far below this.
        row_index: row as u32,
        reason: fault.reason.to_owned(),
        field: fault.field.clone(),
        description: fault.description.clone(),
    })
}
