//! Approved versions of a definition: numbered from 1, linked to a model version, and immutable.

use sweetspot_core::{ApprovedVersion, Definition, ModelName};

use super::row::{self, ApprovedVersionRow};
use super::{DefinitionError, DefinitionSnapshot, Definitions, EditRequest};
use crate::store::{Commit, StoreError};

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
            next.approved += 1;
            definition.approve(by, now, next.approved)?;
            let data = self.store.put_blob(&super::storage::encode(definition)?)?.to_string();
            let row = ApprovedVersionRow { version: *version, by: by.clone(), at: now.to_string(), data };
            Ok(Commit::default().create(version_key(&wish.model, next.approved), row::encode(&row)?))
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
        let newest = self.head(model)?.0.approved;
        let end = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
        (1..=end).rev().take(limit).map(|number| Ok(self.row(model, number)?.version(number)?)).collect()
    }

    /// Returns an approved version with its definition.
    ///
    /// # Errors
    /// If the version does not exist, or cannot be read.
    pub fn version(&self, model: &ModelName, number: u64) -> Result<(ApprovedVersion, Definition), DefinitionError> {
        let row = self.row(model, number)?;
        let definition = self.load(model, &row.data)?;
        Ok((row.version(number)?, definition))
    }

    fn row(&self, model: &ModelName, number: u64) -> Result<ApprovedVersionRow, DefinitionError> {
        let bytes = self.store.get(&version_key(model, number))?;
        let missing = || DefinitionError::NoVersion { model: model.clone(), number };
        Ok(row::decode(&bytes.ok_or_else(missing)?)?)
    }
}

impl ApprovedVersionRow {
    fn version(&self, number: u64) -> Result<ApprovedVersion, StoreError> {
        let at = self.at.parse().map_err(row::unreadable)?;
        Ok(ApprovedVersion { number, version: self.version, actor: self.by.clone(), time: at })
    }
}

fn version_key(model: &ModelName, number: u64) -> String {
    format!("profile/{model}/{number:020}")
}
