//! Two versions beside each other, as they are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use sweetspot_core::{Account, Alias, VersionRef};
use sweetspot_proto::v1;
use sweetspot_report::{Report, markdown};
use sweetspot_store::registry::{Loaded, RegistryError};
use tonic::Status;

use super::Model;
use crate::api::comparing::{AccountsOf, Question, version_comparison};
use crate::api::convert::comparison::comparison;
use crate::api::convert::faults::{Faults, Ignored};
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::convert::row::{RowReader, check_count};
use crate::api::limits::{DEFAULT_MOVERS, MOVERS, SCORED_ACCOUNTS};
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::api::wire::received::{AccountRows, CompareModelVersionsRequest};

/// Most values without which rows are compared that one answer tells.
const MAX_ISSUES: usize = 100;

impl Model {
    /// Compares two versions.
    pub(super) async fn compare(
        &self,
        request: CompareModelVersionsRequest,
    ) -> Result<v1::CompareModelVersionsResponse, Status> {
        let (mut question, rows) = question(request)?;
        let mut faults = Faults::new(SCORED_ACCOUNTS);
        if let Some(rows) = rows {
            let (before, since) = self.pair(&question).await?;
            question.accounts = AccountsOf::Rows(read_rows(&rows, &before, &since, &mut faults)?);
            // Those that the rows were read for: an alias may move in between.
            question.champion = VersionRef::Number(before.name.clone());
            question.challenger = VersionRef::Number(since.name.clone());
        }
        let parts = self.parts.clone();
        let view = self.work.keep(move || version_comparison(&parts, &question)).await?;
        let markdown = markdown::text(&Report::comparison_only(&view));
        let issues = faults.all_ignored().take(MAX_ISSUES).cloned().map(Ignored::into_issue).collect();
        let issue_count = faults.all_ignored().count() as u64;
        Ok(v1::CompareModelVersionsResponse { comparison: Some(comparison(view)), markdown, issues, issue_count })
    }

    /// Both versions, ready to score.
    async fn pair(&self, question: &Question) -> Result<(Arc<Loaded>, Arc<Loaded>), Status> {
        let registry = Arc::clone(&self.parts.registry);
        let (champion, challenger) = (question.champion.clone(), question.challenger.clone());
        let pair = move || Ok::<_, RegistryError>((registry.resolve(&champion)?, registry.resolve(&challenger)?));
        self.work.keep(pair).await
    }
}

/// What is asked, and rows as they came: how they are read depends on the versions.
fn question(request: CompareModelVersionsRequest) -> Result<(Question, Option<Vec<Bytes>>), Status> {
    let CompareModelVersionsRequest { champion, challenger, dataset, rows, keep_tiers, mover_count } = request;
    let mut problems = Problems::default();
    let versions = versions(&champion, &challenger, &mut problems);
    let rows = rows.map(|AccountRows { rows }| rows);
    let accounts = accounts(&dataset, rows.as_deref(), &mut problems);
    if mover_count > MOVERS {
        problems.add("TOO_MANY_ACCOUNTS", "mover_count", format!("at most {MOVERS} accounts can be requested"));
    }
    let movers = if mover_count == 0 { DEFAULT_MOVERS } else { mover_count } as usize;
    let question = versions.zip(accounts).map(|((champion, challenger), accounts)| Question {
        champion,
        challenger,
        accounts,
        keep_tiers,
        movers,
    });
    problems.check(question).map(|question| (question, rows)).map_err(|fault| status(&fault))
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
        problems.add("INVALID_NAME", "challenger", "champion and challenger must be versions of the same model");
        return None;
    }
    Some((before, since))
}

fn accounts(dataset: &str, rows: Option<&[Bytes]>, problems: &mut Problems) -> Option<AccountsOf> {
    match (dataset, rows) {
        ("", None) => Some(AccountsOf::Challenger),
        (dataset, None) => problems.name("dataset", dataset).map(AccountsOf::Dataset),
        ("", Some(rows)) => {
            check_count(rows.len(), "rows", SCORED_ACCOUNTS, problems).map(|()| AccountsOf::Rows(Vec::new()))
        }
        (_, Some(_)) => {
            problems.add("INVALID_REQUEST", "rows", "set a dataset or send rows, not both");
            None
        }
    }
}

/// Reads rows as either version reads them. Every row must be good: a matrix of some of them would mislead. Values that are
/// ignored stay in `faults`.
fn read_rows(rows: &[Bytes], before: &Loaded, since: &Loaded, faults: &mut Faults) -> Result<Vec<Account>, Status> {
    let reads = |name: &str| [before, since].iter().any(|version| version.scorer.attribute(name).is_some());
    let reader = RowReader { path: "rows", reads: &reads };
    let accounts: Vec<Account> = rows.iter().enumerate().map(|(row, wire)| reader.read(wire, row, faults)).collect();
    let mut seen = BTreeSet::new();
    for (row, account) in accounts.iter().enumerate() {
        let field = || format!("rows[{row}].account_id");
        faults.check_id(row, &account.id, field);
        faults.check_repeat(row, account.id.is_empty() || seen.insert(account.id.as_str()), field);
    }
    let mut problems = Problems::default();
    faults.add_problems(&mut problems);
    problems.check(Some(accounts)).map_err(|fault| status(&fault))
}
