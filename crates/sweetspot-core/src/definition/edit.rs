//! Edits the entries of a definition.

use jiff::Timestamp;
use thiserror::Error;

use super::{Definition, Entry, EntryKind};

/// An error of a change to a definition: of an edit of its entries, or of its approval.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DefinitionChangeError {
    /// Another entry already has the id.
    #[error("{kind} {id:?} already exists: change it, or choose another id")]
    Exists {
        /// The kind of the entry.
        kind: EntryKind,
        /// The id.
        id: String,
    },
    /// No entry has the id.
    #[error("{kind} {id:?} does not exist: list the entries of this kind")]
    Missing {
        /// The kind of the entry.
        kind: EntryKind,
        /// The id.
        id: String,
    },
    /// The maximum number of entries is reached.
    #[error("the limit of {} entries of this kind ({kind}) is reached: delete entries that you no longer need", kind.max_entries())]
    Full {
        /// The kind of the entry.
        kind: EntryKind,
    },
    /// The entry contradicts another entry.
    #[error("{text}")]
    Conflict {
        /// The conflict, and how to resolve it.
        text: String,
    },
    /// A definition in review cannot be submitted again.
    #[error("the definition is in review already: approve it, or return it to draft")]
    InReview,
    /// The person who submitted the definition cannot approve it.
    #[error(
        "{person} submitted this definition and cannot approve it: let another person approve it, or allow \
         self-approval for this definition"
    )]
    SelfApproval {
        /// The person.
        person: String,
    },
    /// The committee does not include the person.
    #[error(
        "{person} is not an approver of this definition: let an approver approve it ({approvers}), or change the \
         approvers"
    )]
    NotApprover {
        /// The person.
        person: String,
        /// The approvers.
        approvers: String,
    },
    /// A person approves a definition once.
    #[error("{person} has approved this definition already: let another person approve it")]
    AlreadyApproved {
        /// The person.
        person: String,
    },
    /// All approvals of a review are of one version of the model.
    #[error(
        "{person} approved the definition for version {approved} of the model, and this approval is for version \
         {version}: approve it for version {approved}, or return it to draft"
    )]
    OtherModelVersion {
        /// The version of this approval.
        version: u64,
        /// The version of the approvals so far.
        approved: u64,
        /// The person who approved first.
        person: String,
    },
    /// The person who submits the definition may not approve it, and the other approvers are too few.
    #[error(
        "{person} cannot approve an own submission, and the other approvers are fewer than the required approvals \
         ({required}): let another person submit the definition, name more approvers, require fewer approvals, or \
         allow self-approval"
    )]
    TooFewApprovers {
        /// The person.
        person: String,
        /// The number of required approvals.
        required: u64,
    },
    /// The comment cannot be resolved.
    #[error("comment {id:?} is not open: {why}")]
    CommentNotOpen {
        /// The id of the comment.
        id: String,
        /// The reason, and the next step, if any.
        why: String,
    },
    /// Only a definition in review can be approved or returned.
    #[error("the definition is not in review: submit it first")]
    NotInReview,
}

/// The maximum length of an id in a message, in bytes: that of a valid one.
const MAX_SHOWN_ID_BYTES: usize = 64;

impl DefinitionChangeError {
    /// The error for an id that no entry has, of which the message repeats no more than a valid id may have.
    pub(super) fn missing(kind: EntryKind, id: &str) -> Self {
        let end = (0..=id.len().min(MAX_SHOWN_ID_BYTES)).rev().find(|end| id.is_char_boundary(*end)).unwrap_or(0);
        Self::Missing { kind, id: id.get(..end).unwrap_or_default().to_owned() }
    }
}

impl Definition {
    /// The entries of a kind: comments oldest first, all others by id.
    #[must_use]
    pub fn entries<E: Entry>(&self) -> &[E] {
        E::list(self)
    }

    /// The entry with this id.
    #[must_use]
    pub fn entry<E: Entry>(&self, id: &str) -> Option<&E> {
        E::list(self).iter().find(|entry| entry.id() == id)
    }

    /// Adds an entry, stated at `now`.
    ///
    /// # Errors
    /// Returns an error if its id exists, the list is full, or it contradicts another entry.
    pub fn add<E: Entry>(&mut self, mut entry: E, now: Timestamp) -> Result<(), DefinitionChangeError> {
        if self.entry::<E>(entry.id()).is_some() {
            return Err(DefinitionChangeError::Exists { kind: E::KIND, id: entry.id().to_owned() });
        }
        if E::list(self).len() >= E::KIND.max_entries() {
            return Err(DefinitionChangeError::Full { kind: E::KIND });
        }
        entry.conflict(self, now).map_or(Ok(()), |text| Err(DefinitionChangeError::Conflict { text }))?;
        entry.set_stated_at(now);
        let list = E::list_mut(self);
        let place = list.partition_point(|other| other.id() < entry.id());
        list.insert(place, entry);
        self.reopen_if_approval_is_needed::<E>();
        Ok(())
    }

    /// Replaces the entry with the same id. The time of its statement is kept.
    ///
    /// # Errors
    /// Returns an error if no entry has its id, or it contradicts another entry.
    pub fn replace<E: Entry>(&mut self, mut entry: E, now: Timestamp) -> Result<(), DefinitionChangeError> {
        let missing = || DefinitionChangeError::missing(E::KIND, entry.id());
        let stated = self.entry::<E>(entry.id()).map(Entry::stated_at).ok_or_else(missing)?;
        entry.conflict(self, now).map_or(Ok(()), |text| Err(DefinitionChangeError::Conflict { text }))?;
        entry.set_stated_at(stated);
        if let Some(place) = E::list_mut(self).iter_mut().find(|other| other.id() == entry.id()) {
            *place = entry;
        }
        self.reopen_if_approval_is_needed::<E>();
        Ok(())
    }

    /// Removes an entry.
    ///
    /// # Errors
    /// [`DefinitionChangeError::Missing`] if no entry has the id.
    pub fn remove<E: Entry>(&mut self, id: &str) -> Result<(), DefinitionChangeError> {
        let list = E::list_mut(self);
        let before = list.len();
        list.retain(|entry| entry.id() != id);
        if list.len() == before {
            return Err(DefinitionChangeError::missing(E::KIND, id));
        }
        self.reopen_if_approval_is_needed::<E>();
        Ok(())
    }

    fn reopen_if_approval_is_needed<E: Entry>(&mut self) {
        if E::KIND.needs_approval() {
            self.reopen();
        }
    }
}
