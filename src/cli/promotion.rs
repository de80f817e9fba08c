//! Making a version live.

use uuid::Uuid;

use crate::domain::VersionRef;
use crate::generated::v1::{PromoteModelVersionRequest, Promotion};

use super::client::{Client, request};
use super::exit::CliError;
use super::versions;

/// Whether a failed gate stops a promotion.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Gates {
    /// Promote even past a failed gate; needs --reason
    #[arg(long, requires = "reason")]
    pub(crate) override_gates: bool,
    /// Why, for the history
    #[arg(long, value_name = "R")]
    pub(crate) reason: Option<String>,
}

/// Moves an alias to a version, unless somebody else moves it in the meantime.
///
/// # Errors
/// A failed gate, or any other refusal.
pub(crate) async fn promote(
    client: &mut Client,
    version: &VersionRef,
    alias: &str,
    gates: &Gates,
) -> Result<Promotion, CliError> {
    let read = versions::get(client, version).await?;
    let message = PromoteModelVersionRequest {
        name: read.name,
        alias: alias.to_owned(),
        etag: read.etag,
        override_gates: gates.override_gates,
        reason: gates.reason.clone().unwrap_or_default(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.models.promote_model_version(request(message)).await;
    let promotion = client.answer(answer)?.promotion;
    promotion.ok_or_else(|| CliError::Failed("the server answered without a promotion".to_owned()))
}

/// What has been done, in one line.
pub(crate) fn told(promotion: &Promotion) -> String {
    let Promotion { alias, from_version, to_version, .. } = promotion;
    let before = if from_version.is_empty() { String::new() } else { format!(" (before: {from_version})") };
    format!("{to_version} is now {alias}{before}")
}
