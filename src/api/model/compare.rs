//! Two versions beside each other, as they are asked for.

use std::collections::BTreeSet;

use tonic::Status;

use super::Model;
use crate::api::comparing::{AccountsOf, Question, version_comparison};
use crate::api::convert::comparison::comparison;
use crate::api::convert::faults::Faults;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::convert::row::{RowReader, account, check_count};
use crate::api::limits::{DEFAULT_MOVERS, MOVERS, SCORED_ACCOUNTS};
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::domain::{Account, Alias, VersionRef};
use crate::generated::v1;
use crate::report::{Report, markdown};

impl Model {
    /// Compares two versions.
    pub(super) async fn compare(
        &self,
        request: v1::CompareModelVersionsRequest,
    ) -> Result<v1::CompareModelVersionsResponse, Status> {
        let question = question(request)?;
        let parts = self.parts.clone();
        let view = self.work.keep(move || version_comparison(&parts, &question)).await?;
        let markdown = markdown::text(&Report::comparison_only(&view));
        Ok(v1::CompareModelVersionsResponse { comparison: Some(comparison(view)), markdown })
    }
}

fn question(request: v1::CompareModelVersionsRequest) -> Result<Question, Status> {
    let v1::CompareModelVersionsRequest { champion, challenger, dataset, rows, keep_tiers, mover_count } = request;
    let mut problems = Problems::default();
    let versions = versions(&champion, &challenger, &mut problems);
    let accounts = accounts(&dataset, rows, &mut problems);
    if mover_count > MOVERS {
        problems.add("TOO_MANY_ACCOUNTS", "mover_count", format!("at most {MOVERS} accounts are told"));
    }
    let movers = if mover_count == 0 { DEFAULT_MOVERS } else { mover_count } as usize;
    let question = versions.zip(accounts).map(|((champion, challenger), accounts)| Question {
        champion,
        challenger,
        accounts,
        keep_tiers,
        movers,
    });
    problems.check(question).map_err(|fault| status(&fault))
}

/// Both versions: one that is not named is the live one, or the candidate, of the other's model.
fn versions(champion: &str, challenger: &str, problems: &mut Problems) -> Option<(VersionRef, VersionRef)> {
    let mut parse = |field: &str, text: &str| problems.name(field, text);
    let (before, since): (Option<VersionRef>, Option<VersionRef>) = match (champion, challenger) {
        ("", "") => (parse("champion", DEFAULT_VERSION), None),
        ("", since) => (None, parse("challenger", since)),
        (before, "") => (parse("champion", before), None),
        (before, since) => (parse("champion", before), parse("challenger", since)),
    };
    let of =
        |named: &Option<VersionRef>, alias| named.as_ref().map(|one| VersionRef::Alias(one.model().clone(), alias));
    let (before, since) = match (champion.is_empty(), challenger.is_empty()) {
        (true, false) => (of(&since, Alias::Live), since),
        (_, true) => (before.clone(), of(&before, Alias::Candidate)),
        (false, false) => (before, since),
    };
    let (before, since) = before.zip(since)?;
    if before.model() != since.model() {
        problems.add("INVALID_NAME", "challenger", "champion and challenger are versions of one model");
        return None;
    }
    Some((before, since))
}

fn accounts(dataset: &str, rows: Option<v1::AccountRows>, problems: &mut Problems) -> Option<AccountsOf> {
    match (dataset, rows) {
        ("", None) => Some(AccountsOf::Challenger),
        (dataset, None) => problems.name("dataset", dataset).map(AccountsOf::Dataset),
        ("", Some(v1::AccountRows { rows })) => parse_rows(rows, problems).map(AccountsOf::Rows),
        (_, Some(_)) => {
            problems.add("INVALID_REQUEST", "rows", "name a dataset or send rows, not both");
            None
        }
    }
}

/// Every row must be good: a matrix of some of them would mislead.
fn parse_rows(rows: Vec<v1::Account>, problems: &mut Problems) -> Option<Vec<Account>> {
    check_count(rows.len(), "rows", SCORED_ACCOUNTS, problems)?;
    let mut faults = Faults::new(SCORED_ACCOUNTS);
    let rows = rows.into_iter().enumerate();
    let reader = RowReader { path: "rows", reads: &|_| true };
    let accounts: Vec<Account> = rows.map(|(row, wire)| account(wire, row, reader, &mut faults)).collect();
    let mut seen = BTreeSet::new();
    for (row, account) in accounts.iter().enumerate() {
        let field = || format!("rows[{row}].account_id");
        faults.check_id(row, &account.id, field);
        faults.check_repeat(row, account.id.is_empty() || seen.insert(account.id.as_str()), field);
    }
    faults.into_problems(problems);
    Some(accounts)
}
