//! The import of a version that another server exported.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::Digest;
use sweetspot_model::{ArtifactError, CompileError, ModelArtifact, Scorer};
use sweetspot_proto::v1;
use sweetspot_store::registry::{ImportVersionRequest, RequestKey};
use tonic::Status;

use super::{ModelApi, artifact_file, parse_model_name};
use crate::api::convert::annotations::parse_annotations;
use crate::api::convert::version::version as version_message;
use crate::api::violations::Violations;
use crate::api::wire::fields::{WireField, WireFields};

/// The maximum number of elements of an artifact: each takes up to some hundred bytes of memory, and two bytes in the
/// request. A model of a hundred attributes with a thousand values each has about half of them.
const MAX_ELEMENTS: usize = 1_000_000;
/// The depth to which elements contain others; artifacts have fewer levels.
const MAX_DEPTH: usize = 16;
const NOT_A_VERSION: &str =
    "the content is not a complete and unchanged version: export it again, in the format EXPORT_FORMAT_ARTIFACT";

impl ModelApi {
    /// Adds a version from another store.
    pub(super) async fn import_model_version(
        &self,
        request: v1::ImportModelVersionRequest,
    ) -> Result<v1::ImportModelVersionResponse, Status> {
        let body = request_digest(&request);
        let v1::ImportModelVersionRequest { model, content, content_sha256, request_id, labels, description, owner } =
            request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        problems.check_request_id(&request_id);
        let annotations = parse_annotations(labels, description, owner, &mut problems);
        let model = problems.finish(model)?;
        let read = self.pool.run_store(move || {
            let mut problems = Violations::default();
            let artifact = read_artifact(&content, &content_sha256, &mut problems);
            problems.finish(artifact)
        });
        let artifact = read.await?;
        let (state, limited_model) = (self.state.clone(), model.clone());
        self.pool.run_store(move || state.workspace_limits.check_new_version(&state, &limited_model)).await?;
        let import =
            ImportVersionRequest { model, artifact, annotations, request: RequestKey { id: request_id, body } };
        let registry = Arc::clone(&self.state.registry);
        let record = self.pool.run_store(move || registry.import_version(&import)).await?;
        Ok(v1::ImportModelVersionResponse { version: Some(version_message(record)) })
    }
}

/// The digest of everything but the request id.
fn request_digest(request: &v1::ImportModelVersionRequest) -> Digest {
    let mut request = v1::ImportModelVersionRequest { request_id: String::new(), ..request.clone() };
    let labels: BTreeMap<String, String> = request.labels.drain().collect();
    Digest::new(&[request.encode_to_vec(), format!("{labels:?}").into_bytes()].concat())
}

/// Reads an artifact, and checks that it scores its golden rows as it did at its training.
fn read_artifact(content: &[u8], content_sha256: &str, problems: &mut Violations) -> Option<ModelArtifact> {
    let found = Digest::new(content).to_string();
    if !content_sha256.is_empty() && !content_sha256.eq_ignore_ascii_case(&found) {
        let text = format!("the content has the SHA-256 {found}: the file is incomplete, or has changed");
        problems.add("CONTENT_DIGEST_MISMATCH", "content_sha256", text);
        return None;
    }
    match parse_artifact(content) {
        Ok(artifact) => Some(artifact),
        Err(text) => {
            problems.add("INVALID_ARTIFACT", "content", text);
            None
        }
    }
}

fn parse_artifact(content: &[u8]) -> Result<ModelArtifact, String> {
    let content = artifact_file::read(content).ok_or_else(|| NOT_A_VERSION.to_owned())?;
    if count_elements(content, MAX_DEPTH) > MAX_ELEMENTS {
        return Err(format!("the content has more than {MAX_ELEMENTS} elements: no model has that many"));
    }
    let artifact = ModelArtifact::from_bytes(content).map_err(|error| match error {
        ArtifactError::Decode => NOT_A_VERSION.to_owned(),
        ArtifactError::NewerFormat { .. } => error.to_string(),
    })?;
    if artifact.data_sha256().parse::<Digest>().is_err() {
        return Err("the version does not name its training data: export it again".to_owned());
    }
    match Scorer::compile(&artifact) {
        Ok(_) => Ok(artifact),
        Err(CompileError::Inconsistent { what }) => {
            Err(format!("the version is inconsistent: {what}; export it again"))
        }
        Err(error @ CompileError::GoldenRow { .. }) => Err(format!("{error}: export it again")),
    }
}

/// An upper bound of the number of messages and texts in a message of any type: texts that happen to have the form of a
/// message are counted as if they were one.
fn count_elements(message: &[u8], depth: usize) -> usize {
    let (mut fields, mut count) = (WireFields::new(message), 0);
    while let Ok(Some((_, field))) = fields.next() {
        let WireField::Bytes(content) = field else { continue };
        count += 1 + if depth == 0 { 0 } else { count_elements(content, depth - 1) };
    }
    count
}
