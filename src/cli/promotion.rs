//! The options of a promotion, the call, and its description.

use sweetspot_core::ModelVersionRef;
use sweetspot_proto::v1::{CheckOverride, PromoteModelVersionRequest, Promotion, PromotionKind, PromotionTiers};
use uuid::Uuid;

use super::client::{Client, request};
use super::exit::CliError;
use super::names::short_name;
use super::output::wrap;
use super::version_lookup;
use crate::config;

/// The options of a promotion.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PromotionArgs {
    /// Promotion check that may fail, with a reason unless --reason gives one; may be given several times
    #[arg(long = "override", value_name = "CHECK[=WHY]")]
    overrides: Vec<String>,
    /// Keep the tier probabilities of the live version [default: those set by training]
    #[arg(long)]
    keep_tiers: bool,
    #[command(flatten)]
    pub(crate) who: ActorArgs,
}

/// The author of an action, and the reason.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ActorArgs {
    /// Reason, for the history
    #[arg(long, value_name = "R")]
    pub(crate) reason: Option<String>,
    /// Author, for the history [default: the holder of the credential, or else the name of the user]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl ActorArgs {
    /// Returns the reason; empty if none was given.
    pub(crate) fn reason(&self) -> String {
        self.reason.clone().unwrap_or_default()
    }

    /// Returns the author: as given, or else none if the server knows it from the credential, or else the user of the
    /// operating system, or else `unknown`.
    pub(crate) fn actor_name(&self, has_credential: bool) -> String {
        match &self.by {
            Some(name) => name.clone(),
            None if has_credential => String::new(),
            None => config::user_name().unwrap_or_else(|| "unknown".to_owned()),
        }
    }
}

impl PromotionArgs {
    /// Checks the options before anything else is done.
    ///
    /// # Errors
    /// Returns an error if an override has no reason.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let reasoned = self.who.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        match self.overrides().into_iter().find(|check_override| !reasoned && check_override.reason.trim().is_empty()) {
            Some(CheckOverride { check, .. }) => Err(CliError::Usage(format!(
                "--override {check} needs a reason: --override {check}=WHY, or --reason R for all of them"
            ))),
            None => Ok(()),
        }
    }

    /// Whether any option is set.
    pub(crate) fn is_used(&self) -> bool {
        !self.overrides.is_empty() || self.keep_tiers || self.who.reason.is_some() || self.who.by.is_some()
    }

    fn overrides(&self) -> Vec<CheckOverride> {
        let parse = |text: &String| {
            let (check, reason) = text.split_once('=').unwrap_or((text, ""));
            CheckOverride { check: check.trim().to_owned(), reason: reason.to_owned() }
        };
        self.overrides.iter().map(parse).collect()
    }
}

/// Moves an alias to a version, unless another client moves it in the meantime.
///
/// # Errors
/// Returns an error if a promotion check fails or the server refuses.
pub(crate) async fn promote(
    client: &mut Client,
    version: &ModelVersionRef,
    alias: &str,
    args: &PromotionArgs,
) -> Result<Promotion, CliError> {
    let read = version_lookup::get(client, version).await?;
    let tiers = if args.keep_tiers { PromotionTiers::Kept } else { PromotionTiers::Reset };
    let message = PromoteModelVersionRequest {
        name: read.name,
        alias: alias.to_owned(),
        etag: read.etag,
        overrides: args.overrides(),
        reason: args.who.reason(),
        request_id: Uuid::new_v4().to_string(),
        by: args.who.actor_name(client.has_credential()),
        tiers: tiers.into(),
    };
    let answer = client.models.promote_model_version(request(message)).await;
    let promotion = client.response(answer)?.promotion;
    promotion.ok_or_else(|| CliError::Failed("the server's response has no promotion".to_owned()))
}

/// Describes a promotion: the live version, its tier probabilities, the overridden checks.
pub(crate) fn promotion_text(promotion: &Promotion) -> String {
    let Promotion { alias, from_version, to_version, .. } = promotion;
    let before = if from_version.is_empty() {
        String::new()
    } else {
        format!(" (before: version {})", short_name(from_version))
    };
    let mut lines = vec![format!("{to_version} is now {alias}{before}")];
    match promotion.tiers() {
        PromotionTiers::Unspecified => {}
        PromotionTiers::Reset => lines.push("tiers: reset to the probabilities set by training".to_owned()),
        PromotionTiers::Kept => lines.push("tiers: kept at the probabilities of the version before".to_owned()),
    }
    let overridden = promotion
        .overrides
        .iter()
        .map(|check_override| format!("overridden: {} ({})", check_override.check, check_override.reason));
    lines.extend(overridden.map(|line| wrap(&line, 0, 2)));
    lines.join("\n")
}

/// Describes the outcome in a few words; the alias is named unless it is `live`.
pub(crate) fn outcome_text(promotion: &Promotion) -> String {
    let alias = if promotion.alias == "live" { String::new() } else { format!(" ({})", promotion.alias) };
    let what = match promotion.kind() {
        PromotionKind::Unspecified | PromotionKind::Promoted => "promoted".to_owned(),
        PromotionKind::RolledBack => "rolled back".to_owned(),
        PromotionKind::Refused => format!("refused: {}", promotion.failed_checks.join(" ")),
    };
    format!("{what}{alias}")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct PromoteCommandLine {
        #[command(flatten)]
        args: PromotionArgs,
    }

    fn args(line: &[&str]) -> PromotionArgs {
        PromoteCommandLine::try_parse_from(std::iter::once(&"promote").chain(line)).unwrap().args
    }

    #[test]
    fn an_override_needs_its_own_reason_or_that_of_the_promotion() {
        assert!(args(&["--override", "auc_drop"]).check().is_err());
        assert!(args(&["--override", "auc_drop", "--reason", " "]).check().is_err());
        assert!(args(&["--override", "auc_drop=a=b", "--override", "signal"]).check().is_err());
        for line in [&["--override", "auc_drop=a=b"][..], &["--override", "auc_drop", "--reason", "r"], &[]] {
            args(line).check().unwrap();
        }
        let parsed = args(&["--override", "auc_drop=a=b"]).overrides();
        assert_eq!((parsed[0].check.as_str(), parsed[0].reason.as_str()), ("auc_drop", "a=b"));
    }

    #[test]
    fn a_promotion_always_has_an_actor() {
        assert_eq!(args(&["--by", "Ann"]).who.actor_name(true), "Ann");
        assert!(!args(&[]).who.actor_name(false).is_empty());
        assert_eq!(args(&[]).who.actor_name(true), "");
    }
}
