//! Comments on a definition.

use sweetspot_core::{Comment, CommentResolution};

use super::{DefinitionError, Definitions, EditRequest, EditResult};
use crate::store::Commit;

impl Definitions {
    /// Adds a comment and assigns its id.
    ///
    /// # Errors
    /// As for [`Self::change`].
    pub fn comment(&self, request: &EditRequest, comment: Comment) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edited.definition.add(Comment { id: edited.comment_id(), ..comment }, edited.now)?;
            Ok(Commit::default())
        })
    }

    /// Resolves a comment, which stays. The approval is not affected.
    ///
    /// # Errors
    /// If no comment has the id, it is not open, or for a reason of [`Self::change`].
    pub fn resolve_comment(
        &self,
        request: &EditRequest,
        id: &str,
        by: &str,
        reason: &str,
    ) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            let (author, reason) = (by.to_owned(), reason.to_owned());
            edited.definition.resolve_comment(id, CommentResolution { author, time: edited.now, reason })?;
            Ok(Commit::default())
        })
    }
}
