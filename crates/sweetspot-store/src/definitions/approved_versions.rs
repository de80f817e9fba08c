//! Approved versions of a definition: numbered from 1, linked to a model version, and immutable.

use sweetspot_core::{ApprovedVersion, Definition, ModelName};

use super::{DefinitionError, DefinitionSnapshot, Definitions, EditRequest};
use crate::store::{Commit, StoreError};
use crate::stored::{self, ReadError, StoredMessage as _};

/// The prefix of approved versions.
pub(super) const APPROVED_PREFIX: &str = "profile/";

/// A request to approve the definition in review.
#[derive(Clone, Debug)]
pub struct ApproveRequest {
    /// The definition to approve. The etag is required.
    pub edit_request: EditRequest,
    /// The user who approves.
    pub actor: String,
    /// The number of the model version that the approvers reviewed.
    pub version: u64,
}

impl Definitions {
    /// Approves the definition in review and stores it under the next number.
    ///
    /// # Errors
    /// If the etag is missing, the definition is not in review, or for a reason of [`Self::change`].
    pub fn approve(&self, approve: &ApproveRequest) -> Result<DefinitionSnapshot, DefinitionError> {
        let ApproveRequest { edit_request: wish, actor: by, version } = approve;
        if wish.etag.is_empty() {
            return Err(DefinitionError::EtagMissing);
        }
        self.write(wish, |definition, next, now| {
            next.approved_versions += 1;
            definition.approve(by, now, next.approved_versions)?;
            let digest = self.store.put_blob(&super::storage::encode(definition)?)?.to_string();
            let number = next.approved_versions;
            let approved = ApprovedVersion { number, version: *version, actor: by.clone(), time: now };
            let row = stored::ApprovedVersion { definition: digest, ..approved.into() };
            Ok(Commit::default().create(version_key(&wish.model, number), row.to_bytes()))
        })
    }

    /// Returns up to `limit` approved versions with numbers below `before`, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn versions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ApprovedVersion>, DefinitionError> {
        let newest = self.head(model)?.0.approved_versions;
        let end = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
        (1..=end).rev().take(limit).map(|number| Ok(self.approved_version(model, number)?.0)).collect()
    }

    /// Returns an approved version with its definition.
    ///
    /// # Errors
    /// If the version does not exist, or cannot be read.
    pub fn version(&self, model: &ModelName, number: u64) -> Result<(ApprovedVersion, Definition), DefinitionError> {
        let (version, digest) = self.approved_version(model, number)?;
        Ok((version, self.load(model, &digest)?))
    }

    /// Reads an approved version and the digest of its definition.
    fn approved_version(&self, model: &ModelName, number: u64) -> Result<(ApprovedVersion, String), DefinitionError> {
        let bytes = self.store.get(&version_key(model, number))?;
        let bytes = bytes.ok_or_else(|| DefinitionError::NoVersion { model: model.clone(), number })?;
        Ok(decode(&bytes).map_err(StoreError::from)?)
    }
}

/// Decodes an approved version and the digest of its definition.
pub(super) fn decode(bytes: &[u8]) -> Result<(ApprovedVersion, String), ReadError> {
    let stored = stored::ApprovedVersion::from_bytes(bytes)?;
    let digest = stored.definition.clone();
    Ok((stored.try_into()?, digest))
}

fn version_key(model: &ModelName, number: u64) -> String {
    format!("{APPROVED_PREFIX}{model}/{number:020}")
}
