//! `model checks`: the thresholds of a model's promotion checks.

use sweetspot_proto::v1::{GetPromotionSettingsRequest, PromotionCheck, UpdatePromotionSettingsRequest};
use uuid::Uuid;

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::table;
use crate::cli::promotion::ActorArgs;

/// The thresholds to change.
#[derive(Debug, clap::Args)]
pub(crate) struct PromotionChecksArgs {
    /// Threshold to set, by its name in the list; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, f64)>,
    /// Threshold to reset to its default; may be given several times
    #[arg(long, value_name = "NAME")]
    reset: Vec<String>,
    #[command(flatten)]
    who: ActorArgs,
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("use NAME=VALUE, such as max_auc_drop=0.01")?;
    let value = value.trim().parse().map_err(|_| format!("{value:?} is not a number"))?;
    Ok((name.trim().to_owned(), value))
}

/// Applies the changes, and shows all checks.
///
/// # Errors
/// Returns an error if a threshold does not exist or the server refuses.
pub(super) async fn run(client: &mut Client, context: &Context, args: PromotionChecksArgs) -> Result<(), CliError> {
    let model = context.names.model.to_string();
    let message = GetPromotionSettingsRequest { model: model.clone() };
    let answer = client.models.get_promotion_settings(request(message)).await;
    let settings = client.response(answer)?;
    if args.set.is_empty() && args.reset.is_empty() {
        return print_checks(context, &settings.checks);
    }
    let message = UpdatePromotionSettingsRequest {
        model,
        thresholds: args.set.into_iter().collect(),
        reset: args.reset,
        etag: settings.etag,
        reason: args.who.reason(),
        by: args.who.actor_name(client.has_credential()),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.models.update_promotion_settings(request(message)).await;
    print_checks(context, &client.response(answer)?.checks)
}

fn print_checks(context: &Context, checks: &[PromotionCheck]) -> Result<(), CliError> {
    if context.out.json {
        return context.out.print_json_list(checks);
    }
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let row = |one: &PromotionCheck| {
        let threshold = if one.threshold == one.default_threshold {
            number(one.threshold)
        } else {
            format!("{} (default {})", number(one.threshold), number(one.default_threshold))
        };
        vec![one.check.clone(), one.threshold_name.clone(), threshold, one.description.clone()]
    };
    context.out.print_text(&table(&["check", "threshold", "value", "passes if"], &[], checks.iter().map(row).collect()))
}
