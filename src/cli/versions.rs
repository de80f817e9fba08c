//! Which version a command works with.

use sweetspot_core::{Alias, Kind, TextFormat, VersionRef};
use sweetspot_ingest::KnownAttribute;
use sweetspot_proto::v1::{
    Account, AccountRows, AttributeSummary, GetModelVersionRequest, ModelVersion, ScoreAccountsRequest,
    ScoreAccountsResponse, ScoreConfig, score_accounts_request,
};

use super::client::{Client, request};
use super::context::Context;
use super::exit::CliError;
use super::names::short;
use super::output::wrap;

/// Reads a version by number, alias or full name.
///
/// # Errors
/// Where it does not exist.
pub(crate) async fn get(client: &mut Client, version: &VersionRef) -> Result<ModelVersion, CliError> {
    let message = GetModelVersionRequest { name: version.to_string() };
    let answer = client.models.get_model_version(request(message)).await;
    let version = client.answer(answer)?.version;
    version.ok_or_else(|| {
        CliError::Failed("the server's response has no version: check that the server has the same release".to_owned())
    })
}

/// The attributes of the live version, or else of the candidate, by which conditions are told; none where there is no version, or
/// none that can be read.
pub(crate) async fn known_attributes(client: &mut Client, context: &Context) -> Vec<AttributeSummary> {
    for alias in [Alias::Live, Alias::Candidate] {
        if let Ok(version) = get(client, &VersionRef::Alias(context.names.model.clone(), alias)).await {
            return version.attributes;
        }
    }
    Vec::new()
}

/// The version that was asked for; unless one was, the live one; as long as none is live, the candidate, and says so.
///
/// # Errors
/// Where there is none.
pub(crate) async fn choose(
    client: &mut Client,
    context: &Context,
    wanted: Option<&str>,
) -> Result<ModelVersion, CliError> {
    if let Some(wanted) = wanted {
        return get(client, &context.names.version(wanted)?).await;
    }
    match get(client, &context.names.version("live")?).await {
        Err(CliError::Refused(refusal)) if refusal.reason() == Some("NO_LIVE_VERSION") => (),
        found => return found,
    }
    let candidate = get(client, &context.names.version("candidate")?).await?;
    let number = short(&candidate.name);
    context.out.warn(&format!(
        "warning: no version of {} is live;\n\
         using candidate {number}, which is not promoted.\n\
         To make it live: sweetspot model promote {number}",
        context.names.model
    ));
    Ok(candidate)
}

/// The version that answers a scoring command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answering {
    /// Its full, numbered name.
    pub(crate) name: String,
    /// How many attributes it knows, at most: each hypothesis may ask for one of its own.
    pub(crate) attributes: usize,
    /// The names of the attributes that it asks for, those of its hypotheses and gates as well; none where they are not known.
    pub(crate) names: Vec<String>,
    /// The attributes, their kinds, and how texts of the customers were written; none where a stand-in does not say.
    pub(crate) known: Vec<KnownAttribute>,
    /// What is known of an order by expected value.
    pub(crate) value_order: ValueOrder,
}

/// Whether a version orders accounts by expected value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueOrder {
    /// It does, or the server will say that it does not.
    Given,
    /// It knows no customer's value.
    NoValues,
    /// It does not, for this reason.
    Refused(String),
}

impl From<ModelVersion> for Answering {
    fn from(version: ModelVersion) -> Self {
        let value_order = match version.values {
            None => ValueOrder::NoValues,
            Some(values) if values.no_order.is_empty() => ValueOrder::Given,
            Some(values) => ValueOrder::Refused(values.no_order),
        };
        let conditions = version.hypotheses.iter().map(|hypothesis| &hypothesis.when);
        let gates = version.gates.iter().filter_map(|summary| summary.gate.as_ref()).map(|gate| &gate.when);
        let asked = conditions.chain(gates).flatten().map(|condition| &condition.attribute);
        let names = version.attributes.iter().map(|summary| &summary.attribute).chain(asked);
        Self {
            names: if version.entries_left_out { Vec::new() } else { names.cloned().collect() },
            attributes: version.attributes.len() + version.hypotheses.len(),
            known: known(&version.attributes),
            name: version.name,
            value_order,
        }
    }
}

impl Answering {
    /// This version with the attributes of another one that it lacks; nothing is known of either where that is so of one.
    pub(crate) fn or(mut self, other: Self) -> Self {
        let Self { names, known, .. } = other;
        if self.names.is_empty() || names.is_empty() {
            self.names.clear();
        } else {
            let more: Vec<String> = names.into_iter().filter(|name| !self.names.contains(name)).collect();
            self.names.extend(more);
        }
        let more: Vec<KnownAttribute> =
            known.into_iter().filter(|one| !self.known.iter().any(|known| known.name == one.name)).collect();
        self.known.extend(more);
        self
    }
}

/// What a list needs to know of attributes.
pub(crate) fn known(attributes: &[AttributeSummary]) -> Vec<KnownAttribute> {
    let known = |summary: &AttributeSummary| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == summary.kind)?;
        let format = TextFormat::from_keys(&summary.decimal, &summary.date_order);
        Some(KnownAttribute { name: summary.attribute.clone(), kind, format })
    };
    attributes.iter().filter_map(known).collect()
}

/// The version of [`choose`], to score with. Where the live one is damaged, the server has another one stand in for it:
/// then that one, and says so.
///
/// # Errors
/// Where there is none that can score.
pub(crate) async fn answering(
    client: &mut Client,
    context: &Context,
    wanted: Option<&str>,
) -> Result<Answering, CliError> {
    let refusal = match choose(client, context, wanted).await {
        Err(CliError::Refused(refusal)) if refusal.is_data_loss() => refusal,
        chosen => return chosen.map(Answering::from),
    };
    let version = context.names.version(wanted.unwrap_or("live"))?;
    let VersionRef::Alias(model, Alias::Live) = &version else { return Err(CliError::Refused(refusal)) };
    // What the server says of the damage is worth more than that nothing can stand in for it.
    let Some(stand_in) = stand_in(client, &version).await else { return Err(CliError::Refused(refusal)) };
    let number = short(&stand_in.name);
    context.out.warn(&format!(
        "warning: the live version of {model} cannot be read;\n\
         version {number} is used instead. To make it live: sweetspot model promote {number}\n{}",
        wrap(&format!("Cause: {refusal}"), 0, 2)
    ));
    Ok(stand_in)
}

/// What a server scores with under an alias. Only scoring itself tells: an account of which nothing is known lacks each of
/// the version's attributes.
async fn stand_in(client: &mut Client, alias: &VersionRef) -> Option<Answering> {
    let rows = vec![Account { account_id: "0".to_owned(), ..Account::default() }];
    let accounts = Some(score_accounts_request::Accounts::Rows(AccountRows { rows }));
    let config = Some(ScoreConfig { version: alias.to_string(), ..ScoreConfig::default() });
    let answer = client.scoring.score_accounts(request(ScoreAccountsRequest { config, accounts })).await;
    let ScoreAccountsResponse { scores, summary, .. } = client.answer(answer).ok()?;
    let names: Vec<String> = scores.first()?.issues.iter().map(|issue| issue.attribute.clone()).collect();
    let (name, attributes, known) = (summary?.resolved_version, names.len(), Vec::new());
    Some(Answering { name, attributes, names, known, value_order: ValueOrder::Given })
}
