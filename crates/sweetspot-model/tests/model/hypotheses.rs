//! Hypotheses: they are the whole model without customers, help with few, and are outweighed by many.

use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{
    Account, AccountTable, Column, ColumnData, ContributionKind, Customers, Digest, Hypothesis, Outcome, OutcomeStatus,
    Outcomes, Test, Tier, Value, ValueRef, Verdict,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use crate::customer_fixtures::{INDUSTRIES, customers};
use crate::hypothesis_fixtures::{
    account_from_row, example_hypotheses, hypothesis, hypothesis_summary, industry_hypothesis, log_loss,
    spec_with_hypotheses, train_with_hypotheses, with_outcomes, won_outcome,
};

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
    fn without_customers_the_score_is_that_of_the_hypotheses(
        rate in prop::option::of(0.01..0.9_f64),
        attributes in prop::collection::btree_map(
            prop::sample::select(vec!["industry", "employees", "remote", "tools", "founded", "city"]).prop_map(str::to_owned),
            value(),
            0..6,
        ),
    ) {
        let spec = TrainingSpec { assumed_ideal_rate: rate, ..spec_with_hypotheses(example_hypotheses()) };
        let artifact = train(&spec, &Customers::default(), Digest::new(b""), &NoProgress).unwrap();
        let scorer = Scorer::compile(&artifact).unwrap();
        let account = Account { id: String::new(), attributes };
        let explained = scorer.explain(&account);
        let rate = rate.unwrap_or(0.2);
        let mut expected = (rate / (1.0 - rate)).ln();
        prop_assert!((explained.fit.base_log_odds - expected).abs() < 1e-9);
        let held: Vec<&str> = explained.contributions.iter().map(|reason| reason.value_label.as_ref()).collect();
        for hypothesis in example_hypotheses() {
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
fn a_model_of_hypotheses_only_has_tiers_and_no_evaluation() {
    let hypotheses = vec![
        industry_hypothesis("Fintech", 4.0, 20.0),
        industry_hypothesis("Mining", 0.5, 20.0),
        industry_hypothesis("Retail", 2.0, 5.0),
    ];
    let artifact = train_with_hypotheses(hypotheses, &Customers::default()).unwrap();
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
    assert!(width(&unsure) > width(&sure), "confidence of five customers gives a wider interval than twenty");
    assert_eq!((fit("Fintech").coverage, scorer.score(&Account::default()).coverage), (1.0, 0.0));
    assert_eq!(scorer.explain(&Account::default()).notes.len(), 1);
    for hypothesis in artifact.hypotheses() {
        assert_eq!((hypothesis.verdict, hypothesis.data_effect), (Verdict::NotEnoughData, None));
        assert!((hypothesis.model_effect.log_odds - hypothesis.odds_ratio.ln()).abs() < 1e-9);
    }
}

#[test]
fn few_customers_move_base_and_hypotheses_a_little() {
    let base = customers(30, 1.0, 2);
    let believed = || vec![industry_hypothesis("Fintech", 4.0, 20.0)];
    let fintech =
        |row: usize| base.accounts().column("industry").unwrap().data.get(row) == Some(ValueRef::Text("Fintech"));
    let with =
        |outcome: &dyn Fn(usize) -> Outcome| train_with_hypotheses(believed(), &with_outcomes(&base, outcome)).unwrap();
    let rate = |artifact: &ModelArtifact| Scorer::compile(artifact).unwrap().score(&Account::default()).log_odds;
    let (none, all_lost) = (with(&|_| Outcome::default()), with(&|_| won_outcome(false)));
    assert!((rate(&none) - 0.25_f64.ln()).abs() < 1e-9, "accounts without an outcome have no effect");
    assert!(rate(&all_lost) < rate(&none) - 0.5, "{} {}", rate(&all_lost), rate(&none));
    assert!(all_lost.attributes().is_empty() && !all_lost.evaluation().has_signal());
    // Four ideal customers are too few to learn from, but they do not contradict the hypothesis.
    let mut left = 4;
    let ideal: Vec<bool> = (0..30)
        .map(|row| {
            fintech(row) && {
                left -= i32::from(left > 0);
                left > 0
            }
        })
        .collect();
    let right = with(&|row| won_outcome(ideal[row]));
    let (believed, right) = (4.0_f64.ln(), hypothesis_summary(&right, "Fintech").model_effect.log_odds);
    assert!(right > believed - 0.1, "{right}");
    assert!(hypothesis_summary(&all_lost, "Fintech").model_effect.log_odds < believed);
    assert_eq!(
        train_with_hypotheses(vec![], &with_outcomes(&base, |_| won_outcome(false))).unwrap_err().reason(),
        "ONE_CLASS"
    );
}

/// Customers among whom Fintech is ideal with e² times the odds of the others, and a number without effect.
fn customers_without_signal(rows: usize, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let codes: Vec<u32> = (0..rows).map(|_| rng.random_range(0..4)).collect();
    let ideal = |code: &u32| if *code == 0 { 0.731 } else { 0.269 };
    let outcomes = codes.iter().map(|code| won_outcome(rng.random_bool(ideal(code)))).collect();
    let numbers = (0..rows).map(|row| Some((row * 37 % 100) as f64)).collect();
    let dictionary = INDUSTRIES.map(str::to_owned).into();
    let data = ColumnData::Categories { dictionary, codes: codes.into_iter().map(Some).collect() };
    let columns = [("industry", data), ("employees", ColumnData::Numbers(numbers))];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let ids = (0..rows).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes, None).unwrap()
}

#[test]
fn a_hypothesis_refuted_by_two_thousand_customers_has_little_effect() {
    let customers = customers_without_signal(2000, 5);
    // The hypothesis claims the opposite, with high confidence.
    let artifact = train_with_hypotheses(
        vec![industry_hypothesis("Fintech", 0.2, 200.0), industry_hypothesis("Mining", 1.2, 50.0)],
        &customers,
    )
    .unwrap();
    let wrong = hypothesis_summary(&artifact, "Fintech");
    let said = wrong.data_effect.unwrap();
    assert_eq!(wrong.verdict, Verdict::Refuted, "{wrong:?}");
    assert!((said.log_odds - 2.0).abs() < 0.25 && said.standard_error < 0.15, "{said:?}");
    assert!(wrong.model_effect.log_odds > 0.0, "the hypothesis does not dominate: {wrong:?}");
    let scorer = Scorer::compile(&artifact).unwrap();
    let effect = |name: &str| {
        let attributes = [("industry".to_owned(), Value::Text(name.to_owned()))].into();
        let reasons = scorer.explain(&Account { id: String::new(), attributes }).contributions;
        reasons.iter().filter(|reason| reason.attribute == "industry").map(|reason| reason.log_odds).sum::<f64>()
    };
    let others = ["Logistics", "Mining", "Retail"].map(effect).iter().sum::<f64>() / 3.0;
    assert!((effect("Fintech") - others - 2.0).abs() < 0.25, "{} {others}", effect("Fintech"));
    let fresh = customers_without_signal(4000, 6);
    let without = train_with_hypotheses(vec![], &customers).unwrap();
    assert!(log_loss(&artifact, &fresh) < log_loss(&without, &fresh) + 0.002);
}

/// A hypothesis and its attribute's own slots have nearly the same effect: that they cannot be distinguished does not
/// widen the interval of any score.
#[test]
fn a_refuted_hypothesis_does_not_widen_intervals() {
    let customers = customers_without_signal(1000, 9);
    let widths = |artifact: &ModelArtifact| {
        let scorer = Scorer::compile(artifact).unwrap();
        let width = |row: usize| {
            let fit = scorer.score(&account_from_row(&customers, row));
            (fit.high / (1.0 - fit.high)).ln() - (fit.low / (1.0 - fit.low)).ln()
        };
        (0..100).map(width).sum::<f64>() / 100.0
    };
    let believed = vec![industry_hypothesis("Fintech", 0.2, 100.0), industry_hypothesis("Mining", 4.0, 100.0)];
    let (with, without) = (
        widths(&train_with_hypotheses(believed, &customers).unwrap()),
        widths(&train_with_hypotheses(vec![], &customers).unwrap()),
    );
    assert!(with < 1.3 * without, "{with} {without}");
}

#[test]
fn a_true_hypothesis_improves_a_model_of_few_customers() {
    let fresh = customers(3000, 1.0, 900);
    let gain = |seed: u64| {
        let few = customers(30, 1.0, seed);
        let believed = vec![industry_hypothesis("Fintech", 7.4, 40.0)];
        log_loss(&train_with_hypotheses(vec![], &few).unwrap(), &fresh)
            - log_loss(&train_with_hypotheses(believed, &few).unwrap(), &fresh)
    };
    let gains: Vec<f64> = (1..9).map(gain).collect();
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(mean > 0.01, "{mean}: {gains:?}");
    assert!(gains.iter().filter(|gain| **gain > 0.0).count() >= 6, "{gains:?}");
}

#[test]
fn a_hypothesis_that_the_customers_confirm_is_supported() {
    let customers = customers(1500, 1.0, 8);
    let sap = hypothesis("sap", "tools", Test::AnyOf(vec!["SAP".to_owned()]), 2.0, 30.0);
    let nobody = hypothesis("nobody", "industry", Test::AnyOf(vec!["Space".to_owned()]), 2.0, 30.0);
    let everybody = hypothesis("everybody", "founded", Test::Present(true), 2.0, 30.0);
    let artifact =
        train_with_hypotheses(vec![sap, nobody, everybody, industry_hypothesis("Fintech", 3.0, 30.0)], &customers)
            .unwrap();
    let verdicts = ["Fintech", "everybody", "nobody", "sap"].map(|id| hypothesis_summary(&artifact, id).verdict);
    let silent = Verdict::NotEnoughData;
    assert_eq!(verdicts, [Verdict::Supported, silent, silent, Verdict::Supported]);
    let fintech = hypothesis_summary(&artifact, "Fintech");
    assert!(fintech.customers > 300 && fintech.ideal > fintech.customers / 2, "{fintech:?}");
    assert_eq!(hypothesis_summary(&artifact, "nobody").customers, 0);
    assert!(
        (hypothesis_summary(&artifact, "nobody").model_effect.log_odds - 2.0_f64.ln()).abs() < 0.05,
        "no customer contradicts it"
    );
    assert!((hypothesis_summary(&artifact, "sap").data_effect.unwrap().log_odds - 1.0).abs() < 0.4);
}

#[test]
fn the_order_of_hypotheses_and_customers_does_not_matter() {
    let customers = customers(150, 1.0, 7);
    let mut turned = example_hypotheses();
    turned.reverse();
    let one = train_with_hypotheses(example_hypotheses(), &customers).unwrap();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| train_with_hypotheses(turned, &customers)).unwrap().to_bytes(), one.to_bytes());
    let explained =
        |artifact: &ModelArtifact, row| Scorer::compile(artifact).unwrap().explain(&account_from_row(&customers, row));
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
    let believed = || vec![industry_hypothesis("Fintech", 3.0, 10.0), industry_hypothesis("Mining", 0.5, 10.0)];
    let (a, b) =
        (train_with_hypotheses(believed(), &forwards).unwrap(), train_with_hypotheses(believed(), &backwards).unwrap());
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
fn reasons_with_hypotheses_add_up_exactly() {
    let customers = customers(200, 1.0, 3);
    let beyond = hypothesis("beyond", "ceo", Test::AnyOf(vec!["Ann".to_owned()]), 5.0, 10.0);
    let artifact =
        train_with_hypotheses(example_hypotheses().into_iter().chain([beyond]).collect(), &customers).unwrap();
    let read = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!(read, artifact);
    let scorer = Scorer::compile(&read).unwrap();
    assert!(scorer.attribute_index("ceo").is_some() && artifact.warnings().join("\n").contains("attribute \"ceo\""));
    let mut held = 0;
    for row in 0..200 {
        let mut account = account_from_row(&customers, row);
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
fn omitted_hypotheses_raise_warnings() {
    let base = customers(300, 1.0, 4);
    let mut columns = base.accounts().columns().to_vec();
    let paid = base.outcomes().iter().enumerate();
    let paid = paid
        .map(|(row, outcome)| Some(if outcome.status == Some(OutcomeStatus::Won) { 10.0 + row as f64 } else { 0.0 }));
    columns.push(Column { name: "paid".to_owned(), data: ColumnData::Numbers(paid.collect()) });
    let table = AccountTable::new(base.accounts().ids().clone(), columns).unwrap();
    let customers = Customers::new(table, base.outcomes().clone(), None).unwrap();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let leaking = hypothesis("leaking", "paid", Test::Range { gte: Some(1.0), lt: None }, 9.0, 10.0);
    let expired = Hypothesis { expires: Some(epoch), ..industry_hypothesis("Mining", 0.5, 10.0) };
    let misspelt = hypothesis("misspelt", "industri", Test::Present(true), 2.0, 10.0);
    let hypotheses = vec![leaking, expired.clone(), misspelt, industry_hypothesis("Fintech", 3.0, 10.0)];
    let spec = TrainingSpec { as_of: Some(epoch), ..spec_with_hypotheses(hypotheses) };
    let artifact = train(&spec, &customers, Digest::new(b"x"), &NoProgress).unwrap();
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
    let spec = TrainingSpec { as_of: Some(epoch), ..spec_with_hypotheses(vec![expired]) };
    let none = train(&spec, &Customers::default(), Digest::new(b""), &NoProgress).unwrap_err();
    assert_eq!(none.reason(), "ONE_CLASS", "an expired hypothesis does not allow a model");
}
