//! Accounts that are not as plain as most: read by prost, checked in full, and told what is wrong with them.

use std::collections::HashSet;

use bytes::Bytes;
use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::Scoring;
use crate::api::convert::row::RowReader;
use crate::api::convert::table::table;
use crate::api::limits::SCORED_ACCOUNTS;
use crate::api::problems::{Problems, echo};
use crate::api::status::{malformed, status};
use crate::domain::Account;
use crate::generated::v1;

impl Scoring<'_, '_> {
    /// Scores an account in row form, or tells why it cannot be. `first`: no earlier account has its id.
    pub(super) fn odd(&mut self, number: usize, wire: &[u8], first: bool) {
        let path = self.wanted.places.rows;
        let (scorer, screen) = (self.wanted.scorer, &self.screen);
        let reader = RowReader { path, reads: &|name| scorer.attribute(name).is_some() || screen.reads(name) };
        let account = reader.read(wire, number, &mut self.faults);
        self.checked(number, &account, first, || format!("{path}[{number}].account_id"));
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
            self.checked(number, &account, first, || format!("{path}account_ids[{number}]"));
        }
        Ok(())
    }

    fn checked(&mut self, number: usize, account: &Account, first: bool, field: impl Fn() -> String) {
        self.faults.check_id(number, &account.id, &field);
        self.faults.check_repeat(number, first, &field);
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
}
