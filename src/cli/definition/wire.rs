//! Converts entries to API messages.

use sweetspot_core::{Attribution, Finding};
use sweetspot_proto::v1;

use super::words::{wire_category, wire_lean, wire_section, wire_spiced};
use crate::cli::wire::wire_day;

/// Converts a finding.
pub(crate) fn wire_finding(finding: Finding) -> v1::Finding {
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
    let Attribution { author, stated_at: _, reason, expires } = by;
    v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section: section.map(wire_section).unwrap_or_default().into(),
        spiced: spiced.map(wire_spiced).unwrap_or_default().into(),
        category: category.map(wire_category).unwrap_or_default().into(),
        lean: wire_lean(lean).into(),
        author,
        create_time: None,
        reason,
        expire_time: wire_day(expires),
    }
}
