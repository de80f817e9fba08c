//! Comments as blocks of a page: open ones, resolved ones, and records of removed entries.

use sweetspot_core::{Comment, Date};

use super::{CommentList, DefinitionView};
use crate::{Block, format_date, plural};

/// Adds the comments to a page: open ones first.
pub(super) fn comments(view: &DefinitionView, page: &mut Vec<Block>) {
    list("Comments", &view.open_comments, comment, page);
    list("Resolved comments", &view.resolved_comments, resolved, page);
    list("What was removed", &view.removals, removal, page);
}

/// Adds a list under a heading, unless it is empty.
fn list(heading: &str, list: &CommentList, line: fn(&Comment) -> String, page: &mut Vec<Block>) {
    if list.comments.is_empty() {
        return;
    }
    page.push(Block::Heading(2, heading.to_owned()));
    if list.omitted > 0 {
        let older = plural(list.omitted as u64, "older one is", "older ones are");
        page.push(Block::Text(format!("{older} left out.")));
    }
    page.push(Block::List(list.comments.iter().map(line).collect()));
}

fn comment(comment: &Comment) -> String {
    let about = if comment.about.is_empty() { String::new() } else { format!(" on {}", comment.about) };
    format!("{}, {}{about}: {}", comment.author, day(comment.time), comment.text)
}

fn resolved(resolved: &Comment) -> String {
    let resolution = resolved.resolution.clone().unwrap_or_default();
    let reason = if resolution.reason.is_empty() { String::new() } else { format!(": {}", resolution.reason) };
    format!("{} (resolved by {}, {}{reason})", comment(resolved), resolution.author, day(resolution.time))
}

/// `Ann, 2026-11-24, removed exclusion rule too-small: never used`.
fn removal(removal: &Comment) -> String {
    format!("{}, {}, {}: {}", removal.author, day(removal.time), removal.about, removal.text)
}

fn day(time: jiff::Timestamp) -> String {
    format_date(Date::from_timestamp(time))
}
