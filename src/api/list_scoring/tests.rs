//! Tests that the fast path and prost result in the same scores and errors.

use bytes::Bytes;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use prost::Message as _;
use sweetspot_core::{Date, Value};
use sweetspot_model::ModelArtifact;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_stored::{self as stored, example};

use super::prost_agreement::{ListResponse, check_scores, fast_and_slow_rows, fast_and_slow_table};
use super::*;

/// A rule about an attribute that the model does not use otherwise.
fn unrelated_rule() -> stored::ExclusionRule {
    let test = Some(stored::condition::Test::Present(true));
    let when = Some(stored::Condition { attribute: "a".to_owned(), kind: 0, test });
    let severity = stored::exclusion_rule::Severity::Caution.into();
    stored::ExclusionRule { id: "beyond".to_owned(), when, severity, ..example::exclusion_rule() }
}

/// Creates the scorer of a stored model.
pub(super) fn compile(model: &stored::ModelArtifact) -> Scorer {
    Scorer::compile(&ModelArtifact::from_bytes(&model.encode_to_vec()).unwrap()).unwrap()
}

fn scorer() -> Scorer {
    compile(&stored::ModelArtifact {
        exclusion_rules: vec![example::exclusion_rule(), unrelated_rule()],
        ..example::complete()
    })
}

/// The response of a model. A list without valid rows has no scores.
pub(super) fn score_with(
    scorer: &Scorer,
    accounts: &AccountPayload,
    config: v1::ScoreConfig,
) -> v1::ScoreAccountsResponse {
    let ListResponse { encoded, summary, .. } = prost_agreement::score(scorer, accounts, config).unwrap().unwrap();
    let response = v1::ScoreAccountsResponse::decode(encoded.as_slice()).unwrap();
    v1::ScoreAccountsResponse { summary: Some(summary), ..response }
}

/// Texts that are valid for every kind of attribute, and for none.
fn text() -> impl Strategy<Value = String> {
    let texts = [
        "Fintech",
        "fintech ",
        "ZÜRICH",
        "12.5",
        "$ 1,200",
        "yes",
        "off",
        "2024-02-29",
        "a; b",
        "a|zürich",
        "",
        "many",
    ];
    prop::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

/// A value of any kind.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::Number),
        (-50..500_i16).prop_map(|number| Value::Number(f64::from(number) / 4.0)),
        text().prop_map(Value::Text),
        any::<bool>().prop_map(Value::Flag),
        vec(text(), 0..4).prop_map(Value::List),
        any::<i32>().prop_map(|days| Value::Date(Date { days })),
    ]
}

fn wire_value() -> impl Strategy<Value = v1::AttributeValue> {
    let long = prop::sample::select(vec![1024_usize, 1025]).prop_map(|bytes| Kind::Text("x".repeat(bytes)));
    let many = prop::sample::select(vec![256_usize, 257]);
    let kind = prop_oneof![
        40 => value().prop_map(|value| match value {
            Value::Number(number) => Kind::Number(number),
            Value::Text(text) => Kind::Text(text),
            Value::Flag(flag) => Kind::Flag(flag),
            Value::List(values) => Kind::Texts(v1::TextList { values }),
            Value::Date(date) => Kind::Text(date.to_string()),
        }),
        1 => long,
        1 => many.prop_map(|items| Kind::Texts(v1::TextList { values: vec!["SAP".to_owned(); items] })),
    ];
    option::weighted(0.97, kind).prop_map(|kind| v1::AttributeValue { kind })
}

fn name() -> impl Strategy<Value = String> {
    let known = ["employees", "city", "remote", "tools", "founded", "unheard of", "a"];
    prop_oneof![30 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => Just(String::new())]
}

pub(super) fn account() -> impl Strategy<Value = v1::Account> {
    let id = prop_oneof![20 => "[a-f]{1,2}", 1 => Just(String::new()), 1 => Just("i".repeat(129))];
    (id, btree_map(name(), wire_value(), 0..7))
        .prop_map(|(account_id, attributes)| v1::Account { account_id, attributes: attributes.into_iter().collect() })
}

/// A row as clients encode it, and sometimes a malformed one: two accounts in one, or a changed byte.
fn row() -> impl Strategy<Value = Vec<u8>> {
    let plain = account().prop_map(|account| account.encode_to_vec());
    let twice = (account(), account()).prop_map(|(one, other)| [one.encode_to_vec(), other.encode_to_vec()].concat());
    let damaged = (account(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(account, place, byte)| {
        let mut bytes = account.encode_to_vec();
        if !bytes.is_empty() {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    });
    prop_oneof![6 => plain, 1 => twice, 2 => damaged]
}

/// A condition on a known or an unknown attribute.
pub(super) fn condition() -> impl Strategy<Value = v1::Condition> {
    let texts =
        prop_oneof![text(), prop::sample::select(vec!["2024-02-29", "12.50", "1,200", "JA"]).prop_map(str::to_owned)];
    let test = prop_oneof![
        vec(texts, 1..3).prop_map(|values| Test::AnyOf(v1::TextList { values })),
        (0.0..90.0_f64).prop_map(|gte| Test::Range(v1::Range { gte: Some(gte), lt: None })),
        any::<bool>().prop_map(Test::Present),
        any::<bool>().prop_map(Test::Flag),
    ];
    let names = vec!["employees", "city", "remote", "tools", "founded", "a"];
    (prop::sample::select(names), test)
        .prop_map(|(attribute, test)| v1::Condition { attribute: attribute.to_owned(), test: Some(test) })
}

fn config() -> impl Strategy<Value = v1::ScoreConfig> {
    let filter =
        (option::of(0.3..0.7_f64), vec(condition(), 0..2), vec(condition(), 0..2), vec("[a-f]", 0..2), 0..3_i32);
    let filter =
        filter.prop_map(|(min_probability, must, must_not, exclude_account_ids, pond_side)| v1::TargetFilter {
            pond_side,
            min_probability,
            must,
            must_not,
            exclude_account_ids,
            ..v1::TargetFilter::default()
        });
    let top_k = prop_oneof![3 => Just(0), 1 => 1..4_u32];
    (0..3_i32, 0..4_u32, option::weighted(0.5, filter), top_k, 0..3_i32, any::<bool>()).prop_map(
        |(view, reason_count, filter, top_k, unknown_attributes, omit_missing_issues)| v1::ScoreConfig {
            version: String::new(),
            view,
            reason_count,
            filter,
            top_k,
            unknown_attributes,
            omit_missing_issues,
        },
    )
}

/// Columns of this number of rows. Some cells are invalid.
fn columns(rows: usize) -> impl Strategy<Value = Vec<v1::Column>> {
    let dictionary = || vec(text(), 1..5);
    let code = || prop_oneof![40 => 0..1_u32, 1 => 0..9_u32];
    let data = prop_oneof![
        vec(prop_oneof![20 => -5.0..90.0_f64, 1 => Just(f64::NAN)], rows)
            .prop_map(|values| Data::Numbers(v1::DoubleColumn { values })),
        vec(any::<bool>(), rows).prop_map(|values| Data::Flags(v1::FlagColumn { values })),
        vec(-9..99_i32, rows).prop_map(|days| Data::Dates(v1::DateColumn { days })),
        (dictionary(), vec(code(), rows))
            .prop_map(|(dictionary, codes)| Data::Texts(v1::DictionaryColumn { dictionary, codes })),
        (dictionary(), vec(code(), rows)).prop_map(move |(dictionary, codes)| {
            let offsets = (0..=rows as u32).collect();
            Data::TextLists(v1::DictionaryListColumn { dictionary, codes, offsets })
        }),
    ];
    let validity = prop_oneof![2 => Just(Vec::new()), 2 => vec(any::<u8>(), rows.div_ceil(8))];
    let column = (name(), validity, data).prop_map(|(name, validity, data)| v1::Column {
        name,
        validity,
        data: Some(data),
        ..v1::Column::default()
    });
    vec(column, 0..6)
}

fn table() -> impl Strategy<Value = v1::AccountTable> {
    let ids = prop_oneof![
        4 => (1..20_usize).prop_map(|rows| (0..rows).map(|row| format!("a-{row}")).collect::<Vec<_>>()),
        1 => vec("[a-f]{0,2}", 1..6),
    ];
    ids.prop_flat_map(|account_ids| {
        columns(account_ids.len())
            .prop_map(move |columns| v1::AccountTable { account_ids: account_ids.clone(), columns })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn rows_score_equally_with_and_without_prost(rows in vec(row(), 1..6), config in config()) {
        check_scores(&scorer(), &fast_and_slow_rows(&rows), &config);
    }

    #[test]
    fn tables_score_equally_with_and_without_prost(
        table in table(),
        config in config(),
        damage in option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let mut bytes = table.encode_to_vec();
        if let Some((place, byte)) = damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        check_scores(&scorer(), &fast_and_slow_table(&bytes), &config);
        prost_agreement::check_table(&scorer(), &bytes);
    }
}

/// A message may come in parts; a later form of accounts replaces an earlier one.
#[test]
fn a_request_in_parts_is_merged_as_prost_merges_it() {
    let row =
        |id: &str| v1::AccountRows { rows: vec![v1::Account { account_id: id.to_owned(), ..v1::Account::default() }] };
    let table = v1::AccountTable { account_ids: vec!["t".to_owned()], columns: Vec::new() };
    let part = |accounts| v1::ScoreAccountsRequest { config: None, accounts: Some(accounts) }.encode_to_vec();
    let config = v1::ScoreConfig { top_k: 3, ..v1::ScoreConfig::default() };
    let config = v1::ScoreAccountsRequest { config: Some(config), accounts: None }.encode_to_vec();
    let (rows, table) = (|id| part(Accounts::Rows(row(id))), part(Accounts::Table(table)));
    for parts in [
        vec![rows("a"), config.clone(), rows("b")],
        vec![rows("a"), table.clone()],
        vec![table.clone(), rows("a"), config.clone()],
        vec![table.clone(), table],
        vec![config],
        vec![],
    ] {
        let bytes = Bytes::from(parts.concat());
        let by_prost = v1::ScoreAccountsRequest::decode(bytes.clone()).unwrap();
        let read = crate::api::wire::score_request::ScoreRequest::read(&bytes).unwrap();
        assert_eq!(read.config, by_prost.config.unwrap_or_default());
        let (read, expected) = (read.accounts, by_prost.accounts);
        let same = match (&read, &expected) {
            (Some(AccountPayload::Rows { bytes, .. }), Some(Accounts::Rows(rows))) => *bytes == rows.encode_to_vec(),
            (Some(AccountPayload::Table(bytes)), Some(Accounts::Table(table))) => {
                v1::AccountTable::decode(bytes.clone()).unwrap() == *table
            }
            (None, None) => true,
            _ => false,
        };
        assert!(same, "{read:?} {expected:?}");
    }
}

/// Without offsets, nothing says which codes belong to which account.
#[test]
fn a_column_of_lists_without_offsets_is_refused() {
    let lists = v1::DictionaryListColumn { dictionary: vec!["SAP".to_owned()], codes: vec![0, 0], offsets: Vec::new() };
    let column = v1::Column { name: "tools".to_owned(), data: Some(Data::TextLists(lists)), ..v1::Column::default() };
    let table = v1::AccountTable { account_ids: vec!["a".to_owned()], columns: vec![column] };
    for form in fast_and_slow_table(&table.encode_to_vec()) {
        assert!(prost_agreement::score(&scorer(), &form, v1::ScoreConfig::default()).unwrap().is_err(), "{form:?}");
    }
}
