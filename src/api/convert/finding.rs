//! Converts findings and comments from and to messages.

use jiff::Timestamp;
use sweetspot_core::{Attribution, Comment, Finding};
use sweetspot_proto::v1;

use super::enums;
use super::statement::{optional_timestamp, parse_expiry, undated_statement};
use super::time::timestamp;
use crate::api::violations::Violations;

/// Reads a finding; `path` is its field path in the request. The caller checks its limits.
pub(super) fn parse_finding(wire: v1::Finding, path: &str, problems: &mut Violations) -> Option<Finding> {
    let v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section,
        spiced,
        category,
        lean,
        author,
        create_time: _,
        reason,
        expire_time,
    } = wire;
    let expires = parse_expiry(expire_time, path, problems);
    let section = problems.parse_enum(&format!("{path}.section"), section).map(enums::parse_section);
    let spiced = problems.parse_enum(&format!("{path}.spiced"), spiced).map(enums::parse_spiced);
    let category = problems.parse_enum(&format!("{path}.category"), category).map(enums::parse_category);
    let lean = problems.parse_enum(&format!("{path}.lean"), lean).map(enums::parse_stance);
    let by = undated_statement(author, reason, expires);
    let (section, spiced, category, lean) = (section?, spiced?, category?, lean?);
    Some(Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section,
        spiced,
        category,
        stance: lean,
        attribution: by,
    })
}

/// Converts a finding.
pub(super) fn wire_finding(finding: Finding) -> v1::Finding {
    let Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section,
        spiced,
        category,
        stance: lean,
        attribution: by,
    } = finding;
    let Attribution { author, stated_at: stated, reason, expires } = by;
    v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section: enums::wire_section(section).into(),
        spiced: enums::wire_spiced(spiced).into(),
        category: enums::wire_category(category).into(),
        lean: enums::wire_stance(lean).into(),
        author,
        create_time: Some(timestamp(stated)),
        reason,
        expire_time: optional_timestamp(expires),
    }
}

/// Reads a comment. The definition assigns its id and its date.
pub(super) fn parse_comment(wire: v1::Comment) -> Comment {
    let v1::Comment { id: _, about, text, author, create_time: _ } = wire;
    Comment { id: String::new(), about, text, author, time: Timestamp::UNIX_EPOCH }
}

/// Converts a comment.
pub(super) fn wire_comment(comment: Comment) -> v1::Comment {
    let Comment { id, about, text, author, time } = comment;
    v1::Comment { id, about, text, author, create_time: Some(timestamp(time)) }
}
