//! `model checks`: how strict the promotion checks of a model are.

use serde_json::json;
use sweetspot_proto::v1::{GetPromotionSettingsRequest, PromotionCheck, UpdatePromotionSettingsRequest};
use uuid::Uuid;

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::table;
use crate::cli::promotion::WhoArgs;

/// What to set.
#[derive(Debug, clap::Args)]
pub(crate) struct ChecksArgs {
    /// Threshold to set, by its name in the list; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, f64)>,
    /// Threshold to reset to its default; may be given several times
    #[arg(long, value_name = "NAME")]
    reset: Vec<String>,
    #[command(flatten)]
    who: WhoArgs,
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("use NAME=VALUE, such as max_auc_drop=0.01")?;
    let value = value.trim().parse().map_err(|_| format!("{value:?} is not a number"))?;
    Ok((name.trim().to_owned(), value))
}

/// Sets what is to be set, and shows all checks.
///
/// # Errors
/// A threshold that does not exist, or any other refusal.
pub(super) async fn run(client: &mut Client, context: &Context, args: ChecksArgs) -> Result<(), CliError> {
    let model = context.names.model.to_string();
    let message = GetPromotionSettingsRequest { model: model.clone() };
    let answer = client.models.get_promotion_settings(request(message)).await;
    let settings = client.answer(answer)?;
    if args.set.is_empty() && args.reset.is_empty() {
        return show(context, &settings.checks);
    }
    let message = UpdatePromotionSettingsRequest {
        model,
        thresholds: args.set.into_iter().collect(),
        reset: args.reset,
        etag: settings.etag,
        reason: args.who.reason(),
        by: args.who.by(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.models.update_promotion_settings(request(message)).await;
    show(context, &client.answer(answer)?.checks)
}

fn show(context: &Context, checks: &[PromotionCheck]) -> Result<(), CliError> {
    if context.out.json {
        let check = |one: &PromotionCheck| {
            json!({
                "check": one.check,
                "description": one.description,
                "threshold_name": one.threshold_name,
                "threshold": one.threshold,
                "default_threshold": one.default_threshold,
            })
        };
        return context.out.json(&checks.iter().map(check).collect::<Vec<_>>());
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
    context.out.text(&table(&["check", "threshold", "value", "passes if"], &[], checks.iter().map(row).collect()))
}
