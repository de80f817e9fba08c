//! `healthcheck`: whether a server answers, and whether it has a live version.

use serde_json::json;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::cli::client::request;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::server_error::ServerError;

const SCORING_SERVICE: &str = "sweetspot.v1.ScoringService";

/// The service that serves while every live version answers.
const MODELS_SERVICE: &str = "sweetspot.models";

/// The arguments of `healthcheck`.
#[derive(Debug, clap::Args)]
pub(crate) struct HealthcheckArgs {
    /// Also fail while no model is live
    #[arg(long)]
    ready: bool,
}

/// Runs the command. Without --server it checks the address on which `serve` would listen.
pub(crate) async fn run(args: &HealthcheckArgs, context: &Context) -> Result<(), CliError> {
    let scheme = if context.settings.tls.certificate_file.is_some() { "https" } else { "http" };
    let listen = || format!("{scheme}://{}", context.settings.server.listen);
    let url = context.server.clone().unwrap_or_else(listen);
    let mut client = HealthClient::new(context.connection.connect(&url).await?);
    let mut serving = async |service: &str| {
        let answer = client.check(request(HealthCheckRequest { service: service.to_owned() })).await;
        match answer {
            Ok(answer) => Ok(answer.into_inner().status() == ServingStatus::Serving),
            Err(status) if status.code() == tonic::Code::NotFound => Ok(false),
            Err(status) => Err(CliError::Refused(ServerError::from_status(&status))),
        }
    };
    let (alive, ready) = (serving("").await?, serving(SCORING_SERVICE).await?);
    let live_versions = serving(MODELS_SERVICE).await?;
    if context.out.json {
        let health = json!({ "server": url, "alive": alive, "ready": ready, "liveVersionsAnswer": live_versions });
        context.out.print_json(&health)?;
    } else {
        let word = |yes, no, is| if is { yes } else { no };
        let (alive, ready) =
            (word("serving", "not serving", alive), word("a model is live", "no model is live", ready));
        context.out.print_text(&format!("{url}: {alive}, {ready}"))?;
    }
    if alive && !live_versions {
        context.out.warn("warning: a live version cannot be loaded: sweetspot models names it");
    }
    match (alive, ready || !args.ready) {
        (true, true) => Ok(()),
        (false, _) => Err(CliError::Failed(format!("the server at {url} is not serving: see its log"))),
        (true, false) => Err(CliError::Failed(format!(
            "the server at {url} has no live model: promote one (sweetspot model promote)"
        ))),
    }
}
