//! Methods that are common to all kinds of definition entries.

use sweetspot_core::Entry;
use sweetspot_store::definitions::DefinitionSnapshot;
use tonic::Status;

use super::super::ProfileApi;
use super::{ChangeCall, parse_model_name};
use crate::api::convert::entry::{EntryMessage, parse_entry};
use crate::api::pagination::PageRequest;
use crate::api::status::status;
use crate::api::violations::Violations;

/// The result of a change to an entry.
pub(super) struct EntryChange<E: EntryMessage> {
    /// The stored entry.
    pub(super) entry: Option<E::Wire>,
    /// The new etag of the definition.
    pub(super) etag: String,
    /// Warnings about unknown names in the entry.
    pub(super) warnings: Vec<String>,
}

/// The method and the paging fields of a list request.
pub(super) struct EntryListRequest {
    pub(super) method: &'static str,
    pub(super) parent: String,
    pub(super) size: i32,
    pub(super) token: String,
    /// The number of an approved version; 0 means the current definition.
    pub(super) profile_version: u64,
}

impl ProfileApi {
    /// Adds an entry.
    pub(super) async fn create_entry<E: EntryMessage>(
        &self,
        call: ChangeCall,
        wire: Option<E::Wire>,
    ) -> Result<EntryChange<E>, Status> {
        let mut problems = Violations::default();
        let entry: Option<E> = parse_entry(wire, &mut problems);
        let wish = call.edit_request(&mut problems);
        let (wish, entry) = problems.finish(wish.zip(entry)).map_err(|fault| status(&fault))?;
        let (definitions, id) = (self.state.definitions.clone(), entry.id().to_owned());
        let (model, names) = (wish.model.clone(), entry.mentioned_names());
        let change = move || definitions.change(&wish, |definition, now| definition.add(entry, now));
        let held = self.pool.run_store(change).await?;
        Ok(EntryChange::new(&held, &id, self.unknown_name_warnings(&model, names).await))
    }

    /// Replaces the entry with the same id.
    pub(super) async fn update_entry<E: EntryMessage>(
        &self,
        call: ChangeCall,
        wire: Option<E::Wire>,
    ) -> Result<EntryChange<E>, Status> {
        let mut problems = Violations::default();
        let entry: Option<E> = parse_entry(wire, &mut problems);
        let wish = call.edit_request(&mut problems);
        let (wish, entry) = problems.finish(wish.zip(entry)).map_err(|fault| status(&fault))?;
        let (definitions, id) = (self.state.definitions.clone(), entry.id().to_owned());
        let (model, names) = (wish.model.clone(), entry.mentioned_names());
        let change = move || definitions.change(&wish, |definition, now| definition.replace(entry, now));
        let held = self.pool.run_store(change).await?;
        Ok(EntryChange::new(&held, &id, self.unknown_name_warnings(&model, names).await))
    }

    /// Deletes an entry and returns the new etag of the definition.
    pub(super) async fn delete_entry<E: Entry>(&self, call: ChangeCall, id: String) -> Result<String, Status> {
        let mut problems = Violations::default();
        let wish = call.edit_request(&mut problems);
        let wish = problems.finish(wish).map_err(|fault| status(&fault))?;
        let definitions = self.state.definitions.clone();
        let change = move || definitions.change(&wish, |definition, _| definition.remove::<E>(&id));
        Ok(self.pool.run_store(change).await?.etag)
    }

    /// Returns a page of entries, sorted by id, and the token of the next page.
    pub(super) async fn list_entries<E: EntryMessage>(
        &self,
        listing: EntryListRequest,
    ) -> Result<(Vec<E::Wire>, String), Status> {
        let EntryListRequest { method, parent, size, token, profile_version } = listing;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        // A token is valid only for the state that it was issued for.
        let list = if profile_version == 0 { method.to_owned() } else { format!("{method} of {profile_version}") };
        let page = PageRequest::parse(&list, &parent, size, &token, &mut problems);
        let (model, page) = problems.finish(model.zip(page)).map_err(|fault| status(&fault))?;
        let definitions = self.state.definitions.clone();
        let read = move || match profile_version {
            0 => definitions.get(&model).map(|held| held.definition),
            number => definitions.version(&model, number).map(|(_, definition)| definition),
        };
        let definition = self.pool.run_store(read).await?;
        let after = |entry: &&E| page.after.as_deref().is_none_or(|after| entry.id() > after);
        let entries = definition.entries::<E>().iter().filter(after);
        Ok(page.fill(entries.map(|entry| (entry.id().to_owned(), entry.clone().into_wire())), self.max_response_bytes))
    }
}

impl<E: EntryMessage> EntryChange<E> {
    fn new(held: &DefinitionSnapshot, id: &str, warnings: Vec<String>) -> Self {
        let entry = held.definition.entry::<E>(id).cloned().map(EntryMessage::into_wire);
        Self { entry, etag: held.etag.clone(), warnings }
    }
}
