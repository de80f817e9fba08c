//! `audit`: who changed what.

use clap::Subcommand;
use sweetspot_proto::v1::audit_record::Event;
use sweetspot_proto::v1::{AuditRecord, ListAuditRecordsRequest, VerifyAuditLogRequest};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::PAGE_SIZE;
use crate::cli::exit::CliError;
use crate::cli::output::table;
use crate::cli::version_text::time_text;

/// The operations on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List records, newest first
    List {
        /// Number of records
        #[arg(long, value_name = "N", default_value_t = 50, conflicts_with = "all")]
        limit: usize,
        /// List all records
        #[arg(long)]
        all: bool,
        /// List refused calls instead of changes
        #[arg(long)]
        denials: bool,
    },
    /// Check that no record was changed or removed
    Verify {
        /// Record that the log must contain, as an earlier check printed it
        #[arg(long, value_name = "NUMBER:HASH", value_parser = parse_noted)]
        expect: Option<(u64, String)>,
        /// Check the log of refused calls
        #[arg(long)]
        denials: bool,
    },
}

fn parse_noted(text: &str) -> Result<(u64, String), String> {
    let parsed = text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash.to_owned())));
    parsed.ok_or_else(|| "use NUMBER:HASH, as audit verify prints it".to_owned())
}

/// Runs the command.
pub(crate) async fn run(command: AuditCommand, context: &Context) -> Result<(), CliError> {
    match command {
        AuditCommand::List { limit, all, denials } => {
            list(if all { usize::MAX } else { limit }, denials, context).await
        }
        AuditCommand::Verify { expect, denials } => verify(expect.unwrap_or_default(), denials, context).await,
    }
}

async fn list(limit: usize, denials: bool, context: &Context) -> Result<(), CliError> {
    let read = async |client: &mut Client| read_records(client, limit, denials).await;
    let records = context.with_client(MissingStore::Refuse, read).await?;
    if context.out.json {
        return context.out.print_json_list(&records);
    }
    let header = ["record", "time", "who", "from", "what"];
    context.out.print_text(&table(&header, &[0], records.iter().map(record_row).collect()))
}

async fn read_records(client: &mut Client, limit: usize, denials: bool) -> Result<Vec<AuditRecord>, CliError> {
    let (mut records, mut page_token) = (Vec::new(), String::new());
    loop {
        let page_size = i32::try_from(limit - records.len()).unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
        let message = ListAuditRecordsRequest { page_size, page_token, denials };
        let answer = client.access.list_audit_records(request(message)).await;
        let page = client.response(answer)?;
        records.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() || records.len() >= limit {
            records.truncate(limit);
            return Ok(records);
        }
    }
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
    let address = record.address.clone();
    vec![record.number.to_string(), time, who.to_owned(), address, what.trim_end().to_owned()]
}

async fn verify((noted, noted_hash): (u64, String), denials: bool, context: &Context) -> Result<(), CliError> {
    let message = VerifyAuditLogRequest { noted, noted_hash, denials };
    let check = async |client: &mut Client| {
        let answer = client.access.verify_audit_log(request(message)).await;
        client.response(answer)
    };
    let verified = context.with_client(MissingStore::Refuse, check).await?;
    let text = if verified.last == 0 {
        "the audit log is empty".to_owned()
    } else {
        format!(
            "records {} to {} are as they were appended\nnote the newest one elsewhere: {}:{}",
            verified.first, verified.last, verified.last, verified.hash
        )
    };
    context.out.print_message(&text, &verified)
}
