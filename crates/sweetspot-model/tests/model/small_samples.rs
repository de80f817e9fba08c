//! Few, odd and hostile customers: a clear error or a finite model, never a panic.

use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{
    Account, AccountTable, ClassWeights, Column, ColumnData, Customers, Digest, LabelPolicy, LabelPreset, Outcome,
    OutcomeStatus, Value,
};
use sweetspot_model::{Progress, Scorer, TrainError, TrainingSpec, train};

use crate::customer_fixtures::{customers, spec, train_default};

fn table(columns: Vec<(&str, ColumnData)>, won: &[bool]) -> Customers {
    let columns = columns.into_iter().map(|(name, data)| Column { name: name.to_owned(), data }).collect();
    let ids = (0..won.len()).map(|row| row.to_string()).collect();
    let outcome = |won: &bool| Outcome {
        status: Some(if *won { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
        ..Outcome::default()
    };
    Customers::new(AccountTable::new(ids, columns).unwrap(), won.iter().map(outcome).collect(), None).unwrap()
}

fn alternating(rows: usize) -> Vec<bool> {
    (0..rows).map(|row| row % 2 == 0).collect()
}

#[test]
fn training_errors_name_the_next_step() {
    let numbers = |rows: usize| ColumnData::Numbers((0..rows).map(|row| Some(row as f64)).collect());
    for (customers, reason, words) in [
        (table(vec![("n", numbers(20))], &[true; 20]), "ONE_CLASS", "20 ideal and 0 other"),
        (table(vec![("n", numbers(8))], &alternating(8)), "TOO_FEW_CUSTOMERS", "at least 5 of each"),
        (table(vec![], &alternating(20)), "NO_ATTRIBUTES", "the dataset has none"),
        (
            table(vec![("n", ColumnData::Numbers(vec![Some(1.0); 20].into()))], &alternating(20)),
            "NO_ATTRIBUTES",
            "the same value",
        ),
        (table(vec![], &[]), "ONE_CLASS", "0 ideal and 0 other"),
    ] {
        let error = train_default(&customers).unwrap_err();
        assert_eq!(error.reason(), reason, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn ten_customers_make_a_cautious_model() {
    let artifact = train_default(&table(
        vec![("n", ColumnData::Numbers((0..10).map(|row| Some(f64::from(row))).collect()))],
        &alternating(10),
    ))
    .unwrap();
    assert!(!artifact.evaluation().has_signal());
    assert!(
        artifact.warnings().iter().any(|warning| warning.contains("only 5 ideal customers")),
        "{:?}",
        artifact.warnings()
    );
    Scorer::compile(&artifact).unwrap();
}

#[test]
fn perfect_separation_stays_finite() {
    let won: Vec<bool> = (0..200).map(|row| row >= 100).collect();
    let numbers = ColumnData::Numbers((0..200).map(|row| Some(f64::from(row))).collect());
    let codes = won.iter().map(|won| Some(u32::from(*won))).collect();
    let same = ColumnData::Categories { dictionary: vec!["no".into(), "yes".into()], codes };
    let customers = table(vec![("n", numbers), ("same", same)], &won);
    let error = train_default(&customers).unwrap_err();
    assert_eq!(error.reason(), "NO_ATTRIBUTES");
    assert!(error.to_string().contains("\"n\" is left out: alone it separates ideal customers from others"), "{error}");
    let allowed_attributes = vec!["n".to_owned(), "same".to_owned()];
    let spec = TrainingSpec { allowed_attributes, ..spec() };
    let artifact = train(&spec, &customers, Digest::new(b"x"), &sweetspot_model::NoProgress).unwrap();
    let [warning] = artifact.warnings() else { panic!("{:?}", artifact.warnings()) };
    assert!(warning.starts_with("AUC 1.000: too good to be true? It rests most on \"same\""), "{warning}");
    let scorer = Scorer::compile(&artifact).unwrap();
    let fit = scorer.score(&Account::default());
    assert!(fit.log_odds.is_finite());
    assert!(artifact.evaluation().auc > 0.99);
    let of = |number: f64, same: &str| {
        let attributes = [("n", Value::Number(number)), ("same", Value::Text(same.to_owned()))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        scorer.score(&Account { id: String::new(), attributes })
    };
    let (best, worst) = (of(180.0, "yes"), of(20.0, "no"));
    assert!(best.tier < worst.tier, "{best:?} {worst:?}");
}

#[test]
fn constant_and_empty_attributes_are_omitted_with_a_warning() {
    let base = customers(300, 1.0, 4);
    let mut columns: Vec<(&str, ColumnData)> = vec![("constant", ColumnData::Flags(vec![Some(true); 300].into()))];
    columns.push(("empty", ColumnData::Numbers(vec![None; 300].into())));
    columns.push(("industry", base.accounts().column("industry").unwrap().data.clone()));
    let won: Vec<bool> = base.outcomes().iter().map(|outcome| outcome.status == Some(OutcomeStatus::Won)).collect();
    let artifact = train_default(&table(columns, &won)).unwrap();
    assert_eq!(artifact.attributes().len(), 1);
    let warnings = artifact.warnings().join("\n");
    assert!(warnings.contains("\"constant\" is left out: every customer has the same value"), "{warnings}");
    assert!(warnings.contains("\"empty\" is left out: no customer has it"), "{warnings}");
}

#[test]
fn leaks_are_omitted_or_raise_a_warning_and_other_attributes_do_not() {
    let base = customers(400, 1.0, 4);
    let won: Vec<bool> = base.outcomes().iter().map(|outcome| outcome.status == Some(OutcomeStatus::Won)).collect();
    let paid = won.iter().enumerate().map(|(row, won)| Some(if *won { 10.0 + row as f64 } else { 0.0 })).collect();
    let deposit = won.iter().enumerate().map(|(row, won)| Some(*won && row % 5 < 3)).collect();
    let columns = vec![
        ("paid", ColumnData::Numbers(paid)),
        ("deposit", ColumnData::Flags(deposit)),
        ("industry", base.accounts().column("industry").unwrap().data.clone()),
    ];
    let artifact = train_default(&table(columns, &won)).unwrap();
    let kept: Vec<String> = artifact.attributes().into_iter().map(|attribute| attribute.attribute).collect();
    assert_eq!(kept, ["deposit", "industry"]);
    let warnings = artifact.warnings();
    assert!(
        warnings[0].starts_with("attribute \"paid\" is left out: alone it separates ideal customers"),
        "{warnings:?}"
    );
    assert!(warnings[0].ends_with("add it to allowed_attributes (train --allow-attribute)"), "{warnings:?}");
    assert!(warnings[1].starts_with("attribute \"deposit\" may reveal the outcome: where it is yes, "), "{warnings:?}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn duplicated_attributes_share_the_credit() {
    let base = customers(400, 1.0, 4);
    let industry = || base.accounts().column("industry").unwrap().data.clone();
    let won: Vec<bool> = base.outcomes().iter().map(|outcome| outcome.status == Some(OutcomeStatus::Won)).collect();
    let artifact = train_default(&table(vec![("a", industry()), ("b", industry())], &won)).unwrap();
    let spreads: Vec<f64> = artifact.attributes().iter().map(|attribute| attribute.spread).collect();
    assert!((spreads[0] - spreads[1]).abs() < 1e-3, "{spreads:?}");
}

#[test]
fn excluded_attributes_are_omitted_and_unknown_names_are_errors() {
    let customers = customers(300, 1.0, 4);
    let without = |name: &str| TrainingSpec { excluded_attributes: vec![name.to_owned()], ..spec() };
    let run = |spec: &TrainingSpec| train(spec, &customers, Digest::new(b"x"), &sweetspot_model::NoProgress);
    let artifact = run(&without("industry")).unwrap();
    assert!(artifact.attributes().iter().all(|attribute| attribute.attribute != "industry"));
    let error = run(&without("industri")).unwrap_err();
    assert!(error.to_string().contains("did you mean \"industry\"?"), "{error}");
    let error = run(&TrainingSpec { allowed_attributes: vec!["industri".to_owned()], ..spec() }).unwrap_err();
    assert!(error.to_string().contains("is to be allowed, but is not in the dataset"), "{error}");
}

#[test]
fn a_policy_without_its_data_is_refused() {
    let label_policy = LabelPolicy { preset: LabelPreset::HighValue, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    let error = train(&spec, &customers(100, 1.0, 4), Digest::new(b"x"), &sweetspot_model::NoProgress).unwrap_err();
    assert_eq!(error.reason(), "NO_VALUES");
}

/// Cancels at the first check after a stage begins.
#[derive(Debug)]
struct CancelAtStage(&'static str, std::sync::Mutex<bool>);

impl Progress for CancelAtStage {
    fn stage(&self, stage: &'static str, done: f64) {
        assert!((0.0..=1.0).contains(&done));
        *self.1.lock().unwrap() |= stage == self.0;
    }

    fn is_cancelled(&self) -> bool {
        *self.1.lock().unwrap()
    }
}

#[test]
fn training_can_be_cancelled_at_any_stage() {
    let customers = customers(200, 1.0, 4);
    for stage in ["label", "encode", "fit", "evaluate", "assemble"] {
        let progress = CancelAtStage(stage, std::sync::Mutex::new(false));
        let result = train(&spec(), &customers, Digest::new(b"x"), &progress);
        assert_eq!(result.unwrap_err(), TrainError::Cancelled, "{stage}");
    }
}

#[test]
fn case_weights_of_any_size_end_in_a_refusal_or_a_finite_model() {
    let customers = customers(200, 1.0, 4);
    for (won, lost) in [(1e300, -1.0), (1e-300, -1e-300), (1.0, -1e-12), (1e6, -1e6), (1e30, -1e30), (1e-30, -1.0)] {
        let preset = LabelPreset::Custom(ClassWeights { won, lost, ..ClassWeights::default() });
        let label_policy = LabelPolicy { preset, ..LabelPolicy::default() };
        let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
        if let Ok(artifact) = train(&spec, &customers, Digest::new(b"x"), &sweetspot_model::NoProgress) {
            let fit = Scorer::compile(&artifact).unwrap().score(&Account::default());
            assert!(fit.log_odds.is_finite(), "{won} {lost}");
        }
    }
}
