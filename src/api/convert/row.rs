//! Reads accounts in row form with full validation: every problem is reported.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Account;
use sweetspot_proto::v1;

use super::attribute_value::{BAD_NAME, is_too_long, is_usable_name, parse_value, quote_name};
use super::row_faults::RowFaults;
use crate::api::limits::MAX_ATTRIBUTES;
use crate::api::violations::Violations;
use crate::api::wire::row::{self, repeated_keys};

/// Checks the number of accounts of a call. `path` is the field that contains them, `max_accounts` the limit.
pub(in crate::api) fn check_account_count(
    count: usize,
    path: &str,
    max_accounts: usize,
    problems: &mut Violations,
) -> Option<()> {
    if count == 0 {
        problems.add("EMPTY_REQUEST", path, format!("the request has no accounts: send 1 to {max_accounts}"));
        return None;
    }
    if count > max_accounts {
        problems.add(
            "TOO_MANY_ACCOUNTS",
            path,
            format!("{count} accounts exceed the limit of {max_accounts} in one call"),
        );
        return None;
    }
    Some(())
}

/// Reads accounts in row form: knows where they are in the request, and which attributes are used.
#[derive(Clone, Copy)]
pub(in crate::api) struct WireRowReader<'r> {
    /// The field path of the rows.
    pub(in crate::api) path: &'r str,
    /// Whether the model or the filter uses an attribute. Invalid values of other attributes are ignored.
    pub(in crate::api) is_read: &'r dyn Fn(&str) -> bool,
}

impl WireRowReader<'_> {
    /// Reads an account from the bytes of its message and adds its problems to `faults`. An attribute that occurs more
    /// than once is dropped, because the intended value is ambiguous. Bytes that do not decode result in an account
    /// with only its id, as far as it can be read.
    pub(in crate::api) fn read(self, wire: &[u8], row: usize, faults: &mut RowFaults) -> Account {
        let mut decoded = match <v1::Account as prost::Message>::decode(wire) {
            Ok(decoded) => decoded,
            Err(error) => {
                let text = format!("cannot decode the account: {error}");
                faults.add(row, "MALFORMED_ACCOUNT", format!("{}[{row}]", self.path), text);
                return Account { id: row::account_id(wire).to_owned(), ..Account::default() };
            }
        };
        let repeated: BTreeSet<&str> = repeated_keys(wire).filter(|name| is_usable_name(name)).collect();
        for name in repeated {
            let field = format!("{}[{row}].attributes[{}]", self.path, quote_name(name));
            decoded.attributes.remove(name);
            faults.add_ignored(row, name, field, "DUPLICATE_ATTRIBUTE");
        }
        parse_account(decoded, row, self, faults)
    }
}

/// Converts an account and adds its problems to `faults`.
fn parse_account(wire: v1::Account, row: usize, reader: WireRowReader<'_>, faults: &mut RowFaults) -> Account {
    let WireRowReader { path, is_read: reads } = reader;
    let v1::Account { account_id, attributes } = wire;
    let mut account = Account { id: account_id, attributes: BTreeMap::new() };
    if attributes.len() > MAX_ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {MAX_ATTRIBUTES} for an account", attributes.len());
        faults.add(row, "TOO_MANY_ATTRIBUTES", format!("{path}[{row}].attributes"), text);
        return account;
    }
    // Sorted by name, since protobuf maps are unordered.
    for (name, wire) in attributes.into_iter().collect::<BTreeMap<_, _>>() {
        let value = if is_usable_name(&name) { parse_value(wire) } else { Err(BAD_NAME) };
        match value {
            Ok(value) => {
                account.attributes.insert(name, value);
            }
            Err(unusable) => {
                let (field, (reason, text)) = (format!("{path}[{row}].attributes[{}]", quote_name(&name)), unusable);
                if is_too_long(unusable) && !reads(&name) {
                    faults.add_ignored(row, &name, field, reason);
                } else {
                    faults.add(row, reason, field, text);
                }
            }
        }
    }
    account
}
