//! What people state about a definition: how it is said on the command line, sent, and shown.

pub(super) mod args;
pub(super) mod json;
pub(super) mod text;
pub(super) mod wire;
pub(super) mod words;

use super::client::Client;
use super::context::Context;
use super::exit::CliError;

/// Entries on a page.
pub(super) const PAGE: i32 = 500;

/// Reads a list page by page; `page` is given a token, and answers with entries and the token of the next page.
///
/// # Errors
/// Whatever a page fails with.
pub(super) async fn all<T>(
    client: &mut Client,
    mut page: impl AsyncFnMut(&mut Client, String) -> Result<(Vec<T>, String), CliError>,
) -> Result<Vec<T>, CliError> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let (entries, next) = page(client, token).await?;
        found.extend(entries);
        if next.is_empty() {
            return Ok(found);
        }
        token = next;
    }
}

/// Tells what was done with an entry, or gives it as JSON.
///
/// # Errors
/// Where stdout cannot be written.
pub(super) fn done(context: &Context, what: &str, json: &serde_json::Value) -> Result<(), CliError> {
    if context.out.json { context.out.json(json) } else { context.out.text(what) }
}

/// Tells entries in a table, or gives them as JSON.
///
/// # Errors
/// Where stdout cannot be written.
pub(super) fn told<T>(
    context: &Context,
    found: &[T],
    json: fn(&T) -> serde_json::Value,
    text: impl FnOnce(&[T]) -> String,
) -> Result<(), CliError> {
    if context.out.json {
        return context.out.json(&found.iter().map(json).collect::<Vec<_>>());
    }
    context.out.text(&text(found))
}

/// Tells that an entry of this kind was taken away.
///
/// # Errors
/// Where stdout cannot be written.
pub(super) fn removed(context: &Context, kind: &str, id: &str) -> Result<(), CliError> {
    done(context, &format!("removed {kind} {id:?}"), &serde_json::json!({ "removed": id }))
}

/// What a server should have sent.
pub(super) fn missing(what: &str) -> CliError {
    CliError::Failed(format!("the server's response has no {what}: check that the server has the same release"))
}
