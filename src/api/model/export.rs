//! The export of a version: to score without this program, or to import it into another store.

use std::sync::Arc;

use sweetspot_core::{Digest, ModelVersionRef};
use sweetspot_export::{ExportError, ParsedScorecard, SqlDialect, SqlOptions, write_onnx, write_sql};
use sweetspot_model::ModelArtifact;
use sweetspot_proto::v1;
use sweetspot_store::registry::RegistryError;
use tonic::Status;

use super::{ModelApi, artifact_file};
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::response::ContentRange;
use crate::api::violations::Violations;

/// The relation and its column with ids, if the request names none.
const DEFAULT_TABLE: &str = "prospects";
const DEFAULT_ID_COLUMN: &str = "account_id";

impl ModelApi {
    /// Returns a version as a scorecard, or as code for another engine.
    pub(super) async fn export_model_version(
        &self,
        request: v1::ExportModelVersionRequest,
    ) -> Result<v1::ExportModelVersionResponse, Status> {
        let (part, max_bytes) =
            (ContentRange { offset: request.offset, bytes: request.part_bytes }, self.max_response_bytes);
        let mut problems = Violations::default();
        let name = problems.parse_name_or("name", &request.name, DEFAULT_VERSION);
        let format = problems.parse_enum("format", request.format);
        let dialect = problems.parse_enum("sql_dialect", request.sql_dialect);
        let (name, (format, dialect)): (ModelVersionRef, _) = problems.finish(name.zip(format.zip(dialect)))?;
        let registry = Arc::clone(&self.state.registry);
        let read = self.pool.run_store(move || {
            let record = registry.version(&name)?;
            let artifact = registry.artifact(&ModelVersionRef::Number(record.name.clone()))?;
            Ok::<_, RegistryError>((record.name.to_string(), artifact))
        });
        let (version, artifact) = read.await?;
        let options = sql_options(&request, sql_dialect(dialect), &version);
        let export = self.pool.run_store(move || {
            let (content, media_type) = content(&artifact, format, &options)?;
            Ok::<_, ExportError>(v1::ExportModelVersionResponse {
                content_sha256: Digest::new(&content).to_string(),
                total_bytes: content.len() as u64,
                content: part.slice(content, max_bytes),
                media_type: media_type.to_owned(),
                resolved_version: version,
            })
        });
        export.await
    }
}

/// The content in a format, and its media type.
fn content(
    artifact: &ModelArtifact,
    format: v1::ExportFormat,
    options: &SqlOptions,
) -> Result<(Vec<u8>, &'static str), ExportError> {
    const BINARY: &str = "application/octet-stream";
    let scorecard = || ParsedScorecard::from_json(&artifact.to_json());
    match format {
        v1::ExportFormat::Unspecified | v1::ExportFormat::Json => {
            Ok((artifact.to_json().into_bytes(), "application/json"))
        }
        v1::ExportFormat::Sql => Ok((write_sql(&scorecard()?, options)?.into_bytes(), "application/sql")),
        v1::ExportFormat::Onnx => Ok((write_onnx(&scorecard()?, &options.model_version), BINARY)),
        v1::ExportFormat::Artifact => Ok((artifact_file::write(artifact), BINARY)),
    }
}

fn sql_options(request: &v1::ExportModelVersionRequest, dialect: SqlDialect, version: &str) -> SqlOptions {
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    SqlOptions {
        dialect,
        table: or(&request.table, DEFAULT_TABLE),
        id_column: or(&request.id_column, DEFAULT_ID_COLUMN),
        model_version: version.to_owned(),
        lists_as_text: request.lists_as_text,
        intervals: !request.omit_intervals,
        reasons: !request.omit_reasons,
    }
}

const fn sql_dialect(dialect: v1::SqlDialect) -> SqlDialect {
    match dialect {
        v1::SqlDialect::Unspecified | v1::SqlDialect::Ansi => SqlDialect::Ansi,
        v1::SqlDialect::Duckdb => SqlDialect::DuckDb,
        v1::SqlDialect::Postgres => SqlDialect::Postgres,
        v1::SqlDialect::Spark => SqlDialect::Spark,
        v1::SqlDialect::Snowflake => SqlDialect::Snowflake,
        v1::SqlDialect::Bigquery => SqlDialect::BigQuery,
    }
}
