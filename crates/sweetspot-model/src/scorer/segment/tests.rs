use proptest::prelude::*;
use sweetspot_core::{Account, Fit, Value, Vocabulary as _};

use crate::fixtures::{artifact, segments, value, values};
use crate::stored::{ModelArtifact as Kept, condition};
use crate::stored_condition::matcher_from_stored;
use crate::{CompileError, Scorer};

fn compile_changed(change: impl Fn(&mut Kept)) -> Result<Scorer, CompileError> {
    let mut kept = artifact();
    kept.0.segments = segments();
    kept.0.values = Some(values());
    change(&mut kept.0);
    Scorer::compile(&kept)
}

fn account(attributes: &[(&str, Value)]) -> Account {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Account { id: String::new(), attributes }
}

#[test]
fn the_first_matching_segment_decides_the_expected_value() {
    let scorer = compile_changed(|_| {}).unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let (zurich, sap) = (("city", text(" ZÜRICH")), ("tools", text("Jira; SAP")));
    let told = |attributes: &[(&str, Value)]| {
        let Fit { segment, expected_value, probability, .. } = scorer.score(&account(attributes));
        (segment.and_then(|place| scorer.segment_id(place)).unwrap_or_default(), expected_value.unwrap(), probability)
    };
    let employees = |number| ("employees", Value::Number(number));
    for (attributes, id, if_ideal) in [
        (vec![], "", 100.0),
        (vec![zurich.clone(), employees(10.0), sap.clone()], "segment-1", 400.0),
        (vec![zurich.clone(), employees(49.9)], "segment-1", 400.0),
        (vec![zurich.clone(), employees(50.0)], "", 100.0),
        (vec![zurich.clone(), employees(9.0), sap], "segment-2", 100.0),
        (vec![zurich], "", 100.0),
    ] {
        let (found, value, probability) = told(&attributes);
        assert_eq!(found, id, "{attributes:?}");
        assert_eq!(value, probability * if_ideal + (1.0 - probability) * -20.0);
    }
    assert_eq!((scorer.currency(), scorer.segment_ids().count()), (Some("CHF"), 2));
    let without = compile_changed(|kept| kept.values = None).unwrap();
    assert_eq!((without.currency(), without.score(&Account::default()).expected_value), (None, None));
}

#[test]
fn a_segment_rule_that_slots_cannot_express_is_refused() {
    type SegmentEdit = fn(&mut Kept);
    let cases: [(SegmentEdit, &str); 6] = [
        (|kept| kept.segments[0].conditions.clear(), "segment \"segment-1\" has a condition"),
        (|kept| kept.segments[0].conditions[1].attribute = "moon".to_owned(), "segment \"segment-1\" has a condition"),
        (|kept| kept.segments[1].conditions[0].test = Some(condition::Test::Present(true)), "segment \"segment-2\""),
        (|kept| kept.segments[0].value_if_ideal = Some(f64::NAN), "segment \"segment-1\" has a value out of range"),
        (|kept| kept.values.as_mut().unwrap().value_if_not = f64::INFINITY, "a value is out of range"),
        (|kept| kept.segments = vec![segments().remove(0); 17], "it has 17 segments"),
    ];
    for (change, words) in cases {
        let error = compile_changed(change).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

proptest! {
    /// For single values of each attribute, evaluation on slots agrees with the condition itself.
    #[test]
    fn slots_answer_as_the_condition_does(number in -5.0..99.0_f64, remote in value(), tools in prop::collection::vec("SAP|Jira|zürich", 0..3)) {
        let scorer = compile_changed(|_| {}).unwrap();
        let attributes = [("employees", Value::Number(number)), ("remote", remote), ("tools", Value::List(tools)), ("city", Value::Text("Zürich".to_owned()))];
        let account = account(&attributes);
        let holds = |segment: &crate::stored::Segment| {
            segment.conditions.iter().all(|condition| {
                let kind = scorer.kind(&condition.attribute);
                let when = matcher_from_stored(Some(condition)).unwrap().with_kind(kind);
                let value = account.attributes.get(when.attribute()).map(Value::as_ref);
                when.holds(value.as_ref())
            })
        };
        let expected = segments().iter().position(holds).map(|place| place as u8);
        prop_assert_eq!(scorer.score(&account).segment, expected);
    }
}
