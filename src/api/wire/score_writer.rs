//! Writes scores without building messages. The bytes are those that prost would write.

use prost::Message;
use prost::encoding::{WireType, encode_varint};
use sweetspot_core::{AttributeNote, AttributeNoteKind, Contribution, Fit};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use super::field_numbers::{attribute_issue, fit_score, reason, score_summary};
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
        write_text(out, fit_score::ACCOUNT_ID, account_id);
        write_double(out, fit_score::PROBABILITY, probability);
        write_double(out, fit_score::LOG_ODDS, log_odds);
        write_integer(out, fit_score::TIER, tier.wire() as u64);
        write_integer(out, fit_score::POND_SIDE, pond.wire() as u64);
        write_text(
            out,
            fit_score::SEGMENT_ID,
            segment.and_then(|segment| scorer.segment_id(segment)).unwrap_or_default(),
        );
        if let Some(value) = expected_value {
            write_double_even_if_zero(out, fit_score::EXPECTED_VALUE, value);
            write_text(out, fit_score::CURRENCY_CODE, scorer.currency().unwrap_or_default());
        }
        reasons.for_each(|reason| write_reason(out, &reason));
        write_double(out, fit_score::BASE_LOG_ODDS, base_log_odds);
        write_double(out, fit_score::COVERAGE, coverage);
        let AccountIssues { notes, ignored, near_names } = issues;
        for note in notes {
            let is_unknown = note.kind == AttributeNoteKind::UnknownAttribute;
            let near = if is_unknown { near_names.find(&note.attribute) } else { None };
            write_issue(out, &note, near.unwrap_or_default());
        }
        for value in ignored {
            write_ignored_issue(out, value);
        }
        write_integer(out, fit_score::SCORE, fit.score().into());
        write_double(out, fit_score::LOW, low);
        write_double(out, fit_score::HIGH, high);
        write_integer(out, fit_score::DATA_SUPPORT, data_support.wire() as u64);
        scorer.exclusion_rule_ids(exclusion_rules).for_each(|id| write_text(out, fit_score::EXCLUSION_RULES, id));
    });
}

/// Writes the summary of a list as field `number`.
pub(in crate::api) fn write_summary(out: &mut Vec<u8>, number: u32, summary: &v1::ScoreSummary) {
    let v1::ScoreSummary { resolved_version, received, scored, filtered_out, failed, warnings } = summary;
    write_nested(out, number, |out| {
        write_text(out, score_summary::RESOLVED_VERSION, resolved_version);
        write_integer(out, score_summary::RECEIVED, *received);
        write_integer(out, score_summary::SCORED, *scored);
        write_integer(out, score_summary::FILTERED_OUT, *filtered_out);
        write_integer(out, score_summary::FAILED, *failed);
        for warning in warnings {
            write_text(out, score_summary::WARNINGS, warning);
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
    write_nested(out, fit_score::REASONS, |out| {
        write_text(out, reason::ATTRIBUTE, attribute);
        write_text(out, reason::VALUE_LABEL, value_label);
        write_double(out, reason::LOG_ODDS, *log_odds);
        write_double(out, reason::STANDARD_ERROR, *standard_error);
        write_integer(out, reason::CUSTOMERS, *customers);
        write_double(out, reason::IDEAL_RATE, *ideal_rate);
        write_integer(out, reason::KIND, kind.wire() as u64);
        write_integer(out, reason::RAW_RATE_DIFFERS, u64::from(*raw_rate_differs));
    });
}

fn write_issue(
    out: &mut Vec<u8>,
    AttributeNote { attribute, kind, reading: taken }: &AttributeNote<'_>,
    did_you_mean: &str,
) {
    write_nested(out, fit_score::ISSUES, |out| {
        write_text(out, attribute_issue::ATTRIBUTE, attribute);
        write_integer(out, attribute_issue::STATUS, attribute_status(*kind) as u64);
        write_text(out, attribute_issue::READING, taken);
        write_text(out, attribute_issue::DID_YOU_MEAN, did_you_mean);
    });
}

fn write_ignored_issue(out: &mut Vec<u8>, IgnoredValue { attribute, field, reason }: &IgnoredValue) {
    write_nested(out, fit_score::ISSUES, |out| {
        write_text(out, attribute_issue::ATTRIBUTE, attribute);
        write_integer(out, attribute_issue::STATUS, v1::AttributeStatus::Ignored as u64);
        write_text(out, attribute_issue::FIELD, field);
        write_text(out, attribute_issue::REASON, reason);
    });
}

/// Writes a nested message in place. Its length precedes it but is known only afterwards; a short one takes one byte.
fn write_nested(out: &mut Vec<u8>, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
    write_key(out, number, WireType::LengthDelimited);
    out.push(0);
    let begin = out.len();
    write(out);
    let length = out.len() - begin;
    let mut texts = Vec::new();
    match out.get_mut(begin - 1) {
        Some(byte) if length < 0x80 => *byte = length as u8,
        _ => {
            encode_varint(length as u64, &mut texts);
            out.splice(begin - 1..begin, texts);
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
