//! The living definition: its entries, its state, and what was approved.

mod approval;
mod comments;
mod diff;
mod entries;
mod findings;
mod gates;
mod hypotheses;
mod state;
mod unknown;
mod versions;

use prost::Message;
use sweetspot_core::{Digest, ModelName};
use sweetspot_store::definitions::Wish;
use sweetspot_store::registry::RequestKey;

use crate::api::problems::Problems;

/// The model that is meant where none is named.
const DEFAULT_MODEL: &str = "workspaces/default/models/default";

/// What every change of a definition is called with.
struct Call {
    /// What it does, as request ids are told apart by it.
    method: &'static str,
    /// The field that names the model, and what it says.
    model: (&'static str, String),
    etag: String,
    request_id: String,
    /// Digest of the request.
    body: Digest,
}

impl Call {
    /// Reads it.
    fn wish(self, problems: &mut Problems) -> Option<Wish> {
        let Self { method, model: (field, model), etag, request_id, body } = self;
        problems.request_id(&request_id);
        let model = model_name(field, &model, problems)?;
        Some(Wish { model, method, etag, request: RequestKey { id: request_id, body } })
    }
}

fn model_name(field: &str, text: &str, problems: &mut Problems) -> Option<ModelName> {
    problems.name_or(field, text, DEFAULT_MODEL)
}

/// The digest of a request. Its id is in it: a repeat has the same.
fn digest(request: &impl Message) -> Digest {
    Digest::of(&request.encode_to_vec())
}
