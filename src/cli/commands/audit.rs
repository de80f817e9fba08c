//! `audit`: who changed what.

use clap::Subcommand;
use sweetspot_proto::v1::audit_record::Event;
use sweetspot_proto::v1::{AuditRecord, ListAuditRecordsRequest, VerifyAuditLogRequest};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::table;
use crate::cli::version_text::time_text;

/// The operations on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List the newest records
    List {
        /// Number of records
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Check that no record was changed or removed
    Verify,
}

/// Runs the command.
pub(crate) async fn run(command: AuditCommand, context: &Context) -> Result<(), CliError> {
    match command {
        AuditCommand::List { limit } => list(limit, context).await,
        AuditCommand::Verify => verify(context).await,
    }
}

async fn list(limit: i32, context: &Context) -> Result<(), CliError> {
    let message = ListAuditRecordsRequest { page_size: limit, page_token: String::new() };
    let read = async |client: &mut Client| {
        let answer = client.access.list_audit_records(request(message)).await;
        client.response(answer)
    };
    let records = context.with_client(MissingStore::Refuse, read).await?.records;
    if context.out.json {
        return context.out.print_json_list(&records);
    }
    let header = ["record", "time", "who", "what"];
    context.out.print_text(&table(&header, &[0], records.iter().map(record_row).collect()))
}

fn record_row(record: &AuditRecord) -> Vec<String> {
    let method = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let what = match &record.event {
        Some(Event::Started(started)) => format!("{} {}", method(&started.method), started.resource),
        Some(Event::Ended(ended)) => format!("{} of record {} {}", ended.code, ended.started, ended.reason),
        Some(Event::Denied(denied)) => {
            let others = match denied.omitted {
                0 => String::new(),
                omitted => format!(", and {omitted} before it"),
            };
            format!("refused {}: {}{others}", method(&denied.method), denied.reason)
        }
        None => String::new(),
    };
    let time = record.time.as_ref().map(time_text).unwrap_or_default();
    let who = if record.principal.is_empty() { "unknown" } else { &record.principal };
    vec![record.number.to_string(), time, who.to_owned(), what.trim_end().to_owned()]
}

async fn verify(context: &Context) -> Result<(), CliError> {
    let check = async |client: &mut Client| {
        let answer = client.access.verify_audit_log(request(VerifyAuditLogRequest {})).await;
        client.response(answer)
    };
    let verified = context.with_client(MissingStore::Refuse, check).await?;
    let text = if verified.last == 0 {
        "the audit log is empty".to_owned()
    } else {
        format!(
            "records {} to {} are as they were appended\nhash of the newest: {}",
            verified.first, verified.last, verified.hash
        )
    };
    context.out.print_message(&text, &verified)
}
