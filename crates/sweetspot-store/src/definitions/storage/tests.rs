use jiff::Timestamp;
use sweetspot_core::{
    Attribution, Comment, Condition, ExclusionRule, Finding, Hypothesis, HypothesisEntry, Severity, SpicedPart, Stance,
    Test,
};

use super::*;

fn attribution() -> Attribution {
    let time = Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap();
    Attribution { author: "Ann \"A\"".into(), stated_at: time, reason: "ü\n".into(), expires: Some(time) }
}

/// A definition with an entry of each kind and a condition with each test.
fn full_definition() -> Definition {
    let tests = [
        Test::AnyOf(vec!["SAP \"R/3\"".into(), String::new()]),
        Test::Range { gte: Some(1.0 / 3.0), lt: None },
        Test::Range { gte: None, lt: Some(-1e300) },
        Test::Present(false),
        Test::Flag(true),
    ];
    let by = attribution();
    let gate = |(index, test): (usize, Test)| ExclusionRule {
        id: index.to_string(),
        statement: "They leave.".into(),
        when: Condition { attribute: "a".into(), test },
        severity: if index == 0 { Severity::Caution } else { Severity::Out },
        section: PondSection::TippingPoint,
        attribution: by.clone(),
    };
    let hypothesis = Hypothesis {
        id: "h".into(),
        statement: String::new(),
        when: Condition { attribute: "b".into(), test: Test::Flag(false) },
        odds_ratio: 0.1 + 0.2,
        confidence_customers: 1e-9,
        author: "Ann".into(),
        expires: None,
    };
    let finding = Finding {
        id: "f".into(),
        text: "They need it by May.".into(),
        section: Some(PondSection::UrgencyDrivers),
        spiced: Some(SpicedPart::CriticalEvent),
        category: Some(IcpCategory::BusinessProblem),
        stance: Stance::Positive,
        attribution: by.clone(),
        ..Finding::default()
    };
    let bare = Finding { id: "g".into(), ..Finding::default() };
    Definition {
        hypotheses: vec![HypothesisEntry { hypothesis, stated_at: by.stated_at, reason: "seen".into() }],
        exclusion_rules: tests.into_iter().enumerate().map(gate).collect(),
        findings: vec![finding, bare],
        comments: vec![Comment {
            id: "c".into(),
            about: "x".into(),
            text: "y".into(),
            author: "z".into(),
            time: by.stated_at,
        }],
        categories: [("pain".to_owned(), IcpCategory::ImpactPotential)].into(),
        sections: [("pain".to_owned(), PondSection::Beliefs)].into(),
        approval: Approval::Approved { actor: "Ben".into(), time: by.stated_at, number: 7 },
        review_date: Some(Date { days: -1 }),
    }
}

#[test]
fn a_definition_round_trips_through_storage() {
    let by = attribution();
    let in_review =
        Definition { approval: Approval::InReview { actor: by.author, time: by.stated_at }, ..full_definition() };
    for definition in [Definition::default(), full_definition(), in_review] {
        assert_eq!(decode(&encode(&definition).unwrap()), Some(definition));
    }
}

#[test]
fn unknown_stored_values_are_refused() {
    let text = String::from_utf8(encode(&full_definition()).unwrap()).unwrap();
    let unknown = text.replacen('{', "{\"later\":1,", 1);
    let word = text.replace("tipping_point", "tipping-spot");
    let spiced = text.replace("critical_event", "event");
    for wrong in ["", "{}", &unknown, &word, &spiced] {
        assert_eq!(decode(wrong.as_bytes()), None, "{wrong}");
    }
}

#[test]
fn a_stored_definition_has_a_maximum_size() {
    let finding = |id: usize| Finding { id: id.to_string(), text: "x".repeat(5000), ..Finding::default() };
    let large = Definition { findings: (0..1000).map(finding).collect(), ..Definition::default() };
    assert!(matches!(encode(&large), Err(DefinitionError::TooLarge { .. })));
}
