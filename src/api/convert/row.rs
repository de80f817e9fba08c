//! Accounts in row form, read in full: every fault is told.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::value::{BAD_NAME, quoted, usable_name, value};
use crate::api::limits::ATTRIBUTES;
use crate::api::problems::Problems;
use crate::domain::Account;
use crate::generated::v1;

/// Checks how many accounts a call has. `path` is the field that holds them, `most` the limit.
pub(in crate::api) fn check_count(count: usize, path: &str, most: usize, problems: &mut Problems) -> Option<()> {
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

/// Reads an account; what is wrong with it goes to `faults`.
pub(in crate::api) fn account(wire: v1::Account, row: usize, path: &str, faults: &mut Faults) -> Account {
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
