//! Findings and comments, from the wire and back.

use jiff::Timestamp;
use sweetspot_core::{Comment, Finding, Statement};
use sweetspot_proto::v1;

use super::place;
use super::said::{expiry, statement, wire_time};
use super::time::timestamp;
use crate::api::problems::Problems;

/// Reads a finding; `path` is where it stands in the request. Its bounds are for the caller to check.
pub(super) fn finding(wire: v1::Finding, path: &str, problems: &mut Problems) -> Option<Finding> {
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
    let expires = expiry(expire_time, path, problems);
    let section = problems.known(&format!("{path}.section"), section).map(place::section);
    let spiced = problems.known(&format!("{path}.spiced"), spiced).map(place::spiced);
    let category = problems.known(&format!("{path}.category"), category).map(place::category);
    let lean = problems.known(&format!("{path}.lean"), lean).map(place::lean);
    let by = statement(author, reason, expires);
    let (section, spiced, category, lean) = (section?, spiced?, category?, lean?);
    Some(Finding { id, text, question, account_id, segment_id, section, spiced, category, lean, by })
}

/// A finding as it is answered.
pub(super) fn wire_finding(finding: Finding) -> v1::Finding {
    let Finding { id, text, question, account_id, segment_id, section, spiced, category, lean, by } = finding;
    let Statement { author, stated, reason, expires } = by;
    v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section: place::wire_section(section).into(),
        spiced: place::wire_spiced(spiced).into(),
        category: place::wire_category(category).into(),
        lean: place::wire_lean(lean).into(),
        author,
        create_time: Some(timestamp(stated)),
        reason,
        expire_time: wire_time(expires),
    }
}

/// Reads a comment: the definition gives it an id and a date.
pub(super) fn comment(wire: v1::Comment) -> Comment {
    let v1::Comment { id: _, about, text, author, create_time: _ } = wire;
    Comment { id: String::new(), about, text, author, time: Timestamp::UNIX_EPOCH }
}

/// A comment as it is answered.
pub(super) fn wire_comment(comment: Comment) -> v1::Comment {
    let Comment { id, about, text, author, time } = comment;
    v1::Comment { id, about, text, author, create_time: Some(timestamp(time)) }
}
