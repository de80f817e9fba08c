//! Properties of the stored form.

use proptest::prelude::*;
use sweetspot_core::{
    AccountReviews, AttributeKind, Column, ColumnData, Date, Digest, Outcome, OutcomeStatus, ReviewField,
};

use super::*;
use crate::stored;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(-0.0), Just(f64::MIN_POSITIVE), Just(f64::MAX), prop::num::f64::NORMAL]
}

fn each<T: std::fmt::Debug + Clone>(
    rows: usize,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<Option<T>>> {
    prop::collection::vec(prop::option::of(value), rows)
}

fn data(rows: usize) -> impl Strategy<Value = ColumnData> {
    let dictionary = || vec![String::new(), "SAP".to_owned(), "Büro 🏢".to_owned()];
    prop_oneof![
        each(rows, number()).prop_map(|values| ColumnData::Numbers(values.into())),
        each(rows, 0..3_u32)
            .prop_map(move |codes| ColumnData::Categories { dictionary: dictionary(), codes: codes.into() }),
        each(rows, any::<bool>()).prop_map(|values| ColumnData::Flags(values.into())),
        each(rows, prop::collection::vec(0..3_u32, 0..4))
            .prop_map(move |rows| ColumnData::Lists { dictionary: dictionary(), rows: rows.into() }),
        each(rows, any::<i32>().prop_map(|days| Date { days })).prop_map(|values| ColumnData::Dates(values.into())),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let status =
        prop::option::of(prop::sample::select(vec![OutcomeStatus::Won, OutcomeStatus::Lost, OutcomeStatus::Churned]));
    let amount = || prop::option::of(number());
    let text = || prop::option::of("[a-z]{0,3}");
    let since = prop::option::of(any::<i32>().prop_map(|days| Date { days }));
    (status, amount(), amount(), amount(), since, text(), text()).prop_map(
        |(status, value, cost_to_serve, cost_to_acquire, since, group, reason)| Outcome {
            status,
            value,
            cost_to_serve,
            cost_to_acquire,
            since,
            group,
            reason,
        },
    )
}

/// Reviews of `rows` accounts. A column is set only if its values have the kind of its field.
fn review(rows: usize) -> impl Strategy<Value = AccountReviews> {
    prop::collection::vec(data(rows), 0..4).prop_map(|columns| {
        let mut review = AccountReviews::default();
        for data in columns {
            match data.kind() {
                AttributeKind::Number => {
                    [ReviewField::DealSize, ReviewField::Spend(7)].map(|field| review.set(field, data.clone())).to_vec()
                }
                AttributeKind::Category => vec![review.set(ReviewField::Notes, data)],
                AttributeKind::List => vec![review.set(ReviewField::UseCase, data)],
                AttributeKind::Flag | AttributeKind::Date => vec![],
            };
        }
        review
    })
}

fn customers() -> impl Strategy<Value = Customers> {
    (0..20_usize).prop_flat_map(|rows| {
        let columns = prop::collection::vec(data(rows), 0..6);
        let outcomes = prop::collection::vec(outcome(), rows);
        let weights = prop_oneof![Just(Vec::new()), prop::collection::vec(1..=u32::MAX / 20, rows)];
        let parts = (columns, outcomes, prop::option::of("[A-Z]{3}"), review(rows), weights);
        parts.prop_map(move |(columns, mut outcomes, currency, review, weights)| {
            if !weights.is_empty() {
                for outcome in &mut outcomes {
                    outcome.group = None;
                }
            }
            let weights = FrequencyWeights::new(weights).unwrap();
            let named = columns.into_iter().enumerate();
            let columns = named.map(|(at, data)| Column { name: format!("attribute {at}"), data }).collect();
            let ids = (0..rows).map(|row| format!("account {row}")).collect();
            let accounts = AccountTable::new(ids, columns).unwrap();
            let customers = Customers::new(accounts, outcomes.into(), currency).unwrap();
            customers.with_review(review).unwrap().with_weights(weights).unwrap()
        })
    })
}

/// The same customers with the sign of each zero flipped; equal to the original.
fn turn_zeros(customers: &Customers) -> Customers {
    let turn = |number: f64| if number == 0.0 { -number } else { number };
    let turn_data = |data: &ColumnData| match data {
        ColumnData::Numbers(values) => ColumnData::Numbers(values.iter().map(|value| value.map(turn)).collect()),
        ColumnData::Categories { .. } | ColumnData::Flags(_) | ColumnData::Lists { .. } | ColumnData::Dates(_) => {
            data.clone()
        }
    };
    let columns = customers.accounts().columns().iter();
    let columns = columns.map(|column| Column { name: column.name.clone(), data: turn_data(&column.data) });
    let mut review = AccountReviews::default();
    for (field, values) in customers.review().columns() {
        review.set(field, turn_data(values));
    }
    let outcomes = customers.outcomes().iter().map(|mut outcome| {
        for amount in [&mut outcome.value, &mut outcome.cost_to_serve, &mut outcome.cost_to_acquire] {
            *amount = amount.map(turn);
        }
        outcome
    });
    let accounts = AccountTable::new(customers.accounts().ids().clone(), columns.collect()).unwrap();
    let turned = Customers::new(accounts, outcomes.collect(), customers.currency().map(str::to_owned)).unwrap();
    turned.with_review(review).unwrap().with_weights(customers.weights().clone()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn customers_come_back_as_they_were(customers in customers()) {
        prop_assert_eq!(decode(&encode(&customers)), Some(customers));
    }

    #[test]
    fn equal_customers_have_equal_bytes(customers in customers()) {
        let turned = turn_zeros(&customers);
        prop_assert_eq!(&turned, &customers);
        prop_assert_eq!(encode(&turned), encode(&customers));
    }

    #[test]
    fn other_customers_have_other_bytes(one in customers(), other in customers()) {
        prop_assert_eq!(one == other, encode(&one) == encode(&other));
    }

    #[test]
    fn damaged_bytes_never_panic(customers in customers(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode(&customers);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = decode(&bytes);
        let _ = decode(&bytes[..at]);
    }
}

fn table(change: impl FnOnce(&mut stored::CustomerTable)) -> Option<Customers> {
    let columns = [
        ColumnData::Numbers(vec![Some(1.0), None].into()),
        ColumnData::Categories { dictionary: vec!["a".into()], codes: vec![Some(0), None].into() },
        ColumnData::Lists { dictionary: vec!["a".into()], rows: vec![Some(vec![0, 0]), None].into() },
    ];
    let names = ["n", "c", "l"].map(str::to_owned).into_iter();
    let columns = names.zip(columns).map(|(name, data)| Column { name, data }).collect();
    let accounts = AccountTable::new(["a", "b"].into_iter().collect(), columns).unwrap();
    let customers = Customers::new(accounts, vec![Outcome::default(); 2].into(), None).unwrap();
    let mut table = stored::CustomerTable::decode(encode(&customers).as_slice()).unwrap();
    change(&mut table);
    decode(&table.encode_to_vec())
}

/// A column of texts for one field, in the review of two accounts.
fn review_column(field: &str, quarter: u32) -> stored::ReviewColumn {
    let texts = stored::Categories { dictionary: vec!["a".into()], codes: vec![0, 0] };
    let data = Some(stored::customer_column::Data::Categories(texts));
    let values = Some(stored::CustomerColumn { present: vec![1], data, ..stored::CustomerColumn::default() });
    stored::ReviewColumn { field: field.to_owned(), quarter, values }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    use stored::customer_column::Data;
    assert!(table(|_| ()).is_some());
    assert!(table(|table| table.format_version = 2).is_none());
    let newer = CustomerTable { format_version: 300, ..CustomerTable::default() }.encode_to_vec();
    for bytes in [&newer[..], &[&newer[..], b"\xFF"].concat()] {
        assert!(decode(bytes).is_none());
        let known = WEIGHTED_FORMAT_VERSION;
        assert_eq!(unknown_format(bytes), Some(ReadError::UnknownFormat { name: "customers", found: 300, known }));
    }
    for bytes in [&b""[..], b"\x08", b"\x08\x01", b"\x10\x02", b"\x08\xFF"] {
        assert_eq!(unknown_format(bytes), None);
    }
    assert!(table(|table| table.ids.push("c".into())).is_none());
    assert!(table(|table| table.ids[1] = "a".into()).is_none());
    assert!(table(|table| table.outcomes[0].status = 9).is_none());
    assert!(table(|table| table.outcomes[0].value = Some(f64::NAN)).is_none());
    assert!(table(|table| table.columns[0].present.push(0)).is_none());
    assert!(table(|table| table.columns[0].data = None).is_none());
    assert!(table(|table| table.review.push(review_column("notes", 0))).is_some());
    assert!(table(|table| table.review.push(review_column("notes", 1))).is_none());
    assert!(table(|table| table.review.push(review_column("hair", 0))).is_none());
    assert!(table(|table| table.review.push(review_column("deal_size", 0))).is_none());
    assert!(table(|table| table.columns[1].name = "n".into()).is_none());
    let change_data =
        |at: usize, change: fn(&mut Data)| table(|table| change(table.columns[at].data.as_mut().unwrap()));
    assert!(
        change_data(0, |data| if let Data::Numbers(numbers) = data {
            numbers.values[0] = f64::INFINITY;
        })
        .is_none()
    );
    assert!(
        change_data(1, |data| if let Data::Categories(texts) = data {
            texts.codes[0] = 1;
        })
        .is_none()
    );
    assert!(
        change_data(2, |data| if let Data::Lists(lists) = data {
            lists.lengths[0] = 3;
        })
        .is_none()
    );
    assert!(
        change_data(2, |data| if let Data::Lists(lists) = data {
            lists.lengths[0] = 1;
        })
        .is_none()
    );
}

#[test]
fn the_stored_form_is_unchanged() {
    let mut bytes = Vec::new();
    table(|table| bytes = table.encode_to_vec()).unwrap();
    // Data stored by an earlier release must remain readable: change this digest only together with the format number.
    assert_eq!(Digest::new(&bytes).to_string(), "956b71a24aaf0097d494e821de9bbbf26dfb2e95be5d6ca531f8e47c88682e81");
}
