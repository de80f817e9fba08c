//! Segments and values: existing segments are found, and their rules match the customers that they count.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{
    AccountTable, Attribution, Column, ColumnData, Condition, Customers, Digest, ExclusionRule, Outcome, OutcomeStatus,
    PondMapSectionKind, Severity, Test, ValueRef,
};
use sweetspot_model::{EarlierSegments, ModelArtifact, NoProgress, Scorer, SegmentSummary, TrainingSpec, train};

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

/// Three kinds of good customers: each sector of the first three by a channel of its own.
fn three_segment_customers(rows: usize, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut channels, mut sectors, mut outcomes) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let (sector, channel) = (rng.random_range(0..4_u32), rng.random_range(0..3_u32));
        let won = rng.random_bool(if sector == channel { 0.95 } else { 0.02 });
        let status = Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost });
        sectors.push(Some(sector));
        channels.push(Some(channel));
        outcomes.push(Outcome { status, ..Outcome::default() });
    }
    let category = |name: &str, names: &[&str], codes: Vec<Option<u32>>| {
        let dictionary = names.iter().map(|name| (*name).to_owned()).collect();
        Column { name: name.to_owned(), data: ColumnData::Categories { dictionary, codes: codes.into() } }
    };
    let columns =
        vec![category("channel", &["Fair", "Web", "Partner"], channels), category("sector", &SECTORS, sectors)];
    let ids = (0..rows).map(|row| format!("account-{row}")).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
}

fn earlier_segments(artifact: &ModelArtifact) -> EarlierSegments {
    Scorer::compile(artifact).unwrap().earlier_segments("version 1".to_owned())
}

/// The ids of segments, each with its rule.
fn rules_by_id(artifact: &ModelArtifact) -> Vec<(String, Vec<Condition>)> {
    artifact.segments().into_iter().map(|SegmentSummary { id, conditions, .. }| (id, conditions)).collect()
}

/// The id of the segment of most ideal customers of a sector.
fn id_of_sector(artifact: &ModelArtifact, customers: &Customers, sector: &str) -> Option<String> {
    let scorer = Scorer::compile(artifact).unwrap();
    let labels = artifact.label_policy().label(customers).unwrap();
    let column = customers.accounts().column("sector").unwrap();
    let rows = labels.ideal.iter().enumerate().filter(|(_, ideal)| **ideal == Some(true)).map(|(row, _)| row);
    let of_sector = rows.filter(|row| column.data.get(*row) == Some(ValueRef::Text(sector)));
    let segments: Vec<Option<u8>> = of_sector.map(|row| scorer.score_row(customers.accounts(), row).segment).collect();
    let members = |segment: &Option<u8>| segments.iter().filter(|other| *other == segment).count();
    let most_frequent = segments.iter().max_by_key(|segment| members(segment)).copied().flatten()?;
    scorer.segment_id(most_frequent).map(str::to_owned)
}

#[test]
fn a_segment_keeps_its_id_when_the_customers_are_resampled() {
    let first = train_with_seed(&three_segment_customers(1200, 3), 0);
    assert_eq!((first.segments().len(), first.segment_note()), (3, ""), "{:?}", first.segments());
    let before = earlier_segments(&first);
    assert_eq!(before.last_number, before.segments.len() as u64);
    for seed in 4..8 {
        let customers = three_segment_customers(1100, seed);
        let spec = TrainingSpec { earlier_segments: before.clone(), seed, ..spec() };
        let next = train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap();
        for sector in ["Logistics", "Health", "Mining"] {
            let ids = (id_of_sector(&first, &customers, sector), id_of_sector(&next, &customers, sector));
            assert_eq!(ids.0, ids.1, "{:?}", (rules_by_id(&first), rules_by_id(&next)));
        }
        let mut ids: Vec<String> = rules_by_id(&next).into_iter().map(|(id, _)| id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), next.segments().len());
        assert_eq!(train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap().to_bytes(), next.to_bytes());
    }
}

#[test]
fn ids_continue_whatever_they_are_called_and_scores_do_not_depend_on_them() {
    let customers = two_segment_customers(800, 9);
    let first = train_with_seed(&customers, 0);
    let mut before = earlier_segments(&first);
    before.segments.reverse();
    for (number, segment) in before.segments.iter_mut().enumerate() {
        segment.id = format!("segment-{}", 40 + number);
    }
    before.last_number = 50;
    let gone = before.segments.pop().unwrap();
    let spec = TrainingSpec { earlier_segments: before.clone(), ..spec() };
    let next = train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap();
    for (id, conditions) in rules_by_id(&next) {
        let known = before.segments.iter().find(|segment| segment.conditions == conditions);
        assert_eq!(id, known.map_or("segment-51", |segment| segment.id.as_str()));
        assert_eq!(known.is_none(), conditions == gone.conditions);
    }
    let scorers = [&first, &next].map(|artifact| Scorer::compile(artifact).unwrap());
    for row in 0..100 {
        let [one, other] = [0, 1].map(|index| scorers[index].score_row(customers.accounts(), row));
        assert_eq!(one, other);
    }
    let same = train(
        &TrainingSpec { earlier_segments: earlier_segments(&first), ..crate::customer_fixtures::spec() },
        &customers,
        Digest::new(b"made up"),
        &NoProgress,
    );
    assert_eq!(same.unwrap().to_bytes(), first.to_bytes(), "a repetition changes nothing");
}

#[test]
fn customers_that_a_rule_puts_out_are_in_no_segment() {
    let customers = two_segment_customers(1200, 3);
    let rule = |severity| ExclusionRule {
        id: "no hospitals".to_owned(),
        statement: String::new(),
        when: Condition { attribute: "sector".to_owned(), test: Test::AnyOf(vec!["Health".to_owned()]) },
        severity,
        section: PondMapSectionKind::AccountProfile,
        attribution: Attribution::default(),
    };
    let train_with = |exclusion_rules| {
        let spec = TrainingSpec { exclusion_rules, ..spec() };
        train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap()
    };
    let (plain, caution) = (train_with(Vec::new()), train_with(vec![rule(Severity::Caution)]));
    assert_eq!(plain.segments(), caution.segments());
    let out = train_with(vec![rule(Severity::Out)]);
    let healthy = out.segments().into_iter().flat_map(|segment| segment.conditions);
    let is_about_health = |condition: Condition| condition.test == Test::AnyOf(vec!["Health".to_owned()]);
    assert!(!healthy.into_iter().any(is_about_health), "{:?}", out.segments());
    let row_fit = |artifact: &ModelArtifact| Scorer::compile(artifact).unwrap().score_row(customers.accounts(), 1);
    assert_eq!(row_fit(&plain).log_odds, row_fit(&out).log_odds, "rules and segments do not change the fit");
}

#[test]
fn a_version_with_fewer_than_three_segments_says_why() {
    let note = |customers: &Customers| train_default(customers).unwrap().segment_note().to_owned();
    let few = note(&customers(60, 1.0, 8));
    assert!(few.starts_with("no segments: ") && few.ends_with(" ideal customers, at least 40 are needed"), "{few}");
    assert!(note(&customers(400, 0.0, 8)).starts_with("no segments: "));
    let artifact = train_with_seed(&two_segment_customers(1200, 3), 0);
    let prefix = format!("{} segments: ", artifact.segments().len());
    let is_few = artifact.segments().len() < 3;
    assert_eq!(artifact.segment_note().starts_with(&prefix), is_few, "{}", artifact.segment_note());
    assert_eq!(artifact.segment_note().is_empty(), !is_few);
}
