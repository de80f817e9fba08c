//! Strategies for arbitrary and invalid messages, and checks of the responses.

use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::{self};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The size of headers that clients in all languages accept, in bytes.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Checks that an error is the caller's fault, has a reason, and fits into the headers.
pub(crate) fn assert_refusal(status: &Status) {
    let usual = [
        Code::InvalidArgument,
        Code::NotFound,
        Code::FailedPrecondition,
        Code::Aborted,
        Code::ResourceExhausted,
        Code::OutOfRange,
    ];
    assert!(usual.contains(&status.code()), "{status:?}");
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_reason(&info.reason);
    assert_eq!(info.domain, "sweetspot");
    assert!(status.message().len() > 10, "{status:?}");
    let response = status.clone().into_http::<()>();
    let bytes: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    assert!(bytes <= MAX_HEADER_BYTES, "{bytes} bytes of headers");
}

pub(crate) fn assert_reason(reason: &str) {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    assert!(!reason.is_empty() && reason.bytes().all(upper), "{reason:?}");
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    let usual = ["a", "b", "a-1", "employees", "industry", "b2b", "fintech", "", "SAP", "1,200", "yes", "2020-02-02"];
    let sizes = vec![127_usize, 128, 129, 256, 257, 1024, 1025, 5000];
    prop_oneof![
        8 => prop::sample::select(usual.to_vec()).prop_map(str::to_owned),
        2 => "\\PC{0,20}",
        1 => any::<String>(),
        1 => (prop::sample::select(sizes), prop::sample::select(vec!["x", "é", "\u{1}", "\"", "\u{10ffff}"]))
            .prop_map(|(size, letter)| letter.repeat(size)),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -1e4_f64..1e4, 1 => prop::num::f64::ANY]
}

fn texts() -> impl Strategy<Value = v1::TextList> {
    prop_oneof![
        9 => vec(text(), 0..4).prop_map(|values| v1::TextList { values }),
        1 => (255_usize..258).prop_map(|items| v1::TextList { values: vec!["x".to_owned(); items] }),
    ]
}

fn value() -> impl Strategy<Value = v1::AttributeValue> {
    let kind = prop_oneof![
        number().prop_map(Kind::Number),
        text().prop_map(Kind::Text),
        any::<bool>().prop_map(Kind::Flag),
        texts().prop_map(Kind::Texts),
    ];
    option::weighted(0.95, kind).prop_map(|kind| v1::AttributeValue { kind })
}

pub(crate) fn account() -> impl Strategy<Value = v1::Account> {
    (text(), hash_map(text(), value(), 0..5))
        .prop_map(|(account_id, attributes)| v1::Account { account_id, attributes })
}

fn data(rows: usize) -> impl Strategy<Value = Data> {
    // Sometimes the number of cells is wrong.
    let cells = prop_oneof![12 => rows..=rows, 1 => 0..=rows + 1];
    let offsets = prop_oneof![
        2 => vec(0_u32..3, rows + 1).prop_map(|mut offsets| { offsets.sort_unstable(); offsets }),
        1 => vec(any::<u32>(), 0..rows + 3),
    ];
    let code = || prop_oneof![9 => 0_u32..3, 1 => any::<u32>()];
    let dictionary = || vec(text(), 0..4);
    cells.prop_flat_map(move |cells| {
        prop_oneof![
            vec(number(), cells).prop_map(|values| Data::Numbers(v1::DoubleColumn { values })),
            vec(any::<bool>(), cells).prop_map(|values| Data::Flags(v1::FlagColumn { values })),
            vec(any::<i32>(), cells).prop_map(|days| Data::Dates(v1::DateColumn { days })),
            (dictionary(), vec(code(), cells))
                .prop_map(|(dictionary, codes)| Data::Texts(v1::DictionaryColumn { dictionary, codes })),
            (dictionary(), vec(code(), 0..5), offsets.clone()).prop_map(|(dictionary, codes, offsets)| {
                Data::TextLists(v1::DictionaryListColumn { dictionary, codes, offsets })
            }),
        ]
    })
}

fn column(rows: usize) -> impl Strategy<Value = v1::Column> {
    let validity = prop_oneof![
        8 => Just(Vec::new()),
        4 => vec(any::<u8>(), rows.div_ceil(8)),
        1 => vec(any::<u8>(), 0..4),
    ];
    (text(), validity, option::weighted(0.97, data(rows))).prop_map(|(name, validity, data)| v1::Column {
        name,
        validity,
        data,
        ..v1::Column::default()
    })
}

pub(crate) fn table() -> impl Strategy<Value = v1::AccountTable> {
    vec(text(), 0..6).prop_flat_map(|account_ids| {
        vec(column(account_ids.len()), 0..4)
            .prop_map(move |columns| v1::AccountTable { account_ids: account_ids.clone(), columns })
    })
}

fn condition() -> impl Strategy<Value = v1::Condition> {
    let test = prop_oneof![
        texts().prop_map(Test::AnyOf),
        (option::of(number()), option::of(number())).prop_map(|(gte, lt)| Test::Range(v1::Range { gte, lt })),
        any::<bool>().prop_map(Test::Present),
        any::<bool>().prop_map(Test::Flag),
    ];
    (text(), option::weighted(0.95, test)).prop_map(|(attribute, test)| v1::Condition { attribute, test })
}

fn hypothesis() -> impl Strategy<Value = v1::Hypothesis> {
    let odds = prop_oneof![9 => 0.01..100.0_f64, 1 => prop::num::f64::ANY];
    let worth = prop_oneof![9 => 0.1..1000.0_f64, 1 => prop::num::f64::ANY];
    let texts = (text(), text(), text());
    (texts, option::weighted(0.95, condition()), odds, worth, option::weighted(0.3, time())).prop_map(
        |((id, statement, author), when, odds_ratio, confidence_customers, expire_time)| v1::Hypothesis {
            id,
            statement,
            when,
            odds_ratio,
            confidence_customers,
            author,
            expire_time,
        },
    )
}

fn filter() -> impl Strategy<Value = v1::TargetFilter> {
    let share = || option::weighted(0.3, prop_oneof![9 => 0.0..1.0_f64, 1 => prop::num::f64::ANY]);
    let tier = prop_oneof![9 => 1..5_i32, 1 => any::<i32>()];
    (share(), share(), vec(tier, 0..3), vec(condition(), 0..2), vec(condition(), 0..3), vec(text(), 0..3)).prop_map(
        |(min_probability, min_coverage, tiers, must, must_not, exclude_account_ids)| v1::TargetFilter {
            min_probability,
            min_coverage,
            tiers,
            must,
            must_not,
            exclude_account_ids,
            ..Default::default()
        },
    )
}

/// A resource name, valid or not. The forms exclude the workspace.
pub(crate) fn name(forms: &'static [&'static str]) -> impl Strategy<Value = String> {
    let form = move || prop::sample::select(forms.to_vec());
    prop_oneof![
        6 => Just(String::new()),
        3 => form().prop_map(|form| format!("workspaces/default/{form}")),
        1 => (text(), form()).prop_map(|(id, form)| format!("workspaces/{id}/{form}")),
        1 => text(),
    ]
}

pub(crate) fn score_config() -> impl Strategy<Value = v1::ScoreConfig> {
    const VERSIONS: &[&str] =
        &["models/default/versions/live", "models/default/versions/1", "models/default/versions/7", "models/x"];
    let view = prop_oneof![9 => 0..3_i32, 1 => any::<i32>()];
    let count = || prop_oneof![9 => 0..6_u32, 1 => any::<u32>()];
    let unknown = prop_oneof![9 => 0..3_i32, 1 => any::<i32>()];
    (name(VERSIONS), view, count(), option::weighted(0.3, filter()), count(), unknown, any::<bool>()).prop_map(
        |(version, view, reason_count, filter, top_k, unknown_attributes, omit_missing_issues)| v1::ScoreConfig {
            version,
            view,
            reason_count,
            filter,
            top_k,
            unknown_attributes,
            omit_missing_issues,
        },
    )
}

fn time() -> impl Strategy<Value = prost_types::Timestamp> {
    prop_oneof![
        9 => (0..2_000_000_000_i64).prop_map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
        1 => (any::<i64>(), any::<i32>()).prop_map(|(seconds, nanos)| prost_types::Timestamp { seconds, nanos }),
    ]
}

pub(crate) fn outcome() -> impl Strategy<Value = v1::Outcome> {
    let kind = prop_oneof![20 => 0..6_i32, 1 => any::<i32>()];
    let amount = || option::weighted(0.3, number());
    let currency = prop_oneof![20 => Just(String::new()), 2 => Just("EUR".to_owned()), 1 => text()];
    let ids = (text(), text(), currency, text(), text());
    let amounts = (amount(), amount(), amount());
    (ids, amounts, kind, option::of(time()), option::of(time())).prop_map(
        |(
            (outcome_id, account_id, currency_code, group, reason),
            (value, cost_to_serve, cost_to_acquire),
            kind,
            event_time,
            since,
        )| {
            v1::Outcome {
                outcome_id,
                account_id,
                kind,
                event_time,
                value,
                cost_to_serve,
                currency_code,
                cost_to_acquire,
                since,
                group,
                reason,
            }
        },
    )
}

pub(crate) fn request_id() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(String::new()),
        2 => Just("0b9c1d2e-3f40-4a51-8b62-7c83940a5b61".to_owned()),
        1 => text(),
    ]
}

fn duration() -> impl Strategy<Value = prost_types::Duration> {
    prop_oneof![
        4 => (0..100_i64).prop_map(|days| prost_types::Duration { seconds: days * 86_400, nanos: 0 }),
        1 => (any::<i64>(), any::<i32>()).prop_map(|(seconds, nanos)| prost_types::Duration { seconds, nanos }),
    ]
}

pub(crate) fn training_config() -> impl Strategy<Value = v1::TrainingConfig> {
    let preset = prop_oneof![9 => 0..6_i32, 1 => any::<i32>()];
    let class = prop_oneof![
        9 => prop::sample::select(vec!["won", "lost", "churned", "high_value"]).prop_map(str::to_owned),
        1 => text(),
    ];
    let weights = prop_oneof![2 => Just(std::collections::HashMap::new()), 1 => hash_map(class, number(), 0..4)];
    let shares = (option::weighted(0.3, number()), option::weighted(0.3, number()));
    let policy = (preset, shares, weights, option::weighted(0.3, duration())).prop_map(
        |(preset, (top_share, value_at_least), weights, maturity)| v1::LabelPolicy {
            preset,
            top_share: top_share.map(|share| (share / 1e4).abs()),
            value_at_least,
            weights,
            maturity,
            base_rate: top_share.map(|share| share / 1e4),
        },
    );
    let names = [0; 4].map(|_| vec(text(), 0..3));
    let beliefs = (vec(hypothesis(), 0..3), option::weighted(0.2, number()));
    (any::<u64>(), option::of(policy), option::weighted(0.2, duration()), names, beliefs).prop_map(
        |(seed, label_policy, time_limit, [excluded, allowed, increasing, decreasing], (hypotheses, rate))| {
            v1::TrainingConfig {
                exclusion_rules: Vec::new(),
                seed,
                label_policy,
                time_limit,
                excluded_attributes: excluded,
                allowed_attributes: allowed,
                increasing_attributes: increasing,
                decreasing_attributes: decreasing,
                hypotheses,
                assumed_ideal_rate: rate,
                ignore_definition: seed.is_multiple_of(2),
                independent_rows: seed.is_multiple_of(3),
                segments_from: seed.is_multiple_of(5).then(String::new),
            }
        },
    )
}
