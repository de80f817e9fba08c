//! Which version a command works with.

use crate::domain::VersionRef;
use crate::generated::v1::{GetModelVersionRequest, ModelVersion};

use super::client::{Client, request};
use super::context::Context;
use super::exit::CliError;
use super::names::short;

/// Reads a version by number, alias or full name.
///
/// # Errors
/// Where it does not exist.
pub(crate) async fn get(client: &mut Client, version: &VersionRef) -> Result<ModelVersion, CliError> {
    let message = GetModelVersionRequest { name: version.to_string() };
    let answer = client.models.get_model_version(request(message)).await;
    let version = client.answer(answer)?.version;
    version.ok_or_else(|| CliError::Failed("the server answered without a version: is it another release?".to_owned()))
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
        "warning: no version of {} is live; using candidate {number}, which nobody has promoted.\n\
         To make it live: sweetspot model promote {number}",
        context.names.model
    ));
    Ok(candidate)
}
