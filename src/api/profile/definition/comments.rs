//! Remarks on a definition.

use sweetspot_core::Comment;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::entries::Listing;
use super::{Call, digest};
use crate::api::convert::spoken::{Spoken, entry};
use crate::api::problems::Problems;
use crate::api::status::status;

impl Profile {
    /// Adds one.
    pub(in crate::api::profile) async fn add_comment(
        &self,
        request: v1::CreateCommentRequest,
    ) -> Result<v1::CreateCommentResponse, Status> {
        let body = digest(&request);
        let v1::CreateCommentRequest { parent, comment, etag, request_id } = request;
        let call = Call { method: "create-comment", model: ("parent", parent), etag, request_id, body };
        let mut problems = Problems::default();
        let comment: Option<Comment> = entry(comment, &mut problems);
        let wish = call.wish(&mut problems);
        let (wish, comment) = problems.check(wish.zip(comment)).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let held = self.work.keep(move || definitions.comment(&wish, comment)).await?;
        // Its number is the newest, also of the state that a repeated request is answered with.
        let comment = held.definition.comments.last().cloned().map(Spoken::told);
        Ok(v1::CreateCommentResponse { comment, etag: held.etag })
    }

    /// Lists them.
    pub(in crate::api::profile) async fn comments(
        &self,
        request: v1::ListCommentsRequest,
    ) -> Result<v1::ListCommentsResponse, Status> {
        let v1::ListCommentsRequest { parent, page_size, page_token, profile_version } = request;
        let listing = Listing { method: "ListComments", parent, size: page_size, token: page_token, profile_version };
        let (comments, next_page_token) = self.list::<Comment>(listing).await?;
        Ok(v1::ListCommentsResponse { comments, next_page_token })
    }

    /// Takes one away.
    pub(in crate::api::profile) async fn remove_comment(
        &self,
        request: v1::DeleteCommentRequest,
    ) -> Result<v1::DeleteCommentResponse, Status> {
        let body = digest(&request);
        let v1::DeleteCommentRequest { parent, id, etag, request_id } = request;
        let call = Call { method: "delete-comment", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteCommentResponse { etag: self.remove::<Comment>(call, id).await? })
    }
}
