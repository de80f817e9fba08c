//! States of a definition that were approved: numbered from 1, tied to a version of the model, and never changed.

use sweetspot_core::{ApprovedVersion, Definition, ModelName};

use super::row::{self, ApprovedRow};
use super::{DefinitionError, Definitions, Held, Wish};
use crate::store::{Commit, StoreError};

/// A wish to approve what is in review.
#[derive(Clone, Debug)]
pub struct Approve {
    /// What is changed; its etag says what was read.
    pub wish: Wish,
    /// Who approves.
    pub by: String,
    /// The number of the model's version that the committee has seen.
    pub version: u64,
}

impl Definitions {
    /// Approves what is in review and freezes it under the next number.
    ///
    /// # Errors
    /// Without an etag; where it is not in review; and as [`Self::change`].
    pub fn approve(&self, approve: &Approve) -> Result<Held, DefinitionError> {
        let Approve { wish, by, version } = approve;
        if wish.etag.is_empty() {
            return Err(DefinitionError::EtagMissing);
        }
        self.write(wish, |definition, next, now| {
            next.approved += 1;
            definition.approve(by, now, next.approved)?;
            let data = self.store.put_blob(&super::kept::encode(definition)?)?.to_string();
            let row = ApprovedRow { version: *version, by: by.clone(), at: now.to_string(), data };
            Ok(Commit::default().create(key(&wish.model, next.approved), row::encode(&row)?))
        })
    }

    /// Up to `limit` approved states with numbers below `before`, newest first.
    ///
    /// # Errors
    /// A failing store.
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

    /// One approved state.
    ///
    /// # Errors
    /// Where there is none of this number, or it cannot be read back.
    pub fn version(&self, model: &ModelName, number: u64) -> Result<(ApprovedVersion, Definition), DefinitionError> {
        let row = self.row(model, number)?;
        let definition = self.load(model, &row.data)?;
        Ok((row.version(number)?, definition))
    }

    fn row(&self, model: &ModelName, number: u64) -> Result<ApprovedRow, DefinitionError> {
        let bytes = self.store.get(&key(model, number))?;
        let missing = || DefinitionError::NoVersion { model: model.clone(), number };
        Ok(row::decode(&bytes.ok_or_else(missing)?)?)
    }
}

impl ApprovedRow {
    fn version(&self, number: u64) -> Result<ApprovedVersion, StoreError> {
        let at = self.at.parse().map_err(row::unreadable)?;
        Ok(ApprovedVersion { number, version: self.version, by: self.by.clone(), at })
    }
}

fn key(model: &ModelName, number: u64) -> String {
    format!("profile/{model}/{number:020}")
}
