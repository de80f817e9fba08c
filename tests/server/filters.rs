//! Compares every filter with a reference implementation that filters the complete response.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::{self, FitTier};
use tokio::runtime::Runtime;

use crate::scoring::request;
use crate::support::data::{account, with_attributes};
use crate::support::server::TestServer;

const ACCOUNT_COUNT: usize = 120;

struct FilterFixture {
    runtime: Runtime,
    server: TestServer,
    rows: Vec<v1::Account>,
    /// The scores without a filter.
    whole: Vec<v1::FitScore>,
}

static FIXTURE: LazyLock<FilterFixture> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::trained());
    let mut rows: Vec<_> = (0..ACCOUNT_COUNT).map(account).collect();
    // Accounts with few attributes, and accounts with equal scores.
    for index in 0..20 {
        let bare = with_attributes(&format!("bare-{index}"), [("b2b", Kind::Flag(index % 2 == 0))]);
        rows.insert(index * 5, bare);
    }
    let whole = runtime.block_on(score(&server, rows.clone(), v1::ScoreConfig::default())).scores;
    FilterFixture { runtime, server, rows, whole }
});

async fn score(server: &TestServer, rows: Vec<v1::Account>, config: v1::ScoreConfig) -> v1::ScoreAccountsResponse {
    server.scoring().score_accounts(request(rows, config)).await.unwrap().into_inner()
}

fn matches_condition(condition: &v1::Condition, account: &v1::Account) -> bool {
    let value = account.attributes.get(&condition.attribute).and_then(|value| value.kind.as_ref());
    let is_in_range = |range: &v1::Range, number: f64| {
        range.gte.is_none_or(|least| least <= number) && range.lt.is_none_or(|most| number < most)
    };
    match (condition.test.as_ref().unwrap(), value) {
        (Test::Present(wanted), value) => *wanted == value.is_some(),
        (Test::AnyOf(list), Some(Kind::Text(text))) => list.values.contains(text),
        (Test::AnyOf(list), Some(Kind::Texts(items))) => items.values.iter().any(|item| list.values.contains(item)),
        (Test::Range(range), Some(Kind::Number(number))) => is_in_range(range, *number),
        // A flag is the number 1 or 0.
        (Test::Range(range), Some(Kind::Flag(flag))) => is_in_range(range, f64::from(u8::from(*flag))),
        (Test::Flag(wanted), Some(Kind::Flag(flag))) => wanted == flag,
        (Test::AnyOf(_) | Test::Range(_) | Test::Flag(_), _) => false,
    }
}

fn passes(filter: &v1::TargetFilter, account: &v1::Account, score: &v1::FitScore) -> bool {
    filter.must.iter().all(|condition| matches_condition(condition, account))
        && filter.must_not.iter().all(|condition| !matches_condition(condition, account))
        && !filter.exclude_account_ids.contains(&account.account_id)
        && filter.min_probability.is_none_or(|least| score.probability >= least)
        && filter.min_coverage.is_none_or(|least| score.coverage >= least)
        && (filter.tiers.is_empty() || filter.tiers.contains(&score.tier))
}

fn filter_by_hand(filter: &v1::TargetFilter, top_k: u32) -> (u64, Vec<v1::FitScore>) {
    let pairs = FIXTURE.rows.iter().zip(&FIXTURE.whole);
    let mut passed: Vec<_> =
        pairs.filter(|(account, score)| passes(filter, account, score)).map(|(_, score)| score.clone()).collect();
    let count = passed.len() as u64;
    if top_k > 0 {
        let place = |score: &v1::FitScore| FIXTURE.whole.iter().position(|one| one.account_id == score.account_id);
        passed.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds).then(place(a).cmp(&place(b))));
        passed.truncate(top_k as usize);
    }
    (count, passed)
}

fn check(filter: &v1::TargetFilter, top_k: u32) {
    let (count, expected) = filter_by_hand(filter, top_k);
    let config = v1::ScoreConfig { filter: Some(filter.clone()), top_k, ..Default::default() };
    let answer = FIXTURE.runtime.block_on(score(&FIXTURE.server, FIXTURE.rows.clone(), config));
    let summary = answer.summary.unwrap();
    let received = FIXTURE.rows.len() as u64;
    assert_eq!(
        (summary.received, summary.scored, summary.filtered_out, summary.failed),
        (received, count, received - count, 0),
        "{filter:?}"
    );
    assert_eq!(answer.scores, expected, "{filter:?} {top_k}");
}

fn condition() -> impl Strategy<Value = v1::Condition> {
    let word = || prop::sample::select(vec!["fintech", "retail", "Slack", "SAP", "x", ""]).prop_map(str::to_owned);
    let bound = || option::of((0..420_i32).prop_map(f64::from));
    let range = (bound(), bound()).prop_filter("a bound", |(gte, lt)| gte.is_some() || lt.is_some());
    let test = prop_oneof![
        vec(word(), 1..4).prop_map(|values| Test::AnyOf(v1::TextList { values })),
        range.prop_map(|(gte, lt)| Test::Range(v1::Range { gte, lt })),
        any::<bool>().prop_map(Test::Present),
        any::<bool>().prop_map(Test::Flag),
    ];
    let attribute = prop::sample::select(vec!["employees", "industry", "b2b", "stack", "city"]);
    (attribute, test).prop_map(|(attribute, test)| v1::Condition { attribute: attribute.to_owned(), test: Some(test) })
}

fn filter() -> impl Strategy<Value = v1::TargetFilter> {
    // Thresholds are taken from actual scores, to test the boundaries.
    let of_score = |read: fn(&v1::FitScore) -> f64| {
        option::of((0..ACCOUNT_COUNT).prop_map(move |index| read(&FIXTURE.whole[index])))
    };
    let ids = vec((0..ACCOUNT_COUNT + 30).prop_map(|index| format!("a-{index}")), 0..30);
    (
        of_score(|score| score.probability),
        of_score(|score| score.coverage),
        vec(1..5_i32, 0..3),
        vec(condition(), 0..2),
        vec(condition(), 0..2),
        ids,
    )
        .prop_map(|(min_probability, min_coverage, tiers, must, must_not, exclude_account_ids)| v1::TargetFilter {
            min_probability,
            min_coverage,
            tiers,
            must,
            must_not,
            exclude_account_ids,
            ..Default::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn a_filter_selects_what_filtering_by_hand_selects(
        filter in filter(),
        top_k in prop_oneof![Just(0_u32), 1..200_u32, Just(u32::MAX)],
    ) {
        check(&filter, top_k);
    }
}

#[test]
fn every_top_k_is_the_head_of_one_order() {
    for top_k in (1..=FIXTURE.rows.len() as u32 + 1).step_by(7) {
        check(&v1::TargetFilter::default(), top_k);
    }
}

#[test]
fn every_set_of_tiers_partitions_the_accounts() {
    let tiers = [FitTier::A, FitTier::B, FitTier::C, FitTier::D].map(i32::from);
    for set in 0..16_usize {
        let tiers = (0..4).filter(|bit| set >> bit & 1 == 1).map(|bit| tiers[bit]).collect();
        check(&v1::TargetFilter { tiers, ..Default::default() }, 0);
    }
    let counted: usize =
        tiers.iter().map(|tier| FIXTURE.whole.iter().filter(|score| score.tier == *tier).count()).sum();
    assert_eq!(counted, FIXTURE.rows.len());
}

#[test]
fn a_filter_does_not_change_the_scores_with_reasons_either() {
    let config = |filter| v1::ScoreConfig {
        view: v1::ScoreView::TopReasons.into(),
        reason_count: 2,
        filter,
        ..Default::default()
    };
    let run = |filter| FIXTURE.runtime.block_on(score(&FIXTURE.server, FIXTURE.rows.clone(), config(filter))).scores;
    let filter = v1::TargetFilter { min_probability: Some(0.5), ..Default::default() };
    let whole = run(None);
    let expected: Vec<_> = whole.into_iter().filter(|score| score.probability >= 0.5).collect();
    assert_eq!(run(Some(filter)), expected);
}

#[tokio::test]
async fn an_ambiguous_text_of_a_filter_is_reported_with_its_reading() {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train("").await;
    let version = server.wait(&run).await.model_version;
    let any_of = |attribute: &str, texts: &[&str]| {
        let values = texts.iter().map(|text| (*text).to_owned()).collect();
        v1::Condition { attribute: attribute.to_owned(), test: Some(Test::AnyOf(v1::TextList { values })) }
    };
    let filter = v1::TargetFilter {
        must: vec![any_of("founded", &["01/03/2019", "2019-03-01"])],
        must_not: vec![any_of("employees", &["1.200", "42"])],
        ..Default::default()
    };
    let config = v1::ScoreConfig { version, filter: Some(filter), ..Default::default() };
    let row = with_attributes("a", [("founded", Kind::Text("2019-01-03".into()))]);
    let answer = score(&server, vec![row], config).await;
    assert_eq!(answer.scores.len(), 1, "the month comes first");
    let taken = |field: &str, text: &str, attribute: &str, reading: &str| {
        format!(
            "config.filter.{field} refers to {text:?} in attribute {attribute:?}, which could mean two things and is taken \
             as {reading}"
        )
    };
    let expected =
        [taken("must[0]", "01/03/2019", "founded", "2019-01-03"), taken("must_not[0]", "1.200", "employees", "1.2")];
    assert_eq!(answer.summary.unwrap().warnings, expected);

    let rule = v1::ExclusionRule {
        when: Some(any_of("founded", &["01/03/2019"])),
        ..crate::definition_entries::exclusion_rule("young")
    };
    let create = v1::CreateExclusionRuleRequest { exclusion_rule: Some(rule), ..Default::default() };
    let warnings = server.definition().create_exclusion_rule(create).await.unwrap().into_inner().warnings;
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(warning.ends_with("which could mean two things and is taken as 2019-01-03"), "{warning}");
}
