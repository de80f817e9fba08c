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
    let graph = graph(SCORECARD);
    let mut known: std::collections::BTreeSet<String> = names(&graph.input).into_iter().collect();
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

#[test]
fn conditions_that_a_graph_cannot_evaluate_are_inputs() {
    let with_when = |when: &str| {
        graph(&SCORECARD.replace("{\"attribute\": \"country\", \"any_of\": [\"ch\", \"de\"]}", when)).input
    };
    let unknown = with_when("{\"attribute\": \"tools\", \"kind\": \"list\", \"any_of\": [\"sap\", \"oracle\"]}");
    assert_eq!(signature(&unknown).last().unwrap(), &("condition:country".to_owned(), INT64, 1));
    for known in ["\"any_of\": [\"sap\"]", "\"present\": true", "\"present\": false"] {
        let inputs = with_when(&format!("{{\"attribute\": \"tools\", \"kind\": \"list\", {known}}}"));
        assert_eq!(names(&inputs).last().unwrap(), "since", "{known}");
    }
}

#[test]
fn an_attribute_named_like_an_output_gets_another_name() {
    let graph = graph(&SCORECARD.replace("\"city\"", "\"tier\""));
    assert_eq!(names(&graph.input)[1], "tier:category");
}

#[test]
fn a_graph_names_its_version() {
    let model = model(SCORECARD);
    let entries: Vec<_> = model.metadata_props.iter().map(|entry| (&*entry.key, entry.value.len())).collect();
    assert_eq!(entries, [("model_version", 32), ("artifact_sha256", 64)]);
    let operators: Vec<_> = model.opset_import.iter().map(|operators| operators.version).collect();
    assert_eq!((model.ir_version, operators), (8, vec![17, 2]));
}
