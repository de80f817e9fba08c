//! Tests that a value means the same in every format and for every use.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message as _;
use serde_json::json;
use sweetspot_core::{AccountTable, AttributeKind, Condition, Date, Fit, Test, Vocabulary as _};
use sweetspot_ingest::{Mapping, ProspectReader, Source};
use sweetspot_proto::v1::attribute_value::Kind as Wire;
use sweetspot_proto::v1::column::Data;
use sweetspot_stored::{self as stored, example};

use super::prost_agreement::fast_and_slow_rows;
use super::tests::{account, compile, condition, score_with};
use super::*;
use crate::api::convert::account_table::parse_table;
use crate::api::violations::Violations;

fn parse_condition(wire: &v1::Condition) -> Condition {
    let test = match wire.test.clone().unwrap() {
        v1::condition::Test::AnyOf(list) => Test::AnyOf(list.values),
        v1::condition::Test::Range(v1::Range { gte, lt }) => Test::Range { gte, lt },
        v1::condition::Test::Present(present) => Test::Present(present),
        v1::condition::Test::Flag(flag) => Test::Flag(flag),
    };
    Condition { attribute: wire.attribute.clone(), test }
}

/// The condition as a version stores it.
fn stored_condition(condition: &Condition, kind: Option<AttributeKind>) -> stored::Condition {
    use stored::condition::{Kind as StoredKind, Test as StoredTest};
    let kind = match kind {
        None => StoredKind::Unspecified,
        Some(AttributeKind::Number) => StoredKind::Number,
        Some(AttributeKind::Category) => StoredKind::Category,
        Some(AttributeKind::Flag) => StoredKind::Flag,
        Some(AttributeKind::List) => StoredKind::List,
        Some(AttributeKind::Date) => StoredKind::Date,
    };
    let test = match &condition.test {
        Test::AnyOf(texts) => StoredTest::AnyOf(stored::Texts { values: texts.clone() }),
        Test::Range { gte, lt } => StoredTest::Range(stored::Range { gte: *gte, lt: *lt }),
        Test::Present(present) => StoredTest::Present(*present),
        Test::Flag(flag) => StoredTest::Flag(*flag),
    };
    stored::Condition { attribute: condition.attribute.clone(), kind: kind.into(), test: Some(test) }
}

/// A model with one hypothesis and one exclusion rule, both about these accounts.
fn scorer_with_rules(condition: &Condition) -> Scorer {
    let kind = compile(&example::artifact()).kind(&condition.attribute);
    let when = Some(stored_condition(condition, kind));
    compile(&stored::ModelArtifact {
        hypotheses: vec![stored::Hypothesis { when: when.clone(), ..example::hypothesis() }],
        exclusion_rules: vec![stored::ExclusionRule { when, ..example::exclusion_rule() }],
        ..example::artifact()
    })
}

fn account_ids(scores: &[v1::FitScore], holds: impl Fn(&v1::FitScore) -> bool) -> Vec<&str> {
    scores.iter().filter(|score| holds(score)).map(|score| score.account_id.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_filter_an_exclusion_rule_and_a_hypothesis_match_the_same_accounts(
        rows in vec(account(), 1..6),
        condition in condition(),
        must in any::<bool>(),
    ) {
        let scorer = scorer_with_rules(&parse_condition(&condition));
        let rows: Vec<_> = rows.iter().map(v1::Account::encode_to_vec).collect();
        let [list, _] = fast_and_slow_rows(&rows);
        let config = |filter| v1::ScoreConfig {
            view: v1::ScoreView::TopReasons.into(), reason_count: 100, filter, ..v1::ScoreConfig::default()
        };
        let all = score_with(&scorer, &list, config(None));
        let by_rule = account_ids(&all.scores, |score| score.exclusion_rules == ["bern"]);
        let by_hypothesis = account_ids(&all.scores, |score| {
            score.reasons.iter().any(|reason| reason.kind() == v1::ReasonKind::Hypothesis)
        });
        prop_assert_eq!(&by_rule, &by_hypothesis);
        let filter = if must {
            v1::TargetFilter { must: vec![condition], ..v1::TargetFilter::default() }
        } else {
            v1::TargetFilter { must_not: vec![condition], ..v1::TargetFilter::default() }
        };
        let passed = score_with(&scorer, &list, config(Some(filter)));
        let expected = account_ids(&all.scores, |score| (score.exclusion_rules == ["bern"]) == must);
        prop_assert_eq!(account_ids(&passed.scores, |_| true), expected);
    }
}

/// The known values of one account.
#[derive(Clone, Debug)]
struct AccountRecord {
    employees: Option<f64>,
    city: Option<String>,
    remote: Option<bool>,
    tools: Option<Vec<String>>,
    founded: Option<i32>,
}

fn record() -> impl Strategy<Value = AccountRecord> {
    let number = prop_oneof![any::<f64>().prop_filter("finite", |n| n.is_finite()), (0..99_i32).prop_map(f64::from)];
    let city = prop::sample::select(vec!["Zürich", " ZU\u{308}RICH", "sap", "Bern", "12.5", "a; b"]);
    let tools = prop::sample::subsequence(vec!["SAP", "Jira", "zürich", "x y"], 0..=4);
    (
        option::of(number),
        option::of(city),
        option::of(any::<bool>()),
        option::of(tools),
        option::of(-30_000..30_000_i32),
    )
        .prop_map(|(employees, city, remote, tools, founded)| AccountRecord {
            employees,
            city: city.map(str::to_owned),
            remote,
            tools: tools.map(|tools| tools.into_iter().map(str::to_owned).collect()),
            founded,
        })
}

impl AccountRecord {
    /// The account with typed values. Missing values are absent or blank texts.
    fn row(&self, blanks: bool) -> v1::Account {
        let Self { employees, city, remote, tools, founded } = self.clone();
        let date = founded.map(|days| Date { days }.to_string());
        let known = [
            ("employees", employees.map(Wire::Number)),
            ("city", city.map(Wire::Text)),
            ("remote", remote.map(Wire::Flag)),
            ("tools", tools.map(|values| Wire::Texts(v1::TextList { values }))),
            ("founded", date.map(Wire::Text)),
        ];
        let blank = blanks.then(|| Wire::Text(" ".to_owned()));
        let known = known.into_iter().filter_map(|(name, kind)| Some((name, kind.or_else(|| blank.clone())?)));
        let attributes = known.map(|(name, kind)| (name.to_owned(), v1::AttributeValue { kind: Some(kind) }));
        v1::Account { account_id: "a".to_owned(), attributes: attributes.collect() }
    }

    /// The account as texts, as in a file.
    fn cells(&self) -> [(&'static str, String); 5] {
        let Self { employees, city, remote, tools, founded } = self.clone();
        let list = |tools: Vec<String>| if tools.is_empty() { ";".to_owned() } else { tools.join("; ") };
        [
            ("employees", employees.map(|number| number.to_string()).unwrap_or_default()),
            ("city", city.unwrap_or_default()),
            ("remote", remote.map(|flag| if flag { "Ja" } else { "false" }.to_owned()).unwrap_or_default()),
            ("tools", tools.map(list).unwrap_or_default()),
            ("founded", founded.map(|days| Date { days }.to_string()).unwrap_or_default()),
        ]
    }

    fn columns(&self) -> v1::AccountTable {
        let Self { employees, city, remote, tools, founded } = self.clone();
        let column = |name: &str, known: bool, data| v1::Column {
            name: name.to_owned(),
            validity: vec![u8::from(known)],
            data: Some(data),
            ..v1::Column::default()
        };
        let texts = v1::DictionaryColumn { dictionary: vec![city.clone().unwrap_or_default()], codes: vec![0] };
        let items = tools.clone().unwrap_or_default();
        let count = items.len() as u32;
        let lists =
            v1::DictionaryListColumn { dictionary: items, codes: (0..count).collect(), offsets: vec![0, count] };
        let columns = vec![
            column(
                "employees",
                employees.is_some(),
                Data::Numbers(v1::DoubleColumn { values: vec![employees.unwrap_or_default()] }),
            ),
            // A blank text is missing, regardless of the bitmap.
            column("city", true, Data::Texts(texts)),
            column(
                "remote",
                remote.is_some(),
                Data::Flags(v1::FlagColumn { values: vec![remote.unwrap_or_default()] }),
            ),
            column("tools", tools.is_some(), Data::TextLists(lists)),
            column(
                "founded",
                founded.is_some(),
                Data::Dates(v1::DateColumn { days: vec![founded.unwrap_or_default()] }),
            ),
        ];
        v1::AccountTable { account_ids: vec!["a".to_owned()], columns }
    }

    fn json(&self, bare: bool) -> Vec<u8> {
        let attributes: serde_json::Map<_, _> = self
            .row(false)
            .attributes
            .into_iter()
            .map(|(name, value)| {
                let value = match value.kind.unwrap() {
                    Wire::Number(number) if bare => json!(number),
                    Wire::Text(text) if bare => json!(text),
                    Wire::Flag(flag) if bare => json!(flag),
                    Wire::Texts(texts) if bare => json!(texts.values),
                    Wire::Number(number) => json!({ "number": number }),
                    Wire::Text(text) => json!({ "text": text }),
                    Wire::Flag(flag) => json!({ "flag": flag }),
                    Wire::Texts(texts) => json!({ "texts": { "values": texts.values } }),
                };
                (name, value)
            })
            .collect();
        let mut attributes = attributes;
        if bare {
            for name in ["employees", "city", "remote", "tools", "founded"] {
                attributes.entry(name).or_insert(serde_json::Value::Null);
            }
        }
        let body = json!({ "accountId": "a", "attributes": attributes }).to_string();
        serde_json::from_str::<sweetspot_proto::json::Account>(&body).unwrap().encode_to_vec()
    }

    /// The account as a row of a file. It includes a name, because a row with only an id contains no account.
    fn csv(&self) -> v1::Account {
        let quoted = |text: &str| format!("\"{text}\"");
        let (names, cells): (Vec<_>, Vec<_>) = self.cells().into_iter().unzip();
        let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        let file = format!("id,name,{}\na,Anna,{}\n", names.join(","), cells.join(","));
        let mapping = Mapping::parse("id = \"id\"\nattributes = \"auto\"\nexclude = [\"name\"]\n", "test").unwrap();
        let source = Source::new("test.csv", std::io::Cursor::new(file.into_bytes()));
        let prospect = ProspectReader::open(source, &mapping).unwrap().next().unwrap().unwrap().unwrap();
        let value = |value| crate::api::convert::attribute_value::wire_value(value);
        let attributes =
            prospect.account.attributes.into_iter().map(|(name, attribute_value)| (name, value(attribute_value)));
        v1::Account { account_id: "a".to_owned(), attributes: attributes.collect() }
    }
}

/// The score without issues.
fn score_without_issues(scorer: &Scorer, form: &AccountPayload) -> v1::FitScore {
    let mut listed = score_with(scorer, form, v1::ScoreConfig::default()).scores;
    v1::FitScore { issues: Vec::new(), ..listed.remove(0) }
}

fn row_payload(row: &[u8]) -> AccountPayload {
    let [payload, _] = fast_and_slow_rows(&[row]);
    payload
}

/// The score of an imported customer.
fn score_imported(scorer: &Scorer, wire: v1::AccountTable) -> Fit {
    let (read, _) = parse_table(wire, "accounts.", 9, &|_| true, &mut Violations::default()).unwrap();
    let accounts = AccountTable::new(read.ids.into(), read.columns).unwrap();
    scorer.score_row(&accounts, 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn one_record_has_one_score_in_every_input_form(record in record()) {
        let scorer = compile(&example::complete());
        let expected = score_without_issues(&scorer, &row_payload(&record.row(false).encode_to_vec()));
        for (way, account) in [
            ("a row with blanks", record.row(true).encode_to_vec()),
            ("a file", record.csv().encode_to_vec()),
            ("JSON in objects", record.json(false)),
            ("bare JSON", record.json(true)),
        ] {
            prop_assert_eq!(&score_without_issues(&scorer, &row_payload(&account)), &expected, "{}", way);
        }
        let columns = AccountPayload::Table(Bytes::from(record.columns().encode_to_vec()));
        prop_assert_eq!(&score_without_issues(&scorer, &columns), &expected, "columns");
        let fit = score_imported(&scorer, record.columns());
        prop_assert_eq!(fit.log_odds.to_bits(), expected.log_odds.to_bits(), "an import");
        prop_assert_eq!((fit.low, fit.high, fit.coverage), (expected.low, expected.high, expected.coverage));
    }
}

#[test]
fn a_value_that_the_score_cannot_read_is_missing_for_a_rule_too() {
    let since = Condition { attribute: "founded".to_owned(), test: Test::Range { gte: Some(16_436.0), lt: None } };
    let scorer = scorer_with_rules(&since);
    assert_eq!(scorer.kind("founded"), Some(AttributeKind::Date));
    let row = |text: &str| {
        let value = v1::AttributeValue { kind: Some(Wire::Text(text.to_owned())) };
        v1::Account { account_id: "a".to_owned(), attributes: [("founded".to_owned(), value)].into() }.encode_to_vec()
    };
    for (text, exclusion_rules, status) in [
        ("20190301", vec![], Some(v1::AttributeStatus::TypeMismatch)),
        ("", vec![], Some(v1::AttributeStatus::Missing)),
        ("2019-03-01", vec!["bern"], Some(v1::AttributeStatus::OutOfRange)),
        ("2010-03-01", vec![], Some(v1::AttributeStatus::OutOfRange)),
    ] {
        let score = score_with(&scorer, &row_payload(&row(text)), v1::ScoreConfig::default()).scores.remove(0);
        assert_eq!(score.exclusion_rules, exclusion_rules, "{text}");
        let issue = score.issues.iter().find(|issue| issue.attribute == "founded");
        assert_eq!(issue.map(v1::AttributeIssue::status), status, "{text}");
    }
}
