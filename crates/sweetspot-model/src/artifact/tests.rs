use serde_json::Value as Json;

use super::*;
use crate::Scorer;
use crate::fixtures::artifact;

#[test]
fn the_spread_of_an_attribute_in_a_worked_example() {
    let slots = |slots: &[(f64, u64)]| -> Vec<stored::Slot> {
        slots
            .iter()
            .map(|&(log_odds, customers)| stored::Slot { log_odds, customers, ..stored::Slot::default() })
            .collect()
    };
    for (numbers, spread) in [
        (slots(&[(1.0, 5), (-1.0, 5)]), 1.0),
        (slots(&[(3.0, 1), (-1.0, 3)]), 3.0_f64.sqrt()),
        (slots(&[(0.7, 9), (99.0, 0)]), 0.0),
        (slots(&[(0.0, 0)]), 0.0),
        (slots(&[]), 0.0),
    ] {
        let summary = AttributeSummary::from_stored(
            &stored::Term { slots: numbers, ..stored::Term::default() },
            AdditionalTerms::default(),
        );
        assert!((summary.spread - spread).abs() < 1e-7, "{summary:?}");
        assert_eq!(summary.total_spread, summary.spread, "without interactions both are equal");
        assert_eq!(summary.kind, "unknown");
    }
}

#[test]
fn a_summary_an_attribute_in_the_order_of_the_model() {
    let artifact = artifact();
    let found: Vec<_> = artifact.attributes().into_iter().map(|a| (a.attribute, a.kind, a.slots)).collect();
    let expected = [
        ("employees", "number", 4),
        ("city", "category", 4),
        ("remote", "flag", 3),
        ("tools", "list", 4),
        ("founded", "date", 4),
    ];
    assert_eq!(found, expected.map(|(name, kind, slots)| (name.to_owned(), kind, slots)));
    assert!(artifact.attributes().iter().all(|a| a.missing_share == 0.25 && a.effective_parameters == 1.5));
}

#[test]
fn the_scorecard_has_every_attribute_with_all_its_slots() {
    let artifact = artifact();
    let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
    assert_eq!(card["base_log_odds"], 0.125);
    assert_eq!(card["tiers"], serde_json::json!({"a": 0.75, "b": 0.5, "c": 0.25}));
    assert_eq!(card["data_sha256"].as_str(), Some(artifact.data_sha256()));
    let attributes = card["attributes"].as_array().unwrap();
    assert_eq!(attributes.len(), 5);
    for (json, term) in attributes.iter().zip(&artifact.0.terms) {
        assert_eq!(json["attribute"], term.attribute.as_str());
        let slots = json["slots"].as_array().unwrap();
        assert_eq!(slots.len(), term.slots.len());
        for (json, slot) in slots.iter().zip(&term.slots) {
            assert_eq!((&json["log_odds"], &json["customers"]), (&slot.log_odds.into(), &slot.customers.into()));
            assert_eq!(json["ideal"], slot.ideal);
        }
    }
    let labels = |index: usize| -> Vec<&str> {
        attributes[index]["slots"].as_array().unwrap().iter().map(|slot| slot["label"].as_str().unwrap()).collect()
    };
    assert_eq!(labels(0), ["below 10", "10 to 49", "50 or more", "missing"]);
    assert_eq!(labels(1), ["SAP", "Zürich", "other", "missing"]);
    assert_eq!(labels(2), ["no", "yes", "missing"]);
    assert_eq!(labels(3), ["SAP", "Zürich", "none", "missing"]);
    assert_eq!(labels(4), ["before 1970-01-01", "1970-01-01 to 1970-01-31", "since 1970-02-01", "missing"]);
    assert_eq!(attributes[0]["edges"], serde_json::json!([10.0, 50.0]));
    assert_eq!(attributes[1]["keys"], serde_json::json!(["sap", "zürich"]));
    assert!(attributes[2].get("keys").is_none() && attributes[2].get("edges").is_none());
}

#[test]
fn the_scorecard_has_the_evaluation_where_there_is_one() {
    let mut artifact = artifact();
    let card = |artifact: &ModelArtifact| serde_json::from_str::<Json>(&artifact.to_json()).unwrap();
    assert!(card(&artifact).get("evaluation").is_none());
    let tenths = vec![stored::Tenth { customers: 8, ideal: 6, mean_probability: 0.7 }];
    let tiers = vec![stored::TierCount { customers: 4, ideal: 3, value: None }, stored::TierCount::default()];
    let newest =
        Some(stored::NewestEvaluation { from_day: 31, rows: 9, auc: 0.75, ..stored::NewestEvaluation::default() });
    artifact.0.evaluation =
        Some(stored::Evaluation { rows: 80, auc: 0.8, newest, tenths, tiers, ..stored::Evaluation::default() });
    let told = &card(&artifact)["evaluation"];
    assert_eq!(
        (&told["rows"], &told["auc"], &told["verdict"]),
        (&80.into(), &0.8.into(), &artifact.evaluation().verdict().into())
    );
    assert_eq!((&told["newest"]["from_date"], &told["newest"]["auc"]), (&"1970-02-01".into(), &0.75.into()));
    assert_eq!((&told["deciles"][0]["ideal_rate"], &told["deciles"][0]["customers"]), (&0.75.into(), &8.into()));
    assert_eq!((&told["tiers"][0]["tier"], &told["tiers"][0]["recall"]), (&"A".into(), &1.0.into()));
    assert_eq!((&told["tiers"][1]["precision"], &told["tiers"][1]["precision_so_far"]), (&Json::Null, &0.75.into()));
}

#[test]
fn a_schema_changes_with_encoders_and_not_with_coefficients() {
    let first = artifact();
    let mut other = artifact();
    other.0.terms[0].slots[0].log_odds = 0.5;
    other.0.base_log_odds = -1.0;
    other.0.terms[1].strength = 9.0;
    assert_eq!(other.schema_digest(), first.schema_digest());
    other.0.terms[0].attribute = "staff".to_owned();
    assert_ne!(other.schema_digest(), first.schema_digest());
    let mut turned = artifact();
    turned.0.terms.swap(0, 1);
    assert_ne!(turned.schema_digest(), first.schema_digest());
}

#[test]
fn an_artifact_survives_encoding() {
    let artifact = artifact();
    let read = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!(read, artifact);
    assert_eq!(read.to_json(), artifact.to_json());
    assert!(Scorer::compile(&read).is_ok());
    let format = |format_version| {
        let mut artifact = artifact.clone();
        artifact.0.format_version = format_version;
        ModelArtifact::from_bytes(&artifact.to_bytes())
    };
    assert_eq!(format(0), Err(ArtifactError::Decode));
    assert_eq!(format(2), Err(ArtifactError::NewerFormat { found: 2, known: 1 }));
}

#[test]
fn the_scorecard_has_coefficients_as_integers_and_what_intervals_need() {
    let artifact = ModelArtifact(stored::example::complete());
    let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
    assert_eq!(card["artifact_sha256"], Digest::new(&artifact.to_bytes()).to_string());
    assert_eq!(card["base_units"], 0.125 * 4_294_967_296.0);
    let slot = &card["attributes"][0]["slots"][0];
    assert_eq!((&slot["log_odds"], &slot["units"]), (&(-0.5).into(), &(-2_147_483_648_i64).into()));
    assert_eq!((&slot["factors"], &slot["variance"]), (&serde_json::json!([-0.0625, -0.0625]), &0.01.into()));
    assert_eq!(card["pairs"][0]["cells"][1]["units"], 2_147_483_648_i64);
    assert_eq!(card["hypotheses"][0]["units"], 2_147_483_648_i64);
    assert_eq!((&card["attributes"][0]["least"], &card["attributes"][0]["greatest"]), (&0.0.into(), &99.0.into()));
}

/// A score with the least units of a tier is in that tier, and one with a unit less is not.
#[test]
fn the_scorecard_has_the_least_units_of_each_tier() {
    let mut artifact = artifact();
    for cuts in [[0.75, 0.5, 0.25], [0.999_999, 0.123_456_789, 1e-9], [1.0, 0.5, 0.0]] {
        let [a, b, c] = cuts;
        artifact.0.tiers = Some(stored::TierCuts { a, b, c });
        let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
        for (tier, cut) in ["a", "b", "c"].into_iter().zip(cuts) {
            let probability_of = |units: i64| probability(units as f64 / 4_294_967_296.0);
            match card["tier_units"][tier].as_i64() {
                Some(units) => {
                    assert!(probability_of(units) >= cut, "{tier} {cut}");
                    assert!(cut == 0.0 || probability_of(units - 1) < cut, "{tier} {cut}");
                }
                None => assert_eq!(cut, 1.0, "no account is certain"),
            }
        }
    }
}

#[test]
fn the_conditions_of_the_scorecard_have_texts_of_every_possible_kind() {
    let condition = |kind: i32, texts: &[&str]| {
        let texts = stored::Texts { values: texts.iter().map(|text| (*text).to_owned()).collect() };
        let test = Some(stored::condition::Test::AnyOf(texts));
        Some(stored::Condition { attribute: "x".to_owned(), kind, test })
    };
    let (unknown, number) = (0, stored::condition::Kind::Number.into());
    let texts = ["Yes", "1,200", "1970-01-12", " "];
    for (kind, expected) in [
        (
            unknown,
            serde_json::json!({
                "attribute": "x", "any_of": ["yes", "1,200", "1970-01-12"], "numbers": [1200.0], "days": [11],
                "flags": [true],
            }),
        ),
        (
            number,
            serde_json::json!({
                "attribute": "x", "kind": "number", "any_of": ["yes", "1,200", "1970-01-12"], "numbers": [1200.0],
            }),
        ),
    ] {
        let mut artifact = ModelArtifact(stored::example::complete());
        artifact.0.hypotheses[0].when = condition(kind, &texts);
        artifact.0.exclusion_rules[0].when = condition(kind, &texts);
        let card: Json = serde_json::from_str(&artifact.to_json()).unwrap();
        assert_eq!(card["hypotheses"][0]["when"], expected);
        assert_eq!(card["exclusion_rules"][0]["when"], expected);
    }
    let card: Json = serde_json::from_str(&ModelArtifact(stored::example::complete()).to_json()).unwrap();
    assert_eq!(card["exclusion_rules"][0]["when"]["kind"], "category", "as the attribute's own values are read");
}
