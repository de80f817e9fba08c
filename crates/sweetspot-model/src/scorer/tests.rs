use proptest::prelude::*;
use sweetspot_core::{AttributeNoteKind, ContributionKind, Value};

use super::*;
use crate::ModelArtifact;
use crate::fixtures::{artifact, hypothesis, pair, value};
use crate::score_uncertainty::FACTOR_COUNT;

/// The fixture model with two interactions, and with coefficients that are multiples of 2⁻³², as after training.
pub(super) fn model() -> impl Strategy<Value = ModelArtifact> {
    let grains = prop::collection::vec(-(1_i64 << 34)..1_i64 << 34, 1 + 19 + 2 + 12);
    (grains, 0.0..0.5_f32, prop::collection::vec(-0.5..0.5_f32, 0..FACTOR_COUNT)).prop_map(
        |(grains, variance, factors)| {
            let mut kept = artifact().0;
            let turned = crate::stored::Pair {
                first: "founded".to_owned(),
                second: "remote".to_owned(),
                first_groups: vec![0, 0, 1, 1],
                second_groups: vec![0, 1, 2],
                first_labels: vec!["before 1970-02-01".to_owned(), "other".to_owned()],
                second_labels: ["no", "yes", "missing"].map(str::to_owned).into(),
                ..pair()
            };
            kept.pairs = vec![pair(), turned];
            let mut grains = grains.into_iter().map(|grain| grain as f64 / 4_294_967_296.0);
            kept.base_log_odds = grains.next().unwrap();
            (kept.base_variance, kept.base_factors) = (variance, factors);
            kept.hypotheses = vec![hypothesis(), hypothesis_on_extra_attribute()];
            let terms = kept.terms.iter_mut().flat_map(|term| &mut term.slots);
            let beliefs = kept.hypotheses.iter_mut().flat_map(|hypothesis| &mut hypothesis.slot);
            for slot in terms.chain(beliefs).chain(kept.pairs.iter_mut().flat_map(|pair| &mut pair.cells)) {
                slot.log_odds = grains.next().unwrap();
            }
            ModelArtifact(kept)
        },
    )
}

/// A hypothesis about an attribute that the model does not use otherwise.
fn hypothesis_on_extra_attribute() -> crate::stored::Hypothesis {
    use crate::stored::Condition;
    use crate::stored::condition::Test;
    let when = Condition { attribute: "b2b".to_owned(), kind: 0, test: Some(Test::Flag(true)) };
    let statement = "They sell to firms.".to_owned();
    crate::stored::Hypothesis { id: "i".to_owned(), statement, when: Some(when), ..hypothesis() }
}

pub(super) fn account() -> impl Strategy<Value = Account> {
    let name = prop::sample::select(vec!["employees", "city", "remote", "tools", "founded", "b2b", "unheard of"]);
    let attributes = prop::collection::btree_map(name.prop_map(str::to_owned), value(), 0..6);
    attributes.prop_map(|attributes| Account { id: "a".to_owned(), attributes })
}

proptest! {
    #[test]
    fn the_kinds_of_notes_are_those_of_the_notes(model in model(), account in account()) {
        let scorer = Scorer::compile(&model).unwrap();
        let encoded = scorer.encode_account(&account);
        let (kinds, notes) = (encoded.note_kinds(), scorer.explain(&account).notes);
        for kind in [
            AttributeNoteKind::Missing,
            AttributeNoteKind::UnseenCategory,
            AttributeNoteKind::OutOfRange,
            AttributeNoteKind::UnknownAttribute,
            AttributeNoteKind::TypeMismatch,
        ] {
            prop_assert_eq!(kinds.contains(kind), notes.iter().any(|note| note.kind == kind));
        }
    }

    #[test]
    fn a_score_is_the_sum_of_its_reasons_to_the_bit(model in model(), account in account()) {
        let scorer = Scorer::compile(&model).unwrap();
        let Explanation { fit, contributions, notes: _ } = scorer.explain(&account);
        prop_assert_eq!(&fit, &scorer.score(&account));
        let sum = |parts: &mut dyn Iterator<Item = f64>| parts.fold(0.0, |sum, part| sum + part);
        let parts = || std::iter::once(fit.base_log_odds).chain(contributions.iter().map(|part| part.log_odds));
        let all: Vec<f64> = parts().collect();
        prop_assert_eq!(sum(&mut parts()).to_bits(), fit.log_odds.to_bits());
        prop_assert_eq!(sum(&mut all.into_iter().rev()).to_bits(), fit.log_odds.to_bits(), "in any order");
        let pairs: Vec<&str> =
            contributions.iter().filter(|part| part.kind == ContributionKind::Interaction).map(|part| part.attribute.as_ref()).collect();
        prop_assert_eq!(pairs, ["employees * city", "founded * remote"], "a cell of every interaction");
        let alone = contributions.iter().filter(|part| part.kind == ContributionKind::Attribute && part.attribute != "tools");
        prop_assert_eq!(alone.map(|part| part.attribute.as_ref()).collect::<Vec<_>>(), ["employees", "city", "remote", "founded"]);
        prop_assert!(contributions.iter().all(|part| part.standard_error > 0.0 && part.standard_error.is_finite()));
    }

    #[test]
    fn the_interval_holds_the_probability_and_decides_how_much_is_known(model in model(), account in account()) {
        let scorer = Scorer::compile(&model).unwrap();
        let Explanation { fit, contributions: _, notes } = scorer.explain(&account);
        prop_assert!(0.0 < fit.low && fit.low <= fit.probability && fit.probability <= fit.high && fit.high < 1.0, "{fit:?}");
        prop_assert_eq!(fit.probability, probability(fit.log_odds));
        let tier = |probability: f64| [(0.75, Tier::A), (0.5, Tier::B), (0.25, Tier::C)].into_iter().find(|(cut, _)| probability >= *cut).map_or(Tier::D, |(_, tier)| tier);
        prop_assert_eq!(fit.tier, tier(fit.probability));
        let unusable = |name: &str| {
            let kinds = [AttributeNoteKind::Missing, AttributeNoteKind::TypeMismatch];
            notes.iter().any(|note| note.attribute == name && kinds.contains(&note.kind))
        };
        let present = scorer.attribute_names().filter(|name| !unusable(name)).count();
        prop_assert_eq!(fit.coverage, present as f64 / 6.0);
        let expected = match present {
            0 => DataSupport::None,
            _ if tier(fit.low) == tier(fit.high) => DataSupport::Sufficient,
            _ => DataSupport::Thin,
        };
        prop_assert_eq!(fit.data_support, expected);
    }
}

#[test]
fn a_hypothesis_contributes_only_where_its_condition_holds() {
    let mut kept = artifact();
    kept.0.hypotheses = vec![hypothesis(), hypothesis_on_extra_attribute()];
    let scorer = Scorer::compile(&kept).unwrap();
    let explained = |attributes: &[(&str, Value)]| {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let explained = scorer.explain(&Account { id: String::new(), attributes });
        let believed = explained.contributions.iter().filter(|part| part.kind == ContributionKind::Hypothesis);
        let told = |part: &Contribution<'_>| {
            (part.attribute.to_string(), part.value_label.to_string(), part.customers, part.ideal_rate)
        };
        let unknown = explained.notes.iter().filter(|note| note.kind == AttributeNoteKind::UnknownAttribute).count();
        (believed.map(told).collect::<Vec<_>>(), explained.fit.coverage, unknown)
    };
    let zurich = ("city", Value::Text(" zürich".to_owned()));
    let city = ("city".to_owned(), "SAP or Zürich".to_owned(), 12, 0.75);
    let b2b = ("b2b".to_owned(), "They sell to firms.".to_owned(), 12, 0.75);
    assert_eq!(explained(std::slice::from_ref(&zurich)), (vec![city.clone()], 1.0 / 6.0, 0));
    assert_eq!(explained(&[zurich, ("b2b", Value::Text("yes".to_owned()))]), (vec![city, b2b], 2.0 / 6.0, 0));
    assert_eq!(explained(&[("b2b", Value::Flag(false)), ("moon", Value::Flag(true))]), (vec![], 1.0 / 6.0, 1));
    assert_eq!(explained(&[]), (vec![], 0.0, 0));
}

#[test]
fn a_model_can_consist_of_hypotheses_only() {
    let mut kept = artifact();
    kept.0.terms.clear();
    assert!(Scorer::compile(&kept).is_err());
    kept.0.hypotheses = vec![hypothesis_on_extra_attribute()];
    let scorer = Scorer::compile(&kept).unwrap();
    let Explanation { fit, contributions: _, notes } = scorer.explain(&Account::default());
    assert_eq!((fit.log_odds, fit.data_support, fit.coverage), (0.125, DataSupport::None, 0.0));
    let notes: Vec<_> = notes.into_iter().map(|note| (note.attribute.into_owned(), note.kind)).collect();
    assert_eq!(notes, [("b2b".to_owned(), AttributeNoteKind::Missing)]);
}

#[test]
fn the_interaction_cell_of_a_worked_example() {
    let mut kept = artifact();
    kept.0.pairs = vec![pair()];
    let scorer = Scorer::compile(&kept).unwrap();
    let cell = |attributes: &[(&str, Value)]| {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let last = scorer.explain(&Account { id: String::new(), attributes }).contributions.pop().unwrap();
        assert_eq!((last.attribute.as_ref(), last.kind), ("employees * city", ContributionKind::Interaction));
        (last.value_label.into_owned(), last.log_odds, last.customers, last.ideal_rate)
    };
    let (few, many) = (("employees", Value::Number(3.0)), ("employees", Value::Text("60".to_owned())));
    let zurich = || ("city", Value::Text(" ZÜRICH".to_owned()));
    assert_eq!(cell(&[few.clone(), zurich()]), ("other * Zürich".to_owned(), 0.5, 8, 0.875));
    assert_eq!(cell(&[many.clone(), zurich()]), ("10 or more * Zürich".to_owned(), -0.5, 5, 0.0));
    assert_eq!(cell(&[many, ("city", Value::Text("Bern".to_owned()))]), ("10 or more * other".to_owned(), 0.0, 5, 0.4));
    assert_eq!(cell(&[zurich()]), ("other * Zürich".to_owned(), 0.5, 8, 0.875), "missing has a group, too");
    assert_eq!(cell(&[]), ("other * other".to_owned(), 0.0, 6, 0.5));
}

#[test]
fn an_empty_account_has_no_data_support() {
    let mut kept = artifact();
    kept.0.tiers = Some(crate::stored::TierCuts { a: 1.0, b: 1.0, c: 1.0 });
    let scorer = Scorer::compile(&kept).unwrap();
    let with = |name: &str, value: Value| {
        let attributes = [(name.to_owned(), value)].into();
        scorer.score(&Account { id: String::new(), attributes }).data_support
    };
    assert_eq!(scorer.score(&Account::default()).data_support, DataSupport::None);
    assert_eq!(with("unheard of", Value::Flag(true)), DataSupport::None);
    assert_eq!(with("employees", Value::Text("many".to_owned())), DataSupport::None, "cannot be read");
    assert_eq!(with("remote", Value::Flag(true)), DataSupport::Sufficient, "all are in one tier");
    assert_eq!(with("city", Value::Text("Bern".to_owned())), DataSupport::Sufficient, "other is a level");
}
