//! Resolves the version that a command works with.

use sweetspot_core::{AttributeKind, ModelVersionAlias, ModelVersionRef, TextFormat};
use sweetspot_ingest::KnownAttribute;
use sweetspot_proto::v1::{
    Account, AccountRows, AttributeSummary, GetModelVersionRequest, ModelVersion, ScoreAccountsRequest,
    ScoreAccountsResponse, ScoreConfig, score_accounts_request,
};

use super::client::{Client, request};
use super::context::Context;
use super::exit::CliError;
use super::names::short_name;
use super::output::wrap;

/// Reads a version by number, alias or full name.
///
/// # Errors
/// Returns an error if it does not exist.
pub(crate) async fn get(client: &mut Client, version: &ModelVersionRef) -> Result<ModelVersion, CliError> {
    let message = GetModelVersionRequest { name: version.to_string() };
    let answer = client.models.get_model_version(request(message)).await;
    let version = client.response(answer)?.version;
    version.ok_or_else(|| {
        CliError::Failed("the server's response has no version: check that the server has the same release".to_owned())
    })
}

/// Returns the attributes of the live version, or else of the candidate, for formatting conditions; empty if there is
/// no version, or none that can be read.
pub(crate) async fn known_attributes(client: &mut Client, context: &Context) -> Vec<AttributeSummary> {
    for alias in [ModelVersionAlias::Live, ModelVersionAlias::Candidate] {
        if let Ok(version) = get(client, &ModelVersionRef::Alias(context.names.model.clone(), alias)).await {
            return version.attributes;
        }
    }
    Vec::new()
}

/// Returns the requested version; by default the live one, or, with a warning, the candidate if none is live.
///
/// # Errors
/// Returns an error if there is none.
pub(crate) async fn choose(
    client: &mut Client,
    context: &Context,
    requested: Option<&str>,
) -> Result<ModelVersion, CliError> {
    if let Some(name) = requested {
        return get(client, &context.names.version(name)?).await;
    }
    match get(client, &context.names.version("live")?).await {
        Err(CliError::Refused(refusal)) if refusal.reason() == Some("NO_LIVE_VERSION") => (),
        found => return found,
    }
    let candidate = get(client, &context.names.version("candidate")?).await?;
    let number = short_name(&candidate.name);
    context.out.warn(&format!(
        "warning: no version of {} is live;\n\
         using candidate {number}, which is not promoted.\n\
         To make it live: sweetspot model promote {number}",
        context.names.model
    ));
    Ok(candidate)
}

/// The version of a scoring command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoringVersion {
    /// The full, numbered name.
    pub(crate) name: String,
    /// The maximum number of attributes: each hypothesis may use one of its own.
    pub(crate) attributes: usize,
    /// The names of the attributes that it uses, including those of its hypotheses and exclusion rules; empty if
    /// unknown.
    pub(crate) names: Vec<String>,
    /// The attributes, their kinds, and the format of their texts; empty if a fallback version does not return them.
    pub(crate) known: Vec<KnownAttribute>,
    /// Whether an order by expected value is available.
    pub(crate) expected_value_support: ExpectedValueSupport,
}

/// Whether a version can order accounts by expected value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedValueSupport {
    /// It can, or the server will return an error.
    Available,
    /// No customer's value is known.
    NoValues,
    /// It cannot, for this reason.
    Unavailable(String),
}

impl From<ModelVersion> for ScoringVersion {
    fn from(version: ModelVersion) -> Self {
        let expected_value_support = match version.values {
            None => ExpectedValueSupport::NoValues,
            Some(values) if values.no_order.is_empty() => ExpectedValueSupport::Available,
            Some(values) => ExpectedValueSupport::Unavailable(values.no_order),
        };
        let conditions = version.hypotheses.iter().map(|hypothesis| &hypothesis.when);
        let exclusion_rules = version
            .exclusion_rules
            .iter()
            .filter_map(|summary| summary.exclusion_rule.as_ref())
            .map(|exclusion_rule| &exclusion_rule.when);
        let condition_attributes = conditions.chain(exclusion_rules).flatten().map(|condition| &condition.attribute);
        let names = version.attributes.iter().map(|summary| &summary.attribute).chain(condition_attributes);
        Self {
            names: if version.entries_left_out { Vec::new() } else { names.cloned().collect() },
            attributes: version.attributes.len() + version.hypotheses.len(),
            known: known_from_summaries(&version.attributes),
            name: version.name,
            expected_value_support,
        }
    }
}

impl ScoringVersion {
    /// Adds the attributes of another version that this one lacks; the result is unknown if either is unknown.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        let Self { names, known, .. } = other;
        if self.names.is_empty() || names.is_empty() {
            self.names.clear();
        } else {
            let more: Vec<String> = names.into_iter().filter(|name| !self.names.contains(name)).collect();
            self.names.extend(more);
        }
        let more: Vec<KnownAttribute> = known
            .into_iter()
            .filter(|attribute| !self.known.iter().any(|known| known.name == attribute.name))
            .collect();
        self.known.extend(more);
        self
    }
}

/// Converts attributes for reading a list.
pub(crate) fn known_from_summaries(attributes: &[AttributeSummary]) -> Vec<KnownAttribute> {
    let known = |summary: &AttributeSummary| {
        let kind = AttributeKind::ALL.into_iter().find(|kind| kind.as_str() == summary.kind)?;
        let format = TextFormat::from_keys(&summary.decimal, &summary.date_order);
        Some(KnownAttribute { name: summary.attribute.clone(), kind, format })
    };
    attributes.iter().filter_map(known).collect()
}

/// Resolves the version of [`choose`] for scoring. If the live one is damaged, returns the version that the server
/// falls back to, and reports it.
///
/// # Errors
/// Returns an error if no version can score.
pub(crate) async fn resolve(
    client: &mut Client,
    context: &Context,
    requested: Option<&str>,
) -> Result<ScoringVersion, CliError> {
    let refusal = match choose(client, context, requested).await {
        Err(CliError::Refused(refusal)) if refusal.is_data_loss() => refusal,
        chosen => return chosen.map(ScoringVersion::from),
    };
    let version = context.names.version(requested.unwrap_or("live"))?;
    let ModelVersionRef::Alias(model, ModelVersionAlias::Live) = &version else {
        return Err(CliError::Refused(refusal));
    };
    let stand_in = match fallback(client, &version).await {
        Ok(Some(stand_in)) => stand_in,
        // This error names the version before the live one, too.
        Err(CliError::Refused(both)) if both.reason() == Some("LIVE_VERSION_DAMAGED") => {
            return Err(CliError::Refused(both));
        }
        // The server's error on the damage is more useful than a missing fallback.
        Ok(None) | Err(_) => return Err(CliError::Refused(refusal)),
    };
    let number = short_name(&stand_in.name);
    context.out.warn(&format!(
        "warning: the live version of {model} cannot be read;\n\
         version {number} is used instead. To make it live: sweetspot model promote {number}\n{}",
        wrap(&format!("Cause: {refusal}"), 0, 2)
    ));
    Ok(stand_in)
}

/// Returns the version that a server scores with under an alias. Only scoring reveals it: an account without attributes
/// lacks each of the version's attributes.
async fn fallback(client: &mut Client, alias: &ModelVersionRef) -> Result<Option<ScoringVersion>, CliError> {
    let rows = vec![Account { account_id: "0".to_owned(), ..Account::default() }];
    let accounts = Some(score_accounts_request::Accounts::Rows(AccountRows { rows }));
    let config = Some(ScoreConfig { version: alias.to_string(), ..ScoreConfig::default() });
    let answer = client.scoring.score_accounts(request(ScoreAccountsRequest { config, accounts })).await;
    let ScoreAccountsResponse { scores, summary, .. } = client.response(answer)?;
    let (Some(score), Some(summary)) = (scores.first(), summary) else { return Ok(None) };
    let names: Vec<String> = score.issues.iter().map(|issue| issue.attribute.clone()).collect();
    let (name, attributes, known) = (summary.resolved_version, names.len(), Vec::new());
    Ok(Some(ScoringVersion { name, attributes, names, known, expected_value_support: ExpectedValueSupport::Available }))
}
