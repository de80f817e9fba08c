//! `key`: API keys.

use clap::Subcommand;
use jiff::SignedDuration;
use serde_json::json;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{
    ApiKey, CreateApiKeyRequest, GetCallerRequest, ListApiKeysRequest, RevokeApiKeyRequest, RotateApiKeyRequest,
};
use uuid::Uuid;

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::{PAGE_SIZE, list_all};
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::output::table;
use crate::cli::version_text::time_text;

/// The operations on keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Create a key for the workspace, and print it once
    Create(CreateArgs),
    /// List keys, without their secrets
    List,
    /// Make a key unusable at once
    Revoke {
        /// Id of the key
        id: String,
    },
    /// Create a second key with the same rights, and let the old one expire
    Rotate(RotateArgs),
    /// Show who the server takes you for, and what you may do
    Whoami,
}

/// The rights of a new key.
#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// Person or system that will use the key
    #[arg(long, value_name = "NAME")]
    principal: String,
    /// Role: reader, scorer, trainer, approver or owner; repeatable
    #[arg(long, value_name = "R")]
    role: Vec<String>,
    /// Scope beyond those of the roles, such as explain; repeatable
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// Open all workspaces instead of one
    #[arg(long)]
    all_workspaces: bool,
    /// Time until the key stops working, such as 90d [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    lifetime: Option<SignedDuration>,
}

/// The key to replace.
#[derive(Debug, clap::Args)]
pub(crate) struct RotateArgs {
    /// Id of the key
    id: String,
    /// Time for which the old key still works [default: 1d]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    overlap: Option<SignedDuration>,
    /// Time until the new key stops working, such as 90d [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    lifetime: Option<SignedDuration>,
}

/// Reads a duration with a unit, also in days.
fn parse_time(text: &str) -> Result<SignedDuration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    let parsed = days.map_or_else(|| text.parse().ok(), |days| Some(SignedDuration::from_hours(24 * i64::from(days))));
    parsed.filter(SignedDuration::is_positive).ok_or_else(|| "use a time such as 12h or 90d".to_owned())
}

fn wire_duration(time: SignedDuration) -> prost_types::Duration {
    prost_types::Duration { seconds: time.as_secs(), nanos: time.subsec_nanos() }
}

/// Runs the command.
pub(crate) async fn run(command: KeyCommand, context: &Context) -> Result<(), CliError> {
    match command {
        KeyCommand::Create(args) => create(args, context).await,
        KeyCommand::List => list(context).await,
        KeyCommand::Revoke { id } => revoke(id, context).await,
        KeyCommand::Rotate(args) => rotate(args, context).await,
        KeyCommand::Whoami => show_caller(context).await,
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), CliError> {
    let CreateArgs { principal, role, scope, all_workspaces, lifetime } = args;
    let workspace = format!("workspaces/{}", context.names.model.workspace);
    let message = CreateApiKeyRequest {
        principal,
        workspace: if all_workspaces { String::new() } else { workspace },
        roles: role,
        scopes: scope,
        lifetime: lifetime.map(wire_duration),
        request_id: Uuid::new_v4().to_string(),
    };
    let create = async |client: &mut Client| {
        let answer = client.access.create_api_key(request(message)).await;
        client.response(answer)
    };
    let created = context.with_client(MissingStore::Create, create).await?;
    print_secret(created.key.as_ref(), &created.secret, context)
}

async fn rotate(args: RotateArgs, context: &Context) -> Result<(), CliError> {
    let RotateArgs { id, overlap, lifetime } = args;
    let (overlap, lifetime) = (overlap.map(wire_duration), lifetime.map(wire_duration));
    let message = RotateApiKeyRequest { id, overlap, lifetime, request_id: Uuid::new_v4().to_string() };
    let rotate = async |client: &mut Client| {
        let answer = client.access.rotate_api_key(request(message)).await;
        client.response(answer)
    };
    let rotated = context.with_client(MissingStore::Refuse, rotate).await?;
    print_secret(rotated.key.as_ref(), &rotated.secret, context)
}

/// Prints the secret alone to stdout, so that it can be stored in a file, and what it opens to stderr.
fn print_secret(key: Option<&ApiKey>, secret: &str, context: &Context) -> Result<(), CliError> {
    if context.out.json {
        return context.out.print_json(&json!({ "key": key.map(ApiKey::to_json), "secret": secret }));
    }
    if let Some(key) = key {
        let rights: Vec<&str> = key.roles.iter().chain(&key.scopes).map(String::as_str).collect();
        let end = key.expire_time.as_ref().map_or_else(String::new, |time| format!(", until {}", time_text(time)));
        let place = workspace_text(&key.workspace);
        context.out.note(&format!("key {} of {} for {place}: {}{end}", key.id, key.principal, rights.join(", ")));
        context.out.note("store it now: it cannot be shown again");
    }
    context.out.print_text(secret)
}

fn workspace_text(workspace: &str) -> &str {
    if workspace.is_empty() { "all workspaces" } else { workspace }
}

async fn list(context: &Context) -> Result<(), CliError> {
    let page = async |client: &mut Client, page_token| {
        let message = ListApiKeysRequest { page_size: PAGE_SIZE, page_token };
        let answer = client.access.list_api_keys(request(message)).await;
        client.response(answer).map(|page| (page.keys, page.next_page_token))
    };
    let list = async |client: &mut Client| list_all(client, page).await;
    let found: Vec<ApiKey> = context.with_client(MissingStore::Refuse, list).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["key", "principal", "workspace", "rights", "state"];
    context.out.print_text(&table(&header, &[], found.iter().map(key_row).collect()))
}

fn key_row(key: &ApiKey) -> Vec<String> {
    let day = |time: &prost_types::Timestamp| time_text(time).get(..10).unwrap_or_default().to_owned();
    let state = match (&key.revoke_time, &key.expire_time, key.active) {
        (Some(revoked), _, _) => format!("revoked {}", day(revoked)),
        (None, Some(expires), true) => format!("until {}", day(expires)),
        (None, Some(expired), false) => format!("expired {}", day(expired)),
        (None, None, _) => "active".to_owned(),
    };
    let rights: Vec<&str> = key.roles.iter().chain(&key.scopes).map(String::as_str).collect();
    let workspace = if key.workspace.is_empty() { "all" } else { short_name(&key.workspace) };
    vec![key.id.clone(), key.principal.clone(), workspace.to_owned(), rights.join(" "), state]
}

async fn revoke(id: String, context: &Context) -> Result<(), CliError> {
    let message = RevokeApiKeyRequest { id, request_id: Uuid::new_v4().to_string() };
    let revoke = async |client: &mut Client| {
        let answer = client.access.revoke_api_key(request(message)).await;
        client.response(answer)
    };
    let answer = context.with_client(MissingStore::Refuse, revoke).await?;
    let key = answer.key.clone().unwrap_or_default();
    context.out.print_message(&format!("key {} of {} is revoked", key.id, key.principal), &answer)
}

async fn show_caller(context: &Context) -> Result<(), CliError> {
    let read = async |client: &mut Client| {
        let answer = client.access.get_caller(request(GetCallerRequest {})).await;
        client.response(answer)
    };
    let caller = context.with_client(MissingStore::Refuse, read).await?;
    let name = if caller.principal.is_empty() { "no credential" } else { &caller.principal };
    let text = format!("{name}, {}: {}", workspace_text(&caller.workspace), caller.scopes.join(", "));
    context.out.print_message(&crate::cli::output::wrap(&text, 0, 2), &caller)
}
