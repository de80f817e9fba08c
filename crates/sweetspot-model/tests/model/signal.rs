//! Whether the model finds an existing signal, and reports none in noise.

use sweetspot_core::{Account, Value};
use sweetspot_model::Scorer;

use crate::customer_fixtures::{customers, train_default};

#[test]
fn a_signal_is_found_and_reported() {
    let artifact = train_default(&customers(1500, 1.0, 5)).unwrap();
    let evaluation = artifact.evaluation();
    assert!(evaluation.has_signal() && evaluation.auc > 0.75, "{evaluation:?}");
    assert!(evaluation.calibration_error < 0.06, "{evaluation:?}");
    assert!(evaluation.lift_at_top_decile > 1.3, "{evaluation:?}");
    assert_eq!((evaluation.rows, evaluation.positives), (1500, artifact.label_card().ideal));
    let scorer = Scorer::compile(&artifact).unwrap();
    let with = |name: &str, value| {
        let account = Account { id: String::new(), attributes: [(name.to_owned(), value)].into() };
        scorer.score(&account).log_odds
    };
    let size = |employees| with("employees", Value::Number(employees));
    assert!(size(200.0) > size(10.0) + 1.0 && size(200.0) > size(5000.0) + 1.0);
    let industry = |name: &str| with("industry", Value::Text(name.to_owned()));
    assert!(industry("fintech") > industry("mining") + 1.0);
    let tools = |name: &str| with("tools", Value::List(vec![name.to_owned()]));
    assert!(tools("SAP") > tools("Jira") + 0.5);
}

#[test]
fn uninformative_attributes_have_little_spread() {
    let artifact = train_default(&customers(1500, 1.0, 5)).unwrap();
    let spread = |name: &str| artifact.attributes().into_iter().find(|a| a.attribute == name).unwrap().spread;
    assert!(spread("employees") > 5.0 * spread("founded"), "{} {}", spread("employees"), spread("founded"));
    assert!(spread("industry") > 5.0 * spread("remote"));
}

#[test]
fn pure_noise_is_reported_as_no_better_than_chance() {
    let artifact = train_default(&customers(800, 0.0, 9)).unwrap();
    assert!(!artifact.evaluation().has_signal(), "{:?}", artifact.evaluation());
    assert!(
        artifact.warnings()[0].starts_with("Its ranking is not distinguishable from chance"),
        "{:?}",
        artifact.warnings()
    );
    let scorer = Scorer::compile(&artifact).unwrap();
    let account = Account { id: String::new(), attributes: [("employees".to_owned(), Value::Number(10.0))].into() };
    assert!((scorer.score(&account).probability - 0.5).abs() < 0.1);
}
