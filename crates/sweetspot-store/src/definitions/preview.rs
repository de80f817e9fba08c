//! What a definition would be after a change, without the change.

use sweetspot_core::Entry;

use super::{DefinitionError, DefinitionSnapshot, Definitions, EditRequest, EditedDefinition, codec};

impl Definitions {
    /// Returns the definition as [`Self::add`] would leave it, with the etag of now. Stores nothing, and does not
    /// remember the request.
    ///
    /// # Errors
    /// As for [`Self::add`], except that request ids are not compared.
    pub fn preview_add<E: Entry>(
        &self,
        request: &EditRequest,
        entry: E,
    ) -> Result<DefinitionSnapshot, DefinitionError> {
        let EditRequest { model, etag, .. } = request;
        let before = self.load(model)?;
        let mut edited = EditedDefinition::new(&before, model, etag, self.clock.now())?;
        edited.add(entry)?;
        let EditedDefinition { definition, unreadable, .. } = edited;
        let (entries, _) = before.entries.change(model, definition, unreadable);
        codec::check_size(entries.bytes())?;
        Ok(DefinitionSnapshot { definition: entries.definition, ..before.snapshot(model) })
    }
}
