use proptest::prelude::*;
use sweetspot_core::{Account, Fit, PondSide, Value};

use crate::Scorer;
use crate::fixtures::{artifact, exclusion_rule, hypothesis, value};
use crate::scorer::Explanation;
use crate::stored::condition::Test;
use crate::stored::{self, Condition};

/// A rule about an attribute that the model does not use otherwise.
fn rule_on_extra_attribute() -> stored::ExclusionRule {
    let when = Condition { attribute: "b2b".to_owned(), kind: 0, test: Some(Test::Flag(false)) };
    let severity = stored::exclusion_rule::Severity::Caution.into();
    stored::ExclusionRule { id: "consumers".to_owned(), when: Some(when), severity, ..exclusion_rule() }
}

fn scorer(exclusion_rules: Vec<stored::ExclusionRule>, change: impl Fn(&mut stored::ModelArtifact)) -> Scorer {
    let mut kept = artifact();
    kept.0.hypotheses = vec![hypothesis()];
    kept.0.exclusion_rules = exclusion_rules;
    change(&mut kept.0);
    Scorer::compile(&kept).unwrap()
}

fn account(attributes: &[(&str, Value)]) -> Account {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Account { id: String::new(), attributes }
}

fn side_and_rules(scorer: &Scorer, attributes: &[(&str, Value)]) -> (PondSide, Vec<String>) {
    let fit = scorer.score(&account(attributes));
    (fit.pond_side, scorer.exclusion_rule_ids(fit.matched_rules).map(str::to_owned).collect())
}

#[test]
fn an_exclusion_rule_sets_the_pond_side_by_its_severity() {
    let scorer = scorer(vec![rule_on_extra_attribute(), exclusion_rule()], |_| {});
    let bern = ("city", Value::Text(" BERN".to_owned()));
    let consumers = ("b2b", Value::Text("no".to_owned()));
    assert_eq!(side_and_rules(&scorer, &[]), (PondSide::In, vec![]));
    assert_eq!(side_and_rules(&scorer, std::slice::from_ref(&consumers)), (PondSide::In, vec!["consumers".to_owned()]));
    assert_eq!(side_and_rules(&scorer, std::slice::from_ref(&bern)), (PondSide::Out, vec!["bern".to_owned()]));
    let both = ["consumers", "bern"].map(str::to_owned).into();
    assert_eq!(
        side_and_rules(&scorer, &[bern, consumers]),
        (PondSide::Out, both),
        "in the order in which they were given"
    );
}

#[test]
fn tier_d_is_out_unless_all_accounts_are_in_it() {
    let cuts = |c| move |kept: &mut stored::ModelArtifact| kept.tiers = Some(stored::TierCuts { a: 1.0, b: 1.0, c });
    assert_eq!(side_and_rules(&scorer(vec![], cuts(0.99)), &[]).0, PondSide::Out);
    assert_eq!(side_and_rules(&scorer(vec![], cuts(1.0)), &[]).0, PondSide::In);
    let bern = [("city", Value::Text("Bern".to_owned()))];
    assert_eq!(side_and_rules(&scorer(vec![exclusion_rule()], cuts(1.0)), &bern).0, PondSide::Out);
}

proptest! {
    #[test]
    fn gates_change_nothing_but_the_side(
        attributes in prop::collection::btree_map(
            prop::sample::select(vec!["employees", "city", "remote", "b2b", "moon"]).prop_map(str::to_owned), value(), 0..5),
    ) {
        let account = Account { id: String::new(), attributes };
        let without = scorer(vec![], |_| {}).explain(&account);
        let with = scorer(vec![exclusion_rule(), rule_on_extra_attribute()], |_| {}).explain(&account);
        let Explanation { fit, contributions, notes } = with;
        prop_assert_eq!(Fit { pond_side: without.fit.pond_side, matched_rules: without.fit.matched_rules, ..fit }, without.fit);
        prop_assert_eq!(contributions, without.contributions);
        let asked = |note: &&sweetspot_core::AttributeNote<'_>| note.attribute != "b2b";
        let rest: Vec<_> = without.notes.iter().filter(asked).collect();
        prop_assert_eq!(notes.iter().collect::<Vec<_>>(), rest, "an attribute of a rule is known");
    }
}
