//! The entries of a definition: flags, requests, and output.

pub(super) mod args;
pub(super) mod json;
pub(super) mod text;
pub(super) mod wire;
pub(super) mod words;

use super::client::Client;
use super::context::Context;
use super::exit::CliError;

/// The number of entries per page.
pub(super) const PAGE_SIZE: i32 = 500;

/// Reads a list page by page; `page` takes a page token, and returns entries and the token of the next page.
///
/// # Errors
/// Returns the first error of a page.
pub(super) async fn list_all<T>(
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

/// Prints what was done with an entry, or the entry as JSON.
///
/// # Errors
/// Returns an error if stdout cannot be written.
pub(super) fn print_result(context: &Context, what: &str, json: &serde_json::Value) -> Result<(), CliError> {
    if context.out.json { context.out.print_json(json) } else { context.out.print_text(what) }
}

/// Prints entries as a table or as JSON.
///
/// # Errors
/// Returns an error if stdout cannot be written.
pub(super) fn print_entries<T>(
    context: &Context,
    entries: &[T],
    json: fn(&T) -> serde_json::Value,
    text: impl FnOnce(&[T]) -> String,
) -> Result<(), CliError> {
    if context.out.json {
        return context.out.print_json(&entries.iter().map(json).collect::<Vec<_>>());
    }
    context.out.print_text(&text(entries))
}

/// Prints that an entry of this kind was removed.
///
/// # Errors
/// Returns an error if stdout cannot be written.
pub(super) fn print_removed(context: &Context, kind: &str, id: &str) -> Result<(), CliError> {
    print_result(context, &format!("removed {kind} {id:?}"), &serde_json::json!({ "removed": id }))
}

/// Returns the error of a response that lacks a field.
pub(super) fn missing_field(what: &str) -> CliError {
    CliError::Failed(format!("the server's response has no {what}: check that the server has the same release"))
}
