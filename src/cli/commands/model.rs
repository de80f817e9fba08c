//! `model`: the versions of a model.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use sweetspot_proto::v1::{
    ExportModelVersionRequest, ListModelVersionsRequest, ListPromotionsRequest, ModelVersion, Promotion,
    RollbackModelRequest,
};
use uuid::Uuid;

use super::model_annotate::{self, DescribeArgs, LabelArgs};
use super::model_checks::{self, PromotionChecksArgs};
use super::model_compare::{self, CompareArgs};
use super::model_delete::{self, DeleteArgs};
use super::model_export::{self, ExportArgs};
use super::model_import::{self, VersionImportArgs};
use super::models;
use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::{PAGE_SIZE, list_all};
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::output::table;
use crate::cli::promotion::{self, ActorArgs, PromotionArgs};
use crate::cli::version_text::{state_word, time_text, version_text};
use crate::cli::{output_file, version_lookup};

/// The operations on versions.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// List all versions, newest first
    List {
        /// Only versions for which this holds, such as 'labels.team = "sales"'
        #[arg(long, value_name = "FILTER", default_value = "", hide_default_value = true)]
        filter: String,
    },
    /// Show one version; with --json its scorecard, which is enough to compute a score by hand
    Show {
        /// Number, live, candidate, previous or a full name [default: live]
        version: Option<String>,
        /// Where to write; - is stdout
        #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
        output: PathBuf,
    },
    /// Write a version as a file, to score without Sweetspot or to import it elsewhere
    Export(ExportArgs),
    /// Add a version that was exported as an artifact, such as one of a staging server
    Import(VersionImportArgs),
    /// Make a version live
    Promote {
        /// Number, candidate, previous or a full name
        #[arg(default_value = "candidate")]
        version: String,
        #[command(flatten)]
        how: PromotionArgs,
    },
    /// Make the previous version live again
    Rollback {
        #[command(flatten)]
        who: ActorArgs,
    },
    /// Set or remove labels of a version
    Label(LabelArgs),
    /// Set the description or the owner of a version
    Describe(DescribeArgs),
    /// Delete a version, or with --all-versions the model and everything but its definition
    Delete(DeleteArgs),
    /// List promotions, rollbacks and refused promotions, newest first
    History,
    /// Compare two versions: metrics, accounts that change tier and why, attributes, promotion checks
    Compare(CompareArgs),
    /// Show the promotion checks and their thresholds; change them with --set and --reset
    Checks(PromotionChecksArgs),
}

/// Runs the command.
pub(crate) async fn run(command: ModelCommand, context: &Context) -> Result<(), CliError> {
    // An import may create the store, as a training does.
    let missing_store =
        if matches!(command, ModelCommand::Import(_)) { MissingStore::Create } else { MissingStore::Refuse };
    let work = async |client: &mut Client| match command {
        ModelCommand::List { filter } => list(client, context, &filter).await,
        ModelCommand::Show { version, output } => show(client, context, version.as_deref(), &output).await,
        ModelCommand::Export(args) => model_export::run(client, context, &args).await,
        ModelCommand::Import(args) => model_import::run(client, context, args).await,
        ModelCommand::Promote { version, how } => {
            how.check()?;
            let version = context.names.version(&version)?;
            print_promotion(context, &promotion::promote(client, &version, "live", &how).await?)
        }
        ModelCommand::Rollback { who } => rollback(client, context, &who).await,
        ModelCommand::Label(args) => model_annotate::label(client, context, &args).await,
        ModelCommand::Describe(args) => model_annotate::describe(client, context, &args).await,
        ModelCommand::Delete(args) => model_delete::run(client, context, &args).await,
        ModelCommand::Compare(args) => model_compare::run(client, context, args).await,
        ModelCommand::Checks(args) => model_checks::run(client, context, args).await,
        ModelCommand::History => history(client, context).await,
    };
    context.with_client(missing_store, work).await
}

async fn list(client: &mut Client, context: &Context, filter: &str) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let message = ListModelVersionsRequest {
            parent: parent.clone(),
            page_size: PAGE_SIZE,
            page_token,
            filter: filter.to_owned(),
            ..Default::default()
        };
        let answer = client.models.list_model_versions(request(message)).await;
        client.response(answer).map(|page| (page.versions, page.next_page_token))
    };
    let found = list_all(client, page).await?;
    models::warn_of_stand_in(client, context).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["version", "alias", "created", "AUC", "(95%)", "ideal/\njudged", "learned\nfrom"];
    context.out.print_text(&table(&header, &[0, 3, 5, 6], found.iter().map(version_row).collect()))
}

fn version_row(version: &ModelVersion) -> Vec<String> {
    // A version of hypotheses alone has no evaluation.
    let evaluation = version.evaluation.as_ref().filter(|evaluation| evaluation.rows > 0);
    let created = version.create_time.as_ref().map(time_text).unwrap_or_default();
    // Ready is the normal state, so that only other states are shown.
    let unready = [state_word(version)].into_iter().filter(|state| *state != "ready");
    let aliases: Vec<_> = version.aliases.iter().map(String::as_str).chain(unready).collect();
    vec![
        short_name(&version.name).to_owned(),
        aliases.join("\n"),
        created.get(..10).unwrap_or(&created).to_owned(),
        evaluation.map(|e| format!("{:.3}", e.auc)).unwrap_or_default(),
        evaluation.map(|e| format!("{:.3}-{:.3}", e.auc_low, e.auc_high)).unwrap_or_default(),
        evaluation.map(|e| format!("{}/{}", e.positives, e.rows)).unwrap_or_default(),
        if version.learned_from > 0 { version.learned_from.to_string() } else { String::new() },
    ]
}

async fn show(client: &mut Client, context: &Context, version: Option<&str>, output: &Path) -> Result<(), CliError> {
    let version = version_lookup::choose(client, context, version).await?;
    if !context.out.json {
        return output_file::write(output, version_text(&version).as_bytes());
    }
    let export = ExportModelVersionRequest { name: version.name, ..Default::default() };
    let mut scorecard = model_export::read(client, &export).await?;
    if !scorecard.ends_with(b"\n") {
        scorecard.push(b'\n');
    }
    output_file::write(output, &scorecard)
}

async fn rollback(client: &mut Client, context: &Context, who: &ActorArgs) -> Result<(), CliError> {
    let live = version_lookup::get(client, &context.names.version("live")?).await?;
    let message = RollbackModelRequest {
        model: context.names.model.to_string(),
        alias: "live".to_owned(),
        etag: live.etag,
        reason: who.reason(),
        request_id: Uuid::new_v4().to_string(),
        by: who.actor_name(client.has_credential()),
    };
    let answer = client.models.rollback_model(request(message)).await;
    let promotion = client.response(answer)?.promotion;
    print_promotion(
        context,
        &promotion.ok_or_else(|| CliError::Failed("the server's response has no promotion".to_owned()))?,
    )
}

async fn history(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let message = ListPromotionsRequest { parent: parent.clone(), page_size: PAGE_SIZE, page_token };
        let answer = client.models.list_promotions(request(message)).await;
        client.response(answer).map(|page| (page.promotions, page.next_page_token))
    };
    let found = list_all(client, page).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["time", "what", "from", "to", "by", "reason"];
    context.out.print_text(&table(&header, &[2, 3], found.iter().map(promotion_row).collect()))
}

fn promotion_row(promotion: &Promotion) -> Vec<String> {
    vec![
        promotion.time.as_ref().map(time_text).unwrap_or_default(),
        promotion::outcome_text(promotion),
        short_name(&promotion.from_version).to_owned(),
        short_name(&promotion.to_version).to_owned(),
        promotion.actor.clone(),
        reasons_text(promotion),
    ]
}

/// Returns the reason of a promotion, and of each overridden check.
fn reasons_text(promotion: &Promotion) -> String {
    let reason = Some(promotion.reason.clone()).filter(|reason| !reason.is_empty());
    let overridden = promotion.overrides.iter().map(|one| {
        let suffix = if one.reason == promotion.reason { String::new() } else { format!(": {}", one.reason) };
        format!("override {}{suffix}", one.check)
    });
    reason.into_iter().chain(overridden).collect::<Vec<_>>().join("; ")
}

fn print_promotion(context: &Context, promotion: &Promotion) -> Result<(), CliError> {
    context.out.print_message(&promotion::promotion_text(promotion), promotion)
}
