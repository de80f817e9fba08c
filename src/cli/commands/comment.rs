//! `comment`: comments on a definition or a document.

use clap::Subcommand;
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::text::comments_text;
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field};
use crate::cli::exit::CliError;

/// The operations on comments.
#[derive(Debug, Subcommand)]
pub(crate) enum CommentCommand {
    /// Add a comment
    Add {
        /// The comment
        text: String,
        /// Author of the comment [default: the holder of the credential]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        by: String,
        /// Subject of the comment, such as a heading or an id
        #[arg(long, value_name = "A", default_value = "", hide_default_value = true)]
        about: String,
    },
    /// List all comments, oldest first
    List,
    /// Resolve a comment; it stays, with who resolved it
    Resolve {
        /// Id of the comment
        id: String,
        /// Author of the resolution [default: the holder of the credential]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        by: String,
        /// Reason
        #[arg(long, value_name = "R", default_value = "", hide_default_value = true)]
        because: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: CommentCommand, context: &Context) -> Result<(), CliError> {
    match command {
        CommentCommand::Add { text, by, about } => {
            let comment = v1::Comment { about, text, author: by, ..v1::Comment::default() };
            let work = async |client: &mut Client| add(client, context, comment).await;
            context.with_client(MissingStore::Create, work).await
        }
        CommentCommand::Resolve { id, by, because } => {
            let work = async |client: &mut Client| resolve(client, context, id, by, because).await;
            context.with_client(MissingStore::Refuse, work).await
        }
        CommentCommand::List => {
            context.with_client(MissingStore::Refuse, async |client: &mut Client| list(client, context).await).await
        }
    }
}

async fn add(client: &mut Client, context: &Context, comment: v1::Comment) -> Result<(), CliError> {
    let message = v1::CreateCommentRequest {
        parent: context.names.model.to_string(),
        comment: Some(comment),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.definitions.create_comment(request(message)).await;
    let added = client.response(answer)?.comment.ok_or_else(|| missing_field("comment"))?;
    context.out.print_message(&format!("added comment {}", added.id), &added)
}

async fn resolve(
    client: &mut Client,
    context: &Context,
    id: String,
    author: String,
    reason: String,
) -> Result<(), CliError> {
    let message = v1::ResolveCommentRequest {
        parent: context.names.model.to_string(),
        id,
        author,
        reason,
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.definitions.resolve_comment(request(message)).await;
    let resolved = client.response(answer)?.comment.ok_or_else(|| missing_field("comment"))?;
    context.out.print_message(&format!("resolved comment {}", resolved.id), &resolved)
}

/// Reads all comments, oldest first.
pub(super) async fn comments(client: &mut Client, context: &Context) -> Result<Vec<v1::Comment>, CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListCommentsRequest { parent, page_size: PAGE_SIZE, page_token, definition_version: 0 };
        let answer = client.definitions.list_comments(request(message)).await;
        client.response(answer).map(|page| (page.comments, page.next_page_token))
    };
    list_all(client, page).await
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let comments = comments(client, context).await?;
    if context.out.json {
        return context.out.print_json_list(&comments);
    }
    context.out.print_text(&comments_text(&comments))
}
