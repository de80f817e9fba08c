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
        /// The person whose approval was the last one.
        actor: String,
        /// The time of this approval.
        time: Timestamp,
        /// The number of the approved version of the definition.
        number: u64,
    },
}

/// The approval of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonApproval {
    /// The person who approved.
    pub actor: String,
    /// The time of the approval.
    pub time: Timestamp,
}

/// The approvals of one review, all of the same version of the model. They stay until the next submission or change, also
/// after the definition is approved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewRound {
    /// The number of the model version; 0 without approvals.
    pub version: u64,
    /// The approvals, oldest first; each person has one.
    pub approvals: Vec<PersonApproval>,
}

/// An approved version of a definition, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedDefinitionVersion {
    /// The number of the approved version, from 1.
    pub number: u64,
    /// The number of the model version at the approval.
    pub version: u64,
    /// The person whose approval was the last one.
    pub actor: String,
    /// The time of this approval.
    pub time: Timestamp,
    /// All approvals, oldest first.
    pub approvals: Vec<PersonApproval>,
}

impl Definition {
    /// Submits a draft to the committee, or an approved definition for another version of the model.
    ///
    /// # Errors
    /// [`DefinitionChangeError::InReview`] if the definition is in review;
    /// [`DefinitionChangeError::TooFewApprovers`] if the approvers other than `author`, who may not approve, are fewer
    /// than the required approvals.
    pub fn submit(&mut self, author: &str, now: Timestamp) -> Result<(), DefinitionChangeError> {
        match self.approval {
            Approval::Draft | Approval::Approved { .. } => {
                if !self.allow_self_approval && !self.committee.can_approve_without(author) {
                    return Err(DefinitionChangeError::TooFewApprovers {
                        person: author.to_owned(),
                        required: self.committee.required_approvals,
                    });
                }
                self.approval = Approval::InReview { actor: author.to_owned(), time: now };
                self.round = ReviewRound::default();
                Ok(())
            }
            Approval::InReview { .. } => Err(DefinitionChangeError::InReview),
        }
    }

    /// Approves the definition in review for a version of the model. Returns whether the required approvals are reached:
    /// the definition is the approved version `number` then, and in review otherwise.
    ///
    /// # Errors
    /// [`DefinitionChangeError::NotInReview`] if the definition is not in review;
    /// [`DefinitionChangeError::NotApprover`] if the committee does not include `author`;
    /// [`DefinitionChangeError::SelfApproval`] if `author` submitted it and [`Definition::allow_self_approval`] is not
    /// set; [`DefinitionChangeError::AlreadyApproved`] if `author` has approved it in this review;
    /// [`DefinitionChangeError::OtherModelVersion`] if the first approval is of another version. Names are compared
    /// without case and surrounding spaces.
    pub fn approve(
        &mut self,
        author: &str,
        version: u64,
        number: u64,
        now: Timestamp,
    ) -> Result<bool, DefinitionChangeError> {
        self.check_approval(author, version)?;
        self.round.version = version;
        self.round.approvals.push(PersonApproval { actor: author.to_owned(), time: now });
        let is_approved = self.round.approvals.len() as u64 >= self.committee.required_approvals;
        if is_approved {
            self.approval = Approval::Approved { actor: author.to_owned(), time: now, number };
        }
        Ok(is_approved)
    }

    fn check_approval(&self, author: &str, version: u64) -> Result<(), DefinitionChangeError> {
        let Approval::InReview { actor: submitter, .. } = &self.approval else {
            return Err(DefinitionChangeError::NotInReview);
        };
        let person = author.trim().to_owned();
        let is_author = |name: &str| level_key(name) == level_key(author);
        if !self.committee.may_approve(author) {
            return Err(DefinitionChangeError::NotApprover { person, approvers: self.committee.names() });
        }
        if is_author(submitter) && !self.allow_self_approval {
            return Err(DefinitionChangeError::SelfApproval { person: author.to_owned() });
        }
        if self.round.approvals.iter().any(|approval| is_author(&approval.actor)) {
            return Err(DefinitionChangeError::AlreadyApproved { person });
        }
        match self.round.approvals.first() {
            Some(first) if self.round.version != version => Err(DefinitionChangeError::OtherModelVersion {
                version,
                approved: self.round.version,
                person: first.actor.trim().to_owned(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// The names of the people who approved the definition, also in a review that is not complete. The approver of a
    /// state that was stored without approvals is the only one.
    #[must_use]
    pub fn approver_names(&self) -> Vec<String> {
        match &self.approval {
            Approval::Draft => Vec::new(),
            Approval::Approved { actor, .. } if self.round.approvals.is_empty() => vec![actor.clone()],
            Approval::InReview { .. } | Approval::Approved { .. } => {
                self.round.approvals.iter().map(|approval| approval.actor.clone()).collect()
            }
        }
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
        let (about, text, author) = ("returned to draft".to_owned(), reason.to_owned(), reviewer.to_owned());
        self.add(Comment { id, about, text, author, ..Comment::default() }, now)?;
        self.reopen();
        Ok(())
    }

    /// Turns the definition into a draft without approvals after a change, also while it is in review.
    pub fn reopen(&mut self) {
        self.approval = Approval::Draft;
        self.round = ReviewRound::default();
    }

    const fn check_in_review(&self) -> Result<(), DefinitionChangeError> {
        match self.approval {
            Approval::InReview { .. } => Ok(()),
            Approval::Draft | Approval::Approved { .. } => Err(DefinitionChangeError::NotInReview),
        }
    }
}
