//! Monotonicity constraints: enforced on any data, and useful if they are true.

use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{
    Account, AccountTable, ClassWeights, Column, ColumnData, Customers, Date, Digest, LabelPolicy, LabelPreset,
    MonotonicityConstraint, Outcome, OutcomeStatus, Value,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainError, TrainingSpec, train};

use crate::customer_fixtures::spec;

const SIZE: &str = "size";
const DAY: &str = "day";

/// The shape of a number's effect.
#[derive(Clone, Copy, Debug)]
enum CurveShape {
    Flat,
    Rising,
    Falling,
    Step,
    Hill,
    Valley,
    Zigzag,
}

impl CurveShape {
    const ALL: [Self; 7] =
        [Self::Flat, Self::Rising, Self::Falling, Self::Step, Self::Hill, Self::Valley, Self::Zigzag];

    /// The log-odds at a position between 0 and 1.
    fn log_odds(self, place: f64) -> f64 {
        match self {
            Self::Flat => 0.0,
            Self::Rising => 4.0 * place - 2.0,
            Self::Falling => 2.0 - 4.0 * place,
            Self::Step => f64::from(u8::from(place > 0.6)) * 3.0 - 1.5,
            Self::Hill => 1.5 - 6.0 * (place - 0.5).abs(),
            Self::Valley => 6.0 * (place - 0.5).abs() - 1.5,
            Self::Zigzag => f64::from(u8::from(((place * 6.0) as u32).is_multiple_of(2))) * 4.0 - 2.0,
        }
    }
}

/// Synthetic customers: a number and a date with effects of these shapes, and a category with a small effect.
#[derive(Clone, Debug)]
struct SyntheticCustomers {
    rows: usize,
    /// The number of distinct values of the number.
    values: u32,
    shapes: [CurveShape; 2],
    /// The share of numbers that are missing.
    missing: f64,
    seed: u64,
}

impl SyntheticCustomers {
    fn customers(&self) -> Customers {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let (mut sizes, mut days, mut codes, mut outcomes) = (vec![], vec![], vec![], vec![]);
        for row in 0..self.rows {
            let [size, day] = [self.values, 3000].map(|most| f64::from(rng.random_range(0..most)) / f64::from(most));
            let code = rng.random_range(0..3_u32);
            let log_odds =
                self.shapes[0].log_odds(size) + 0.5 * self.shapes[1].log_odds(day) + 0.5 * f64::from(code) - 0.5;
            // Both labels occur, whatever the outcomes of the other rows.
            let won = if row < 12 { row < 6 } else { rng.random_bool(1.0 / (1.0 + (-log_odds).exp())) };
            sizes.push((!rng.random_bool(self.missing)).then_some(size * 1000.0));
            days.push(Some(Date { days: (day * 3000.0) as i32 }));
            codes.push(Some(code));
            outcomes.push(Outcome {
                status: Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
                ..Outcome::default()
            });
        }
        let dictionary = ["a", "b", "c"].map(str::to_owned).to_vec();
        let columns = [
            (SIZE, ColumnData::Numbers(sizes.into())),
            (DAY, ColumnData::Dates(days.into())),
            ("level", ColumnData::Categories { dictionary, codes: codes.into() }),
        ];
        let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
        let ids = (0..self.rows).map(|row| row.to_string()).collect();
        Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
    }
}

fn spec_with_directions(directions: &[(&str, MonotonicityConstraint)]) -> TrainingSpec {
    let directions = directions.iter().map(|(name, direction)| ((*name).to_owned(), *direction)).collect();
    let allowed_attributes = vec![SIZE.to_owned(), DAY.to_owned()];
    TrainingSpec { directions, allowed_attributes, ..spec() }
}

fn train_model(spec: &TrainingSpec, customers: &Customers) -> Result<ModelArtifact, TrainError> {
    train(spec, customers, Digest::new(b"made up"), &NoProgress)
}

fn account(size: f64, day: i32) -> Account {
    let attributes = [(SIZE, Value::Number(size)), (DAY, Value::Date(Date { days: day }))];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
    Account { id: String::new(), attributes }
}

/// Whether scores of accounts that differ in one attribute alone are exactly monotone in it.
fn is_monotone(artifact: &ModelArtifact, directions: &[(&str, MonotonicityConstraint)]) -> bool {
    let scorer = Scorer::compile(artifact).unwrap();
    directions.iter().all(|(name, direction)| {
        let at = |step: i32| if *name == SIZE { account(f64::from(step), 700) } else { account(700.0, step * 3) };
        direction.holds((-20..1020).map(|step| scorer.score(&at(step)).log_odds))
    })
}

fn direction() -> impl Strategy<Value = MonotonicityConstraint> {
    prop_oneof![Just(MonotonicityConstraint::Increasing), Just(MonotonicityConstraint::Decreasing)]
}

fn synthetic_customers() -> impl Strategy<Value = SyntheticCustomers> {
    let shape = || prop::sample::select(CurveShape::ALL.to_vec());
    let missing = prop_oneof![Just(0.0), Just(0.3), Just(0.97), Just(1.0)];
    (30_usize..500, prop::sample::select(vec![3_u32, 40, 1000]), [shape(), shape()], missing, any::<u64>())
        .prop_map(|(rows, values, shapes, missing, seed)| SyntheticCustomers { rows, values, shapes, missing, seed })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Includes the folds and dated customers: a fit that does not converge is an error.
    #[test]
    fn whatever_the_data_training_ends_and_no_score_goes_against_a_direction(
        made in synthetic_customers(),
        asked in [direction(), direction()],
        seed in any::<u64>(),
    ) {
        let directions = [(SIZE, asked[0]), (DAY, asked[1])];
        let artifact = train_model(&TrainingSpec { seed, ..spec_with_directions(&directions) }, &made.customers()).unwrap();
        prop_assert!(is_monotone(&artifact, &directions));
        for attribute in artifact.attributes() {
            let of = directions.iter().find(|(name, _)| *name == attribute.attribute).map(|(_, direction)| *direction);
            prop_assert_eq!(attribute.direction, of);
            prop_assert!(attribute.spread.is_finite() && attribute.effective_parameters >= 0.0);
        }
        let pairs = artifact.interactions();
        prop_assert!(pairs.iter().all(|pair| ![SIZE, DAY].contains(&pair.first.as_str())));
        prop_assert!(pairs.iter().all(|pair| ![SIZE, DAY].contains(&pair.second.as_str())));
    }
}

#[test]
fn a_direction_holds_over_a_thousand_bins() {
    for (shape, direction) in [
        (CurveShape::Hill, MonotonicityConstraint::Increasing),
        (CurveShape::Zigzag, MonotonicityConstraint::Decreasing),
    ] {
        let made = SyntheticCustomers {
            rows: 22_000,
            values: 20_000,
            shapes: [shape, CurveShape::Flat],
            missing: 0.02,
            seed: 5,
        };
        let directions = [(SIZE, direction)];
        let artifact = train_model(&spec_with_directions(&directions), &made.customers()).unwrap();
        assert!(artifact.attributes()[0].slots > 1000, "{:?}", artifact.attributes());
        assert!(is_monotone(&artifact, &directions));
    }
}

#[test]
fn an_attribute_opposed_to_its_direction_is_flat() {
    let made = SyntheticCustomers {
        rows: 400,
        values: 1000,
        shapes: [CurveShape::Falling, CurveShape::Flat],
        missing: 0.0,
        seed: 8,
    };
    let artifact =
        train_model(&spec_with_directions(&[(SIZE, MonotonicityConstraint::Increasing)]), &made.customers()).unwrap();
    let size = &artifact.attributes()[0];
    assert!(size.spread < 0.05 && size.effective_parameters < 1.0, "{size:?}");
    let told = artifact.warnings().join("\n");
    let expected = "attribute \"size\" is constrained to be increasing, but the customers contradict it (by ";
    assert!(told.contains(expected) && told.contains("check the direction"), "{told}");
    let scorer = Scorer::compile(&artifact).unwrap();
    let error = |size| scorer.explain(&account(size, 700)).contributions[0].standard_error;
    assert!((0..100).all(|step| error(f64::from(step) * 10.0).is_finite()));
}

/// A few customers with a known truth: a true constraint improves the model.
#[test]
fn a_true_direction_helps_where_customers_are_few() {
    let (mut with, mut without) = (0.0, 0.0);
    let shapes = [CurveShape::Rising, CurveShape::Step];
    for seed in 0..24 {
        let rows = if seed % 2 == 0 { 80 } else { 240 };
        let customers = SyntheticCustomers { rows, values: 1000, shapes, missing: 0.0, seed }.customers();
        let directions = [(SIZE, MonotonicityConstraint::Increasing), (DAY, MonotonicityConstraint::Increasing)];
        let loss = |spec: &TrainingSpec| {
            let scorer = Scorer::compile(&train_model(spec, &customers).unwrap()).unwrap();
            expected_log_loss(&scorer, shapes)
        };
        with += loss(&spec_with_directions(&directions)) / 24.0;
        without += loss(&spec_with_directions(&[])) / 24.0;
    }
    assert!(with < without, "{with} {without}");
}

/// The mean log-loss on unseen customers, by their true probabilities.
fn expected_log_loss(scorer: &Scorer, shapes: [CurveShape; 2]) -> f64 {
    let mut sum = 0.0;
    for (size, day) in (0..20).flat_map(|size| (0..20).map(move |day| (size, day))) {
        let (size, day) = ((f64::from(size) + 0.5) / 20.0, (f64::from(day) + 0.5) / 20.0);
        for (level, code) in ["a", "b", "c"].into_iter().zip(0..3_u32) {
            let truth = shapes[0].log_odds(size) + 0.5 * shapes[1].log_odds(day) + 0.5 * f64::from(code) - 0.5;
            let truth = 1.0 / (1.0 + (-truth).exp());
            let mut account = account(size * 1000.0, (day * 3000.0) as i32);
            account.attributes.insert("level".to_owned(), Value::Text(level.to_owned()));
            let found = scorer.score(&account).probability;
            sum -= truth * found.ln() + (1.0 - truth) * (1.0 - found).ln();
        }
    }
    sum / 1200.0
}

#[test]
fn customers_that_do_not_contradict_a_direction_raise_no_warning() {
    for (shape, seed) in [CurveShape::Rising, CurveShape::Flat, CurveShape::Step].into_iter().cycle().zip(0..30) {
        let made =
            SyntheticCustomers { rows: 400, values: 1000, shapes: [shape, CurveShape::Flat], missing: 0.1, seed };
        let directions = [(SIZE, MonotonicityConstraint::Increasing), (DAY, MonotonicityConstraint::Decreasing)];
        let artifact = train_model(&spec_with_directions(&directions), &made.customers()).unwrap();
        let told = artifact.warnings().join("\n");
        assert!(!told.contains("customers contradict it"), "{shape:?} {seed}: {told}");
    }
}

#[test]
fn a_model_with_directions_does_not_depend_on_the_number_of_threads() {
    let made = SyntheticCustomers {
        rows: 300,
        values: 40,
        shapes: [CurveShape::Hill, CurveShape::Rising],
        missing: 0.1,
        seed: 2,
    };
    let (customers, spec) = (
        made.customers(),
        spec_with_directions(&[(SIZE, MonotonicityConstraint::Increasing), (DAY, MonotonicityConstraint::Increasing)]),
    );
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train_model(&spec, &customers).unwrap().to_bytes())
    };
    assert!(with(1) == with(3));
}

#[test]
fn attributes_without_an_order_have_no_direction() {
    let made = SyntheticCustomers { rows: 60, values: 40, shapes: [CurveShape::Flat; 2], missing: 0.0, seed: 1 };
    let refused = |name: &str| {
        train_model(&spec_with_directions(&[(name, MonotonicityConstraint::Decreasing)]), &made.customers())
            .unwrap_err()
    };
    let error = refused("level");
    assert_eq!(error.reason(), "NO_DIRECTION");
    let told = "attribute \"level\" cannot be decreasing, because it is a category: only numbers and dates can have a monotonicity constraint";
    assert_eq!(error.to_string(), told);
    let error = refused("sise");
    assert_eq!(error.reason(), "UNKNOWN_ATTRIBUTE");
    assert!(error.to_string().contains("constrained, but is not in the dataset (did you mean \"size\"?)"));
}

#[test]
fn case_weights_of_any_size_end_in_a_refusal_or_a_kept_direction() {
    let made = SyntheticCustomers {
        rows: 200,
        values: 1000,
        shapes: [CurveShape::Hill, CurveShape::Falling],
        missing: 0.1,
        seed: 3,
    };
    let customers = made.customers();
    let directions = [(SIZE, MonotonicityConstraint::Increasing), (DAY, MonotonicityConstraint::Increasing)];
    for (won, lost) in [(1e300, -1.0), (1e-300, -1e-300), (1.0, -1e-12), (1e6, -1e6), (1e30, -1e30), (1e-30, -1.0)] {
        let preset = LabelPreset::Custom(ClassWeights { won, lost, ..ClassWeights::default() });
        let label_policy = LabelPolicy { preset, ..LabelPolicy::default() };
        let spec = TrainingSpec { label_policy, ..spec_with_directions(&directions) };
        if let Ok(artifact) = train_model(&spec, &customers) {
            assert!(is_monotone(&artifact, &directions), "{won} {lost}");
        }
    }
}

#[test]
fn a_direction_is_stored_with_the_version() {
    let made = SyntheticCustomers {
        rows: 300,
        values: 40,
        shapes: [CurveShape::Rising, CurveShape::Flat],
        missing: 0.0,
        seed: 4,
    };
    let artifact =
        train_model(&spec_with_directions(&[(SIZE, MonotonicityConstraint::Increasing)]), &made.customers()).unwrap();
    let card: serde_json::Value = serde_json::from_str(&artifact.to_json()).unwrap();
    assert_eq!(card["attributes"][0]["direction"], "increasing");
    assert!(card["attributes"][1].get("direction").is_none());
    let again = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!(again.attributes()[0].direction, Some(MonotonicityConstraint::Increasing));
    Scorer::compile(&again).unwrap();
}
