use jiff::Timestamp;
use sweetspot_core::{Date, IcpCategory, PondMapSectionKind, Severity, SpicedPart, Stance};

use super::*;
use crate::example;
use crate::{Condition, Definition, ExclusionRule, Hypothesis, VersionedMessage as _};

fn condition(test: Test) -> sweetspot_core::Condition {
    sweetspot_core::Condition { attribute: "a".to_owned(), test }
}

/// A time with nanoseconds.
fn time() -> Timestamp {
    Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap()
}

/// A hypothesis with each test, and one that never expires.
fn hypotheses() -> Vec<sweetspot_core::Hypothesis> {
    let tests = [
        Test::AnyOf(vec!["SAP \"R/3\"".to_owned(), String::new()]),
        Test::Range { gte: Some(1.0 / 3.0), lt: None },
        Test::Range { gte: None, lt: Some(-1e300) },
        Test::Present(false),
        Test::Flag(true),
    ];
    let of = |test| sweetspot_core::Hypothesis {
        id: "id".to_owned(),
        statement: "They buy more.".to_owned(),
        when: condition(test),
        odds_ratio: 0.1 + 0.2,
        confidence_customers: 1e-9,
        author: "ann".to_owned(),
        expires: Some(time()),
    };
    let forever = sweetspot_core::Hypothesis { expires: None, ..of(Test::Flag(false)) };
    tests.map(of).into_iter().chain([forever]).collect()
}

/// An exclusion rule with each severity and section, of which some never expire.
fn exclusion_rules() -> Vec<sweetspot_core::ExclusionRule> {
    let sections = PondMapSectionKind::ALL.into_iter().zip(Severity::ALL.into_iter().cycle());
    let of = |(section, severity)| sweetspot_core::ExclusionRule {
        id: "id".to_owned(),
        statement: "Never.".to_owned(),
        when: condition(Test::Present(true)),
        severity,
        section,
        attribution: sweetspot_core::Attribution {
            author: "ann".to_owned(),
            stated_at: time(),
            reason: "r".to_owned(),
            expires: (severity == Severity::Out).then(time),
        },
    };
    sections.map(of).collect()
}

#[test]
fn every_hypothesis_survives_storage() {
    for hypothesis in hypotheses() {
        assert_eq!(Hypothesis::from(hypothesis.clone()).try_into(), Ok(hypothesis));
    }
}

#[test]
fn every_exclusion_rule_survives_storage() {
    for rule in exclusion_rules() {
        assert_eq!(ExclusionRule::from(rule.clone()).try_into(), Ok(rule));
    }
}

#[test]
fn a_rule_without_a_section_has_that_of_its_attribute() {
    let when = Condition { attribute: "deadline".to_owned(), ..example::exclusion_rule().when.unwrap() };
    let stored = ExclusionRule { when: Some(when), section: 0, ..example::exclusion_rule() };
    let rule = sweetspot_core::ExclusionRule::try_from(stored).unwrap();
    assert_eq!(rule.section, PondMapSectionKind::UrgencyDrivers);
}

#[test]
fn rules_with_absent_or_unknown_fields_are_refused_by_name() {
    type Change = fn(&mut ExclusionRule);
    let cases: [(Change, &str); 7] = [
        (|stored| stored.when = None, "condition"),
        (|stored| stored.when.as_mut().unwrap().test = None, "test"),
        (|stored| stored.severity = 0, "severity"),
        (|stored| stored.severity = 3, "severity"),
        (|stored| stored.section = 6, "section"),
        (|stored| stored.stated = i64::MAX, "stated_at"),
        (|stored| stored.expires = Some(i64::MIN), "expires"),
    ];
    for (change, name) in cases {
        let mut stored = example::exclusion_rule();
        change(&mut stored);
        assert_eq!(sweetspot_core::ExclusionRule::try_from(stored), Err(FieldError(name)));
    }
    let without = Hypothesis { when: None, ..example::hypothesis() };
    assert_eq!(sweetspot_core::Hypothesis::try_from(without), Err(FieldError("when")));
    let timeless = Attribution { stated_at: None, ..sweetspot_core::Attribution::default().into() };
    assert_eq!(sweetspot_core::Attribution::try_from(timeless), Err(FieldError("stated_at")));
}

fn attribution() -> sweetspot_core::Attribution {
    let (author, reason) = ("Ann \"A\"".to_owned(), "ü\n".to_owned());
    sweetspot_core::Attribution { author, stated_at: time(), reason, expires: Some(time()) }
}

/// A definition with entries of each kind.
fn full_definition() -> sweetspot_core::Definition {
    let by = attribution();
    let finding = |id: &str| sweetspot_core::Finding { id: id.into(), ..Default::default() };
    let entry =
        |hypothesis| sweetspot_core::HypothesisEntry { hypothesis, stated_at: by.stated_at, reason: "seen".into() };
    let comment = sweetspot_core::Comment {
        id: "c".into(),
        about: "x".into(),
        text: "y".into(),
        author: "z".into(),
        time: by.stated_at,
        is_removal: true,
        resolution: Some(sweetspot_core::CommentResolution {
            author: "r".into(),
            time: by.stated_at,
            reason: "done".into(),
        }),
    };
    let approval = |actor: &str| sweetspot_core::PersonApproval { actor: actor.to_owned(), time: by.stated_at };
    sweetspot_core::Definition {
        hypotheses: hypotheses().into_iter().map(entry).collect(),
        exclusion_rules: exclusion_rules(),
        findings: vec![
            sweetspot_core::Finding {
                text: "They need it by May.".into(),
                section: Some(PondMapSectionKind::UrgencyDrivers),
                spiced: Some(SpicedPart::CriticalEvent),
                category: Some(IcpCategory::BusinessProblem),
                stance: Stance::Positive,
                attribution: by.clone(),
                ..finding("f")
            },
            finding("g"),
        ],
        comments: vec![comment],
        categories: [("pain".to_owned(), IcpCategory::ImpactPotential)].into(),
        sections: [("pain".to_owned(), PondMapSectionKind::Beliefs)].into(),
        approval: Approval::Approved { actor: "Ben".into(), time: by.stated_at, number: 7 },
        review_date: Some(Date { days: -1 }),
        allow_self_approval: true,
        committee: sweetspot_core::ApprovalCommittee {
            approvers: vec!["Ann".into(), "Ben".into()],
            required_approvals: 2,
        },
        round: sweetspot_core::ReviewRound { version: 3, approvals: vec![approval("Ann"), approval("Ben")] },
    }
}

#[test]
fn a_definition_of_before_committees_has_none() {
    let full = sweetspot_core::Definition { comments: Vec::new(), ..full_definition() };
    let stored = Definition { committee: None, round: None, ..Definition::from(full.clone()) };
    let read: sweetspot_core::Definition = stored.try_into().unwrap();
    let (committee, round) = (sweetspot_core::ApprovalCommittee::default(), sweetspot_core::ReviewRound::default());
    assert_eq!(read, sweetspot_core::Definition { committee, round, ..full });
    assert_eq!(read.committee.required_approvals, 1);
    assert_eq!(read.approver_names(), ["Ben"], "the only approval is that of the actor");
}

#[test]
fn a_definition_round_trips_through_storage() {
    let sweetspot_core::Attribution { author: actor, stated_at: time, .. } = attribution();
    let in_review = sweetspot_core::Definition { approval: Approval::InReview { actor, time }, ..full_definition() };
    for definition in [sweetspot_core::Definition::default(), full_definition(), in_review] {
        let bytes = Definition::from(definition.clone()).to_bytes();
        let read = Definition::from_bytes(&bytes).unwrap();
        assert_eq!(read.try_into(), Ok(definition));
    }
}

#[test]
fn definitions_with_absent_or_unknown_fields_are_refused_by_name() {
    type Change = fn(&mut Definition);
    let cases: [(Change, &str); 14] = [
        (|stored| stored.hypotheses[0].hypothesis = None, "hypothesis"),
        (|stored| stored.hypotheses[0].stated_at = None, "stated_at"),
        (|stored| stored.exclusion_rules[0].when = None, "condition"),
        (|stored| stored.findings[0].section = Some(6), "section"),
        (|stored| stored.findings[0].spiced = Some(0), "spiced"),
        (|stored| stored.findings[0].category = Some(-1), "category"),
        (|stored| stored.findings[0].stance = 0, "stance"),
        (|stored| stored.findings[0].attribution = None, "attribution"),
        (|stored| stored.comments[0].time = None, "time"),
        (|stored| stored.comments[0].resolution.as_mut().unwrap().time = None, "time"),
        (|stored| stored.round.as_mut().unwrap().approvals[0].time = None, "time"),
        (|stored| stored.categories.values_mut().for_each(|number| *number = 4), "categories"),
        (|stored| stored.sections.values_mut().for_each(|number| *number = 0), "sections"),
        (|stored| stored.approval.as_mut().unwrap().time = None, "time"),
    ];
    for (change, name) in cases {
        let mut stored = Definition::from(full_definition());
        change(&mut stored);
        assert_eq!(sweetspot_core::Definition::try_from(stored), Err(FieldError(name)));
    }
}

#[test]
fn a_label_policy_survives_storage() {
    let weights =
        sweetspot_core::ClassWeights { negative_net: -2.0, churned: -1.5, lost: -0.1, high_value: 3.0, won: 1.0 };
    let presets = [LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue];
    for preset in presets.into_iter().chain([LabelPreset::Custom(weights)]) {
        let policy = sweetspot_core::LabelPolicy {
            preset,
            top_share: Some(0.1),
            value_at_least: Some(1e6 / 3.0),
            maturity_days: Some(90),
            base_rate: Some(0.03),
        };
        assert_eq!(LabelPolicy::from(policy).try_into(), Ok(policy));
    }
}

#[test]
fn an_unknown_preset_and_absent_weights_are_refused() {
    for (preset, name) in [(0, "preset"), (6, "preset"), (Preset::Custom.into(), "weights")] {
        let stored = LabelPolicy { preset, ..LabelPolicy::default() };
        assert_eq!(sweetspot_core::LabelPolicy::try_from(stored), Err(FieldError(name)));
    }
}
