//! Accounts in row form, read in full: every fault is told.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Account;
use sweetspot_proto::v1;

use super::faults::Faults;
use super::value::{BAD_NAME, is_too_long, quoted, usable_name, value};
use crate::api::limits::ATTRIBUTES;
use crate::api::problems::Problems;
use crate::api::wire::row::{self, repeated_keys};

/// Checks how many accounts a call has. `path` is the field that holds them, `most` the limit.
pub(in crate::api) fn check_count(count: usize, path: &str, most: usize, problems: &mut Problems) -> Option<()> {
    if count == 0 {
        problems.add("EMPTY_REQUEST", path, format!("the request has no accounts: send 1 to {most}"));
        return None;
    }
    if count > most {
        problems.add("TOO_MANY_ACCOUNTS", path, format!("{count} accounts exceed the limit of {most} in one call"));
        return None;
    }
    Some(())
}

/// Where rows stand in a request, and which of their attributes somebody reads.
#[derive(Clone, Copy)]
pub(in crate::api) struct RowReader<'r> {
    /// The field that holds the rows.
    pub(in crate::api) path: &'r str,
    /// Whether the model or the filter reads an attribute. A value that cannot be used is ignored where nobody does.
    pub(in crate::api) reads: &'r dyn Fn(&str) -> bool,
}

impl RowReader<'_> {
    /// Reads an account from the bytes of its message; what is wrong with it goes to `faults`. An attribute that is there twice is
    /// left out: nothing says which of its values is meant. Bytes that are no account are one with the id that they show.
    pub(in crate::api) fn read(self, wire: &[u8], row: usize, faults: &mut Faults) -> Account {
        let mut decoded = match <v1::Account as prost::Message>::decode(wire) {
            Ok(decoded) => decoded,
            Err(error) => {
                let text = format!("cannot decode the account: {error}");
                faults.add(row, "MALFORMED_ACCOUNT", format!("{}[{row}]", self.path), text);
                return Account { id: row::id(wire).to_owned(), ..Account::default() };
            }
        };
        let repeated: BTreeSet<&str> = repeated_keys(wire).filter(|name| usable_name(name)).collect();
        for name in repeated {
            let field = format!("{}[{row}].attributes[{}]", self.path, quoted(name));
            decoded.attributes.remove(name);
            faults.ignore(row, name, field, "DUPLICATE_ATTRIBUTE");
        }
        account(decoded, row, self, faults)
    }
}

/// Reads an account; what is wrong with it goes to `faults`.
fn account(wire: v1::Account, row: usize, reader: RowReader<'_>, faults: &mut Faults) -> Account {
    let RowReader { path, reads } = reader;
    let v1::Account { account_id, attributes } = wire;
    let mut account = Account { id: account_id, attributes: BTreeMap::new() };
    if attributes.len() > ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {ATTRIBUTES} for an account", attributes.len());
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
            Err(unusable) => {
                let (field, (reason, text)) = (format!("{path}[{row}].attributes[{}]", quoted(&name)), unusable);
                if is_too_long(unusable) && !reads(&name) {
                    faults.ignore(row, &name, field, reason);
                } else {
                    faults.add(row, reason, field, text);
                }
            }
        }
    }
    account
}
