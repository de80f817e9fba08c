//! A version as an ONNX graph of 64-bit numbers. Coefficients are added as integers.
//!
//! Inputs are the attributes as they are read: numbers, days, keys of texts, flags as 0 and 1, and for lists one column
//! for each slot. `docs/SCORECARD.md` describes them, and the outputs.

mod conditions;
mod graph;
mod messages;
mod names;
mod slots;

use prost::Message as _;

use self::graph::{Graph, ML_DOMAIN, Value};
use self::messages::{DOUBLE, INT64, ModelProto, OperatorSetId, STRING, StringEntry};
use self::names::{InputSource, Names, rule_output};
use self::slots::{GraphInputs, Sums};
use crate::ParsedScorecard;

/// The version of the file format, and of its operators.
const IR_VERSION: i64 = 8;
const OPERATORS: [(&str, i64); 2] = [("", 17), (ML_DOMAIN, 2)];
/// Beyond these log-odds, a probability is at one of its limits.
const MAX_LOG_ODDS: f64 = 40.0;
/// The least and the greatest probability.
const LIMITS: [f64; 2] = [1e-15, 1.0 - 1e-15];

/// Writes the graph of a scorecard, with the name of the version.
#[must_use]
pub fn write_onnx(card: &ParsedScorecard, version: &str) -> Vec<u8> {
    let names = Names::new(card);
    let mut graph = Graph::new(names.attributes());
    let inputs = GraphInputs::new(&mut graph, card, names);
    let sums = Sums::new(&mut graph, &inputs);
    let scale = graph.double(card.units_per_log_odds as f64);
    let units = graph.cast(&sums.units, DOUBLE);
    let log_odds = graph.apply("Div", &[&units, &scale]);
    let margin = sums.margin(&mut graph, card.interval_standard_errors);
    let (low, high) = (graph.apply("Sub", &[&log_odds, &margin]), graph.apply("Add", &[&log_odds, &margin]));
    graph.output(&log_odds, "log_odds", DOUBLE, 1);
    for (log_odds, name) in [(&log_odds, "probability"), (&low, "low"), (&high, "high")] {
        let probability = probability(&mut graph, log_odds);
        graph.output(&probability, name, DOUBLE, 1);
    }
    let tier = tier(&mut graph, card, &sums.units);
    graph.output(&tier, "tier", STRING, 1);
    let condition_of = |graph: &mut Graph, rule| inputs.condition(graph, InputSource::rule(rule), &rule.when);
    let rules: Vec<Value> = card.exclusion_rules.iter().map(|rule| condition_of(&mut graph, rule)).collect();
    for (rule, holds) in card.exclusion_rules.iter().zip(&rules) {
        let number = graph.cast(holds, INT64);
        graph.output(&number, &rule_output(&rule.id), INT64, 1);
    }
    let pond_side = pond_side(&mut graph, card, &sums.units, &rules);
    graph.output(&pond_side, "pond_side", STRING, 1);
    let entry = |key: &str, value: &str| StringEntry { key: key.to_owned(), value: value.to_owned() };
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "sweetspot".to_owned(),
        doc_string: format!("Sweetspot model version {version}. Inputs: docs/SCORECARD.md"),
        graph: Some(graph.finish("sweetspot")),
        opset_import: OPERATORS.map(|(domain, version)| OperatorSetId { domain: domain.to_owned(), version }).to_vec(),
        metadata_props: vec![entry("model_version", version), entry("artifact_sha256", &card.artifact_sha256)],
    };
    model.encode_to_vec()
}

fn probability(graph: &mut Graph, log_odds: &Value) -> Value {
    let bounds = [-MAX_LOG_ODDS, MAX_LOG_ODDS].map(|bound| graph.scalar(bound));
    let [lower, upper] = &bounds;
    let bounded = graph.apply("Clip", &[log_odds, lower, upper]);
    let negative = graph.apply("Neg", &[&bounded]);
    let power = graph.apply("Exp", &[&negative]);
    let unit = graph.double(1.0);
    let odds = graph.apply("Add", &[&unit, &power]);
    let probability = graph.apply("Div", &[&unit, &odds]);
    let limits = LIMITS.map(|limit| graph.scalar(limit));
    let [lower, upper] = &limits;
    graph.apply("Clip", &[&probability, lower, upper])
}

fn tier(graph: &mut Graph, card: &ParsedScorecard, units: &Value) -> Value {
    let tiers = [("C", card.tier_units.c), ("B", card.tier_units.b), ("A", card.tier_units.a)];
    // Of the same shape as the units, whatever tiers there are.
    let never = graph.integer(i64::MAX);
    let unreached = graph.apply("Equal", &[units, &never]);
    let lowest = graph.text("D");
    let mut tier = graph.apply("Where", &[&unreached, &lowest, &lowest]);
    for (letter, min_units) in tiers {
        if let Some(min_units) = min_units {
            let min_units = graph.integer(min_units);
            let reached = graph.apply("GreaterOrEqual", &[units, &min_units]);
            let letter = graph.text(letter);
            tier = graph.apply("Where", &[&reached, &letter, &tier]);
        }
    }
    tier
}

fn pond_side(graph: &mut Graph, card: &ParsedScorecard, units: &Value, rules: &[Value]) -> Value {
    let rules = card.exclusion_rules.iter().zip(rules).filter(|(rule, _)| rule.severity == "OUT");
    let mut tests: Vec<Value> = rules.map(|(_, holds)| holds.clone()).collect();
    // Of the same shape as the units, whatever tests there are: below the least number of all is none.
    let min_units = graph.integer(if card.tiers.c < 1.0 { card.tier_units.c.unwrap_or(i64::MAX) } else { i64::MIN });
    tests.push(graph.apply("Less", &[units, &min_units]));
    let out = graph.combine("Or", tests).unwrap_or_default();
    let (outside, inside) = (graph.text("OUT"), graph.text("IN"));
    graph.apply("Where", &[&out, &outside, &inside])
}

#[cfg(test)]
mod tests;
