//! Compares two model versions on stored or given accounts, for the model service and the report service.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{Account, AccountTable, Customers, DatasetName, Digest, ModelVersionName, ModelVersionRef};
use sweetspot_model::{Accounts, ScorerPair, attribute_differences};
use sweetspot_report::version_comparison::{self, PromotionCheckRow, VersionComparison};
use sweetspot_store::datasets::DatasetError;
use sweetspot_store::registry::{CheckResult, CheckStatus, PromotionComparison, RegistryError};
use thiserror::Error;

use super::AppState;

/// The parameters of a comparison.
#[derive(Debug)]
pub(super) struct ComparisonRequest {
    pub(super) champion: ModelVersionRef,
    pub(super) challenger: ModelVersionRef,
    pub(super) accounts: ComparedAccounts,
    /// Whether the challenger uses the champion's tier thresholds.
    pub(super) keep_tiers: bool,
    /// The number of accounts with the largest changes to report.
    pub(super) mover_count: usize,
}

/// The accounts whose tiers are compared.
#[derive(Debug)]
pub(super) enum ComparedAccounts {
    /// The customers that the challenger was trained on.
    ChallengerCustomers,
    /// The customers of a dataset.
    Dataset(DatasetName),
    /// The accounts of the request.
    Rows(Vec<Account>),
}

/// Why two versions cannot be compared.
#[derive(Debug, Error)]
pub(super) enum CompareError {
    /// A version cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The accounts cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

impl ReportableError for CompareError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Registry(source) => source.kind(),
            Self::Dataset(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Registry(source) => source.reason(),
            Self::Dataset(source) => source.reason(),
        }
    }
}

/// Compares two versions.
pub(super) fn compare_versions(
    state: &AppState,
    request: &ComparisonRequest,
) -> Result<VersionComparison, CompareError> {
    let ComparisonRequest { champion, challenger, accounts, keep_tiers, mover_count: movers } = request;
    let PromotionComparison { champion, challenger, comparison: figures, checks } =
        state.registry.compare(champion, challenger)?;
    let [before, since] = [&champion, &challenger].map(|name| ModelVersionRef::Number(name.clone()));
    let loaded = (state.registry.resolve(&before)?, state.registry.resolve(&since)?);
    let (champion_model, model) = (state.registry.artifact(&before)?, state.registry.artifact(&since)?);
    let pair = ScorerPair {
        champion: &loaded.0.scorer,
        challenger: &loaded.1.scorer,
        challenger_cuts: if *keep_tiers { loaded.0.scorer.tier_cuts() } else { loaded.1.scorer.tier_cuts() },
    };
    let customers = load_customers(state, accounts, model.data_sha256())?;
    let table: &AccountTable = customers.accounts();
    let owner = match accounts {
        ComparedAccounts::Rows(rows) => Accounts::Rows(rows),
        ComparedAccounts::ChallengerCustomers | ComparedAccounts::Dataset(_) => Accounts::Table(table),
    };
    Ok(VersionComparison {
        tier_moves: pair.tier_moves(owner, *movers),
        account_source: describe_accounts(accounts, &challenger),
        champion: champion.to_string(),
        challenger: challenger.to_string(),
        figures,
        has_same_tiers: *keep_tiers,
        attributes: attribute_differences(&champion_model, &model),
        checks: checks.into_iter().map(check_line).collect(),
    })
}

fn check_line(result: CheckResult) -> PromotionCheckRow {
    let CheckResult { check, status, detail, threshold } = result;
    let status = match status {
        CheckStatus::Passed => version_comparison::PromotionCheckStatus::Passed,
        CheckStatus::Failed => version_comparison::PromotionCheckStatus::Failed,
        CheckStatus::NotApplicable => version_comparison::PromotionCheckStatus::NotApplicable,
    };
    PromotionCheckRow { check: check.to_owned(), status, detail, threshold }
}

/// Loads the customers to score. Empty if the request has rows, or if the challenger's customers are no longer stored.
fn load_customers(state: &AppState, accounts: &ComparedAccounts, data: &str) -> Result<Customers, DatasetError> {
    match accounts {
        ComparedAccounts::Rows(_) => Ok(Customers::default()),
        ComparedAccounts::Dataset(name) => state.datasets.load(&state.datasets.record(name)?),
        ComparedAccounts::ChallengerCustomers => {
            let Ok(data) = data.parse::<Digest>() else { return Ok(Customers::default()) };
            match state.datasets.customers(&data) {
                Err(error) if error.kind() == ErrorKind::DataLoss => Ok(Customers::default()),
                found => found,
            }
        }
    }
}

fn describe_accounts(accounts: &ComparedAccounts, challenger: &ModelVersionName) -> String {
    match accounts {
        ComparedAccounts::ChallengerCustomers => {
            format!("the customers that version {} was trained on", challenger.number)
        }
        ComparedAccounts::Dataset(name) => format!("the accounts of {name}"),
        ComparedAccounts::Rows(_) => "the accounts in the request".to_owned(),
    }
}
