//! What is done with the entries of a definition, whatever they are.

use sweetspot_core::Entry;
use sweetspot_store::definitions::Held;
use tonic::Status;

use super::super::Profile;
use super::{Call, model_name};
use crate::api::convert::spoken::{Spoken, entry};
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

/// A change of an entry.
pub(super) struct Changed<E: Spoken> {
    /// The entry as it is held.
    pub(super) entry: Option<E::Wire>,
    /// The definition's, since.
    pub(super) etag: String,
    /// What it names that nothing knows.
    pub(super) warnings: Vec<String>,
}

/// What is listed: the method, and the paging fields of its request.
pub(super) struct Listing {
    pub(super) method: &'static str,
    pub(super) parent: String,
    pub(super) size: i32,
    pub(super) token: String,
    /// The number of an approved state; 0: the definition as it stands.
    pub(super) profile_version: u64,
}

impl Profile {
    /// Adds an entry.
    pub(super) async fn add<E: Spoken>(&self, call: Call, wire: Option<E::Wire>) -> Result<Changed<E>, Status> {
        let mut problems = Problems::default();
        let entry: Option<E> = entry(wire, &mut problems);
        let wish = call.wish(&mut problems);
        let (wish, entry) = problems.check(wish.zip(entry)).map_err(|fault| status(&fault))?;
        let (definitions, id) = (self.parts.definitions.clone(), entry.id().to_owned());
        let (model, names) = (wish.model.clone(), entry.names());
        let change = move || definitions.change(&wish, |definition, now| definition.add(entry, now));
        let held = self.work.keep(change).await?;
        Ok(Changed::new(&held, &id, self.unknown(&model, names).await))
    }

    /// Puts an entry in the place of the one with its id.
    pub(super) async fn replace<E: Spoken>(&self, call: Call, wire: Option<E::Wire>) -> Result<Changed<E>, Status> {
        let mut problems = Problems::default();
        let entry: Option<E> = entry(wire, &mut problems);
        let wish = call.wish(&mut problems);
        let (wish, entry) = problems.check(wish.zip(entry)).map_err(|fault| status(&fault))?;
        let (definitions, id) = (self.parts.definitions.clone(), entry.id().to_owned());
        let (model, names) = (wish.model.clone(), entry.names());
        let change = move || definitions.change(&wish, |definition, now| definition.replace(entry, now));
        let held = self.work.keep(change).await?;
        Ok(Changed::new(&held, &id, self.unknown(&model, names).await))
    }

    /// Takes an entry away; the definition's etag.
    pub(super) async fn remove<E: Entry>(&self, call: Call, id: String) -> Result<String, Status> {
        let mut problems = Problems::default();
        let wish = call.wish(&mut problems);
        let wish = problems.check(wish).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let change = move || definitions.change(&wish, |definition, _| definition.remove::<E>(&id));
        Ok(self.work.keep(change).await?.etag)
    }

    /// A page of entries, by id, and the token of the next one.
    pub(super) async fn list<E: Spoken>(&self, listing: Listing) -> Result<(Vec<E::Wire>, String), Status> {
        let Listing { method, parent, size, token, profile_version } = listing;
        let mut problems = Problems::default();
        let model = model_name("parent", &parent, &mut problems);
        // A token leads on in the state that it came from.
        let list = if profile_version == 0 { method.to_owned() } else { format!("{method} of {profile_version}") };
        let page = Page::parse(&list, &parent, size, &token, &mut problems);
        let (model, page) = problems.check(model.zip(page)).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let read = move || match profile_version {
            0 => definitions.get(&model).map(|held| held.definition),
            number => definitions.version(&model, number).map(|(_, definition)| definition),
        };
        let definition = self.work.keep(read).await?;
        let after = |entry: &&E| page.after.as_deref().is_none_or(|after| entry.id() > after);
        let entries = definition.entries::<E>().iter().filter(after);
        Ok(page.fill(entries.map(|entry| (entry.id().to_owned(), entry.clone().told())), self.most_out))
    }
}

impl<E: Spoken> Changed<E> {
    fn new(held: &Held, id: &str, warnings: Vec<String>) -> Self {
        let entry = held.definition.entry::<E>(id).cloned().map(Spoken::told);
        Self { entry, etag: held.etag.clone(), warnings }
    }
}
