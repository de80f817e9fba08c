use jiff::Timestamp;
use sweetspot_core::{
    Comment, Condition, Finding, Gate, HeldHypothesis, Hypothesis, Lean, Severity, Spiced, Statement, Test,
};

use super::*;

fn statement() -> Statement {
    let time = Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap();
    Statement { author: "Ann \"A\"".into(), stated: time, reason: "ü\n".into(), expires: Some(time) }
}

/// One of everything, with each test.
fn whole() -> Definition {
    let tests = [
        Test::AnyOf(vec!["SAP \"R/3\"".into(), String::new()]),
        Test::Range { gte: Some(1.0 / 3.0), lt: None },
        Test::Range { gte: None, lt: Some(-1e300) },
        Test::Present(false),
        Test::Flag(true),
    ];
    let by = statement();
    let gate = |(index, test): (usize, Test)| Gate {
        id: index.to_string(),
        statement: "They leave.".into(),
        when: Condition { attribute: "a".into(), test },
        severity: if index == 0 { Severity::Caution } else { Severity::Out },
        section: PondSection::TippingPoint,
        by: by.clone(),
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
        spiced: Some(Spiced::CriticalEvent),
        category: Some(Category::BusinessProblem),
        lean: Lean::Positive,
        by: by.clone(),
        ..Finding::default()
    };
    let bare = Finding { id: "g".into(), ..Finding::default() };
    Definition {
        hypotheses: vec![HeldHypothesis { hypothesis, stated: by.stated, reason: "seen".into() }],
        gates: tests.into_iter().enumerate().map(gate).collect(),
        findings: vec![finding, bare],
        comments: vec![Comment {
            id: "c".into(),
            about: "x".into(),
            text: "y".into(),
            author: "z".into(),
            time: by.stated,
        }],
        categories: [("pain".to_owned(), Category::ImpactPotential)].into(),
        sections: [("pain".to_owned(), PondSection::Beliefs)].into(),
        approval: Approval::Approved { by: "Ben".into(), at: by.stated, number: 7 },
        review_on: Some(Date { days: -1 }),
    }
}

#[test]
fn a_definition_survives_being_kept() {
    let by = statement();
    let in_review = Definition { approval: Approval::InReview { by: by.author, at: by.stated }, ..whole() };
    for definition in [Definition::default(), whole(), in_review] {
        assert_eq!(decode(&encode(&definition).unwrap()), Some(definition));
    }
}

#[test]
fn what_is_unknown_is_no_definition() {
    let text = String::from_utf8(encode(&whole()).unwrap()).unwrap();
    let unknown = text.replacen('{', "{\"later\":1,", 1);
    let word = text.replace("tipping_point", "tipping-spot");
    let spiced = text.replace("critical_event", "event");
    for wrong in ["", "{}", &unknown, &word, &spiced] {
        assert_eq!(decode(wrong.as_bytes()), None, "{wrong}");
    }
}

#[test]
fn a_definition_is_bounded_as_a_whole() {
    let finding = |id: usize| Finding { id: id.to_string(), text: "x".repeat(5000), ..Finding::default() };
    let large = Definition { findings: (0..1000).map(finding).collect(), ..Definition::default() };
    assert!(matches!(encode(&large), Err(DefinitionError::TooLarge { .. })));
}
