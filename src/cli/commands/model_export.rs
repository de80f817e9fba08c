//! `model export`: a version as a file, for other engines or another store.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sweetspot_proto::v1::{ExportFormat, ExportModelVersionRequest, ExportModelVersionResponse, SqlDialect};

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::response_parts::{self, ResponsePart};
use crate::cli::{output_file, version_lookup};

/// What to export, and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Number, live, candidate, previous or a full name [default: live]
    version: Option<String>,
    /// The scorecard, one SQL query, an ONNX graph, or an artifact to import elsewhere
    #[arg(long, value_enum, default_value = "json")]
    format: FormatWord,
    /// Dialect of the SQL
    #[arg(long, value_enum, default_value = "ansi")]
    dialect: DialectWord,
    /// Relation with the accounts, such as crm.prospects
    #[arg(long, value_name = "NAME", default_value = "prospects")]
    table: String,
    /// Column of the relation with the ids of accounts
    #[arg(long, value_name = "NAME", default_value = "account_id")]
    id_column: String,
    /// Lists of the relation are texts such as 'a; b', and not arrays
    #[arg(long)]
    lists_as_text: bool,
    /// Leave out the columns low and high, which take most of the SQL
    #[arg(long)]
    no_intervals: bool,
    /// Leave out the columns with reasons
    #[arg(long)]
    no_reasons: bool,
    /// Where to write; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

/// A format.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatWord {
    Json,
    Sql,
    Onnx,
    Artifact,
}

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum DialectWord {
    Ansi,
    Duckdb,
    Postgres,
    Spark,
    Snowflake,
    Bigquery,
}

impl DialectWord {
    const fn of_api(self) -> SqlDialect {
        match self {
            Self::Ansi => SqlDialect::Ansi,
            Self::Duckdb => SqlDialect::Duckdb,
            Self::Postgres => SqlDialect::Postgres,
            Self::Spark => SqlDialect::Spark,
            Self::Snowflake => SqlDialect::Snowflake,
            Self::Bigquery => SqlDialect::Bigquery,
        }
    }

    /// The dialect for SQL that this program writes itself.
    pub(super) const fn of_export(self) -> sweetspot_export::SqlDialect {
        match self {
            Self::Ansi => sweetspot_export::SqlDialect::Ansi,
            Self::Duckdb => sweetspot_export::SqlDialect::DuckDb,
            Self::Postgres => sweetspot_export::SqlDialect::Postgres,
            Self::Spark => sweetspot_export::SqlDialect::Spark,
            Self::Snowflake => sweetspot_export::SqlDialect::Snowflake,
            Self::Bigquery => sweetspot_export::SqlDialect::BigQuery,
        }
    }
}

/// Runs the command.
pub(crate) async fn run(client: &mut Client, context: &Context, args: &ExportArgs) -> Result<(), CliError> {
    let version = version_lookup::choose(client, context, args.version.as_deref()).await?;
    let format = match args.format {
        FormatWord::Json => ExportFormat::Json,
        FormatWord::Sql => ExportFormat::Sql,
        FormatWord::Onnx => ExportFormat::Onnx,
        FormatWord::Artifact => ExportFormat::Artifact,
    };
    let export = ExportModelVersionRequest {
        name: version.name,
        format: format.into(),
        sql_dialect: args.dialect.of_api().into(),
        table: args.table.clone(),
        id_column: args.id_column.clone(),
        lists_as_text: args.lists_as_text,
        omit_intervals: args.no_intervals,
        omit_reasons: args.no_reasons,
        ..Default::default()
    };
    output_file::write(&args.output, &read(client, &export).await?)
}

/// Reads an export, in parts.
///
/// # Errors
/// Returns the first error of the server, or an error if the content changes while it is read.
pub(crate) async fn read(client: &mut Client, export: &ExportModelVersionRequest) -> Result<Vec<u8>, CliError> {
    let read = async |client: &mut Client, offset| {
        let part = ExportModelVersionRequest { offset, part_bytes: response_parts::PART_BYTES, ..export.clone() };
        let answer = client.models.export_model_version(request(part)).await;
        let ExportModelVersionResponse { content, total_bytes, content_sha256, .. } = client.response(answer)?;
        Ok(ResponsePart { content, total_bytes, content_sha256 })
    };
    response_parts::read_all(client, read).await
}
