//! The way of a definition through its committee: draft, in review, approved, and back.

use jiff::Timestamp;

use super::{Comment, Definition, EditError};

/// How far the committee is with a definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Approval {
    /// Being written.
    #[default]
    Draft,
    /// Given to the committee.
    InReview {
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Agreed on.
    Approved {
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
        /// The number that this state of the definition was given.
        number: u64,
    },
}

/// A state of a definition that was approved, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedVersion {
    /// Its number, from 1.
    pub number: u64,
    /// The number of the model's version that it was agreed on with.
    pub version: u64,
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Definition {
    /// Gives a draft to the committee.
    ///
    /// # Errors
    /// [`EditError::NotDraft`] where it has it already, or has agreed.
    pub fn submit(&mut self, by: &str, now: Timestamp) -> Result<(), EditError> {
        match self.approval {
            Approval::Draft => {
                self.approval = Approval::InReview { by: by.to_owned(), at: now };
                Ok(())
            }
            Approval::InReview { .. } | Approval::Approved { .. } => Err(EditError::NotDraft),
        }
    }

    /// Agrees on what is in review; `number` names this state of it.
    ///
    /// # Errors
    /// [`EditError::NotInReview`].
    pub fn approve(&mut self, by: &str, now: Timestamp, number: u64) -> Result<(), EditError> {
        self.check_in_review()?;
        self.approval = Approval::Approved { by: by.to_owned(), at: now, number };
        Ok(())
    }

    /// Gives back what is in review; why is kept as a comment under this id.
    ///
    /// # Errors
    /// [`EditError::NotInReview`]; no room for the comment.
    pub fn give_back(&mut self, by: &str, reason: &str, id: String, now: Timestamp) -> Result<(), EditError> {
        self.check_in_review()?;
        let (text, author) = (reason.to_owned(), by.to_owned());
        self.add(Comment { id, about: "returned to draft".to_owned(), text, author, time: now }, now)?;
        self.approval = Approval::Draft;
        Ok(())
    }

    /// Notes that something was changed: what was agreed on is a draft again.
    pub fn touch(&mut self) {
        if matches!(self.approval, Approval::Approved { .. }) {
            self.approval = Approval::Draft;
        }
    }

    const fn check_in_review(&self) -> Result<(), EditError> {
        match self.approval {
            Approval::InReview { .. } => Ok(()),
            Approval::Draft | Approval::Approved { .. } => Err(EditError::NotInReview),
        }
    }
}
