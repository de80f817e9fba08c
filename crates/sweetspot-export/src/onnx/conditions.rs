//! Conditions of hypotheses and exclusion rules.

use super::graph::{Graph, Value};
use super::messages::{DOUBLE, INT64};
use super::names::InputSource;
use super::slots::{GraphInputs, is_equal};
use crate::{CardCondition, CardKind};

impl GraphInputs<'_> {
    /// Whether the condition of a hypothesis or a rule holds.
    pub(super) fn condition(&self, graph: &mut Graph, source: InputSource<'_>, when: &CardCondition) -> Value {
        let Some(kind) = self.kind_of(when) else {
            let (stated, _) = self.value(source, CardKind::Flag);
            return is_equal(graph, &stated, 1);
        };
        if kind == CardKind::List {
            let has_slot = self.has_items(graph, when);
            return if when.present == Some(true) { graph.apply("Not", &[&has_slot]) } else { has_slot };
        }
        let (value, known) = self.value(InputSource::Attribute(&when.attribute), kind);
        if let Some(present) = when.present {
            return if present { known } else { graph.apply("Not", &[&known]) };
        }
        let mut tests = vec![known];
        if let Some(keys) = &when.any_of {
            tests.push(one_of(graph, when, keys, kind, &value));
        }
        if let Some(flag) = when.flag {
            tests.push(self.has_flag(graph, kind, &value, flag));
        }
        for (operator, bound) in [("GreaterOrEqual", when.at_least), ("Less", when.below)] {
            if let Some(bound) = bound {
                let bound = graph.double(bound);
                let value = graph.cast(&value, DOUBLE);
                tests.push(graph.apply(operator, &[&value, &bound]));
            }
        }
        graph.combine("And", tests).unwrap_or_default()
    }

    /// Whether a value of a kind is this flag: 1 or 0, or a word for it.
    fn has_flag(&self, graph: &mut Graph, kind: CardKind, value: &Value, flag: bool) -> Value {
        match kind {
            CardKind::Flag => is_equal(graph, value, i64::from(flag)),
            CardKind::Number => {
                let number = graph.double(f64::from(u8::from(flag)));
                graph.apply("Equal", &[value, &number])
            }
            CardKind::Category => {
                let words = &self.card.flag_words;
                let words = if flag { &words.yes } else { &words.no };
                is_one_of_texts(graph, value, words)
            }
            // No day is a flag.
            CardKind::Date | CardKind::List => graph.apply("IsNaN", &[value]),
        }
    }

    /// Whether a list has one of the items of a condition.
    fn has_items(&self, graph: &mut Graph, when: &CardCondition) -> Value {
        let (index, items) = self.items_of(when).unwrap_or_default();
        let slots = self.card.attributes.get(index).map_or(0, |attribute| attribute.slots.len());
        let mask = (0..slots).map(|slot| i64::from(items.contains(&slot))).collect();
        let mask = graph.integers(mask, &[1, slots]);
        let columns = self.slot_of(index);
        let columns = graph.apply("Mul", &[&columns, &mask]);
        let count = graph.sum_of_row(&columns);
        let none = graph.integer(0);
        graph.apply("Greater", &[&count, &none])
    }
}

/// Whether a value is one of those of a condition.
fn one_of(graph: &mut Graph, when: &CardCondition, keys: &[String], kind: CardKind, value: &Value) -> Value {
    let numbers: Vec<f64> = match kind {
        CardKind::Number => when.numbers.clone(),
        CardKind::Date => when.days.iter().map(|days| f64::from(*days)).collect(),
        CardKind::Flag => when.flags.iter().map(|flag| f64::from(u8::from(*flag))).collect(),
        CardKind::Category | CardKind::List => {
            return is_one_of_texts(graph, value, keys);
        }
    };
    let value = graph.cast(value, DOUBLE);
    let count = numbers.len();
    let numbers = graph.doubles(numbers, &[1, count]);
    let equal = graph.apply("Equal", &[&value, &numbers]);
    let equal = graph.cast(&equal, INT64);
    let equal = graph.sum_of_row(&equal);
    let none = graph.integer(0);
    graph.apply("Greater", &[&equal, &none])
}

fn is_one_of_texts(graph: &mut Graph, value: &Value, texts: &[String]) -> Value {
    let texts: Vec<(&str, i64)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let found = graph.number_of_text(value, &texts, 0);
    is_equal(graph, &found, 1)
}
