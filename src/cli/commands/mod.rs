//! The commands, one file each.

mod aggregate;
mod audit;
mod comment;
mod completions;
mod config;
mod data;
mod dataset_versions;
mod datasets;
mod definition;
mod definition_set;
mod demo;
mod erase_accounts;
mod exclusion_rule;
mod explain;
mod export_review;
mod finding;
mod healthcheck;
mod hypothesis;
mod import;
mod key;
mod model;
mod model_annotate;
mod model_checks;
mod model_compare;
mod model_delete;
mod model_export;
mod model_import;
mod models;
mod report;
mod score;
mod serve;
mod store;
mod targets;
mod train;

use clap::Subcommand;

use super::context::Context;
use super::exit::CliError;

/// All commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole workflow on generated accounts: import, train, promote, score
    Demo(demo::DemoArgs),
    /// Check a file and propose a mapping for it; manage datasets and their versions
    #[command(subcommand)]
    Data(data::DataCommand),
    /// Read customers and their outcomes into a dataset
    Import(import::ImportArgs),
    /// Train a version (importing first if a file is given) and evaluate it
    Train(train::TrainArgs),
    /// Score a list of prospects
    Score(score::ScoreArgs),
    /// Rank a list of prospects: whom to contact first, why, and what to find out
    Targets(targets::TargetsArgs),
    /// Explain one account's score, with every reason
    Explain(explain::ExplainArgs),
    /// Manage versions: list, show, compare, promote, roll back, history
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// List the models of the workspace: their aliases and versions
    Models,
    /// List the workspaces of the store
    Workspaces,
    /// Write the documents of a version: HTML, Markdown or JSON
    Report(report::ReportArgs),
    /// Manage hypotheses about good customers, which every training uses
    #[command(subcommand)]
    Hypothesis(hypothesis::HypothesisCommand),
    /// Manage exclusion rules, which apply regardless of the fit
    #[command(subcommand)]
    Rule(exclusion_rule::RuleCommand),
    /// Manage findings from conversations
    #[command(subcommand)]
    Finding(finding::FindingCommand),
    /// Manage comments on a definition or a document
    #[command(subcommand)]
    Comment(comment::CommentCommand),
    /// Manage the definition of ideal customers: review, approve, compare
    #[command(subcommand)]
    Definition(definition::DefinitionCommand),
    /// Write the table of the account review as CSV, under the headings of the template
    ExportReview(export_review::ExportReviewArgs),
    /// Maintain the store: statistics, unused files, backups
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Manage API keys: who may call a server, and do what
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Read the audit log: who changed what, and with what result
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Run the server
    Serve(serve::ServeArgs),
    /// Check a server's health
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Show the settings, and where each comes from
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
}

impl Command {
    /// Whether this command is `serve`.
    pub(crate) const fn is_server(&self) -> bool {
        matches!(self, Self::Serve(_))
    }

    /// Returns the settings that the command's own arguments set.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        if let Self::Serve(args) = self { args.settings() } else { Vec::new() }
    }
}

/// Runs a command. Ctrl-C ends all but the server at once; the server drains.
///
/// # Errors
/// Returns the error of the command.
pub(crate) async fn run(command: Command, context: Context) -> Result<(), CliError> {
    if command.is_server() {
        return serve::run(context).await;
    }
    tokio::select! {
        result = dispatch(command, &context) => result,
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    }
}

async fn dispatch(command: Command, context: &Context) -> Result<(), CliError> {
    match command {
        Command::Demo(args) => Box::pin(demo::run(args, context)).await,
        Command::Data(command) => data::run(command, context).await,
        Command::Import(args) => import::run(args, context).await,
        Command::Train(args) => Box::pin(train::run(args, context)).await,
        Command::Score(args) => score::run(args, context).await,
        Command::Targets(args) => targets::run(args, context).await,
        Command::Explain(args) => explain::run(args, context).await,
        Command::Model(command) => model::run(command, context).await,
        Command::Models => models::list(context).await,
        Command::Workspaces => models::list_workspaces(context).await,
        Command::Report(args) => report::run(args, context).await,
        Command::Hypothesis(command) => hypothesis::run(command, context).await,
        Command::Rule(command) => exclusion_rule::run(command, context).await,
        Command::Finding(command) => finding::run(command, context).await,
        Command::Comment(command) => comment::run(command, context).await,
        Command::Definition(command) => definition::run(command, context).await,
        Command::ExportReview(args) => export_review::run(args, context).await,
        Command::Store(command) => store::run(command, context).await,
        Command::Key(command) => key::run(command, context).await,
        Command::Audit(command) => audit::run(command, context).await,
        Command::Serve(_) => serve::run(context.clone()).await,
        Command::Healthcheck(args) => healthcheck::run(&args, context).await,
        Command::Config(command) => config::run(&command, context),
        Command::Completions(args) => completions::run(&args, context),
    }
}
