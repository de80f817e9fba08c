//! `healthcheck`: whether a server answers, and whether it has a live version.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::cli::client::request;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::server_error::ServerError;

/// The time for a probe to answer.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum length of the first line of a response, in bytes.
const MAX_LINE_BYTES: u64 = 1024;

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

/// Runs the command. Without --server it checks the admin port of the settings, or else the address on which `serve` would
/// listen.
pub(crate) async fn run(args: &HealthcheckArgs, context: &Context) -> Result<(), CliError> {
    if let (None, Some(admin)) = (&context.server, context.settings.server.admin_listen) {
        let path = if args.ready { "/readyz" } else { "/livez" };
        return probe(admin, path, context).await;
    }
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

/// Calls a probe on the admin port, which needs neither a certificate nor a credential.
async fn probe(admin: SocketAddr, path: &str, context: &Context) -> Result<(), CliError> {
    let address = match admin.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, admin.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, admin.port())),
        IpAddr::V4(_) | IpAddr::V6(_) => admin,
    };
    let url = format!("http://{address}{path}");
    let answer = timeout(PROBE_TIMEOUT, ask(address, path)).await;
    let status = match answer {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => return Err(CliError::Unreachable { url, why: error.to_string() }),
        Err(_) => return Err(CliError::Unreachable { url, why: "it does not answer in time".to_owned() }),
    };
    if !status.contains(" 200 ") {
        return Err(CliError::Failed(format!("{url}: {}", status.trim())));
    }
    if context.out.json {
        context.out.print_json(&json!({ "probe": url, "passes": true }))
    } else {
        context.out.print_text(&format!("{url}: ok"))
    }
}

/// Returns the first line of the response.
async fn ask(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(socket).take(MAX_LINE_BYTES).read_line(&mut line).await?;
    Ok(line)
}
