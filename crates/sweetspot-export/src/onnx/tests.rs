use std::collections::BTreeSet;

use prost::Message as _;

use super::messages::{GraphProto, ModelProto};
use super::*;

const SCORECARD: &str = include_str!("../../tests/golden/scorecard.json");

fn model(json: &str) -> ModelProto {
    let bytes = write_onnx(&ParsedScorecard::from_json(json).unwrap(), "workspaces/w/models/m/versions/3");
    ModelProto::decode(bytes.as_slice()).unwrap()
}

fn graph(json: &str) -> GraphProto {
    model(json).graph.unwrap()
}

/// The name, type and width of values.
fn signature(values: &[messages::ValueInfo]) -> Vec<(String, i32, i64)> {
    let of_value = |value: &messages::ValueInfo| {
        let tensor = value.value_type.clone().unwrap().tensor_type.unwrap();
        (value.name.clone(), tensor.elem_type, tensor.shape.unwrap().dim[1].dim_value)
    };
    values.iter().map(of_value).collect()
}

fn names(values: &[messages::ValueInfo]) -> Vec<String> {
    signature(values).into_iter().map(|(name, ..)| name).collect()
}

#[test]
fn a_graph_has_an_input_for_each_attribute() {
    let graph = graph(SCORECARD);
    let expected = [
        ("employees", DOUBLE, 1),
        ("city", STRING, 1),
        ("remote", INT64, 1),
        ("tools", INT64, 4),
        ("since", DOUBLE, 1),
        ("country", STRING, 1),
    ];
    assert_eq!(signature(&graph.input), expected.map(|(name, of_type, width)| (name.to_owned(), of_type, width)));
    let outputs =
        ["log_odds", "probability", "low", "high", "tier", "rule:tiny", "rule:undated", "pond_side"].map(str::to_owned);
    assert_eq!(names(&graph.output), outputs);
}

/// Every value is defined once, before it is used.
#[test]
fn nodes_are_in_order() {
    check_order(&graph(SCORECARD));
}

fn check_order(graph: &GraphProto) {
    let mut known = BTreeSet::new();
    for input in names(&graph.input) {
        assert!(known.insert(input.clone()), "{input}");
    }
    for tensor in &graph.initializer {
        assert!(known.insert(tensor.name.clone()), "{}", tensor.name);
        let size = tensor.dims.iter().product::<i64>() as usize;
        assert_eq!(size, tensor.int64_data.len() + tensor.double_data.len() + tensor.string_data.len());
    }
    for node in &graph.node {
        assert!(node.input.iter().all(|input| known.contains(input)), "{node:?}");
        assert!(node.output.iter().all(|output| known.insert(output.clone())), "{node:?}");
    }
    assert!(names(&graph.output).iter().all(|output| known.contains(output)));
}

#[test]
fn coefficients_are_integers() {
    let graph = graph(SCORECARD);
    let has = |units: &[i64]| graph.initializer.iter().any(|tensor| tensor.int64_data == units);
    assert!(has(&[-2_147_483_648]) && has(&[-4_294_967_296, 0, 4_294_967_296, 0]) && has(&[11, -13, 5, 0]));
    assert!(has(&[23, 0, -29, 0]) && has(&[0, 0, 2, 0]) && has(&[2_147_483_648]));
    assert!(has(&[1_741_459_379]) && has(&[-3_639_098_614]));
}

/// The graph with another condition on `country`, of the hypothesis with the same id.
fn graph_with_when(when: &str) -> GraphProto {
    graph(&SCORECARD.replace("{\"attribute\": \"country\", \"any_of\": [\"ch\", \"de\"]}", when))
}

const UNKNOWN_ITEM: &str = "{\"attribute\": \"tools\", \"kind\": \"list\", \"any_of\": [\"sap\", \"oracle\"]}";

#[test]
fn conditions_that_a_graph_cannot_evaluate_are_inputs() {
    for unsupported in [
        UNKNOWN_ITEM,
        "{\"attribute\": \"city\", \"kind\": \"category\", \"at_least\": 5}",
        "{\"attribute\": \"city\", \"kind\": \"category\", \"below\": 5}",
    ] {
        let inputs = signature(&graph_with_when(unsupported).input);
        assert_eq!(inputs.last().unwrap(), &("condition:country".to_owned(), INT64, 1), "{unsupported}");
    }
    for known in ["\"any_of\": [\"sap\"]", "\"present\": true", "\"present\": false"] {
        let inputs = graph_with_when(&format!("{{\"attribute\": \"tools\", \"kind\": \"list\", {known}}}")).input;
        assert_eq!(names(&inputs).last().unwrap(), "since", "{known}");
    }
}

/// A cast of a text to a number fails for the whole batch, and one of 1.5 to an integer is 1.
#[test]
fn no_condition_casts_a_text_or_cuts_a_number() {
    for (kind, attribute) in [("category", "city"), ("number", "employees"), ("date", "since"), ("flag", "remote")] {
        for test in ["\"flag\": true", "\"flag\": false"] {
            let graph = graph_with_when(&format!("{{\"attribute\": {attribute:?}, \"kind\": {kind:?}, {test}}}"));
            check_order(&graph);
            let inputs = names(&graph.input);
            assert_eq!(inputs.last().unwrap(), "since");
            let mut casts = graph.node.iter().filter(|node| node.op_type == "Cast");
            let is_cut = |node: &messages::NodeProto| {
                node.input[0] == "city" || inputs.contains(&node.input[0]) && node.attribute[0].i == i64::from(INT64)
            };
            assert!(!casts.any(is_cut), "{kind} {test}");
        }
    }
}

#[test]
fn a_hypothesis_and_a_rule_with_one_id_have_two_inputs() {
    let rule = "{\"attribute\": \"tools\", \"kind\": \"list\", \"any_of\": [\"erp\"]}";
    let card = SCORECARD
        .replace("{\"attribute\": \"country\", \"any_of\": [\"ch\", \"de\"]}", UNKNOWN_ITEM)
        .replace("{\"attribute\": \"employees\", \"kind\": \"number\", \"below\": 5}", rule)
        .replace("\"id\": \"tiny\"", "\"id\": \"country\"");
    let graph = graph(&card);
    check_order(&graph);
    assert_eq!(names(&graph.input)[5..], ["condition:country", "condition:rule:country"]);
    let uses = |input: &str| graph.node.iter().filter(|node| node.op_type == "Equal" && node.input[0] == input).count();
    // Once for whether the input is known, with two tests, and once for the condition.
    assert_eq!((uses("condition:country"), uses("condition:rule:country")), (3, 3));
}

#[test]
fn names_do_not_collide() {
    for (name, input) in [
        ("tier", "tier:category"),
        ("rule:tiny", "rule:tiny:category"),
        ("sweetspot/1", "sweetspot/1"),
        ("sweetspot//1", "sweetspot//1"),
        ("condition:country", "condition:country"),
    ] {
        let card = SCORECARD.replace("\"city\"", &format!("{name:?}"));
        let card = card.replace("{\"attribute\": \"country\", \"any_of\": [\"ch\", \"de\"]}", UNKNOWN_ITEM);
        let graph = graph(&card);
        check_order(&graph);
        let expected = if name == "condition:country" { "condition:hypothesis:country" } else { "condition:country" };
        let inputs = names(&graph.input);
        assert_eq!((&*inputs[1], &**inputs.last().unwrap()), (input, expected));
    }
    // A name that an attribute has is not given to another one.
    let card = SCORECARD.replace("\"city\"", "\"tier\"").replace("\"tools\"", "\"tier:category\"");
    assert_eq!(names(&graph(&card).input)[1..4], ["tier:category:2", "remote", "tier:category"]);
}

#[test]
fn a_graph_names_its_version() {
    let model = model(SCORECARD);
    let entries: Vec<_> = model.metadata_props.iter().map(|entry| (&*entry.key, entry.value.len())).collect();
    assert_eq!(entries, [("model_version", 32), ("artifact_sha256", 64)]);
    let operators: Vec<_> = model.opset_import.iter().map(|operators| operators.version).collect();
    assert_eq!((model.ir_version, operators), (8, vec![17, 2]));
}
