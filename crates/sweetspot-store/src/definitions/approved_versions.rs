//! Approved versions of a definition: numbered from 1, linked to a model version, and immutable.

use sweetspot_core::{ApprovedDefinitionVersion, Definition, Digest, ModelName, PersonApproval};

use super::{DefinitionError, Definitions, EditRequest, EditResult};
use crate::store::{Commit, Row, Store, StoreError};
use crate::stored::{self, ReadError, StoredField as _, VersionedMessage as _};

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

/// A page of approved versions, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovedVersionPage {
    /// The versions that can be read.
    pub versions: Vec<ApprovedDefinitionVersion>,
    /// The numbers of the versions in this range that are damaged.
    pub unreadable: Vec<u64>,
}

impl Definitions {
    /// Approves the definition in review for one person. If the required approvals are reached, it is stored under the
    /// next number; otherwise, it stays in review.
    ///
    /// # Errors
    /// If the etag is missing, the definition is not in review, the person may not approve it or has approved it, other
    /// people approved it for another model version, an entry cannot be read, or for a reason of [`Self::change`].
    pub fn approve(&self, request: &ApproveRequest) -> Result<EditResult, DefinitionError> {
        let ApproveRequest { edit_request, actor: by, version } = request;
        if edit_request.etag.is_empty() {
            return Err(DefinitionError::EtagMissing);
        }
        self.write(edit_request, |edited| {
            super::check_readable(&edit_request.model, edited.unreadable.iter())?;
            let number = edited.approved_versions + 1;
            if !edited.definition.approve(by, *version, number, edited.now)? {
                edited.is_partial_approval = true;
                return Ok(Commit::default());
            }
            edited.approved_versions = number;
            let digest = self.store.put_blob(&super::codec::encode(&edited.definition)?)?.to_string();
            let approvals = edited.definition.round.approvals.clone();
            let (version, actor, time) = (*version, by.clone(), edited.now);
            let approved = ApprovedDefinitionVersion { number, version, actor, time, approvals };
            let row = stored::ApprovedVersion { definition: digest, ..approved.into() };
            Ok(Commit::default().create(version_key(&edit_request.model, number), row.to_bytes()))
        })
    }

    /// Returns up to `limit` approved versions with numbers below `before`, newest first, and the numbers of the
    /// damaged ones among them.
    ///
    /// # Errors
    /// If the store fails.
    pub fn versions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ApprovedVersionPage, DefinitionError> {
        let newest = self.load(model)?.approved_versions;
        let end = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
        let mut listed = ApprovedVersionPage::default();
        for number in (1..=end).rev() {
            if listed.versions.len() >= limit {
                break;
            }
            match self.approved_version(model, number) {
                Ok((version, _)) => listed.versions.push(version),
                Err(error @ (DefinitionError::VersionCorrupt { .. } | DefinitionError::NoVersion { .. })) => {
                    tracing::error!(%error, "an approved version of a definition cannot be read");
                    listed.unreadable.push(number);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(listed)
    }

    /// Returns an approved version with its definition.
    ///
    /// # Errors
    /// If the version does not exist, or cannot be read.
    pub fn version(
        &self,
        model: &ModelName,
        number: u64,
    ) -> Result<(ApprovedDefinitionVersion, Definition), DefinitionError> {
        let (version, digest) = self.approved_version(model, number)?;
        let definition = super::codec::decode(&self.store.blob(&digest)?);
        Ok((version, definition.map_err(|error| map_damage(error, model, number))?))
    }

    /// Reads an approved version and the digest of its definition.
    fn approved_version(
        &self,
        model: &ModelName,
        number: u64,
    ) -> Result<(ApprovedDefinitionVersion, Digest), DefinitionError> {
        let bytes = self.store.get(&version_key(model, number))?;
        let bytes = bytes.ok_or_else(|| DefinitionError::NoVersion { model: model.clone(), number })?;
        decode(&bytes).map_err(|error| map_damage(error, model, number))
    }
}

/// The number of the newest approved version of a model; 0 if there is none. Numbers begin with 1 and have no gaps.
pub(super) fn newest_version(store: &dyn Store, model: &ModelName) -> Result<u64, StoreError> {
    let prefix = format!("{APPROVED_PREFIX}{model}/");
    let number = |row: &Row| row.key.strip_prefix(&prefix).and_then(|number| number.parse().ok());
    Ok(store.scan(&prefix, None, usize::MAX)?.iter().filter_map(number).max().unwrap_or_default())
}

/// Decodes an approved version and the digest of its definition.
pub(super) fn decode(bytes: &[u8]) -> Result<(ApprovedDefinitionVersion, Digest), ReadError> {
    let stored = stored::ApprovedVersion::from_bytes(bytes)?;
    let digest = Digest::from_stored(stored.definition.clone(), "digest of the definition")?;
    let mut version: ApprovedDefinitionVersion = stored.try_into()?;
    if version.approvals.is_empty() {
        // Stored before several approvals could be required.
        version.approvals = vec![PersonApproval { actor: version.actor.clone(), time: version.time }];
    }
    Ok((version, digest))
}

/// A newer format is not damage.
fn map_damage(error: ReadError, model: &ModelName, number: u64) -> DefinitionError {
    match error {
        ReadError::UnknownFormat { .. } => StoreError::from(error).into(),
        ReadError::Decode { .. } | ReadError::Field(_) => {
            DefinitionError::VersionCorrupt { model: model.clone(), number }
        }
    }
}

pub(super) fn version_key(model: &ModelName, number: u64) -> String {
    format!("{APPROVED_PREFIX}{model}/{number:020}")
}
