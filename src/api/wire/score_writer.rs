//! Writes scores without building messages. The bytes are those that prost would write.

use prost::Message;
use prost::encoding::{WireType, encode_varint};
use sweetspot_core::{AttributeNote, Contribution, Fit, NoteKind};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use crate::api::convert::near_names::NearNames;
use crate::api::convert::row_faults::IgnoredValue;
use crate::messages::enums::{WireEnum as _, attribute_status};

/// The issues with the attributes of an account.
pub(in crate::api) struct AccountIssues<'i, 's, N> {
    /// Notes of the model.
    pub(in crate::api) notes: N,
    /// Ignored values of the account.
    pub(in crate::api) ignored: &'i [IgnoredValue],
    /// Suggests names for unknown ones.
    pub(in crate::api) near_names: &'i mut NearNames<'s>,
}

/// Writes a fit as a `FitScore` in field `number`; `scorer` is the one that made it.
pub(in crate::api) fn write_fit_score<'a>(
    out: &mut Vec<u8>,
    number: u32,
    account_id: &str,
    fit: &Fit,
    scorer: &Scorer,
    reasons: impl Iterator<Item = Contribution<'a>>,
    issues: AccountIssues<'_, '_, impl Iterator<Item = AttributeNote<'a>>>,
) {
    let Fit {
        probability,
        log_odds,
        low,
        high,
        data_support,
        base_log_odds,
        tier,
        coverage,
        pond_side: pond,
        matched_rules: exclusion_rules,
        segment,
        expected_value,
    } = *fit;
    write_nested(out, number, |out| {
        write_text(out, 1, account_id);
        write_double(out, 2, probability);
        write_double(out, 3, log_odds);
        write_integer(out, 4, tier.wire() as u64);
        write_integer(out, 5, pond.wire() as u64);
        write_text(out, 6, segment.and_then(|segment| scorer.segment_id(segment)).unwrap_or_default());
        if let Some(value) = expected_value {
            write_double_even_if_zero(out, 7, value);
            write_text(out, 8, scorer.currency().unwrap_or_default());
        }
        reasons.for_each(|one| write_reason(out, &one));
        write_double(out, 10, base_log_odds);
        write_double(out, 11, coverage);
        let AccountIssues { notes, ignored, near_names } = issues;
        for note in notes {
            let is_unknown = note.kind == NoteKind::UnknownAttribute;
            let near = if is_unknown { near_names.find(&note.attribute) } else { None };
            write_issue(out, &note, near.unwrap_or_default());
        }
        for value in ignored {
            write_ignored_issue(out, value);
        }
        write_integer(out, 13, fit.score().into());
        write_double(out, 14, low);
        write_double(out, 15, high);
        write_integer(out, 16, data_support.wire() as u64);
        scorer.exclusion_rule_ids(exclusion_rules).for_each(|id| write_text(out, 17, id));
    });
}

/// Writes the summary of a list as field `number`.
pub(in crate::api) fn write_summary(out: &mut Vec<u8>, number: u32, summary: &v1::ScoreSummary) {
    let v1::ScoreSummary { resolved_version, received, scored, filtered_out, failed, warnings } = summary;
    write_nested(out, number, |out| {
        write_text(out, 1, resolved_version);
        write_integer(out, 2, *received);
        write_integer(out, 3, *scored);
        write_integer(out, 4, *filtered_out);
        write_integer(out, 5, *failed);
        for warning in warnings {
            write_text(out, 6, warning);
        }
    });
}

/// Writes an existing message as field `number`.
pub(in crate::api) fn write_message(out: &mut Vec<u8>, number: u32, message: &impl Message) {
    write_key(out, number, WireType::LengthDelimited);
    write_varint(out, message.encoded_len() as u64);
    // A vector never runs out of space.
    message.encode_raw(out);
}

/// Writes an integer unless it is zero.
pub(in crate::api) fn write_integer(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        write_key(out, number, WireType::Varint);
        write_varint(out, value);
    }
}

fn write_reason(out: &mut Vec<u8>, contribution: &Contribution<'_>) {
    let Contribution {
        attribute,
        value_label,
        log_odds,
        standard_error,
        kind,
        customers,
        ideal_rate,
        raw_rate_differs,
    } = contribution;
    write_nested(out, 9, |out| {
        write_text(out, 1, attribute);
        write_text(out, 2, value_label);
        write_double(out, 3, *log_odds);
        write_double(out, 4, *standard_error);
        write_integer(out, 5, *customers);
        write_double(out, 6, *ideal_rate);
        write_integer(out, 7, kind.wire() as u64);
        write_integer(out, 8, u64::from(*raw_rate_differs));
    });
}

fn write_issue(
    out: &mut Vec<u8>,
    AttributeNote { attribute, kind, reading: taken }: &AttributeNote<'_>,
    did_you_mean: &str,
) {
    write_nested(out, 12, |out| {
        write_text(out, 1, attribute);
        write_integer(out, 2, attribute_status(*kind) as u64);
        write_text(out, 3, taken);
        write_text(out, 6, did_you_mean);
    });
}

fn write_ignored_issue(out: &mut Vec<u8>, IgnoredValue { attribute, field, reason }: &IgnoredValue) {
    write_nested(out, 12, |out| {
        write_text(out, 1, attribute);
        write_integer(out, 2, v1::AttributeStatus::Ignored as u64);
        write_text(out, 4, field);
        write_text(out, 5, reason);
    });
}

/// Writes a nested message in place. Its length precedes it but is known only afterwards; a short one takes one byte.
fn write_nested(out: &mut Vec<u8>, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
    write_key(out, number, WireType::LengthDelimited);
    out.push(0);
    let begin = out.len();
    write(out);
    let length = out.len() - begin;
    let mut told = Vec::new();
    match out.get_mut(begin - 1) {
        Some(byte) if length < 0x80 => *byte = length as u8,
        _ => {
            encode_varint(length as u64, &mut told);
            out.splice(begin - 1..begin, told);
        }
    }
}

/// Writes a text unless it is empty.
pub(in crate::api) fn write_text(out: &mut Vec<u8>, number: u32, text: &str) {
    if !text.is_empty() {
        write_key(out, number, WireType::LengthDelimited);
        write_varint(out, text.len() as u64);
        out.extend_from_slice(text.as_bytes());
    }
}

/// Writes a field key.
#[inline]
fn write_key(out: &mut Vec<u8>, number: u32, wire_type: WireType) {
    write_varint(out, u64::from(number) << 3 | wire_type as u64);
}

/// Writes a varint. Most take one byte.
#[inline]
fn write_varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 { out.push(value as u8) } else { encode_varint(value, out) }
}

fn write_double(out: &mut Vec<u8>, number: u32, value: f64) {
    if value != 0.0 {
        write_double_even_if_zero(out, number, value);
    }
}

/// Writes a number even if it is zero.
fn write_double_even_if_zero(out: &mut Vec<u8>, number: u32, value: f64) {
    write_key(out, number, WireType::SixtyFourBit);
    out.extend_from_slice(&value.to_le_bytes());
}
