//! Segments and values: existing segments are found, and their rules match the customers that they count.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Digest, Outcome, OutcomeStatus, Test};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use crate::customer_fixtures::{customers, spec, train_default};

const SECTORS: [&str; 4] = ["Logistics", "Health", "Mining", "Retail"];

/// Two kinds of good customers: small logistics firms, and large hospitals, which have ten times the value.
pub(crate) fn two_segment_customers(rows: usize, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut sizes, mut sectors, mut outcomes) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let (sector, large) = (rng.random_range(0..4_u32), rng.random_bool(0.5));
        let size = if large { rng.random_range(1000..5000) } else { rng.random_range(10..200) };
        let good = sector == 0 && !large || sector == 1 && large;
        let won = rng.random_bool(if good { 0.9 } else { 0.05 });
        let worth = if sector == 1 { 10_000.0 } else { 1_000.0 };
        let status = Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost });
        sizes.push(Some(f64::from(size)));
        sectors.push(Some(sector));
        outcomes.push(Outcome { status, value: won.then_some(worth), ..Outcome::default() });
    }
    let dictionary = SECTORS.map(str::to_owned).into();
    let columns = vec![
        Column { name: "employees".to_owned(), data: ColumnData::Numbers(sizes.into()) },
        Column { name: "sector".to_owned(), data: ColumnData::Categories { dictionary, codes: sectors.into() } },
    ];
    let ids = (0..rows).map(|row| format!("account-{row}")).collect();
    let accounts = AccountTable::new(ids, columns).unwrap();
    Customers::new(accounts, outcomes.into(), Some("EUR".to_owned())).unwrap()
}

fn train_with_seed(customers: &Customers, seed: u64) -> ModelArtifact {
    train(&TrainingSpec { seed, ..spec() }, customers, Digest::new(b"made up"), &NoProgress).unwrap()
}

#[test]
fn real_segments_are_found_and_their_counts_match_their_rules() {
    let customers = two_segment_customers(1200, 3);
    let artifact = train_with_seed(&customers, 0);
    let segments = artifact.segments();
    assert!((2..=5).contains(&segments.len()), "{segments:?}");
    let about = |sector: &str| {
        let asks = |condition: &sweetspot_core::Condition| {
            condition.attribute == "sector"
                && matches!(&condition.test, Test::AnyOf(texts) if texts.iter().any(|text| text == sector))
        };
        segments.iter().position(|segment| segment.conditions.iter().any(asks))
    };
    assert!(about("Logistics").is_some() && about("Health").is_some(), "{segments:?}");
    assert_ne!(about("Logistics"), about("Health"));
    let scorer = Scorer::compile(&artifact).unwrap();
    let labels = artifact.label_policy().label(&customers).unwrap();
    let mut counted = vec![(0, 0); segments.len()];
    for (row, ideal) in labels.ideal.iter().enumerate() {
        let fit = scorer.score_row(customers.accounts(), row);
        if let (Some(place), Some(ideal)) = (fit.segment, ideal) {
            let count = counted.get_mut(usize::from(place)).unwrap();
            *count = (count.0 + 1, count.1 + u64::from(*ideal));
        }
    }
    assert_eq!(counted, segments.iter().map(|one| (one.customers, one.ideal)).collect::<Vec<_>>());
    assert!(segments.iter().all(|one| one.ideal >= 10 && one.stability >= 0.6 && !one.name.is_empty()), "{segments:?}");
}

#[test]
fn a_segment_value_is_pooled_with_that_of_all_customers() {
    let customers = two_segment_customers(1200, 3);
    let artifact = train_with_seed(&customers, 0);
    let values = artifact.value_summary().unwrap();
    assert_eq!((values.currency.as_deref(), values.if_not, values.pooling), (Some("EUR"), 0.0, 10.0));
    assert!(values.if_ideal > 1_000.0 && values.if_ideal < 10_000.0, "{values:?}");
    for segment in artifact.segments() {
        let worth = segment.value_if_ideal.unwrap();
        assert!((1_000.0..=10_000.0).contains(&worth), "{segment:?}");
        assert_eq!(segment.valued_customers, segment.ideal, "all won customers have a value");
        // Few customers of its own: close to the mean of all.
        let weight = segment.valued_customers as f64 / (segment.valued_customers as f64 + 10.0);
        let own = (worth - (1.0 - weight) * values.if_ideal) / weight;
        assert!((999.0..10_001.0).contains(&own), "{segment:?}");
    }
}

#[test]
fn segments_depend_on_the_seed_and_expected_values_on_known_values() {
    let customers = two_segment_customers(400, 5);
    assert_eq!(train_with_seed(&customers, 1).to_bytes(), train_with_seed(&customers, 1).to_bytes());
    let plain = train_default(&crate::customer_fixtures::customers(400, 1.0, 20)).unwrap();
    assert_eq!(plain.value_summary(), None);
    let fit = Scorer::compile(&plain).unwrap().score_row(customers.accounts(), 0);
    assert_eq!(fit.expected_value, None);
}

#[test]
fn noise_and_few_customers_have_no_segments() {
    assert_eq!(train_default(&customers(60, 1.0, 8)).unwrap().segments(), []);
    assert_eq!(train_default(&customers(400, 0.0, 8)).unwrap().segments(), []);
}
