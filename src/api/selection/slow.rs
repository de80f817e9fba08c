//! Accounts that are not as plain as most: read by prost, checked in full, and told what is wrong with them.

use std::collections::{BTreeSet, HashSet};

use bytes::Bytes;
use prost::Message as _;
use sweetspot_core::Account;
use sweetspot_proto::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::Scoring;
use crate::api::convert::faults::MAX_FAULTS_PER_ROW;
use crate::api::convert::row::RowReader;
use crate::api::convert::table::table;
use crate::api::convert::value::quoted;
use crate::api::limits::SCORED_ACCOUNTS;
use crate::api::problems::{Problems, echo};
use crate::api::status::{malformed, status};

impl Scoring<'_, '_> {
    /// Scores an account in row form, or tells why it cannot be. `first`: no earlier account has its id.
    pub(super) fn odd(&mut self, number: usize, wire: &[u8], first: bool) {
        let path = self.wanted.places.rows;
        let (scorer, screen) = (self.wanted.scorer, &self.screen);
        let reader = RowReader { path, reads: &|name| scorer.attribute(name).is_some() || screen.reads(name) };
        let account = reader.read(wire, number, &mut self.faults);
        let attribute = |name: &str| format!("{path}[{number}].attributes[{}]", quoted(name));
        self.checked(number, &account, first, (|| format!("{path}[{number}].account_id"), attribute));
    }

    /// Scores a table, or tells which of its rows cannot be.
    pub(super) fn odd_table(&mut self, wire: &Bytes, given_up: &CancellationToken) -> Result<(), Status> {
        let read = v1::AccountTable::decode(wire.clone()).map_err(|error| malformed(&error))?;
        let path = self.wanted.places.table;
        let mut problems = Problems::default();
        let (scorer, screen) = (self.wanted.scorer, &self.screen);
        let reads = |name: &str| scorer.attribute(name).is_some() || screen.reads(name);
        let read = table(read, path, SCORED_ACCOUNTS, &reads, &mut problems);
        let (table, faults) = problems.check(read).map_err(|fault| status(&fault))?;
        self.faults = faults;
        let mut seen = HashSet::new();
        for (number, id) in table.ids.iter().enumerate() {
            if self.is_over(number, given_up) {
                break;
            }
            let first = id.is_empty() || seen.insert(id);
            let account = table.account(number);
            let attribute = |name: &str| format!("{path}columns[{}][{number}]", quoted(name));
            self.checked(number, &account, first, (|| format!("{path}account_ids[{number}]"), attribute));
        }
        Ok(())
    }

    /// Scores an account, or tells why it cannot be: `id_field` and `attribute_field` are where its id and its attributes stand.
    fn checked(
        &mut self,
        number: usize,
        account: &Account,
        first: bool,
        (id_field, attribute_field): (impl Fn() -> String, impl Fn(&str) -> String),
    ) {
        self.faults.check_id(number, &account.id, &id_field);
        self.faults.check_repeat(number, first, &id_field);
        if self.wanted.plan.rejects_unknown {
            self.reject_unknown(number, account, attribute_field);
        }
        let Some(fault) = self.faults.of(number) else {
            self.screen.clear();
            account.attributes.iter().for_each(|(name, value)| self.screen.see(name, &value.as_ref()));
            let scorer = self.wanted.scorer;
            let ignored = self.faults.ignored(number).to_vec();
            return self.judge(&account.id, &scorer.placed(account), &ignored);
        };
        self.errors.push(v1::RowError {
            account_id: echo(&account.id).to_owned(),
            // Lists are bounded far below this.
            row_index: number as u32,
            reason: fault.reason.to_owned(),
            field: fault.field.clone(),
            description: fault.description.clone(),
        });
    }
    /// Makes attributes that nothing reads faults of their account.
    fn reject_unknown(&mut self, number: usize, account: &Account, field: impl Fn(&str) -> String) {
        let ignored = self.faults.ignored(number).iter().map(|ignored| &ignored.attribute);
        let unknown: BTreeSet<String> =
            account.attributes.keys().chain(ignored).filter(|name| !self.reads(name)).cloned().collect();
        for name in unknown.into_iter().take(MAX_FAULTS_PER_ROW) {
            let near =
                self.near_names.find(&name).map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"));
            let description = format!("the version has no attribute {:?}{near}", echo(&name));
            self.faults.add(number, "UNKNOWN_ATTRIBUTE", field(&name), description);
        }
    }
}
