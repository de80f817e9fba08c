//! Scores as they go out, written without building messages. The bytes are those that prost would write.

use prost::Message;
use prost::encoding::{WireType, encode_varint};
use sweetspot_core::{Contribution, Fit, Note, NoteKind};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use crate::api::convert::faults::Ignored;
use crate::api::convert::fit::{wire_evidence, wire_kind, wire_side, wire_status, wire_tier};
use crate::api::convert::near_names::NearNames;

/// What is worth a remark about the attributes of an account.
pub(in crate::api) struct Issues<'i, 's, N> {
    /// Remarks of the model.
    pub(in crate::api) notes: N,
    /// Values that the account is scored without.
    pub(in crate::api) ignored: &'i [Ignored],
    /// Where the names nearest to unknown ones are found.
    pub(in crate::api) near_names: &'i mut NearNames<'s>,
}

/// Writes a fit as the `FitScore` in field `number`; `scorer` is the one that made it.
pub(in crate::api) fn fit_score<'a>(
    out: &mut Vec<u8>,
    number: u32,
    account_id: &str,
    fit: &Fit,
    scorer: &Scorer,
    reasons: impl Iterator<Item = Contribution<'a>>,
    issues: Issues<'_, '_, impl Iterator<Item = Note<'a>>>,
) {
    let Fit {
        probability,
        log_odds,
        low,
        high,
        evidence,
        base_log_odds,
        tier,
        coverage,
        pond,
        gates,
        segment,
        expected_value,
    } = *fit;
    nested(out, number, |out| {
        text(out, 1, account_id);
        double(out, 2, probability);
        double(out, 3, log_odds);
        integer(out, 4, wire_tier(tier) as u64);
        integer(out, 5, wire_side(pond) as u64);
        text(out, 6, segment.and_then(|segment| scorer.segment_id(segment)).unwrap_or_default());
        if let Some(value) = expected_value {
            known_double(out, 7, value);
            text(out, 8, scorer.currency().unwrap_or_default());
        }
        reasons.for_each(|one| reason(out, &one));
        double(out, 10, base_log_odds);
        double(out, 11, coverage);
        let Issues { notes, ignored, near_names } = issues;
        for note in notes {
            let is_unknown = note.kind == NoteKind::UnknownAttribute;
            let near = if is_unknown { near_names.find(&note.attribute) } else { None };
            issue(out, &note, near.unwrap_or_default());
        }
        for value in ignored {
            ignored_issue(out, value);
        }
        integer(out, 13, fit.score().into());
        double(out, 14, low);
        double(out, 15, high);
        integer(out, 16, wire_evidence(evidence) as u64);
        scorer.gate_ids(gates).for_each(|id| text(out, 17, id));
    });
}

/// Writes the summary of a list as field `number`.
pub(in crate::api) fn summary(out: &mut Vec<u8>, number: u32, summary: &v1::ScoreSummary) {
    let v1::ScoreSummary { resolved_version, received, scored, filtered_out, failed, warnings } = summary;
    nested(out, number, |out| {
        text(out, 1, resolved_version);
        integer(out, 2, *received);
        integer(out, 3, *scored);
        integer(out, 4, *filtered_out);
        integer(out, 5, *failed);
        for warning in warnings {
            text(out, 6, warning);
        }
    });
}

/// Writes a message that was built as field `number`.
pub(in crate::api) fn built(out: &mut Vec<u8>, number: u32, message: &impl Message) {
    key(out, number, WireType::LengthDelimited);
    varint(out, message.encoded_len() as u64);
    // There is always room in a vector.
    message.encode_raw(out);
}

/// Writes an integer that is not zero.
pub(in crate::api) fn integer(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        key(out, number, WireType::Varint);
        varint(out, value);
    }
}

fn reason(out: &mut Vec<u8>, contribution: &Contribution<'_>) {
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
    nested(out, 9, |out| {
        text(out, 1, attribute);
        text(out, 2, value_label);
        double(out, 3, *log_odds);
        double(out, 4, *standard_error);
        integer(out, 5, *customers);
        double(out, 6, *ideal_rate);
        integer(out, 7, wire_kind(*kind) as u64);
        integer(out, 8, u64::from(*raw_rate_differs));
    });
}

fn issue(out: &mut Vec<u8>, Note { attribute, kind, taken }: &Note<'_>, did_you_mean: &str) {
    nested(out, 12, |out| {
        text(out, 1, attribute);
        integer(out, 2, wire_status(*kind) as u64);
        text(out, 3, taken);
        text(out, 6, did_you_mean);
    });
}

fn ignored_issue(out: &mut Vec<u8>, Ignored { attribute, field, reason }: &Ignored) {
    nested(out, 12, |out| {
        text(out, 1, attribute);
        integer(out, 2, v1::AttributeStatus::Ignored as u64);
        text(out, 4, field);
        text(out, 5, reason);
    });
}

/// Writes a message in place. Its length stands before it and is known after it; that of a short one takes one byte.
fn nested(out: &mut Vec<u8>, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
    key(out, number, WireType::LengthDelimited);
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

/// Writes a text that is not empty.
pub(in crate::api) fn text(out: &mut Vec<u8>, number: u32, text: &str) {
    if !text.is_empty() {
        key(out, number, WireType::LengthDelimited);
        varint(out, text.len() as u64);
        out.extend_from_slice(text.as_bytes());
    }
}

/// What a field begins with.
#[inline]
fn key(out: &mut Vec<u8>, number: u32, wire_type: WireType) {
    varint(out, u64::from(number) << 3 | wire_type as u64);
}

/// An integer. Most take one byte.
#[inline]
fn varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 { out.push(value as u8) } else { encode_varint(value, out) }
}

fn double(out: &mut Vec<u8>, number: u32, value: f64) {
    if value != 0.0 {
        known_double(out, number, value);
    }
}

/// Writes a number of which zero means something.
fn known_double(out: &mut Vec<u8>, number: u32, value: f64) {
    key(out, number, WireType::SixtyFourBit);
    out.extend_from_slice(&value.to_le_bytes());
}
