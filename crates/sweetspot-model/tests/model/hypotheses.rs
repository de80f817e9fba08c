//! Beliefs: they are the model where there are no customers, help where there are few, and give way where there are many.

use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::fault::Fault as _;
use sweetspot_core::{
    Account, AccountTable, Column, ColumnData, ContributionKind, Customers, Digest, Hypothesis, Outcome, Outcomes,
    Status, Test, Tier, Value, ValueRef, Verdict,
};
use sweetspot_model::{ModelArtifact, Scorer, TrainingSpec, Unattended, train};

use crate::beliefs::{account, belief, beliefs, believing, industry, log_loss, of, trained, with_outcomes, won};
use crate::customers::{INDUSTRIES, customers};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0.0..400.0_f64).prop_map(Value::Number),
        prop::sample::select(vec!["fintech", "Retail ", "Mining", "1,200", "yes", "Jira; SAP", "2020-02-02", ""])
            .prop_map(|text| Value::Text(text.to_owned())),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::vec(prop::sample::select(vec!["SAP", "slack"]), 0..3)
            .prop_map(|items| Value::List(items.into_iter().map(str::to_owned).collect())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn without_customers_the_score_is_the_beliefs(
        rate in prop::option::of(0.01..0.9_f64),
        attributes in prop::collection::btree_map(
            prop::sample::select(vec!["industry", "employees", "remote", "tools", "founded", "city"]).prop_map(str::to_owned),
            value(),
            0..6,
        ),
    ) {
        let spec = TrainingSpec { assumed_ideal_rate: rate, ..believing(beliefs()) };
        let artifact = train(&spec, &Customers::default(), Digest::of(b""), &Unattended).unwrap();
        let scorer = Scorer::compile(&artifact).unwrap();
        let account = Account { id: String::new(), attributes };
        let explained = scorer.explain(&account);
        let rate = rate.unwrap_or(0.2);
        let mut expected = (rate / (1.0 - rate)).ln();
        prop_assert!((explained.fit.base_log_odds - expected).abs() < 1e-9);
        let held: Vec<&str> = explained.contributions.iter().map(|reason| reason.value_label.as_ref()).collect();
        for hypothesis in beliefs() {
            let held = held.contains(&hypothesis.when.test.to_string().as_str());
            let value = account.attributes.get(&hypothesis.when.attribute).map(Value::as_ref);
            prop_assert_eq!(held, hypothesis.when.holds(value.as_ref()), "{:?}", hypothesis);
            expected += if held { hypothesis.odds_ratio.ln() } else { 0.0 };
        }
        prop_assert!((explained.fit.log_odds - expected).abs() < 1e-8, "{} {expected}", explained.fit.log_odds);
        prop_assert!(explained.contributions.iter().all(|reason| reason.kind == ContributionKind::Hypothesis));
    }
}

#[test]
fn a_model_of_beliefs_alone_is_not_judged_and_has_tiers() {
    let hypotheses = vec![industry("Fintech", 4.0, 20.0), industry("Mining", 0.5, 20.0), industry("Retail", 2.0, 5.0)];
    let artifact = trained(hypotheses, &Customers::default()).unwrap();
    assert!(!artifact.evaluation().has_signal());
    assert!(artifact.warnings()[0].starts_with("Not judged: "), "{:?}", artifact.warnings());
    let scorer = Scorer::compile(&artifact).unwrap();
    let fit = |name: &str| {
        let attributes = [("industry".to_owned(), Value::Text(name.to_owned()))].into();
        scorer.score(&Account { id: String::new(), attributes })
    };
    let tiers = ["Fintech", "Retail", "Space", "Mining"].map(|name| fit(name).tier);
    assert_eq!(tiers, [Tier::A, Tier::B, Tier::C, Tier::D]);
    let (sure, unsure) = (fit("Fintech"), fit("Retail"));
    assert!(sure.low > 0.0 && sure.high < 1.0 && sure.low < sure.probability && sure.probability < sure.high);
    let width = |fit: &sweetspot_core::Fit| (fit.high / (1.0 - fit.high)).ln() - (fit.low / (1.0 - fit.low)).ln();
    assert!(width(&unsure) > width(&sure), "five customers are worth less than twenty");
    assert_eq!((fit("Fintech").coverage, scorer.score(&Account::default()).coverage), (1.0, 0.0));
    assert_eq!(scorer.explain(&Account::default()).notes.len(), 1);
    for hypothesis in artifact.hypotheses() {
        assert_eq!((hypothesis.verdict, hypothesis.customers_say), (Verdict::NotEnoughData, None));
        assert!((hypothesis.model.log_odds - hypothesis.odds_ratio.ln()).abs() < 1e-9);
    }
}

#[test]
fn few_customers_move_base_and_beliefs_a_little() {
    let base = customers(30, 1.0, 2);
    let believed = || vec![industry("Fintech", 4.0, 20.0)];
    let fintech =
        |row: usize| base.accounts().column("industry").unwrap().data.get(row) == Some(ValueRef::Text("Fintech"));
    let with = |outcome: &dyn Fn(usize) -> Outcome| trained(believed(), &with_outcomes(&base, outcome)).unwrap();
    let rate = |artifact: &ModelArtifact| Scorer::compile(artifact).unwrap().score(&Account::default()).log_odds;
    let (none, all_lost) = (with(&|_| Outcome::default()), with(&|_| won(false)));
    assert!((rate(&none) - 0.25_f64.ln()).abs() < 1e-9, "accounts without an outcome say nothing");
    assert!(rate(&all_lost) < rate(&none) - 0.5, "{} {}", rate(&all_lost), rate(&none));
    assert!(all_lost.attributes().is_empty() && !all_lost.evaluation().has_signal());
    // Four ideal ones are not enough to learn from, but they are no reason to doubt the belief.
    let mut left = 4;
    let ideal: Vec<bool> = (0..30)
        .map(|row| {
            fintech(row) && {
                left -= i32::from(left > 0);
                left > 0
            }
        })
        .collect();
    let right = with(&|row| won(ideal[row]));
    let (believed, right) = (4.0_f64.ln(), of(&right, "Fintech").model.log_odds);
    assert!(right > believed - 0.1, "{right}");
    assert!(of(&all_lost, "Fintech").model.log_odds < believed);
    assert_eq!(trained(vec![], &with_outcomes(&base, |_| won(false))).unwrap_err().reason(), "ONE_CLASS");
}

/// Customers of whom Fintech is ideal with e² times the odds of the others, and a number that says nothing.
fn plain(rows: usize, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let codes: Vec<u32> = (0..rows).map(|_| rng.random_range(0..4)).collect();
    let ideal = |code: &u32| if *code == 0 { 0.731 } else { 0.269 };
    let outcomes = codes.iter().map(|code| won(rng.random_bool(ideal(code)))).collect();
    let numbers = (0..rows).map(|row| Some((row * 37 % 100) as f64)).collect();
    let dictionary = INDUSTRIES.map(str::to_owned).into();
    let data = ColumnData::Categories { dictionary, codes: codes.into_iter().map(Some).collect() };
    let columns = [("industry", data), ("employees", ColumnData::Numbers(numbers))];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let ids = (0..rows).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes, None).unwrap()
}

#[test]
fn a_belief_that_two_thousand_customers_refute_gives_way() {
    let customers = plain(2000, 5);
    // The opposite is believed, firmly.
    let artifact = trained(vec![industry("Fintech", 0.2, 200.0), industry("Mining", 1.2, 50.0)], &customers).unwrap();
    let wrong = of(&artifact, "Fintech");
    let said = wrong.customers_say.unwrap();
    assert_eq!(wrong.verdict, Verdict::Refuted, "{wrong:?}");
    assert!((said.log_odds - 2.0).abs() < 0.25 && said.standard_error < 0.15, "{said:?}");
    assert!(wrong.model.log_odds > 0.0, "it does not dominate: {wrong:?}");
    let scorer = Scorer::compile(&artifact).unwrap();
    let effect = |name: &str| {
        let attributes = [("industry".to_owned(), Value::Text(name.to_owned()))].into();
        let reasons = scorer.explain(&Account { id: String::new(), attributes }).contributions;
        reasons.iter().filter(|reason| reason.attribute == "industry").map(|reason| reason.log_odds).sum::<f64>()
    };
    let others = ["Logistics", "Mining", "Retail"].map(effect).iter().sum::<f64>() / 3.0;
    assert!((effect("Fintech") - others - 2.0).abs() < 0.25, "{} {others}", effect("Fintech"));
    let fresh = plain(4000, 6);
    let without = trained(vec![], &customers).unwrap();
    assert!(log_loss(&artifact, &fresh) < log_loss(&without, &fresh) + 0.002);
}

/// A belief and its attribute's own slots say nearly the same: that nobody can tell them apart makes no score less sure.
#[test]
fn a_refuted_belief_does_not_widen_what_is_known() {
    let customers = plain(1000, 9);
    let widths = |artifact: &ModelArtifact| {
        let scorer = Scorer::compile(artifact).unwrap();
        let width = |row: usize| {
            let fit = scorer.score(&account(&customers, row));
            (fit.high / (1.0 - fit.high)).ln() - (fit.low / (1.0 - fit.low)).ln()
        };
        (0..100).map(width).sum::<f64>() / 100.0
    };
    let believed = vec![industry("Fintech", 0.2, 100.0), industry("Mining", 4.0, 100.0)];
    let (with, without) =
        (widths(&trained(believed, &customers).unwrap()), widths(&trained(vec![], &customers).unwrap()));
    assert!(with < 1.3 * without, "{with} {without}");
}

#[test]
fn a_true_belief_helps_where_customers_are_few() {
    let fresh = customers(3000, 1.0, 900);
    let gain = |seed: u64| {
        let few = customers(30, 1.0, seed);
        let believed = vec![industry("Fintech", 7.4, 40.0)];
        log_loss(&trained(vec![], &few).unwrap(), &fresh) - log_loss(&trained(believed, &few).unwrap(), &fresh)
    };
    let gains: Vec<f64> = (1..9).map(gain).collect();
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(mean > 0.01, "{mean}: {gains:?}");
    assert!(gains.iter().filter(|gain| **gain > 0.0).count() >= 6, "{gains:?}");
}

#[test]
fn what_the_customers_confirm_is_supported() {
    let customers = customers(1500, 1.0, 8);
    let sap = belief("sap", "tools", Test::AnyOf(vec!["SAP".to_owned()]), 2.0, 30.0);
    let nobody = belief("nobody", "industry", Test::AnyOf(vec!["Space".to_owned()]), 2.0, 30.0);
    let everybody = belief("everybody", "founded", Test::Present(true), 2.0, 30.0);
    let artifact = trained(vec![sap, nobody, everybody, industry("Fintech", 3.0, 30.0)], &customers).unwrap();
    let verdicts = ["Fintech", "everybody", "nobody", "sap"].map(|id| of(&artifact, id).verdict);
    let silent = Verdict::NotEnoughData;
    assert_eq!(verdicts, [Verdict::Supported, silent, silent, Verdict::Supported]);
    let fintech = of(&artifact, "Fintech");
    assert!(fintech.customers > 300 && fintech.ideal > fintech.customers / 2, "{fintech:?}");
    assert_eq!(of(&artifact, "nobody").customers, 0);
    assert!((of(&artifact, "nobody").model.log_odds - 2.0_f64.ln()).abs() < 0.05, "nobody contradicts it");
    assert!((of(&artifact, "sap").customers_say.unwrap().log_odds - 1.0).abs() < 0.4);
}

#[test]
fn the_order_of_beliefs_and_customers_means_nothing() {
    let customers = customers(150, 1.0, 7);
    let mut turned = beliefs();
    turned.reverse();
    let one = trained(beliefs(), &customers).unwrap();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| trained(turned, &customers)).unwrap().to_bytes(), one.to_bytes());
    let explained =
        |artifact: &ModelArtifact, row| Scorer::compile(artifact).unwrap().explain(&account(&customers, row));
    let rows = customers.accounts().rows();
    let swapped = |row: usize| rows - 1 - row;
    let columns = customers.accounts().columns().iter().map(|column| {
        let ColumnData::Categories { dictionary, codes } = &column.data else { return None };
        let codes = (0..rows).map(|row| codes.get(swapped(row))).collect();
        Some(Column {
            name: column.name.clone(),
            data: ColumnData::Categories { dictionary: dictionary.clone(), codes },
        })
    });
    let ids = (0..rows).filter_map(|row| customers.accounts().ids().get(swapped(row))).collect();
    let mut outcomes = Outcomes::default();
    (0..rows).for_each(|row| outcomes.push(customers.outcomes().get(swapped(row))));
    let backwards =
        Customers::new(AccountTable::new(ids, columns.flatten().collect()).unwrap(), outcomes, None).unwrap();
    let forwards = first_columns(&customers);
    let believed = || vec![industry("Fintech", 3.0, 10.0), industry("Mining", 0.5, 10.0)];
    let (a, b) = (trained(believed(), &forwards).unwrap(), trained(believed(), &backwards).unwrap());
    assert_eq!(a.hypotheses(), b.hypotheses());
    for row in 0..rows {
        let (a, b) = (explained(&a, row), explained(&b, row));
        assert_eq!((a.fit, a.contributions), (b.fit, b.contributions));
    }
}

/// The categories alone.
fn first_columns(customers: &Customers) -> Customers {
    let category = |column: &&Column| matches!(column.data, ColumnData::Categories { .. });
    let columns = customers.accounts().columns().iter().filter(category).cloned().collect();
    let table = AccountTable::new(customers.accounts().ids().clone(), columns).unwrap();
    Customers::new(table, customers.outcomes().clone(), None).unwrap()
}

#[test]
fn reasons_add_up_to_the_bit() {
    let customers = customers(200, 1.0, 3);
    let beyond = belief("beyond", "ceo", Test::AnyOf(vec!["Ann".to_owned()]), 5.0, 10.0);
    let artifact = trained(beliefs().into_iter().chain([beyond]).collect(), &customers).unwrap();
    let read = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!(read, artifact);
    let scorer = Scorer::compile(&read).unwrap();
    assert!(scorer.attribute("ceo").is_some() && artifact.warnings().join("\n").contains("attribute \"ceo\""));
    let mut held = 0;
    for row in 0..200 {
        let mut account = account(&customers, row);
        if row % 2 == 0 {
            account.attributes.insert("ceo".to_owned(), Value::Text("ANN ".to_owned()));
        }
        let explained = scorer.explain(&account);
        assert_eq!(scorer.score(&account), explained.fit);
        let sum = explained.contributions.iter().rev().fold(0.0, |sum, reason| sum + reason.log_odds);
        assert_eq!((sum + explained.fit.base_log_odds).to_bits(), explained.fit.log_odds.to_bits());
        assert!(explained.contributions.iter().all(|reason| reason.standard_error > 0.0));
        let believed = explained.contributions.iter().filter(|reason| reason.kind == ContributionKind::Hypothesis);
        held += believed.filter(|reason| reason.attribute == "ceo" && reason.value_label == "Ann").count();
        let missing = explained.notes.iter().any(|note| note.attribute == "ceo");
        assert_eq!(missing, row % 2 == 1);
    }
    assert_eq!(held, 100);
}

#[test]
fn what_is_left_out_is_told() {
    let base = customers(300, 1.0, 4);
    let mut columns = base.accounts().columns().to_vec();
    let paid = base.outcomes().iter().enumerate();
    let paid =
        paid.map(|(row, outcome)| Some(if outcome.status == Some(Status::Won) { 10.0 + row as f64 } else { 0.0 }));
    columns.push(Column { name: "paid".to_owned(), data: ColumnData::Numbers(paid.collect()) });
    let table = AccountTable::new(base.accounts().ids().clone(), columns).unwrap();
    let customers = Customers::new(table, base.outcomes().clone(), None).unwrap();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let leaking = belief("leaking", "paid", Test::Range { gte: Some(1.0), lt: None }, 9.0, 10.0);
    let expired = Hypothesis { expires: Some(epoch), ..industry("Mining", 0.5, 10.0) };
    let misspelt = belief("misspelt", "industri", Test::Present(true), 2.0, 10.0);
    let hypotheses = vec![leaking, expired.clone(), misspelt, industry("Fintech", 3.0, 10.0)];
    let spec = TrainingSpec { as_of: Some(epoch), ..believing(hypotheses) };
    let artifact = train(&spec, &customers, Digest::of(b"x"), &Unattended).unwrap();
    let kept: Vec<String> = artifact.hypotheses().into_iter().map(|hypothesis| hypothesis.id).collect();
    assert_eq!(kept, ["Fintech", "misspelt"]);
    let warnings = artifact.warnings().join("\n");
    for told in [
        "hypothesis \"Mining\" is left out: it expired on 1970-01-01",
        "hypothesis \"leaking\" is left out: attribute \"paid\" is left out: alone it separates",
        "hypothesis \"misspelt\" refers to attribute \"industri\", which the dataset does not have (did you mean \"industry\"?)",
    ] {
        assert!(warnings.contains(told), "{told} is not in {warnings}");
    }
    let spec = TrainingSpec { as_of: Some(epoch), ..believing(vec![expired]) };
    let none = train(&spec, &Customers::default(), Digest::of(b""), &Unattended).unwrap_err();
    assert_eq!(none.reason(), "ONE_CLASS", "an expired belief makes no model");
}
