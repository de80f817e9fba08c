//! A small model, message by message, for tests and readers of the format.

use crate::{
    BinEncoder, Condition, Direction, Effect, ExclusionRule, FlagEncoder, Hypothesis, LevelEncoder, ModelArtifact,
    Pair, PondSection, Range, Segment, Slot, Term, Texts, TierCuts, Values, condition, exclusion_rule as rule, term,
};

fn slots(numbers: &[(f64, u64, u64)]) -> Vec<Slot> {
    let slot = |&(log_odds, customers, ideal)| Slot {
        log_odds,
        customers,
        ideal,
        variance: 0.01,
        factors: vec![log_odds as f32 / 8.0, -0.0625],
    };
    numbers.iter().map(slot).collect()
}

/// A small artifact with an attribute of every kind, without golden rows.
#[must_use]
pub fn artifact() -> ModelArtifact {
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let levels = || LevelEncoder { keys: texts(["sap", "zürich"]), labels: texts(["SAP", "Zürich"]) };
    let bins = |edges| BinEncoder { edges, least: 0.0, greatest: 99.0, whole: true };
    let example_term = |attribute: &str, encoder, slots| Term {
        attribute: attribute.to_owned(),
        encoder: Some(encoder),
        slots,
        strength: 1.0,
        effective_parameters: 1.5,
        missing_share: 0.25,
        direction: Direction::Unspecified.into(),
        ..Term::default()
    };
    let four = [(-0.5, 20, 5), (0.25, 10, 6), (0.75, 10, 9), (0.0, 0, 0)];
    ModelArtifact {
        format_version: 1,
        data_sha256: "0".repeat(64),
        base_log_odds: 0.125,
        terms: vec![
            example_term("employees", term::Encoder::Number(bins(vec![10.0, 50.0])), slots(&four)),
            example_term("city", term::Encoder::Category(levels()), slots(&four)),
            example_term("remote", term::Encoder::Flag(FlagEncoder {}), slots(&four[..3])),
            example_term("tools", term::Encoder::List(levels()), slots(&four)),
            example_term("founded", term::Encoder::Date(bins(vec![0.0, 31.0])), slots(&four)),
        ],
        tiers: Some(TierCuts { a: 0.75, b: 0.5, c: 0.25 }),
        ..ModelArtifact::default()
    }
}

/// [`artifact`] with an interaction, a hypothesis, an exclusion rule, segments and values.
#[must_use]
pub fn complete() -> ModelArtifact {
    ModelArtifact {
        pairs: vec![pair()],
        hypotheses: vec![hypothesis()],
        exclusion_rules: vec![exclusion_rule()],
        segments: segments(),
        values: Some(values()),
        ..artifact()
    }
}

/// An interaction of [`artifact`]'s employees and city: few or many employees, with SAP, Zürich or anything else.
#[must_use]
pub fn pair() -> Pair {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Pair {
        first: "employees".to_owned(),
        second: "city".to_owned(),
        first_groups: vec![0, 1, 1, 0],
        second_groups: vec![0, 1, 2, 2],
        first_labels: texts(&["other", "10 or more"]),
        second_labels: texts(&["SAP", "Zürich", "other"]),
        cells: slots(&[(-0.25, 9, 3), (0.5, 8, 7), (0.0, 6, 3), (0.125, 7, 4), (-0.5, 5, 0), (0.0, 5, 2)]),
        strength: 4.0,
        effective_parameters: 2.5,
        evidence: 3.0,
    }
}

/// An exclusion rule on [`artifact`]'s city: Bern is out.
#[must_use]
pub fn exclusion_rule() -> ExclusionRule {
    let test = condition::Test::AnyOf(Texts { values: vec!["Bern".to_owned()] });
    ExclusionRule {
        id: "bern".to_owned(),
        statement: String::new(),
        when: Some(Condition { attribute: "city".to_owned(), kind: 0, test: Some(test) }),
        severity: rule::Severity::Out.into(),
        section: PondSection::AccountProfile.into(),
        author: "ann".to_owned(),
        stated: 86_400,
        reason: "No licence there.".to_owned(),
        expires: Some(172_800),
        customers: 3,
        ideal: 1,
        stated_nanos: 0,
        expires_nanos: 0,
    }
}

/// Segments of [`artifact`]: Zürich with 10 to 49 employees, and accounts with SAP among their tools.
#[must_use]
pub fn segments() -> Vec<Segment> {
    let when = |attribute: &str, test| Condition { attribute: attribute.to_owned(), kind: 0, test: Some(test) };
    let any_of = |text: &str| condition::Test::AnyOf(Texts { values: vec![text.to_owned()] });
    let range = condition::Test::Range(Range { gte: Some(10.0), lt: Some(50.0) });
    let segment = |number: u8, conditions, value_if_ideal| Segment {
        id: format!("segment-{number}"),
        name: format!("kind {number}"),
        conditions,
        customers: 12,
        ideal: 9,
        stability: 0.75,
        value_if_ideal,
        valued: 7,
    };
    vec![
        segment(1, vec![when("city", any_of("Zürich")), when("employees", range)], Some(400.0)),
        segment(2, vec![when("tools", any_of("sap"))], None),
    ]
}

/// The customer values of [`artifact`].
#[must_use]
pub fn values() -> Values {
    Values {
        currency: "CHF".to_owned(),
        value_if_ideal: 100.0,
        ideal: 9,
        value_if_not: -20.0,
        others: 11,
        pooling: 10.0,
    }
}

/// A hypothesis about [`artifact`]'s city, with twice the odds in SAP or Zürich, which the customers support.
#[must_use]
pub fn hypothesis() -> Hypothesis {
    let texts = ["SAP", "Zürich"].map(str::to_owned).into();
    let test = condition::Test::AnyOf(Texts { values: texts });
    let slot = Slot { log_odds: 0.5, customers: 12, ideal: 9, variance: 0.0625, factors: Vec::new() };
    Hypothesis {
        id: "h".to_owned(),
        statement: String::new(),
        author: "ann".to_owned(),
        when: Some(Condition {
            attribute: "city".to_owned(),
            kind: condition::Kind::Category.into(),
            test: Some(test),
        }),
        odds_ratio: 2.0,
        confidence_customers: 20.0,
        slot: Some(slot),
        customers_say: Some(Effect { log_odds: 0.75, standard_error: 0.25 }),
        customers_by_slot: Vec::new(),
        expires: None,
    }
}
