//! The accounts of a scoring or explaining call.

use std::collections::{BTreeMap, HashSet};

use super::faults::Faults;
use super::table;
use super::value::{BAD_NAME, quoted, usable_name, value};
use crate::api::limits::{ATTRIBUTES, SCORED_ACCOUNTS};
use crate::api::problems::{Problems, echo};
use crate::domain::Account;
use crate::generated::v1::{self, score_accounts_request::Accounts};

/// Accounts to score, and the rows that cannot be.
#[derive(Debug)]
pub(in crate::api) struct Batch {
    /// How many rows came.
    pub(in crate::api) received: usize,
    /// The usable ones, in their order.
    pub(in crate::api) accounts: Vec<Account>,
    /// The others.
    pub(in crate::api) errors: Vec<v1::RowError>,
}

/// Reads the accounts of a scoring call.
pub(in crate::api) fn scored(accounts: Option<Accounts>, problems: &mut Problems) -> Option<Batch> {
    match accounts {
        Some(Accounts::Rows(v1::AccountRows { rows: list })) => rows(list, "rows", SCORED_ACCOUNTS, problems),
        Some(Accounts::Table(wire)) => {
            check_count(wire.account_ids.len(), "table.account_ids", SCORED_ACCOUNTS, problems)?;
            let (table, faults) = table::table(wire, "table.", SCORED_ACCOUNTS, problems)?;
            let accounts = (0..table.ids.len()).map(|row| table.account(row)).collect();
            gather(accounts, faults, "table.account_ids", problems)
        }
        None => {
            check_count(0, "accounts", SCORED_ACCOUNTS, problems)?;
            None
        }
    }
}

/// Reads a list of accounts, at most `most` of them. `path` is the field that holds them.
pub(in crate::api) fn rows(list: Vec<v1::Account>, path: &str, most: usize, problems: &mut Problems) -> Option<Batch> {
    check_count(list.len(), path, most, problems)?;
    let mut faults = Faults::new(most);
    let accounts = list.into_iter().enumerate().map(|(row, wire)| account(wire, row, path, &mut faults)).collect();
    gather(accounts, faults, path, problems)
}

fn check_count(count: usize, path: &str, most: usize, problems: &mut Problems) -> Option<()> {
    if count == 0 {
        problems.add("EMPTY_REQUEST", path, format!("there are no accounts: send 1 to {most}"));
        return None;
    }
    if count > most {
        problems.add("TOO_MANY_ACCOUNTS", path, format!("there are {count} accounts: send at most {most} in one call"));
        return None;
    }
    Some(())
}

fn account(wire: v1::Account, row: usize, path: &str, faults: &mut Faults) -> Account {
    let v1::Account { account_id, attributes } = wire;
    let mut account = Account { id: account_id, attributes: BTreeMap::new() };
    if attributes.len() > ATTRIBUTES {
        let text = format!("there are {} attributes: an account has at most {ATTRIBUTES}", attributes.len());
        faults.add(row, "TOO_MANY_ATTRIBUTES", format!("{path}[{row}].attributes"), text);
        return account;
    }
    // In the order of their names: a map of the wire has none.
    for (name, wire) in attributes.into_iter().collect::<BTreeMap<_, _>>() {
        let value = if usable_name(&name) { value(wire) } else { Err(BAD_NAME) };
        match value {
            Ok(value) => {
                account.attributes.insert(name, value);
            }
            Err((reason, text)) => {
                faults.add(row, reason, format!("{path}[{row}].attributes[{}]", quoted(&name)), text);
            }
        }
    }
    account
}

/// Parts the usable rows from the others. Where none is usable, the request is not.
fn gather(rows: Vec<Account>, mut faults: Faults, path: &str, problems: &mut Problems) -> Option<Batch> {
    let received = rows.len();
    let id_path = |row: usize| {
        if path == "table.account_ids" { format!("{path}[{row}]") } else { format!("{path}[{row}].account_id") }
    };
    let mut seen = HashSet::new();
    for (row, account) in rows.iter().enumerate() {
        faults.check_id(row, &account.id, || id_path(row));
        faults.check_repeat(row, account.id.is_empty() || seen.insert(account.id.as_str()), || id_path(row));
    }
    let (mut accounts, mut errors) = (Vec::with_capacity(received), Vec::new());
    for (row, account) in rows.into_iter().enumerate() {
        match faults.of(row) {
            None => accounts.push(account),
            Some(fault) => errors.push(v1::RowError {
                account_id: echo(&account.id).to_owned(),
                // At most a thousand rows.
                row_index: row as u32,
                reason: fault.reason.to_owned(),
                field: fault.field.clone(),
                description: fault.description.clone(),
            }),
        }
    }
    if accounts.is_empty() {
        faults.into_problems(problems);
        return None;
    }
    Some(Batch { received, accounts, errors })
}
