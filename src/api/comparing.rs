//! Two versions of a model beside each other, put together from the registry and the datasets.

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{Account, AccountTable, Customers, DatasetName, Digest, VersionName, VersionRef};
use sweetspot_model::{Accounts, ScorerPair, attribute_differences};
use sweetspot_report::comparison::{self, CheckLine, VersionComparison};
use sweetspot_store::datasets::DatasetError;
use sweetspot_store::registry::{CheckResult, CheckStatus, ComparedVersions, RegistryError};
use thiserror::Error;

use super::Parts;

/// What is compared.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) champion: VersionRef,
    pub(super) challenger: VersionRef,
    pub(super) accounts: AccountsOf,
    /// Whether the challenger's tiers begin where the champion's do.
    pub(super) keep_tiers: bool,
    /// How many of the accounts that move most are told.
    pub(super) movers: usize,
}

/// Whose tiers are compared.
#[derive(Debug)]
pub(super) enum AccountsOf {
    /// Of the customers that the challenger was trained on.
    Challenger,
    /// Of what a dataset holds.
    Dataset(DatasetName),
    /// Of these.
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

impl Fault for CompareError {
    fn kind(&self) -> FaultKind {
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

/// Compares them.
pub(super) fn version_comparison(parts: &Parts, question: &Question) -> Result<VersionComparison, CompareError> {
    let Question { champion, challenger, accounts, keep_tiers, movers } = question;
    let ComparedVersions { champion, challenger, figures, checks } = parts.registry.compare(champion, challenger)?;
    let [before, since] = [&champion, &challenger].map(|name| VersionRef::Number(name.clone()));
    let loaded = (parts.registry.resolve(&before)?, parts.registry.resolve(&since)?);
    let (champion_model, model) = (parts.registry.artifact(&before)?, parts.registry.artifact(&since)?);
    let pair = ScorerPair {
        champion: &loaded.0.scorer,
        challenger: &loaded.1.scorer,
        challenger_cuts: if *keep_tiers { loaded.0.scorer.cuts() } else { loaded.1.scorer.cuts() },
    };
    let kept = kept_customers(parts, accounts, model.data_sha256())?;
    let table: &AccountTable = kept.accounts();
    let whose = match accounts {
        AccountsOf::Rows(rows) => Accounts::Rows(rows),
        AccountsOf::Challenger | AccountsOf::Dataset(_) => Accounts::Table(table),
    };
    Ok(VersionComparison {
        moves: pair.tier_moves(whose, *movers),
        accounts_of: describe_accounts(accounts, &challenger),
        champion: champion.to_string(),
        challenger: challenger.to_string(),
        figures,
        tiers_kept: *keep_tiers,
        attributes: attribute_differences(&champion_model, &model),
        checks: checks.into_iter().map(check).collect(),
    })
}

fn check(result: CheckResult) -> CheckLine {
    let CheckResult { check, status, detail, threshold } = result;
    let status = match status {
        CheckStatus::Passed => comparison::CheckStatus::Passed,
        CheckStatus::Failed => comparison::CheckStatus::Failed,
        CheckStatus::NotApplicable => comparison::CheckStatus::NotApplicable,
    };
    CheckLine { check: check.to_owned(), status, detail, threshold }
}

/// The customers whose accounts are scored; none where rows were sent, or the challenger's are not kept any more.
fn kept_customers(parts: &Parts, accounts: &AccountsOf, data: &str) -> Result<Customers, DatasetError> {
    match accounts {
        AccountsOf::Rows(_) => Ok(Customers::default()),
        AccountsOf::Dataset(name) => parts.datasets.load(&parts.datasets.record(name)?),
        AccountsOf::Challenger => {
            let Ok(data) = data.parse::<Digest>() else { return Ok(Customers::default()) };
            match parts.datasets.customers(&data) {
                Err(error) if error.kind() == FaultKind::DataLoss => Ok(Customers::default()),
                found => found,
            }
        }
    }
}

fn describe_accounts(accounts: &AccountsOf, challenger: &VersionName) -> String {
    match accounts {
        AccountsOf::Challenger => format!("the customers that version {} was trained on", challenger.number),
        AccountsOf::Dataset(name) => format!("the accounts of {name}"),
        AccountsOf::Rows(_) => "the accounts in the request".to_owned(),
    }
}
