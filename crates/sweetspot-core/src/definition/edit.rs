//! Changing a definition, entry by entry.

use jiff::Timestamp;
use thiserror::Error;

use super::{Definition, Entry, EntryKind};

/// Why a definition cannot be changed so.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EditError {
    /// Another entry has the id.
    #[error("{kind} {id:?} already exists: change it, or choose another id")]
    Exists {
        /// What it is.
        kind: EntryKind,
        /// Its id.
        id: String,
    },
    /// No entry has the id.
    #[error("{kind} {id:?} does not exist: list the entries of this kind")]
    Missing {
        /// What it is.
        kind: EntryKind,
        /// The id.
        id: String,
    },
    /// There is no room for another one.
    #[error("the limit of {} entries of this kind ({kind}) is reached: delete entries that you no longer need", kind.most())]
    Full {
        /// What it is.
        kind: EntryKind,
    },
    /// It contradicts another entry.
    #[error("{text}")]
    Clash {
        /// Why, and what to do.
        text: String,
    },
    /// Only a draft can be given to the committee.
    #[error("the definition is not a draft: it is in review, or approved and unchanged since")]
    NotDraft,
    /// Only what is in review can be approved or returned.
    #[error("the definition is not in review: submit it first")]
    NotInReview,
}

impl Definition {
    /// The entries of a kind, by id.
    #[must_use]
    pub fn entries<E: Entry>(&self) -> &[E] {
        E::list(self)
    }

    /// One entry.
    #[must_use]
    pub fn entry<E: Entry>(&self, id: &str) -> Option<&E> {
        E::list(self).iter().find(|entry| entry.id() == id)
    }

    /// Adds an entry, stated now.
    ///
    /// # Errors
    /// Where its id is taken, there is no room, or it contradicts another one.
    pub fn add<E: Entry>(&mut self, mut entry: E, now: Timestamp) -> Result<(), EditError> {
        if self.entry::<E>(entry.id()).is_some() {
            return Err(EditError::Exists { kind: E::KIND, id: entry.id().to_owned() });
        }
        if E::list(self).len() >= E::KIND.most() {
            return Err(EditError::Full { kind: E::KIND });
        }
        entry.clash(self, now).map_or(Ok(()), |text| Err(EditError::Clash { text }))?;
        entry.state(now);
        let list = E::list_mut(self);
        let place = list.partition_point(|other| other.id() < entry.id());
        list.insert(place, entry);
        self.agreed::<E>();
        Ok(())
    }

    /// Puts an entry in the place of the one with its id; when that was stated stays.
    ///
    /// # Errors
    /// Where there is none, or the new one contradicts another.
    pub fn replace<E: Entry>(&mut self, mut entry: E, now: Timestamp) -> Result<(), EditError> {
        let missing = || EditError::Missing { kind: E::KIND, id: entry.id().to_owned() };
        let stated = self.entry::<E>(entry.id()).map(Entry::stated).ok_or_else(missing)?;
        entry.clash(self, now).map_or(Ok(()), |text| Err(EditError::Clash { text }))?;
        entry.state(stated);
        if let Some(place) = E::list_mut(self).iter_mut().find(|other| other.id() == entry.id()) {
            *place = entry;
        }
        self.agreed::<E>();
        Ok(())
    }

    /// Takes an entry away.
    ///
    /// # Errors
    /// Where there is none.
    pub fn remove<E: Entry>(&mut self, id: &str) -> Result<(), EditError> {
        let list = E::list_mut(self);
        let before = list.len();
        list.retain(|entry| entry.id() != id);
        if list.len() == before {
            return Err(EditError::Missing { kind: E::KIND, id: id.to_owned() });
        }
        self.agreed::<E>();
        Ok(())
    }

    fn agreed<E: Entry>(&mut self) {
        if E::KIND.is_agreed_on() {
            self.touch();
        }
    }
}
