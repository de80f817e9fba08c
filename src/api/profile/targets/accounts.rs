//! The accounts of a list: read in full, each fault told with its row.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Account;
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use crate::api::convert::faults::{Faults, Ignored};
use crate::api::convert::row::{RowReader, check_count};
use crate::api::convert::table::table;
use crate::api::limits::SCORED_ACCOUNTS;
use crate::api::problems::{Problems, echo};
use crate::api::wire::received::{self, rank_targets_request as wire};

/// The accounts that can be ranked, and what became of the others.
#[derive(Debug)]
pub(in crate::api::profile) struct Listed {
    pub(super) accounts: Vec<Account>,
    /// The values that accounts are ranked without, by their ids.
    pub(super) ignored: BTreeMap<String, Vec<Ignored>>,
    pub(super) received: u64,
    pub(super) excluded: u64,
    pub(super) errors: Vec<v1::RowError>,
}

/// Checks how many accounts there are.
pub(super) fn counted(form: Option<wire::Accounts>, problems: &mut Problems) -> Option<wire::Accounts> {
    let (count, path) = match &form {
        None => (0, "accounts"),
        Some(wire::Accounts::Rows(rows)) => (rows.rows.len(), "rows"),
        Some(wire::Accounts::Table(table)) => (table.account_ids.len(), "table.account_ids"),
    };
    check_count(count, path, SCORED_ACCOUNTS, problems)?;
    form
}

/// Reads the accounts as a model reads them. Where none is usable, every fault is a problem of the request.
pub(super) fn read(
    form: wire::Accounts,
    excluded: &BTreeSet<String>,
    scorer: &Scorer,
    problems: &mut Problems,
) -> Option<Listed> {
    let mut faults = Faults::new(SCORED_ACCOUNTS);
    let reads = |name: &str| scorer.attribute(name).is_some();
    let (accounts, path): (Vec<Account>, _) = match form {
        wire::Accounts::Rows(received::AccountRows { rows }) => {
            let reader = RowReader { path: "rows", reads: &reads };
            (rows.iter().enumerate().map(|(row, wire)| reader.read(wire, row, &mut faults)).collect(), "rows")
        }
        wire::Accounts::Table(table) => {
            let (table, found) = self::table(table, "table.", SCORED_ACCOUNTS, &reads, problems)?;
            faults = found;
            ((0..table.ids.len()).map(|row| table.account(row)).collect(), "table.account_ids")
        }
    };
    check_ids(&accounts, path, &mut faults);
    let received = accounts.len() as u64;
    let errors: Vec<v1::RowError> =
        accounts.iter().enumerate().filter_map(|(row, account)| error(row, account, &faults)).collect();
    if errors.len() == accounts.len() {
        faults.add_problems(problems);
        return None;
    }
    let (mut good, mut ignored, mut left_out) = (Vec::new(), BTreeMap::new(), 0);
    for (row, account) in accounts.into_iter().enumerate().filter(|(row, _)| faults.of(*row).is_none()) {
        if excluded.contains(&account.id) {
            left_out += 1;
            continue;
        }
        if !faults.ignored(row).is_empty() {
            ignored.insert(account.id.clone(), faults.ignored(row).to_vec());
        }
        good.push(account);
    }
    Some(Listed { accounts: good, ignored, received, excluded: left_out, errors })
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
