//! Compares measured sizes with the memory of decoded messages.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self, condition};

use super::*;

/// The memory that a value owns beyond its own size, in bytes.
trait Owned {
    fn owned(&self) -> usize;
}

impl Owned for String {
    fn owned(&self) -> usize {
        self.capacity()
    }
}

impl<T: Owned> Owned for Vec<T> {
    fn owned(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Owned::owned).sum::<usize>()
    }
}

impl<T: Owned> Owned for Option<T> {
    fn owned(&self) -> usize {
        self.as_ref().map_or(0, Owned::owned)
    }
}

macro_rules! owned {
    ($($type:ty { $($field:ident),* })*) => {
        $(impl Owned for $type {
            fn owned(&self) -> usize {
                0 $(+ self.$field.owned())*
            }
        })*
    };
}

owned! {
    f64 {}
    bool {}
    u8 {}
    i32 {}
    u32 {}
    v1::ImportAccountsRequest { dataset, request_id, accounts, outcomes, review }
    v1::AccountTable { account_ids, columns }
    v1::Column { name, validity, data, decimal, date_order, label, unit }
    v1::DoubleColumn { values }
    v1::FlagColumn { values }
    v1::DateColumn { days }
    v1::DictionaryColumn { dictionary, codes }
    v1::DictionaryListColumn { dictionary, codes, offsets }
    v1::ReviewColumn { values }
    v1::Outcome { outcome_id, account_id, currency_code, group, reason }
    v1::TrainModelRequest { model, dataset, config, request_id }
    v1::TrainingConfig { excluded_attributes, hypotheses }
    v1::Hypothesis { id, statement, when, author }
    v1::Condition { attribute, test }
    v1::TextList { values }
}

impl Owned for Data {
    fn owned(&self) -> usize {
        match self {
            Self::Numbers(column) => column.owned(),
            Self::Texts(column) => column.owned(),
            Self::Flags(column) => column.owned(),
            Self::TextLists(column) => column.owned(),
            Self::Dates(column) => column.owned(),
        }
    }
}

impl Owned for condition::Test {
    fn owned(&self) -> usize {
        if let Self::AnyOf(list) = self { list.owned() } else { 0 }
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-z]{0,40}"
}

fn data() -> impl Strategy<Value = Data> {
    let numbers = || vec(any::<u32>(), 0..40);
    let texts = || vec(text(), 0..20);
    prop_oneof![
        vec(any::<f64>(), 0..40).prop_map(|values| Data::Numbers(v1::DoubleColumn { values })),
        vec(any::<bool>(), 0..40).prop_map(|values| Data::Flags(v1::FlagColumn { values })),
        vec(any::<i32>(), 0..40).prop_map(|days| Data::Dates(v1::DateColumn { days })),
        (texts(), numbers()).prop_map(|(dictionary, codes)| Data::Texts(v1::DictionaryColumn { dictionary, codes })),
        (texts(), numbers(), numbers()).prop_map(|(dictionary, codes, offsets)| {
            Data::TextLists(v1::DictionaryListColumn { dictionary, codes, offsets })
        }),
    ]
}

fn column() -> impl Strategy<Value = v1::Column> {
    (text(), vec(any::<u8>(), 0..9), option::of(data()), text()).prop_map(|(name, validity, data, decimal)| {
        v1::Column { name, validity, data, decimal, ..v1::Column::default() }
    })
}

fn import() -> impl Strategy<Value = v1::ImportAccountsRequest> {
    let outcome = (text(), text(), option::of(any::<f64>()), option::of(0_i64..9)).prop_map(
        |(outcome_id, account_id, value, seconds)| v1::Outcome {
            outcome_id,
            account_id,
            value,
            event_time: seconds.map(|seconds| prost_types::Timestamp { seconds, nanos: 7 }),
            ..v1::Outcome::default()
        },
    );
    let review = option::of(column()).prop_map(|values| v1::ReviewColumn { values, ..v1::ReviewColumn::default() });
    let table = (vec(text(), 0..40), vec(column(), 0..9));
    let table = table.prop_map(|(account_ids, columns)| v1::AccountTable { account_ids, columns });
    (text(), option::of(table), vec(outcome, 0..40), vec(review, 0..9)).prop_map(
        |(dataset, accounts, outcomes, review)| v1::ImportAccountsRequest {
            dataset,
            accounts,
            outcomes,
            review,
            ..v1::ImportAccountsRequest::default()
        },
    )
}

fn training() -> impl Strategy<Value = v1::TrainModelRequest> {
    let test = vec(text(), 0..9).prop_map(|values| condition::Test::AnyOf(v1::TextList { values }));
    let when = (text(), option::of(test)).prop_map(|(attribute, test)| v1::Condition { attribute, test });
    let hypothesis =
        (text(), option::of(when)).prop_map(|(id, when)| v1::Hypothesis { id, when, ..Default::default() });
    let config = (vec(text(), 0..9), vec(hypothesis, 0..40)).prop_map(|(excluded_attributes, hypotheses)| {
        v1::TrainingConfig { excluded_attributes, hypotheses, ..Default::default() }
    });
    (text(), option::of(config)).prop_map(|(model, config)| v1::TrainModelRequest {
        model,
        config,
        ..Default::default()
    })
}

/// Checks that the measured size is at least the memory of the decoded message, and not far above.
fn check_measured_size<M: Message + Default + MeasuredMessage + Owned>(message: &M) {
    let bytes = message.encode_to_vec();
    let (measured, owned) = (measure::<M>(&bytes).unwrap(), M::decode(&*bytes).unwrap().owned());
    assert!(measured >= owned, "{measured} bytes are measured, {owned} are owned");
    assert!(measured <= MAX_FACTOR * bytes.len() + FREE_BYTES);
    // Each allocation, of which a message of this size has at most one for two bytes, has its overhead.
    assert!(measured <= 2 * owned + 2 * ALLOCATION_BYTES * bytes.len(), "{measured} bytes for {owned}");
}

proptest! {
    #[test]
    fn an_import_takes_at_most_the_measured_size(message in import()) {
        check_measured_size(&message);
    }

    #[test]
    fn a_training_takes_at_most_the_measured_size(message in training()) {
        check_measured_size(&message);
    }
}

#[test]
fn a_list_has_the_capacity_of_a_vector() {
    fn check<T: Clone>(element: T) {
        let mut elements = Vec::new();
        for count in 0..5000 {
            assert_eq!(capacity(count, size_of::<T>()), elements.capacity(), "{count}");
            elements.push(element.clone());
        }
    }
    check(true);
    check(7_u32);
    check(String::new());
    check(v1::Outcome::default());
}

/// Text of few bytes is the least favorable content of a list.
#[test]
fn usual_messages_can_be_built() {
    let ids = |count: usize| (0..count).map(|id| format!("{id}")).collect::<Vec<_>>();
    let texts = |rows: usize| v1::Column {
        name: "size".to_owned(),
        data: Some(Data::Texts(v1::DictionaryColumn { dictionary: ids(rows), codes: (0..rows as u32).collect() })),
        ..v1::Column::default()
    };
    for (rows, columns) in [(1, 512), (10_000, 1), (10_000, 30), (100_000, 1)] {
        let accounts = Some(v1::AccountTable { account_ids: ids(rows), columns: vec![texts(rows); columns] });
        let message = v1::ImportAccountsRequest { accounts, ..Default::default() };
        assert!(measure::<v1::ImportAccountsRequest>(&message.encode_to_vec()).is_ok(), "{rows} rows");
    }
    for count in [1, 100, 1025, 4097, 10_000, 100_000] {
        let outcome = |account_id| v1::Outcome { account_id, kind: 1, ..v1::Outcome::default() };
        let outcomes = (10_000..10_000 + count).map(|id| outcome(format!("{id}"))).collect();
        let message = v1::ImportAccountsRequest { outcomes, ..Default::default() };
        assert!(measure::<v1::ImportAccountsRequest>(&message.encode_to_vec()).is_ok(), "{count} outcomes");
    }
}

#[test]
fn a_list_beyond_its_limit_is_refused_with_its_path_and_length() {
    let config = |hypotheses, exclusion_rules| v1::TrainModelRequest {
        config: Some(v1::TrainingConfig {
            hypotheses: vec![v1::Hypothesis::default(); hypotheses],
            exclusion_rules: vec![v1::ExclusionRule::default(); exclusion_rules],
            ..Default::default()
        }),
        ..Default::default()
    };
    let list = |message: v1::TrainModelRequest| measure::<v1::TrainModelRequest>(&message.encode_to_vec());
    assert!(list(config(101, 513)).is_ok());
    let excessive = list(config(3, 1_990_000)).unwrap_err();
    let expected = "config.exclusion_rules: 1990000 elements exceed the limit of 1024: send fewer";
    assert_eq!((excessive.to_string().as_str(), excessive.reason()), (expected, "TOO_MANY_ELEMENTS"));
    let columns = vec![v1::Column::default(); 1025];
    let accounts = Some(v1::AccountTable { account_ids: Vec::new(), columns });
    let message = v1::ImportAccountsRequest { accounts, ..Default::default() };
    let excessive = measure::<v1::ImportAccountsRequest>(&message.encode_to_vec()).unwrap_err();
    assert_eq!((excessive.path.as_str(), excessive.elements), ("accounts.columns", 1025));
}

#[test]
fn elements_beyond_the_memory_of_a_message_are_refused() {
    let message = v1::ImportAccountsRequest { outcomes: vec![v1::Outcome::default(); 50_000], ..Default::default() };
    let excessive = measure::<v1::ImportAccountsRequest>(&message.encode_to_vec()).unwrap_err();
    assert_eq!(
        excessive.to_string(),
        "outcomes: 50000 elements take too much memory for a message of 100000 bytes: send fewer at a time"
    );
}

/// Prost merges the occurrences of a message, so that their lists grow together.
#[test]
fn merged_messages_take_at_most_the_measured_size() {
    let columns = vec![v1::Column { name: "number of employees".to_owned(), ..v1::Column::default() }; 1024];
    let account_ids = vec![String::new(); 4096];
    let accounts = Some(v1::AccountTable { account_ids, columns });
    let part = v1::ImportAccountsRequest { accounts, ..Default::default() }.encode_to_vec();
    for occurrences in 1..=MAX_OCCURRENCES {
        let bytes = part.repeat(occurrences);
        let owned = v1::ImportAccountsRequest::decode(&*bytes).unwrap().owned();
        let measured = measure::<v1::ImportAccountsRequest>(&bytes).unwrap();
        assert!((owned..4 * owned).contains(&measured), "{measured} bytes are measured, {owned} are owned");
    }
    let excessive = measure::<v1::ImportAccountsRequest>(&part.repeat(100)).unwrap_err();
    assert_eq!(excessive.to_string(), "accounts: 100 elements exceed the limit of 8: send fewer");
}

/// The least favorable small messages: lists of the largest elements, and lists with one element.
#[test]
fn messages_without_a_check_are_small() {
    for element in [&[0x22, 0x00][..], &[0x2a, 0x00], &[0x1a, 0x02, 0x12, 0x00], &[0x1a, 0x04, 0x12, 0x02, 0x22, 0x00]]
    {
        let bytes = element.repeat(UNCHECKED_BYTES / element.len());
        let decoded = v1::ImportAccountsRequest::decode(&*bytes).unwrap();
        assert!(decoded.owned() <= FREE_BYTES, "{element:?}: {}", decoded.owned());
    }
}

#[test]
fn malformed_messages_are_left_to_the_decoder() {
    for bytes in [&[0x0a, 0x7f][..], &[0x1a, 0x02, 0x0a, 0x7f], &[0x22], &[0x23], &[0x00, 0x00], &[0xff; 20]] {
        assert!(measure::<v1::ImportAccountsRequest>(bytes).is_ok(), "{bytes:?}");
    }
}
