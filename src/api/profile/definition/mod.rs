//! The living definition: its entries, its state, and its approved versions.

mod approval;
mod comments;
mod diff;
mod entries;
mod exclusion_rules;
mod findings;
mod hypotheses;
mod state;
mod unknown_names;
mod versions;

use prost::Message;
use sweetspot_core::{Digest, ModelName};
use sweetspot_store::definitions::EditRequest;
use sweetspot_store::registry::RequestKey;

use crate::api::violations::Violations;

/// The model for requests that name none.
const DEFAULT_MODEL: &str = "workspaces/default/models/default";

/// The common parameters of all changes to a definition.
struct ChangeCall {
    /// The method, which separates its request ids from those of other methods.
    method: &'static str,
    /// The request field that names the model, and its value.
    model: (&'static str, String),
    etag: String,
    request_id: String,
    /// The digest of the request.
    body: Digest,
}

impl ChangeCall {
    /// Validates the parameters.
    fn edit_request(self, problems: &mut Violations) -> Option<EditRequest> {
        let Self { method, model: (field, model), etag, request_id, body } = self;
        problems.check_request_id(&request_id);
        let model = parse_model_name(field, &model, problems)?;
        Some(EditRequest { model, method, etag, request: RequestKey { id: request_id, body } })
    }
}

fn parse_model_name(field: &str, text: &str, problems: &mut Violations) -> Option<ModelName> {
    problems.parse_name_or(field, text, DEFAULT_MODEL)
}

/// The digest of a request, including its id: a repeated request has the same id.
fn request_digest(request: &impl Message) -> Digest {
    Digest::new(&request.encode_to_vec())
}
