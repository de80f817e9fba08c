//! Converts definition entries to messages.

use jiff::Timestamp;
use sweetspot_core::{
    Attribution, Comment, CommentResolution, Condition, ExclusionRule, Finding, Hypothesis, HypothesisEntry, Test,
};
use sweetspot_proto::v1::{self, condition};

use super::enums::WireEnum;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Converts a timestamp.
pub(crate) fn wire_timestamp(time: Timestamp) -> prost_types::Timestamp {
    let nanos = time.as_nanosecond();
    // The seconds fit into 64 bits, and the nanoseconds are below a billion.
    prost_types::Timestamp {
        seconds: nanos.div_euclid(NANOS_PER_SECOND) as i64,
        nanos: nanos.rem_euclid(NANOS_PER_SECOND) as i32,
    }
}

/// Converts a condition.
pub(crate) fn wire_condition(condition: Condition) -> v1::Condition {
    let Condition { attribute, test } = condition;
    let test = match test {
        Test::AnyOf(values) => condition::Test::AnyOf(v1::TextList { values }),
        Test::Range { gte, lt } => condition::Test::Range(v1::Range { gte, lt }),
        Test::Present(present) => condition::Test::Present(present),
        Test::Flag(flag) => condition::Test::Flag(flag),
    };
    v1::Condition { attribute, test: Some(test) }
}

/// Converts a hypothesis.
pub(crate) fn wire_hypothesis(hypothesis: Hypothesis) -> v1::Hypothesis {
    let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis;
    let (when, expire_time) = (Some(wire_condition(when)), expires.map(wire_timestamp));
    v1::Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expire_time }
}

/// Converts a hypothesis of a definition, without its name.
pub(crate) fn wire_hypothesis_entry(entry: HypothesisEntry) -> v1::HypothesisEntry {
    let HypothesisEntry { hypothesis, stated_at, reason } = entry;
    let hypothesis = Some(wire_hypothesis(hypothesis));
    v1::HypothesisEntry { hypothesis, create_time: Some(wire_timestamp(stated_at)), reason, name: String::new() }
}

/// Converts an exclusion rule, without its name. A rule without a time has no `create_time`.
pub(crate) fn wire_exclusion_rule(rule: ExclusionRule) -> v1::ExclusionRule {
    let ExclusionRule { id, statement, when, severity, section, attribution } = rule;
    let Attribution { author, stated_at, reason, expires } = attribution;
    v1::ExclusionRule {
        id,
        statement,
        when: Some(wire_condition(when)),
        severity: severity.wire().into(),
        section: section.wire().into(),
        author,
        create_time: (stated_at != Timestamp::default()).then(|| wire_timestamp(stated_at)),
        reason,
        expire_time: expires.map(wire_timestamp),
        name: String::new(),
    }
}

/// Converts a finding, without its name.
pub(crate) fn wire_finding(finding: Finding) -> v1::Finding {
    let Finding { id, text, question, account_id, segment_id, section, spiced, category, stance, attribution } =
        finding;
    let Attribution { author, stated_at, reason, expires } = attribution;
    v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section: section.map(WireEnum::wire).unwrap_or_default().into(),
        spiced: spiced.map(WireEnum::wire).unwrap_or_default().into(),
        category: category.map(WireEnum::wire).unwrap_or_default().into(),
        stance: stance.wire().into(),
        author,
        create_time: Some(wire_timestamp(stated_at)),
        reason,
        expire_time: expires.map(wire_timestamp),
        name: String::new(),
    }
}

/// Converts a comment, without its name.
pub(crate) fn wire_comment(comment: Comment) -> v1::Comment {
    let Comment { id, about, text, author, time, is_removal: removal, resolution } = comment;
    let (create_time, resolution) = (Some(wire_timestamp(time)), resolution.map(wire_resolution));
    v1::Comment { id, about, text, author, create_time, name: String::new(), removal, resolution }
}

fn wire_resolution(resolution: CommentResolution) -> v1::CommentResolution {
    let CommentResolution { author, time, reason } = resolution;
    v1::CommentResolution { author, resolve_time: Some(wire_timestamp(time)), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_before_1970_have_nonnegative_nanos() {
        let wire = wire_timestamp(Timestamp::from_nanosecond(-1).unwrap());
        assert_eq!((wire.seconds, wire.nanos), (-1, 999_999_999));
    }

    #[test]
    fn a_hypothesis_keeps_its_test_and_its_day() {
        let test = Test::Range { gte: Some(50.0), lt: None };
        let hypothesis = Hypothesis {
            id: "h".into(),
            statement: String::new(),
            when: Condition { attribute: "employees".into(), test },
            odds_ratio: 2.0,
            confidence_customers: 30.0,
            author: "ann".into(),
            expires: Some(Timestamp::from_second(86_400).unwrap()),
        };
        let wire = wire_hypothesis(hypothesis);
        let range = condition::Test::Range(v1::Range { gte: Some(50.0), lt: None });
        assert_eq!(wire.when.unwrap(), v1::Condition { attribute: "employees".into(), test: Some(range) });
        let day = prost_types::Timestamp { seconds: 86_400, nanos: 0 };
        assert_eq!((wire.odds_ratio, wire.expire_time), (2.0, Some(day)));
    }
}
