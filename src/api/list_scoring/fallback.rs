//! The slow path: decodes unusual accounts with prost, validates them in full, and reports their problems.

use std::collections::{BTreeSet, HashSet};

use bytes::Bytes;
use prost::Message as _;
use sweetspot_core::Account;
use sweetspot_proto::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::ScoringRun;
use crate::api::convert::account_table::parse_table;
use crate::api::convert::attribute_value::quote_name;
use crate::api::convert::row::WireRowReader;
use crate::api::convert::row_faults::MAX_FAULTS_PER_ROW;
use crate::api::limits::MAX_SCORED_ACCOUNTS;
use crate::api::status::malformed_request;
use crate::api::violations::{Violations, truncate_for_message};
use crate::api::wire::decoded_size::check_decoded_size;

impl ScoringRun<'_, '_> {
    /// Scores an account in row form, or reports why it cannot be scored. `first`: no earlier account has its id.
    pub(super) fn score_row_via_prost(&mut self, number: usize, wire: &[u8], first: bool) {
        let path = self.request.layout.rows_path;
        let (scorer, filter) = (self.request.scorer, &self.attribute_filter);
        let reader = WireRowReader {
            path,
            is_read: &|name| scorer.attribute_index(name).is_some() || filter.uses_attribute(name),
        };
        let account = reader.read(wire, number, &mut self.faults);
        let attribute = |name: &str| format!("{path}[{number}].attributes[{}]", quote_name(name));
        self.score_decoded(number, &account, first, (|| format!("{path}[{number}].account_id"), attribute));
    }

    /// Scores a table, and reports the rows that cannot be scored.
    pub(super) fn score_table_via_prost(
        &mut self,
        wire: &Bytes,
        cancellation: &CancellationToken,
    ) -> Result<(), Status> {
        let path = self.request.layout.table_path;
        check_decoded_size::<v1::AccountTable>(wire, path)?;
        let read = v1::AccountTable::decode(wire.clone()).map_err(|error| malformed_request(&error))?;
        let mut problems = Violations::default();
        let (scorer, filter) = (self.request.scorer, &self.attribute_filter);
        let reads = |name: &str| scorer.attribute_index(name).is_some() || filter.uses_attribute(name);
        let read = parse_table(read, path, MAX_SCORED_ACCOUNTS, &reads, &mut problems);
        let (table, faults) = problems.finish(read)?;
        self.faults = faults;
        let mut seen = HashSet::new();
        for (number, id) in table.ids.iter().enumerate() {
            let first = id.is_empty() || seen.insert(id);
            if number < self.request.first_account {
                continue;
            }
            if self.should_stop(number, cancellation) {
                break;
            }
            let account = table.account(number);
            let attribute = |name: &str| format!("{path}columns[{}][{number}]", quote_name(name));
            self.score_decoded(number, &account, first, (|| format!("{path}account_ids[{number}]"), attribute));
        }
        Ok(())
    }

    /// Scores an account, or reports why it cannot be scored. `id_field` and `attribute_field` return field paths.
    fn score_decoded(
        &mut self,
        number: usize,
        account: &Account,
        first: bool,
        (id_field, attribute_field): (impl Fn() -> String, impl Fn(&str) -> String),
    ) {
        self.faults.check_id(number, &account.id, &id_field);
        self.faults.check_duplicate(number, first, &id_field);
        if self.request.plan.rejects_unknown {
            self.reject_unknown(number, account, attribute_field);
        }
        let Some(fault) = self.faults.first_fault(number) else {
            self.attribute_filter.begin_account();
            account.attributes.iter().for_each(|(name, value)| self.attribute_filter.observe(name, &value.as_ref()));
            let scorer = self.request.scorer;
            let ignored = self.faults.ignored(number).to_vec();
            return self.score_account(&account.id, &scorer.encode_account(account), &ignored);
        };
        self.errors.push(v1::RowError {
            account_id: truncate_for_message(&account.id).to_owned(),
            // The limits of lists are far below the range of the field.
            row_index: number as u32,
            reason: fault.reason.to_owned(),
            field: fault.field.clone(),
            description: fault.description.clone(),
        });
    }
    /// Rejects an account with unknown attributes.
    fn reject_unknown(&mut self, number: usize, account: &Account, field: impl Fn(&str) -> String) {
        let ignored = self.faults.ignored(number).iter().map(|ignored| &ignored.attribute);
        let unknown: BTreeSet<String> =
            account.attributes.keys().chain(ignored).filter(|name| !self.is_read(name)).cloned().collect();
        for name in unknown.into_iter().take(MAX_FAULTS_PER_ROW) {
            let near =
                self.near_names.find(&name).map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"));
            let description = format!("the version has no attribute {:?}{near}", truncate_for_message(&name));
            self.faults.add(number, "UNKNOWN_ATTRIBUTE", field(&name), description);
        }
    }
}
