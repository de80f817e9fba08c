//! Artifacts of the first format, stored as files: all later programs read them and give the same scores.
//!
//! The files never change. If one is missing or scores differ, the current candidates are written to the folder for
//! temporary files below `target`, for review.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_core::{Account, Date, Value};
use sweetspot_model::{ModelArtifact, Scorer};

use crate::customer_fixtures::{customers, train_default};
use crate::{by_hand, hypothesis_fixtures, segments};

/// Log-odds as the 16 hexadecimal digits of their bits, and the tier, by the account's name.
type Expected = BTreeMap<String, (String, String)>;

fn golden_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn accounts() -> Vec<Account> {
    let number = Value::Number;
    let day = |days| Value::Date(Date { days });
    [
        ("nothing", vec![]),
        ("good", vec![("employees", number(200.0)), ("industry", text("Fintech")), ("tools", list(&["SAP"]))]),
        ("bad", vec![("employees", number(7.0)), ("industry", text("Mining")), ("tools", list(&[]))]),
        ("spelling", vec![("industry", text(" FINTECH ")), ("tools", text("sap; JIRA"))]),
        ("texts", vec![("employees", text("1,200")), ("remote", text("YES")), ("founded", text("2001-05-17"))]),
        ("unseen", vec![("industry", text("Space")), ("tools", list(&["Abacus", "Slack"]))]),
        ("far", vec![("employees", number(1e12)), ("founded", day(-900_000))]),
        ("wrong", vec![("employees", text("many")), ("remote", number(7.0)), ("founded", number(1.0))]),
        ("days", vec![("founded", day(12_000)), ("remote", Value::Flag(false))]),
        ("edges", vec![("employees", number(50.0)), ("founded", day(0)), ("remote", Value::Flag(true))]),
        ("unknown", vec![("moon", number(1.0)), ("industry", text("Retail"))]),
    ]
    .map(|(id, attributes)| Account {
        id: id.to_owned(),
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    })
    .into()
}

fn scores(artifact: &ModelArtifact) -> Expected {
    let scorer = Scorer::compile(artifact).unwrap();
    let score = |account: Account| {
        let fit = scorer.score(&account);
        (account.id, (format!("{:016x}", fit.log_odds.to_bits()), fit.tier.letter().to_owned()))
    };
    accounts().into_iter().map(score).collect()
}

/// Writes the current candidates to the folder for temporary files.
fn assert_candidates(name: &str, artifact: &ModelArtifact) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (bytes, text) = (folder.join(format!("{name}.bin.new")), folder.join(format!("{name}.json.new")));
    fs::write(&bytes, artifact.to_bytes()).unwrap();
    fs::write(&text, serde_json::to_string_pretty(&scores(artifact)).unwrap() + "\n").unwrap();
    format!("today's candidates are {} and {}", bytes.display(), text.display())
}

/// The stored artifact of this name, after a check that its scores are unchanged.
fn assert_unchanged(name: &str, today: impl Fn() -> ModelArtifact) -> ModelArtifact {
    let missing = |_| format!("tests/golden/{name}.bin is missing; {}", assert_candidates(name, &today()));
    let bytes = fs::read(golden_path(&format!("{name}.bin"))).map_err(missing).unwrap();
    let artifact = ModelArtifact::from_bytes(&bytes).unwrap();
    let expected = fs::read_to_string(golden_path(&format!("{name}.json"))).unwrap();
    let expected: Expected = serde_json::from_str(&expected).unwrap();
    if scores(&artifact) != expected {
        let told = assert_candidates(name, &artifact);
        assert_eq!(scores(&artifact), expected, "the scores of a stored model changed; {told}");
    }
    artifact
}

#[test]
fn the_first_format_is_still_read_and_scored_to_the_bit() {
    assert_unchanged("artifact-v1", || train_default(&customers(400, 1.0, 20)).unwrap());
}

#[test]
fn beliefs_of_the_first_format_are_still_read_scored_and_judged() {
    let artifact = assert_unchanged("artifact-v1-beliefs", || {
        hypothesis_fixtures::train_with_hypotheses(hypothesis_fixtures::example_hypotheses(), &customers(300, 1.0, 21))
            .unwrap()
    });
    let told: Vec<_> = artifact.hypotheses().into_iter().map(|one| (one.id, one.verdict.as_str())).collect();
    let expected = [
        ("large", "not enough data"),
        ("no date", "not enough data"),
        ("remote", "not enough data"),
        ("several", "not enough data"),
        ("tools", "supported"),
    ];
    assert_eq!(told, expected.map(|(id, verdict)| (id.to_owned(), verdict)));
}

#[test]
fn the_summary_of_the_first_format_is_unchanged() {
    let artifact = ModelArtifact::from_bytes(&fs::read(golden_path("artifact-v1.bin")).unwrap()).unwrap();
    assert_eq!(artifact.to_bytes(), fs::read(golden_path("artifact-v1.bin")).unwrap(), "written as it was read");
    assert_eq!((artifact.seed(), artifact.trainer_version()), (0, "0.1.0"));
    let evaluation = artifact.evaluation();
    assert_eq!(evaluation.rows, 400);
    assert_eq!(evaluation.positives, artifact.label_card().ideal);
    assert!(evaluation.has_signal() && evaluation.auc < 1.0, "{evaluation:?}");
    let kinds: Vec<_> = artifact.attributes().into_iter().map(|attribute| attribute.kind).collect();
    assert_eq!(kinds, ["number", "category", "flag", "list", "date"]);
    let card: serde_json::Value = serde_json::from_str(&artifact.to_json()).unwrap();
    assert_eq!(card["attributes"].as_array().unwrap().len(), 5);
}

#[test]
fn gates_segments_and_values_of_the_first_format_are_still_answered() {
    let name = "artifact-v1-rules";
    let artifact = assert_unchanged(name, || by_hand::train_with_rules(&segments::two_segment_customers(1200, 3)));
    let scorer = Scorer::compile(&artifact).unwrap();
    let account = |sector: &str, employees: f64, banned: bool| {
        let attributes =
            [("sector", text(sector)), ("employees", Value::Number(employees)), ("banned", Value::Flag(banned))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        Account { id: format!("{sector} {employees} {banned}"), attributes }
    };
    let mut told = Vec::new();
    for sector in ["Logistics", "health", "Mining", "Space"] {
        for (employees, banned) in [(20.0, false), (150.0, true), (1500.0, false)] {
            let account = account(sector, employees, banned);
            let fit = scorer.score(&account);
            let exclusion_rules: Vec<&str> = scorer.exclusion_rule_ids(fit.matched_rules).collect();
            let segment = fit.segment.and_then(|place| scorer.segment_id(place)).unwrap_or("none");
            let value = fit.expected_value.unwrap();
            told.push(format!("{}: {}, {exclusion_rules:?}, {segment}, {value}", account.id, fit.pond_side.as_str()));
        }
    }
    insta::assert_snapshot!(told.join("\n"));
}
