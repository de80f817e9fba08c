//! The approval of a definition, and its comments that are open, as text.

use sweetspot_proto::v1;
use sweetspot_proto::v1::definition::State;

use super::text::day_range;
use crate::cli::names::short_name;
use crate::cli::output::plural;

/// The maximum number of open comments to print.
const MAX_OPEN_COMMENTS: usize = 5;

/// The state of a definition, and the approvals of its review.
pub(super) fn state(definition: &v1::Definition) -> Vec<String> {
    let since = match definition.state_author.as_str() {
        "" => String::new(),
        author => format!(" since {}, by {author}", day_range(definition.state_time.as_ref(), None)),
    };
    let number = match definition.definition_version {
        0 => String::new(),
        number => format!(", as version {number}"),
    };
    let (model, word) = (short_name(&definition.model), state_word(definition.state()));
    let state = format!("The definition of {model} is {word}{since}{number}.");
    let shows_people = match definition.state() {
        State::InReview => definition.required_approvals > 1,
        State::Approved => definition.approvals.len() > 1,
        State::Unspecified | State::Draft => false,
    };
    std::iter::once(state).chain(shows_people.then(|| approvals(definition))).collect()
}

/// Formats `It has 1 of 2 approvals, for version 3 of the model: Ann (2026-11-24).`
fn approvals(definition: &v1::Definition) -> String {
    let count = progress(definition);
    if definition.approvals.is_empty() {
        return format!("It has {count}.");
    }
    let version = short_name(&definition.approvals_model_version);
    format!("It has {count}, for version {version} of the model: {}.", people(&definition.approvals))
}

/// Formats `1 of 2 approvals`.
fn progress(definition: &v1::Definition) -> String {
    let required = plural(definition.required_approvals, "approval", "approvals");
    format!("{} of {required}", definition.approvals.len())
}

/// Formats the approval of one of several people, which leaves the definition in review.
pub(crate) fn partial_approval(definition: &v1::Definition) -> String {
    let missing = definition.required_approvals.saturating_sub(definition.approvals.len() as u64);
    let missing = plural(missing, "more person approves it", "more people approve it");
    format!("{}; the definition stays in review until {missing}", progress(definition))
}

/// Who may approve a definition, and how many people have to; `None` if any person may, alone.
pub(super) fn committee(definition: &v1::Definition) -> Option<String> {
    let required = plural(definition.required_approvals, "approval is", "approvals are");
    match (definition.approvers.as_slice(), definition.required_approvals) {
        ([], 0 | 1) => None,
        ([], _) => Some(format!("Any person may approve it; {required} required.")),
        (names, _) => Some(format!("Its approvers are {}; {required} required.", names.join(", "))),
    }
}

/// Formats who approved a version, each with the day if there are several.
pub(super) fn approvers(version: &v1::DefinitionVersion) -> String {
    if version.approvals.len() < 2 { version.approver.clone() } else { people(&version.approvals) }
}

/// Formats `Ann (2026-11-24), Ben (2026-11-25)`.
fn people(approvals: &[v1::PersonApproval]) -> String {
    let person = |approval: &v1::PersonApproval| {
        format!("{} ({})", approval.approver, day_range(approval.approve_time.as_ref(), None))
    };
    approvals.iter().map(person).collect::<Vec<_>>().join(", ")
}

/// Formats `2 comments are open: c-000000003 by Cem on too-small (Ask two more); …`. `None` if none is open.
pub(crate) fn open_comments(comments: &[v1::Comment]) -> Option<String> {
    let open: Vec<_> = comments.iter().filter(|one| !one.removal && one.resolution.is_none()).collect();
    let line = |comment: &&v1::Comment| {
        let about = if comment.about.is_empty() { String::new() } else { format!(" on {}", comment.about) };
        format!("{} by {}{about} ({})", comment.id, comment.author, comment.text)
    };
    let mut lines: Vec<String> = open.iter().take(MAX_OPEN_COMMENTS).map(line).collect();
    let more = open.len().saturating_sub(MAX_OPEN_COMMENTS);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    let count = plural(open.len() as u64, "comment is", "comments are");
    (!open.is_empty()).then(|| format!("{count} open: {}", lines.join("; ")))
}

/// Returns the word for a state.
const fn state_word(state: State) -> &'static str {
    match state {
        State::Unspecified => "unknown",
        State::Draft => "draft",
        State::InReview => "in review",
        State::Approved => "approved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(number: usize) -> v1::Comment {
        let (id, text, author) = (format!("c-{number}"), "Why?".to_owned(), "Cem".to_owned());
        v1::Comment { id, text, author, ..v1::Comment::default() }
    }

    #[test]
    fn open_comments_are_counted_and_the_first_are_named() {
        let about = v1::Comment { about: "too-small".to_owned(), ..comment(1) };
        let resolved = v1::Comment { resolution: Some(v1::CommentResolution::default()), ..comment(2) };
        let removal = v1::Comment { removal: true, ..comment(3) };
        assert_eq!(open_comments(&[resolved.clone(), removal.clone()]), None);
        let one = "1 comment is open: c-1 by Cem on too-small (Why?)";
        assert_eq!(open_comments(&[about, resolved, removal]).as_deref(), Some(one));
        let seven = open_comments(&(1..8).map(comment).collect::<Vec<_>>()).unwrap();
        assert!(seven.starts_with("7 comments are open: c-1 by Cem (Why?); c-2"), "{seven}");
        assert!(seven.ends_with("c-5 by Cem (Why?); and 2 more"), "{seven}");
    }

    #[test]
    fn a_partial_approval_names_how_many_are_missing() {
        let approvals = vec![v1::PersonApproval::default()];
        let definition = v1::Definition { required_approvals: 2, approvals, ..v1::Definition::default() };
        let expected = "1 of 2 approvals; the definition stays in review until 1 more person approves it";
        assert_eq!(partial_approval(&definition), expected);
    }
}
