//! `CompareModelVersions`: reads the request, and converts the comparison of `api::model_comparison`.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use sweetspot_core::{Account, ModelVersionAlias, ModelVersionRef};
use sweetspot_proto::v1;
use sweetspot_report::{Report, markdown};
use sweetspot_store::registry::{LoadedVersion, RegistryError};
use tonic::Status;

use super::ModelApi;
use crate::api::convert::comparison::comparison;
use crate::api::convert::row::{WireRowReader, check_account_count};
use crate::api::convert::row_faults::{IgnoredValue, RowFaults};
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::limits::{DEFAULT_MOVERS, MAX_MOVERS, MAX_SCORED_ACCOUNTS};
use crate::api::model_comparison::{ComparedAccounts, ComparisonRequest, compare_versions};
use crate::api::violations::Violations;
use crate::api::wire::received::{AccountRows, CompareModelVersionsRequest};

/// Maximum number of ignored values that a response reports.
const MAX_ISSUES: usize = 100;

impl ModelApi {
    /// Compares two versions.
    pub(super) async fn compare_model_versions(
        &self,
        request: CompareModelVersionsRequest,
    ) -> Result<v1::CompareModelVersionsResponse, Status> {
        let (mut request, rows) = parse_comparison_request(request)?;
        let mut faults = RowFaults::new(MAX_SCORED_ACCOUNTS);
        if let Some(rows) = rows {
            let (champion, challenger) = self.resolve_versions(&request).await?;
            request.accounts = ComparedAccounts::Rows(read_rows(&rows, &champion, &challenger, &mut faults)?);
            // The versions that read the rows: an alias may have moved since.
            request.champion = ModelVersionRef::Number(champion.name.clone());
            request.challenger = ModelVersionRef::Number(challenger.name.clone());
        }
        let state = self.state.clone();
        let view = self.pool.run_store(move || compare_versions(&state, &request)).await?;
        let markdown = markdown::text(&Report::comparison_only(&view));
        let issues = faults.all_ignored().take(MAX_ISSUES).cloned().map(IgnoredValue::into_issue).collect();
        let issue_count = faults.all_ignored().count() as u64;
        Ok(v1::CompareModelVersionsResponse { comparison: Some(comparison(view)), markdown, issues, issue_count })
    }

    /// Loads both versions for scoring.
    async fn resolve_versions(
        &self,
        request: &ComparisonRequest,
    ) -> Result<(Arc<LoadedVersion>, Arc<LoadedVersion>), Status> {
        let registry = Arc::clone(&self.state.registry);
        let (champion, challenger) = (request.champion.clone(), request.challenger.clone());
        let pair = move || Ok::<_, RegistryError>((registry.resolve(&champion)?, registry.resolve(&challenger)?));
        self.pool.run_store(pair).await
    }
}

/// Returns the parameters, and the encoded rows: how to read them depends on the versions.
fn parse_comparison_request(
    request: CompareModelVersionsRequest,
) -> Result<(ComparisonRequest, Option<Vec<Bytes>>), Status> {
    let CompareModelVersionsRequest { champion, challenger, dataset, rows, keep_tiers, mover_count } = request;
    let mut problems = Violations::default();
    let versions = parse_versions(&champion, &challenger, &mut problems);
    let rows = rows.map(|AccountRows { rows }| rows);
    let accounts = parse_compared_accounts(&dataset, rows.as_deref(), &mut problems);
    if mover_count > MAX_MOVERS {
        problems.add("TOO_MANY_ACCOUNTS", "mover_count", format!("at most {MAX_MOVERS} accounts can be requested"));
    }
    let movers = if mover_count == 0 { DEFAULT_MOVERS } else { mover_count } as usize;
    let request = versions.zip(accounts).map(|((champion, challenger), accounts)| ComparisonRequest {
        champion,
        challenger,
        accounts,
        keep_tiers,
        mover_count: movers,
    });
    Ok((problems.finish(request)?, rows))
}

/// Reads both versions. The default is the live version as champion and the candidate as challenger, of the other
/// version's model.
fn parse_versions(
    champion: &str,
    challenger: &str,
    problems: &mut Violations,
) -> Option<(ModelVersionRef, ModelVersionRef)> {
    let mut parse = |field: &str, text: &str| problems.parse_name_or(field, text, DEFAULT_VERSION);
    let (champion_version, challenger_version): (Option<ModelVersionRef>, Option<ModelVersionRef>) =
        match (champion, challenger) {
            ("", "") => (parse("champion", ""), None),
            ("", challenger) => (None, parse("challenger", challenger)),
            (champion, "") => (parse("champion", champion), None),
            (champion, challenger) => (parse("champion", champion), parse("challenger", challenger)),
        };
    let sibling = |named: &Option<ModelVersionRef>, alias| {
        named.as_ref().map(|one| ModelVersionRef::Alias(one.model().clone(), alias))
    };
    let (champion_version, challenger_version) = match (champion.is_empty(), challenger.is_empty()) {
        (true, false) => (sibling(&challenger_version, ModelVersionAlias::Live), challenger_version),
        (_, true) => (champion_version.clone(), sibling(&champion_version, ModelVersionAlias::Candidate)),
        (false, false) => (champion_version, challenger_version),
    };
    let (champion_version, challenger_version) = champion_version.zip(challenger_version)?;
    if champion_version.model() != challenger_version.model() {
        problems.add("INVALID_NAME", "challenger", "champion and challenger must be versions of the same model");
        return None;
    }
    Some((champion_version, challenger_version))
}

fn parse_compared_accounts(
    dataset: &str,
    rows: Option<&[Bytes]>,
    problems: &mut Violations,
) -> Option<ComparedAccounts> {
    match (dataset, rows) {
        ("", None) => Some(ComparedAccounts::ChallengerCustomers),
        (dataset, None) => problems.parse_name("dataset", dataset).map(ComparedAccounts::Dataset),
        ("", Some(rows)) => check_account_count(rows.len(), "rows", MAX_SCORED_ACCOUNTS, problems)
            .map(|()| ComparedAccounts::Rows(Vec::new())),
        (_, Some(_)) => {
            problems.add("INVALID_REQUEST", "rows", "set a dataset or send rows, not both");
            None
        }
    }
}

/// Reads rows with the attributes of both versions. Every row must be valid, because a table of tier changes of
/// only some rows would be misleading. Ignored values remain in `faults`.
fn read_rows(
    rows: &[Bytes],
    champion: &LoadedVersion,
    challenger: &LoadedVersion,
    faults: &mut RowFaults,
) -> Result<Vec<Account>, Status> {
    let reads =
        |name: &str| [champion, challenger].iter().any(|version| version.scorer.attribute_index(name).is_some());
    let reader = WireRowReader { path: "rows", is_read: &reads };
    let accounts: Vec<Account> = rows.iter().enumerate().map(|(row, wire)| reader.read(wire, row, faults)).collect();
    let mut seen = BTreeSet::new();
    for (row, account) in accounts.iter().enumerate() {
        let field = || format!("rows[{row}].account_id");
        faults.check_id(row, &account.id, field);
        faults.check_duplicate(row, account.id.is_empty() || seen.insert(account.id.as_str()), field);
    }
    let mut problems = Violations::default();
    faults.add_violations(&mut problems);
    Ok(problems.finish(Some(accounts))?)
}
