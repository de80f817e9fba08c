use proptest::prelude::*;
use sweetspot_core::{Account, Fit, PondSide, Value};

use crate::Scorer;
use crate::made_up::{artifact, gate, hypothesis, value};
use crate::scorer::Explained;
use crate::stored::condition::Test;
use crate::stored::{self, Condition};

/// A rule about an attribute that the model has no other use for.
fn beyond() -> stored::Gate {
    let when = Condition { attribute: "b2b".to_owned(), kind: 0, test: Some(Test::Flag(false)) };
    let severity = stored::gate::Severity::Caution.into();
    stored::Gate { id: "consumers".to_owned(), when: Some(when), severity, ..gate() }
}

fn scorer(gates: Vec<stored::Gate>, change: impl Fn(&mut stored::ModelArtifact)) -> Scorer {
    let mut kept = artifact();
    kept.0.hypotheses = vec![hypothesis()];
    kept.0.gates = gates;
    change(&mut kept.0);
    Scorer::compile(&kept).unwrap()
}

fn account(attributes: &[(&str, Value)]) -> Account {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Account { id: String::new(), attributes }
}

fn told(scorer: &Scorer, attributes: &[(&str, Value)]) -> (PondSide, Vec<String>) {
    let fit = scorer.score(&account(attributes));
    (fit.pond, scorer.gate_ids(fit.gates).map(str::to_owned).collect())
}

#[test]
fn a_gate_puts_an_account_out_or_asks_for_a_second_look() {
    let scorer = scorer(vec![beyond(), gate()], |_| {});
    let bern = ("city", Value::Text(" BERN".to_owned()));
    let consumers = ("b2b", Value::Text("no".to_owned()));
    assert_eq!(told(&scorer, &[]), (PondSide::In, vec![]));
    assert_eq!(told(&scorer, std::slice::from_ref(&consumers)), (PondSide::In, vec!["consumers".to_owned()]));
    assert_eq!(told(&scorer, std::slice::from_ref(&bern)), (PondSide::Out, vec!["bern".to_owned()]));
    let both = ["consumers", "bern"].map(str::to_owned).into();
    assert_eq!(told(&scorer, &[bern, consumers]), (PondSide::Out, both), "in the order in which they were given");
}

#[test]
fn tier_d_is_out_unless_everybody_is_in_it() {
    let cuts = |c| move |kept: &mut stored::ModelArtifact| kept.tiers = Some(stored::TierCuts { a: 1.0, b: 1.0, c });
    assert_eq!(told(&scorer(vec![], cuts(0.99)), &[]).0, PondSide::Out);
    assert_eq!(told(&scorer(vec![], cuts(1.0)), &[]).0, PondSide::In);
    let bern = [("city", Value::Text("Bern".to_owned()))];
    assert_eq!(told(&scorer(vec![gate()], cuts(1.0)), &bern).0, PondSide::Out);
}

proptest! {
    #[test]
    fn gates_change_nothing_but_the_side(
        attributes in prop::collection::btree_map(
            prop::sample::select(vec!["employees", "city", "remote", "b2b", "moon"]).prop_map(str::to_owned), value(), 0..5),
    ) {
        let account = Account { id: String::new(), attributes };
        let without = scorer(vec![], |_| {}).explain(&account);
        let with = scorer(vec![gate(), beyond()], |_| {}).explain(&account);
        let Explained { fit, contributions, notes } = with;
        prop_assert_eq!(Fit { pond: without.fit.pond, gates: without.fit.gates, ..fit }, without.fit);
        prop_assert_eq!(contributions, without.contributions);
        let asked = |note: &&sweetspot_core::Note<'_>| note.attribute != "b2b";
        let rest: Vec<_> = without.notes.iter().filter(asked).collect();
        prop_assert_eq!(notes.iter().collect::<Vec<_>>(), rest, "what a gate asks for is not unheard of");
    }
}
