//! Synthetic customers: every kind of attribute, a known signal, some noise.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, Digest, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
};
use sweetspot_model::{ModelArtifact, NoProgress, TrainError, TrainingSpec, train};

pub(crate) const INDUSTRIES: [&str; 4] = ["Fintech", "Logistics", "Mining", "Retail"];
pub(crate) const TOOLS: [&str; 3] = ["SAP", "Slack", "Jira"];

/// `signal` scales the effects of the attributes; 0 is pure noise.
pub(crate) fn customers(rows: usize, signal: f64, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut employees, mut industries, mut flags, mut tools, mut founded, mut outcomes) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let size: f64 = (rng.random_range(1.0_f64..9.0)).exp().round();
        let industry = rng.random_range(0..4_u32);
        let remote = rng.random_bool(0.4);
        let stack: Vec<u32> = (0..3).filter(|_| rng.random_bool(0.3)).collect();
        let day = rng.random_range(0..20_000);
        let log_odds = signal
            * (f64::from(u8::from((50.0..800.0).contains(&size))) * 2.0 - 1.0
                + if industry == 0 { 1.5 } else { -0.5 }
                + if stack.contains(&0) { 1.0 } else { 0.0 }
                // Two attributes without an effect of their own.
                + if remote == (day > 10_000) { 0.8 } else { -0.8 });
        let won = rng.random_bool(1.0 / (1.0 + (-log_odds).exp()));
        employees.push((!rng.random_bool(0.1)).then_some(size));
        industries.push((!rng.random_bool(0.05)).then_some(industry));
        flags.push(Some(remote));
        tools.push((!rng.random_bool(0.1)).then_some(stack));
        founded.push(Some(Date { days: day }));
        outcomes.push(Outcome {
            status: Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
            ..Outcome::default()
        });
    }
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let column = |name: &str, data| Column { name: name.to_owned(), data };
    let columns = vec![
        column("employees", ColumnData::Numbers(employees.into())),
        column("industry", ColumnData::Categories { dictionary: texts(&INDUSTRIES), codes: industries.into() }),
        column("remote", ColumnData::Flags(flags.into())),
        column("tools", ColumnData::Lists { dictionary: texts(&TOOLS), rows: tools.into() }),
        column("founded", ColumnData::Dates(founded.into())),
    ];
    let ids = (0..rows).map(|row| format!("account-{row}")).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
}

pub(crate) fn spec() -> TrainingSpec {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    TrainingSpec { label_policy, ..TrainingSpec::default() }
}

pub(crate) fn train_default(customers: &Customers) -> Result<ModelArtifact, TrainError> {
    train(&spec(), customers, Digest::new(b"made up"), &NoProgress)
}
