//! The approval of a definition by its committee: draft, in review, approved, and returned to draft.

use jiff::Timestamp;

use super::{Comment, Definition, DefinitionChangeError};
use crate::level_key;

/// The approval state of a definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Approval {
    /// In progress.
    #[default]
    Draft,
    /// Submitted to the committee.
    InReview {
        /// The person who submitted it.
        actor: String,
        /// The time of the submission.
        time: Timestamp,
    },
    /// Approved by the committee.
    Approved {
        /// The person who approved it.
        actor: String,
        /// The time of the approval.
        time: Timestamp,
        /// The number of the approved version of the definition.
        number: u64,
    },
}

/// An approved version of a definition, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedDefinitionVersion {
    /// The number of the approved version, from 1.
    pub number: u64,
    /// The number of the model version at the approval.
    pub version: u64,
    /// The person who approved it.
    pub actor: String,
    /// The time of the approval.
    pub time: Timestamp,
}

impl Definition {
    /// Submits a draft to the committee, or an approved definition for another version of the model.
    ///
    /// # Errors
    /// [`DefinitionChangeError::InReview`] if the definition is in review.
    pub fn submit(&mut self, author: &str, now: Timestamp) -> Result<(), DefinitionChangeError> {
        match self.approval {
            Approval::Draft | Approval::Approved { .. } => {
                self.approval = Approval::InReview { actor: author.to_owned(), time: now };
                Ok(())
            }
            Approval::InReview { .. } => Err(DefinitionChangeError::InReview),
        }
    }

    /// Approves the definition in review as approved version `number`.
    ///
    /// # Errors
    /// [`DefinitionChangeError::NotInReview`] if the definition is not in review;
    /// [`DefinitionChangeError::SelfApproval`] if `author` submitted it and [`Definition::allow_self_approval`] is not
    /// set. Names are compared without case and surrounding spaces.
    pub fn approve(&mut self, author: &str, now: Timestamp, number: u64) -> Result<(), DefinitionChangeError> {
        let Approval::InReview { actor, .. } = &self.approval else { return Err(DefinitionChangeError::NotInReview) };
        if level_key(actor) == level_key(author) && !self.allow_self_approval {
            return Err(DefinitionChangeError::SelfApproval { person: author.to_owned() });
        }
        self.approval = Approval::Approved { actor: author.to_owned(), time: now, number };
        Ok(())
    }

    /// Returns the definition in review to draft, and records the reason as a comment with this id.
    ///
    /// # Errors
    /// [`DefinitionChangeError::NotInReview`] if the definition is not in review; [`DefinitionChangeError::Exists`] or
    /// [`DefinitionChangeError::Full`] if the comment cannot be added.
    pub fn return_to_draft(
        &mut self,
        reviewer: &str,
        reason: &str,
        id: String,
        now: Timestamp,
    ) -> Result<(), DefinitionChangeError> {
        self.check_in_review()?;
        let (text, author) = (reason.to_owned(), reviewer.to_owned());
        self.add(Comment { id, about: "returned to draft".to_owned(), text, author, time: now }, now)?;
        self.approval = Approval::Draft;
        Ok(())
    }

    /// Turns the definition into a draft after a change, also while it is in review.
    pub fn reopen(&mut self) {
        self.approval = Approval::Draft;
    }

    const fn check_in_review(&self) -> Result<(), DefinitionChangeError> {
        match self.approval {
            Approval::InReview { .. } => Ok(()),
            Approval::Draft | Approval::Approved { .. } => Err(DefinitionChangeError::NotInReview),
        }
    }
}
