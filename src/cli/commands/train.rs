//! `train`: trains a version, and evaluates it on customers that it has not seen.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use sweetspot_core::{Customers, LabelPolicy, LabelPreset};
use sweetspot_proto::json::{self, JsonMessage};
use sweetspot_proto::v1::{ImportAccountsRequest, ModelVersion, Promotion};

use super::{dataset_versions, import, model_annotate};
use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::input;
use crate::cli::names::short_name;
use crate::cli::output::wrap;
use crate::cli::promotion::{self, PromotionArgs};
use crate::cli::training::{self, TrainingOptions};
use crate::cli::version_text::version_text;

/// The data to train on, and the options of training.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct TrainArgs {
    /// Customers to import first: CSV, JSON Lines, Parquet or a workbook; - is stdin [default: train on the dataset as imported]
    #[arg(requires = "mapping")]
    file: Option<PathBuf>,
    /// Mapping of the columns, and the rule for ideal customers
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    /// Dataset [default: default; optional with --hypotheses]
    #[arg(long, value_name = "D")]
    dataset: Option<String>,
    /// Version of the dataset [default: the current one]
    #[arg(long, value_name = "N", conflicts_with = "file")]
    dataset_version: Option<u64>,
    /// Validate the training without fitting, and keep nothing
    #[arg(long, conflicts_with_all = ["file", "promote"])]
    validate_only: bool,
    /// Which customers are ideal, whatever the mapping says
    #[arg(long, value_name = "POLICY")]
    label: Option<LabelPolicyArg>,
    /// Top share that counts as high value, above 0 and below 1
    #[arg(long, value_name = "S", conflicts_with = "value_at_least")]
    share: Option<f64>,
    /// Net value from which a customer counts as high value
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    value_at_least: Option<f64>,
    /// Real rate of ideal accounts, where the rows were resampled by their outcome; above 0 and below 1
    #[arg(long, value_name = "R")]
    base_rate: Option<f64>,
    /// Seed: the same seed and data give the same model
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Attribute to leave out; may be given several times
    #[arg(long, value_name = "A")]
    exclude: Vec<String>,
    /// Attribute to keep although it seems to reveal the outcome; may be given several times
    #[arg(long, value_name = "A")]
    allow_attribute: Vec<String>,
    /// Number or date for which a higher or later value never lowers the fit; may be given several times
    #[arg(long, value_name = "A")]
    increasing: Vec<String>,
    /// Number or date for which a higher or later value never raises the fit; may be given several times
    #[arg(long, value_name = "A")]
    decreasing: Vec<String>,
    /// Hypotheses about good customers, to be tested against the data: TOML, one [[hypothesis]] each
    #[arg(long, value_name = "H")]
    hypotheses: Option<PathBuf>,
    /// Exclusion rules, which put accounts out or ask for a second look regardless of the fit: TOML, one [[rule]] each
    #[arg(long = "rules", value_name = "F")]
    rules_file: Option<PathBuf>,
    /// Rate of ideal customers to assume if there are too few to estimate it [default: 0.2]
    #[arg(long, value_name = "R", requires = "hypotheses")]
    assumed_ideal_rate: Option<f64>,
    /// Accept attributes of the file with e-mail addresses or telephone numbers of people
    #[arg(long, requires = "file")]
    allow_contact_data: bool,
    /// Treat rows with equal values as different customers, unless the mapping has a group
    #[arg(long)]
    independent_rows: bool,
    /// Ignore the hypotheses and exclusion rules of the model's definition
    #[arg(long)]
    ignore_definition: bool,
    /// Label of the version, for lists and filters; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = model_annotate::parse_label)]
    set_label: Vec<(String, String)>,
    /// Description of the version
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
    /// Person or team that is responsible for the version
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    owner: String,
    /// Make the version live if it passes the promotion checks
    #[arg(long)]
    promote: bool,
    #[command(flatten)]
    promotion: PromotionArgs,
    /// File for the list of rows that cannot be used, as CSV
    #[arg(long, value_name = "F")]
    rejects: Option<PathBuf>,
}

/// Label policies that need no further settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LabelPolicyArg {
    /// Won, kept and of high net value, against all others
    Ideal,
    /// Won against lost
    Won,
    /// Kept against churned
    Retained,
    /// High net value against the other customers
    HighValue,
}

impl TrainArgs {
    /// Returns the policy of the mapping, with the values of the flags in place of its own.
    fn policy(&self, mapped: LabelPolicy) -> LabelPolicy {
        let preset = self.label.map_or(mapped.preset, |name| match name {
            LabelPolicyArg::Ideal => LabelPreset::Ideal,
            LabelPolicyArg::Won => LabelPreset::Won,
            LabelPolicyArg::Retained => LabelPreset::Retained,
            LabelPolicyArg::HighValue => LabelPreset::HighValue,
        });
        let (top_share, value_at_least) = match (self.share, self.value_at_least) {
            (None, None) => (mapped.top_share, mapped.value_at_least),
            given => given,
        };
        let base_rate = self.base_rate.or(mapped.base_rate);
        LabelPolicy { preset, top_share, value_at_least, base_rate, ..mapped }
    }
}

/// Imports a file if one is given, trains, reports, and promotes if requested.
pub(crate) async fn run(args: TrainArgs, context: &Context) -> Result<(), CliError> {
    if args.promotion.is_used() && !args.promote {
        let text = "--override, --keep-tiers, --reason and --by require --promote";
        return Err(CliError::Usage(text.to_owned()));
    }
    args.promotion.check()?;
    let context = context.clone().with_dataset(args.dataset.as_deref().unwrap_or("default"))?;
    let mapping = args.mapping.as_deref().map(input::mapping).transpose()?;
    let policy = args.policy(mapping.as_ref().map(|mapping| mapping.label).unwrap_or_default());
    policy.check().map_err(|error| CliError::Usage(error.to_string()))?;
    let hypotheses = args.hypotheses.as_deref().map(input::hypotheses).transpose()?.unwrap_or_default();
    let rules = args.rules_file.as_deref().map(input::exclusion_rules).transpose()?.unwrap_or_default();
    let customers = match (&args.file, &mapping) {
        (Some(file), Some(mapping)) => Some(import::read(&context, file, mapping, args.rejects.as_deref())?),
        (Some(_) | None, _) => None,
    };
    let dataset_version = args.dataset_version.map(|number| format!("{}/versions/{number}", context.names.dataset));
    // Hypotheses, of a file or of the definition, need no customers.
    let any_dataset = customers.is_none() && args.dataset.is_none() && dataset_version.is_none();
    let needs_no_store = customers.is_some() || any_dataset && !hypotheses.is_empty();
    let missing_store = if needs_no_store { MissingStore::Create } else { MissingStore::Refuse };
    let training = TrainingOptions {
        policy,
        seed: args.seed,
        excluded: args.exclude,
        allowed: args.allow_attribute,
        increasing: args.increasing,
        decreasing: args.decreasing,
        hypotheses,
        exclusion_rules: rules,
        assumed_ideal_rate: args.assumed_ideal_rate,
        independent_rows: args.independent_rows,
        ignore_definition: args.ignore_definition,
        dataset_version,
        labels: args.set_label.into_iter().collect(),
        description: args.description,
        owner: args.owner,
        any_dataset,
        allow_contact_data: args.allow_contact_data,
    };
    if args.validate_only {
        let check = async |client: &mut Client| training::validate(client, &context, training).await;
        let dataset = context.with_client(missing_store, check).await?;
        let report = serde_json::json!({ "dataset": dataset, "trainable": true });
        let text = || wrap(&format!("{dataset} can be trained on; nothing was kept"), 0, 2);
        return if context.out.json { context.out.print_json(&report) } else { context.out.print_text(&text()) };
    }
    let promotion = args.promote.then_some(args.promotion);
    let work = async |client: &mut Client| train(client, &context, customers, training, promotion).await;
    context.with_client(missing_store, work).await
}

/// Imports customers, if any, as a staged version, which becomes the current one only after everything has succeeded.
/// So a training that fails, and a version that was to be promoted but fails its checks, leave the dataset as it was.
async fn train(
    client: &mut Client,
    context: &Context,
    customers: Option<Customers>,
    mut training: TrainingOptions,
    promotion: Option<PromotionArgs>,
) -> Result<(), CliError> {
    let Some(customers) = customers else { return train_on(client, context, training, promotion).await };
    let allow_contact_data = training.allow_contact_data;
    let stage = ImportAccountsRequest { stage: true, allow_contact_data, ..ImportAccountsRequest::default() };
    let import = import::send(client, context, customers, stage).await?;
    context.out.note(&import::import_text(&import));
    // A server from before dataset versions returns none, and its dataset contains the import already.
    let staged = Some(import.dataset_version).filter(|version| !version.is_empty());
    training.dataset_version.clone_from(&staged);
    let result = train_on(client, context, training, promotion).await;
    if let Some(version) = staged.filter(|_| !import.current) {
        match result {
            Ok(()) => drop(dataset_versions::restore_version(client, version).await?),
            Err(_) => context.out.note(&restore_hint(&version, &import.dataset)),
        }
    }
    result
}

fn restore_hint(version: &str, dataset: &str) -> String {
    let (number, id) = (short_name(version), short_name(dataset));
    let option = if id == "default" { String::new() } else { format!(" --dataset {id}") };
    let text = format!(
        "the import is kept as version {number}, and the current version of dataset {id} stays the same; to make the \
         import current: sweetspot data restore {number}{option}"
    );
    wrap(&text, 0, 2)
}

async fn train_on(
    client: &mut Client,
    context: &Context,
    training: TrainingOptions,
    promotion: Option<PromotionArgs>,
) -> Result<(), CliError> {
    let version = training::train(client, context, training).await?;
    if !context.out.json {
        context.out.print_text(&version_text(&version))?;
    }
    let Some(how) = promotion else {
        print_outcome(context, &version, None)?;
        context.out.note(&promote_hint(&version));
        return Ok(());
    };
    match promotion::promote(client, &context.names.version(&version.name)?, "live", &how).await {
        Ok(promotion) => print_outcome(context, &version, Some(&promotion)),
        Err(error) => {
            // The version exists nevertheless, and a script may need its name.
            print_outcome(context, &version, None)?;
            Err(error)
        }
    }
}

/// Returns the next command. A version that was not evaluated fails the signal check.
fn promote_hint(version: &ModelVersion) -> String {
    let command = format!("sweetspot model promote {}", short_name(&version.name));
    if version.evaluation.as_ref().is_some_and(|evaluation| evaluation.rows > 0) {
        format!("trained, not promoted; to make it live: {command}")
    } else {
        format!("trained, not judged, not promoted; to make it live:\n  {command} --override signal --reason R")
    }
}

/// The output of `train --json`.
#[derive(Serialize)]
struct TrainingResult {
    version: json::ModelVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    promotion: Option<json::Promotion>,
}

fn print_outcome(context: &Context, version: &ModelVersion, promotion: Option<&Promotion>) -> Result<(), CliError> {
    if context.out.json {
        return context.out.print_json(&TrainingResult {
            version: version.to_json(),
            promotion: promotion.map(JsonMessage::to_json),
        });
    }
    promotion.map_or(Ok(()), |promotion| context.out.print_text(&format!("\n{}", promotion::promotion_text(promotion))))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct TrainCommandLine {
        #[command(flatten)]
        args: TrainArgs,
    }

    fn policy(line: &str, mapped: LabelPolicy) -> LabelPolicy {
        TrainCommandLine::try_parse_from(std::iter::once("train").chain(line.split_whitespace()))
            .unwrap()
            .args
            .policy(mapped)
    }

    #[test]
    fn flags_win_over_the_mapping() {
        let mapped = LabelPolicy {
            preset: LabelPreset::Won,
            top_share: Some(0.3),
            maturity_days: Some(9),
            ..LabelPolicy::default()
        };
        assert_eq!(policy("", mapped), mapped);
        let high_value = policy("--label high_value --value-at-least 5500", mapped);
        let expected = LabelPolicy {
            preset: LabelPreset::HighValue,
            top_share: None,
            value_at_least: Some(5500.0),
            maturity_days: Some(9),
            base_rate: None,
        };
        assert_eq!(high_value, expected);
        let resampled = LabelPolicy { base_rate: Some(0.03), ..mapped };
        assert_eq!((policy("", resampled), policy("--base-rate 0.03", mapped)), (resampled, resampled));
        assert_eq!(policy("--base-rate 0.1", resampled).base_rate, Some(0.1));
    }

    #[test]
    fn a_file_needs_a_mapping() {
        assert!(TrainCommandLine::try_parse_from(["train", "history.csv"]).is_err());
        assert!(TrainCommandLine::try_parse_from(["train", "--override"]).is_err());
    }
}
