//! A graph under construction. Values are named by numbers, except inputs and outputs.

use super::messages::{
    AttributeProto, DOUBLE, Dimension, GraphProto, INT64, NodeProto, STRING, Shape, TensorProto, TensorType, ValueInfo,
    ValueType,
};
use crate::scorecard::signed;

/// The name of the dimension over accounts.
const ROWS: &str = "rows";
/// The operators for machine learning.
pub(super) const ML_DOMAIN: &str = "ai.onnx.ml";

/// A value of the graph, by its name.
pub(super) type Value = String;

pub(super) struct Graph {
    proto: GraphProto,
    values: usize,
    /// What the names of values start with, and those of inputs and outputs do not.
    prefix: String,
}

impl Graph {
    /// An empty graph, whose inputs and outputs have names that start with one of these.
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut prefix = "sweetspot/".to_owned();
        let names: Vec<&str> = names.filter(|name| name.starts_with(&prefix)).collect();
        while names.iter().any(|name| name.starts_with(&prefix)) {
            prefix.push('/');
        }
        Self { proto: GraphProto::default(), values: 0, prefix }
    }

    fn next(&mut self) -> Value {
        self.values += 1;
        format!("{}{}", self.prefix, self.values)
    }

    /// An input with one row for each account.
    pub(super) fn input(&mut self, name: &str, elem_type: i32, width: usize) -> Value {
        self.proto.input.push(value_info(name, elem_type, width));
        name.to_owned()
    }

    /// An output with one row for each account.
    pub(super) fn output(&mut self, value: &Value, name: &str, elem_type: i32, width: usize) {
        self.proto.output.push(value_info(name, elem_type, width));
        let node = NodeProto { input: vec![value.clone()], output: vec![name.to_owned()], ..NodeProto::default() };
        self.proto.node.push(NodeProto { op_type: "Identity".to_owned(), name: name.to_owned(), ..node });
    }

    pub(super) fn integers(&mut self, integers: Vec<i64>, dims: &[usize]) -> Value {
        let tensor = TensorProto { data_type: INT64, int64_data: integers, ..TensorProto::default() };
        self.constant(tensor, dims)
    }

    pub(super) fn integer(&mut self, integer: i64) -> Value {
        self.integers(vec![integer], &[1])
    }

    pub(super) fn doubles(&mut self, doubles: Vec<f64>, dims: &[usize]) -> Value {
        let tensor = TensorProto { data_type: DOUBLE, double_data: doubles, ..TensorProto::default() };
        self.constant(tensor, dims)
    }

    pub(super) fn double(&mut self, double: f64) -> Value {
        self.doubles(vec![double], &[1])
    }

    /// A number without dimensions, as the limits of `Clip` are.
    pub(super) fn scalar(&mut self, double: f64) -> Value {
        self.doubles(vec![double], &[])
    }

    pub(super) fn text(&mut self, text: &str) -> Value {
        let string_data = vec![text.as_bytes().to_vec()];
        self.constant(TensorProto { data_type: STRING, string_data, ..TensorProto::default() }, &[1])
    }

    fn constant(&mut self, tensor: TensorProto, dims: &[usize]) -> Value {
        let name = self.next();
        let dims = dims.iter().map(|dim| signed(*dim)).collect();
        self.proto.initializer.push(TensorProto { name: name.clone(), dims, ..tensor });
        name
    }

    /// The result of an operator.
    pub(super) fn apply(&mut self, operator: &str, inputs: &[&Value]) -> Value {
        self.apply_with(operator, inputs, Vec::new(), "")
    }

    /// The result of an operator with attributes.
    pub(super) fn apply_with(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attribute: Vec<AttributeProto>,
        domain: &str,
    ) -> Value {
        let output = self.next();
        self.proto.node.push(NodeProto {
            input: inputs.iter().map(|input| (*input).clone()).collect(),
            output: vec![output.clone()],
            name: output.clone(),
            op_type: operator.to_owned(),
            attribute,
            domain: domain.to_owned(),
        });
        output
    }

    pub(super) fn cast(&mut self, value: &Value, elem_type: i32) -> Value {
        self.apply_with("Cast", &[value], vec![AttributeProto::int("to", elem_type.into())], "")
    }

    /// The sum of each row.
    pub(super) fn sum_of_row(&mut self, value: &Value) -> Value {
        let axes = self.integer(1);
        self.apply("ReduceSum", &[value, &axes])
    }

    /// The number of a text; `other` if it is not among the texts.
    pub(super) fn number_of_text(&mut self, value: &Value, texts: &[(&str, i64)], other: i64) -> Value {
        let (keys, numbers) = texts.iter().map(|(text, number)| (text.as_bytes().to_vec(), *number)).unzip();
        let attributes = vec![
            AttributeProto::strings("keys_strings", keys),
            AttributeProto::ints("values_int64s", numbers),
            AttributeProto::int("default_int64", other),
        ];
        self.apply_with("LabelEncoder", &[value], attributes, ML_DOMAIN)
    }

    /// The conjunction or disjunction of tests; `None` without tests.
    pub(super) fn combine(&mut self, operator: &str, tests: Vec<Value>) -> Option<Value> {
        tests.into_iter().reduce(|all, test| self.apply(operator, &[&all, &test]))
    }

    pub(super) fn finish(self, name: &str) -> GraphProto {
        GraphProto { name: name.to_owned(), ..self.proto }
    }
}

fn value_info(name: &str, elem_type: i32, width: usize) -> ValueInfo {
    let rows = Dimension { dim_value: 0, dim_param: Some(ROWS.to_owned()) };
    let columns = Dimension { dim_value: signed(width), dim_param: None };
    let shape = Some(Shape { dim: vec![rows, columns] });
    ValueInfo {
        name: name.to_owned(),
        value_type: Some(ValueType { tensor_type: Some(TensorType { elem_type, shape }) }),
    }
}
