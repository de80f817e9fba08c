//! `demo`: the whole workflow on generated accounts.

mod definition;

use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_ingest::synth;
use sweetspot_proto::v1::{
    AccountRows, FitScore, ImportAccountsRequest, ModelVersion, RenderReportRequest, ScoreAccountsRequest, ScoreConfig,
    ScoreView, score_accounts_request,
};

use super::{import, report};
use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::table;
use crate::cli::promotion::{self, PromotionArgs};
use crate::cli::prospect_list::ProspectList;
use crate::cli::scoring::{AccountBatch, BatchLimits, reasons_text};
use crate::cli::targets::RankedListArgs;
use crate::cli::training::{self, TrainingOptions};
use crate::cli::version_lookup::ScoringVersion;
use crate::cli::version_text::version_text;
use crate::cli::{input, output_file, version_lookup};
use crate::messages::words::tier_letter;

const SEED: u64 = 7;
const CUSTOMERS: usize = synth::DEMO_CUSTOMER_COUNT;
const PROSPECTS: usize = 10;

/// No arguments: with `--store DIR` all files are kept, without it they are deleted at the end.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {}

/// The folder of the demo's files.
struct DemoFiles {
    customers: PathBuf,
    prospects: PathBuf,
    mapping: PathBuf,
    report: PathBuf,
}

/// The folder of the store that the command creates.
fn store_folder(context: &Context) -> Result<&Path, CliError> {
    let folder = context.settings.store.folder();
    folder.ok_or_else(|| CliError::Usage("demo creates a store in a directory: name one with --store".to_owned()))
}

/// Runs the command.
pub(crate) async fn run(DemoArgs {}: DemoArgs, context: &Context) -> Result<(), CliError> {
    if context.server.is_some() {
        return Err(CliError::Usage("demo creates its own store: omit --server".to_owned()));
    }
    let mut context = context.clone();
    let temporary = if context.is_store_set {
        check_empty(store_folder(&context)?)?;
        None
    } else {
        let folder = tempfile::Builder::new().prefix("sweetspot-demo-").tempdir();
        Some(folder.map_err(|error| CliError::Failed(format!("cannot create a temporary folder: {error}")))?)
    };
    if let Some(folder) = &temporary {
        context.settings.store = folder.path().join("store").into();
        context.settings.objects.url = None;
    }
    let folder = match &temporary {
        Some(folder) => folder.path().to_owned(),
        None => store_folder(&context)?.with_extension("files"),
    };
    let place = write_files(&folder)?;
    context.out.note(&format!("{CUSTOMERS} generated customers and {PROSPECTS} generated prospects"));
    context
        .with_client(MissingStore::Create, async |client: &mut Client| demonstrate(client, &context, &place).await)
        .await?;
    context.out.note(&next_steps(&context, &place));
    Ok(())
}

/// Checks that the store is empty: a demo must not replace the live model of a store in use.
fn check_empty(store: &Path) -> Result<(), CliError> {
    let empty = fs::read_dir(store).map_or(true, |mut entries| entries.next().is_none());
    if empty {
        return Ok(());
    }
    Err(CliError::Usage(format!("{} is not empty: name a new folder for the demonstration", store.display())))
}

fn write_files(folder: &Path) -> Result<DemoFiles, CliError> {
    fs::create_dir_all(folder).map_err(|error| CliError::file("create the folder", folder, error))?;
    let path = |name: &str| folder.join(name);
    let place = DemoFiles {
        customers: path("customers.csv"),
        prospects: path("prospects.csv"),
        mapping: path("mapping.toml"),
        report: path("report.html"),
    };
    output_file::write(&place.customers, synth::demo_customers(SEED).as_bytes())?;
    output_file::write(&place.prospects, synth::prospects(SEED + 1, PROSPECTS).as_bytes())?;
    output_file::write(&place.mapping, synth::MAPPING.as_bytes())?;
    Ok(place)
}

async fn demonstrate(client: &mut Client, context: &Context, place: &DemoFiles) -> Result<(), CliError> {
    let mapping = input::mapping(&place.mapping)?;
    let customers = input::customers(context, &place.customers, &mapping, None)?;
    let imported = import::send(client, context, customers, ImportAccountsRequest::default()).await?;
    context.out.note(&import::import_text(&imported));
    let training = TrainingOptions { policy: mapping.label, seed: SEED, ..TrainingOptions::default() };
    let version = train_and_promote(client, context, training.clone()).await?;
    if !context.out.json {
        context.out.print_text(&version_text(&version))?;
    }
    definition::record_findings(client, context).await?;
    definition::approve(client, context).await?;
    definition::state_beliefs(client, context).await?;
    let version = train_and_promote(client, context, training.clone()).await?;
    definition::approve(client, context).await?;
    context.out.note("The team has stated beliefs and a rule, and approved its definition twice");
    let increasing = vec!["growth_percent".to_owned()];
    let candidate = training::train(client, context, TrainingOptions { increasing, ..training }).await?;
    context.out.note(&format!("{} is a candidate", candidate.name));
    if context.is_store_set {
        let listing = RankedListArgs::with_mapping(&place.mapping);
        let mut list = listing.open(context, &place.prospects)?;
        list.keep_names()?;
        let ranked = list.collect_top(client, context, &ScoringVersion::from(version.clone())).await?;
        let message = RenderReportRequest {
            version: version.name.clone(),
            targets: Some(ranked.request()),
            target_names: ranked.names(),
            ..RenderReportRequest::default()
        };
        report::write(client, context, message, &place.report).await?;
    }
    let mut list = ProspectList::open(context, &place.prospects, Some(&place.mapping))?;
    list.set_known_attributes(&version_lookup::known_from_summaries(&version.attributes));
    let scored = rank_prospects(client, list, version.name, version.attributes.len()).await?;
    if context.out.json {
        let line = |(id, score): &(String, FitScore)| serde_json::json!({ "id": id, "score": score.score, "tier": tier_letter(score.tier()), "reasons": reasons_text(&score.reasons) });
        return context.out.print_json(&scored.iter().map(line).collect::<Vec<_>>());
    }
    let row = |(id, score): &(String, FitScore)| {
        vec![
            id.clone(),
            score.score.to_string(),
            tier_letter(score.tier()).to_owned(),
            reasons_text(&score.reasons).replace("; ", "\n"),
        ]
    };
    let rows = scored.iter().map(row).collect();
    context.out.print_text(&format!(
        "\nThe prospects, best first\n{}",
        table(&["account", "score", "tier", "reasons"], &[1], rows)
    ))
}

/// Trains a version and promotes it.
async fn train_and_promote(
    client: &mut Client,
    context: &Context,
    training: TrainingOptions,
) -> Result<ModelVersion, CliError> {
    let version = training::train(client, context, training).await?;
    let number = context.names.version(&version.name)?;
    let promotion = promotion::promote(client, &number, "live", &PromotionArgs::default()).await?;
    context.out.note(&promotion::promotion_text(&promotion));
    Ok(version)
}

/// Ranks the prospects, best first.
async fn rank_prospects(
    client: &mut Client,
    mut list: ProspectList,
    version: String,
    attributes: usize,
) -> Result<Vec<(String, FitScore)>, CliError> {
    let mut batch = AccountBatch::new(BatchLimits { parts_per_account: attributes });
    while let Some(row) = list.next()? {
        // All rows of the demo are valid and fit into one request.
        let _fits = row.ok().and_then(|prospect| batch.push(prospect));
    }
    let rows = AccountRows { rows: batch.accounts() };
    let config = ScoreConfig {
        version,
        view: ScoreView::TopReasons.into(),
        reason_count: 3,
        filter: None,
        top_k: PROSPECTS as u32,
        ..ScoreConfig::default()
    };
    let accounts = Some(score_accounts_request::Accounts::Rows(rows));
    let answer = client.scoring.score_accounts(request(ScoreAccountsRequest { config: Some(config), accounts })).await;
    let scores = client.response(answer)?.scores;
    let named = |score: FitScore| Some((batch.source_row(&score.account_id)?.id.clone(), score));
    Ok(scores.into_iter().filter_map(named).collect())
}

/// Returns the next commands to try: with the files if they were kept, otherwise how to keep them.
fn next_steps(context: &Context, place: &DemoFiles) -> String {
    let mut lines = vec!["\nTry next".to_owned()];
    if context.is_store_set {
        let store = &context.settings.store;
        let (prospects, mapping) = (place.prospects.display(), place.mapping.display());
        lines.push(format!("  sweetspot score {prospects} --mapping {mapping} --store {store}"));
        lines.push(format!("  sweetspot model show --store {store}"));
        lines.push(format!("  sweetspot serve --store {store}"));
    } else {
        lines.push("  sweetspot demo --store demo                     the same, and keep everything".to_owned());
    }
    lines.push("  sweetspot data check YOUR.csv -o mapping.toml   begin with your own customers".to_owned());
    lines.push("  sweetspot train YOUR.csv --mapping mapping.toml --promote".to_owned());
    lines.join("\n")
}
