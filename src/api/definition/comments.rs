//! Comments on a definition.

use sweetspot_core::Comment;
use sweetspot_proto::v1;
use sweetspot_store::definitions::{DefinitionError, EditResult};
use tonic::Status;

use super::DefinitionApi;
use super::approval::{check_reason, parse_person};
use super::entries::EntryListRequest;
use super::{ChangeCall, request_digest};
use crate::api::convert::entry::{EntryMessage, parse_entry};
use crate::api::violations::Violations;

impl DefinitionApi {
    /// Adds a comment.
    pub(super) async fn create_comment(
        &self,
        request: v1::CreateCommentRequest,
    ) -> Result<v1::CreateCommentResponse, Status> {
        let body = request_digest(&request);
        let v1::CreateCommentRequest { parent, comment, etag, request_id } = request;
        let call = ChangeCall { method: "create-comment", model: ("parent", parent), etag, request_id, body };
        let mut problems = Violations::default();
        let comment: Option<Comment> = parse_entry(comment, &mut problems);
        let edit = call.edit_request(&mut problems);
        let (edit, comment) = problems.finish(edit.zip(comment))?;
        let (definitions, model) = (self.state.definitions.clone(), edit.model.to_string());
        let EditResult { snapshot, comment_id, .. } =
            self.pool.run_store(move || definitions.comment(&edit, comment)).await?;
        let comment = snapshot.definition.entry::<Comment>(&comment_id).cloned();
        let comment = comment.map(|comment| comment.into_wire_of(&model));
        Ok(v1::CreateCommentResponse { comment, etag: snapshot.etag })
    }

    /// Lists comments.
    pub(super) async fn list_comments(
        &self,
        request: v1::ListCommentsRequest,
    ) -> Result<v1::ListCommentsResponse, Status> {
        let v1::ListCommentsRequest { parent, page_size, page_token, definition_version } = request;
        let listing =
            EntryListRequest { method: "ListComments", parent, size: page_size, token: page_token, definition_version };
        let (comments, next_page_token, unreadable_ids) = self.list_entries::<Comment>(listing).await?;
        Ok(v1::ListCommentsResponse { comments, next_page_token, unreadable_ids })
    }

    /// Resolves a comment.
    pub(super) async fn resolve_comment(
        &self,
        request: v1::ResolveCommentRequest,
    ) -> Result<v1::ResolveCommentResponse, Status> {
        let body = request_digest(&request);
        let v1::ResolveCommentRequest { parent, id, author, reason, etag, request_id } = request;
        let mut problems = Violations::default();
        let author = parse_person("author", author, &mut problems);
        check_reason(&reason, &mut problems);
        let call = ChangeCall { method: "resolve-comment", model: ("parent", parent), etag, request_id, body };
        let edit = call.edit_request(&mut problems);
        let edit = problems.finish(edit)?;
        let (definitions, model) = (self.state.definitions.clone(), edit.model.to_string());
        let resolve = move || {
            let resolved = definitions.resolve_comment(&edit, &id, &author, &reason)?;
            Ok::<_, DefinitionError>((
                resolved.snapshot.definition.entry::<Comment>(&id).cloned(),
                resolved.snapshot.etag,
            ))
        };
        let (comment, etag) = self.pool.run_store(resolve).await?;
        Ok(v1::ResolveCommentResponse { comment: comment.map(|comment| comment.into_wire_of(&model)), etag })
    }

    /// Deletes a comment.
    pub(super) async fn delete_comment(
        &self,
        request: v1::DeleteCommentRequest,
    ) -> Result<v1::DeleteCommentResponse, Status> {
        let body = request_digest(&request);
        let v1::DeleteCommentRequest { parent, id, etag, request_id } = request;
        let call = ChangeCall { method: "delete-comment", model: ("parent", parent), etag, request_id, body };
        let mut problems = Violations::default();
        let edit = call.edit_request(&mut problems);
        let edit = problems.finish(edit)?;
        let definitions = self.state.definitions.clone();
        let removed = self.pool.run_store(move || definitions.remove::<Comment>(&edit, &id)).await?;
        Ok(v1::DeleteCommentResponse { etag: removed.snapshot.etag })
    }
}
