//! The inputs of a graph, the slots that they fill, and the sums of what the slots add.

use super::graph::{Graph, Value};
use super::messages::{DOUBLE, INT64, STRING};
use super::names::{InputSource, Names};
use crate::scorecard::signed;
use crate::{CardAttribute, CardCondition, CardKind, CardSlot, ParsedScorecard};

/// The number of columns of a spread: the variance and the factors.
const SPREAD: usize = 17;

/// The inputs of a graph.
pub(super) struct GraphInputs<'c> {
    pub(super) card: &'c ParsedScorecard,
    inputs: Vec<GraphInput<'c>>,
    /// The slot of each attribute; for a list, whether it has each slot.
    slots: Vec<Value>,
}

/// An input.
struct GraphInput<'c> {
    source: InputSource<'c>,
    kind: CardKind,
    name: Value,
    /// Whether a number, day, text or flag is known.
    known: Value,
}

/// The sums of what the slots of an account add.
pub(super) struct Sums {
    pub(super) units: Value,
    spread: Value,
}

impl<'c> GraphInputs<'c> {
    pub(super) fn new(graph: &mut Graph, card: &'c ParsedScorecard, mut names: Names<'c>) -> Self {
        let mut inputs = Self { card, inputs: Vec::new(), slots: Vec::new() };
        for attribute in &card.attributes {
            let source = InputSource::Attribute(&attribute.attribute);
            inputs.add(graph, &mut names, source, attribute.kind, attribute.slots.len());
        }
        let hypotheses =
            card.hypotheses.iter().map(|hypothesis| (InputSource::Hypothesis(&hypothesis.id), &hypothesis.when));
        for (source, when) in
            hypotheses.chain(card.exclusion_rules.iter().map(|rule| (InputSource::rule(rule), &rule.when)))
        {
            match inputs.kind_of(when) {
                Some(kind) => inputs.add(graph, &mut names, InputSource::Attribute(&when.attribute), kind, 1),
                None => inputs.add(graph, &mut names, source, CardKind::Flag, 1),
            }
        }
        inputs.slots = card.attributes.iter().map(|attribute| inputs.slot(graph, attribute)).collect();
        inputs
    }

    /// The kind as which a condition reads values. `None` if the graph cannot evaluate it: it tests items of a list
    /// that the model does not know, or the numbers that texts contain.
    pub(super) fn kind_of(&self, when: &CardCondition) -> Option<CardKind> {
        let kind = match when {
            CardCondition { kind: Some(kind), .. } => *kind,
            CardCondition { flag: Some(_), .. } => CardKind::Flag,
            CardCondition { at_least: None, below: None, .. } => CardKind::Category,
            CardCondition { .. } => CardKind::Number,
        };
        let is_supported = match kind {
            CardKind::List => self.items_of(when).is_some(),
            CardKind::Category => when.at_least.is_none() && when.below.is_none(),
            CardKind::Number | CardKind::Date | CardKind::Flag => true,
        };
        is_supported.then_some(kind)
    }

    /// The slots that a condition on a list tests, if the model knows all of its items; the slot of unknown lists, if it
    /// tests whether the list is known.
    pub(super) fn items_of(&self, when: &CardCondition) -> Option<(usize, Vec<usize>)> {
        let index = self.card.attribute_index(&when.attribute)?;
        let attribute = self.card.attributes.get(index).filter(|attribute| attribute.kind == CardKind::List)?;
        let place = |key: &String| attribute.keys.iter().position(|known| known == key);
        if when.present.is_some() {
            return Some((index, vec![attribute.missing_slot()]));
        }
        Some((index, when.any_of.as_ref()?.iter().map(place).collect::<Option<_>>()?))
    }

    fn add(&mut self, graph: &mut Graph, names: &mut Names<'c>, source: InputSource<'c>, kind: CardKind, width: usize) {
        if self.find(source, kind).is_some() {
            return;
        }
        let name = names.add(source, kind);
        let (elem_type, width) = match kind {
            CardKind::Number | CardKind::Date => (DOUBLE, 1),
            CardKind::Category => (STRING, 1),
            CardKind::Flag => (INT64, 1),
            CardKind::List => (INT64, width),
        };
        let name = graph.input(&name, elem_type, width);
        let known = known(graph, &name, kind);
        self.inputs.push(GraphInput { source, kind, name, known });
    }

    fn find(&self, source: InputSource<'_>, kind: CardKind) -> Option<&GraphInput<'c>> {
        self.inputs.iter().find(|input| input.source == source && input.kind == kind)
    }

    /// The input with a value of this kind, and whether the value is known.
    pub(super) fn value(&self, source: InputSource<'_>, kind: CardKind) -> (Value, Value) {
        self.find(source, kind).map(|input| (input.name.clone(), input.known.clone())).unwrap_or_default()
    }

    /// The slot of an attribute; for a list, whether it has each slot.
    pub(super) fn slot_of(&self, attribute: usize) -> Value {
        self.slots.get(attribute).cloned().unwrap_or_default()
    }

    fn slot(&self, graph: &mut Graph, attribute: &CardAttribute) -> Value {
        let (value, known) = self.value(InputSource::Attribute(&attribute.attribute), attribute.kind);
        let slot = match attribute.kind {
            CardKind::List => return value,
            CardKind::Flag => value,
            CardKind::Number | CardKind::Date => {
                let edges = graph.doubles(attribute.edges.clone(), &[1, attribute.edges.len()]);
                let reached = graph.apply("GreaterOrEqual", &[&value, &edges]);
                let reached = graph.cast(&reached, INT64);
                graph.sum_of_row(&reached)
            }
            CardKind::Category => {
                let keys = attribute.keys.iter().enumerate().map(|(slot, key)| (key.as_str(), signed(slot)));
                graph.number_of_text(&value, &keys.collect::<Vec<_>>(), signed(attribute.keys.len()))
            }
        };
        let missing = graph.integer(signed(attribute.missing_slot()));
        graph.apply("Where", &[&known, &slot, &missing])
    }
}

fn known(graph: &mut Graph, value: &Value, kind: CardKind) -> Value {
    match kind {
        CardKind::Number | CardKind::Date => {
            let (nan, infinite) = (graph.apply("IsNaN", &[value]), graph.apply("IsInf", &[value]));
            let unknown = graph.apply("Or", &[&nan, &infinite]);
            graph.apply("Not", &[&unknown])
        }
        CardKind::Category => {
            let number = graph.number_of_text(value, &[("", 0)], 1);
            is_equal(graph, &number, 1)
        }
        CardKind::Flag => {
            let (yes, no) = (is_equal(graph, value, 1), is_equal(graph, value, 0));
            graph.apply("Or", &[&yes, &no])
        }
        CardKind::List => String::new(),
    }
}

/// Whether integers are equal to this one.
pub(super) fn is_equal(graph: &mut Graph, value: &Value, integer: i64) -> Value {
    let integer = graph.integer(integer);
    graph.apply("Equal", &[value, &integer])
}

impl Sums {
    pub(super) fn new(graph: &mut Graph, inputs: &GraphInputs<'_>) -> Self {
        let card = inputs.card;
        let base = CardSlot { variance: card.base_variance, factors: card.base_factors.clone(), ..CardSlot::default() };
        let spread = graph.doubles(spread(&base), &[1, SPREAD]);
        let mut sums = Self { units: graph.integer(card.base_units), spread };
        for (index, attribute) in card.attributes.iter().enumerate() {
            let slot = inputs.slot_of(index);
            if attribute.kind == CardKind::List {
                sums.add_items(graph, &slot, &attribute.slots);
            } else {
                sums.add_slot(graph, &slot, &attribute.slots);
            }
        }
        for hypothesis in &card.hypotheses {
            let holds = inputs.condition(graph, InputSource::Hypothesis(&hypothesis.id), &hypothesis.when);
            let holds = graph.cast(&holds, INT64);
            sums.add_items(graph, &holds, std::slice::from_ref(&hypothesis.slot));
        }
        for pair in &card.pairs {
            let group = |graph: &mut Graph, name: &str, groups: &[usize], factor: usize| {
                let groups = groups.iter().map(|group| signed(group * factor)).collect::<Vec<_>>();
                let table = graph.integers(groups.clone(), &[groups.len()]);
                let slot = inputs.slot_of(card.attribute_index(name).unwrap_or(usize::MAX));
                graph.apply("Gather", &[&table, &slot])
            };
            let first = group(graph, &pair.first, &pair.first_groups, pair.width());
            let second = group(graph, &pair.second, &pair.second_groups, 1);
            let cell = graph.apply("Add", &[&first, &second]);
            sums.add_slot(graph, &cell, &pair.cells);
        }
        sums
    }

    /// Adds one of several slots, by its number.
    fn add_slot(&mut self, graph: &mut Graph, number: &Value, slots: &[CardSlot]) {
        let units = graph.integers(slots.iter().map(|slot| slot.units).collect(), &[slots.len()]);
        let units = graph.apply("Gather", &[&units, number]);
        let spreads = graph.doubles(slots.iter().flat_map(spread).collect(), &[slots.len(), SPREAD]);
        let spread = graph.apply("Gather", &[&spreads, number]);
        let axes = graph.integer(1);
        let spread = graph.apply("Squeeze", &[&spread, &axes]);
        self.add(graph, &units, &spread);
    }

    /// Adds those of several slots whose column is 1.
    fn add_items(&mut self, graph: &mut Graph, columns: &Value, slots: &[CardSlot]) {
        let units = graph.integers(slots.iter().map(|slot| slot.units).collect(), &[1, slots.len()]);
        let units = graph.apply("Mul", &[columns, &units]);
        let units = graph.sum_of_row(&units);
        let spreads = graph.doubles(slots.iter().flat_map(spread).collect(), &[slots.len(), SPREAD]);
        let columns = graph.cast(columns, DOUBLE);
        let spread = graph.apply("MatMul", &[&columns, &spreads]);
        self.add(graph, &units, &spread);
    }

    fn add(&mut self, graph: &mut Graph, units: &Value, spread: &Value) {
        self.units = graph.apply("Add", &[&self.units, units]);
        self.spread = graph.apply("Add", &[&self.spread, spread]);
    }

    /// Half the width of an interval of this number of standard errors.
    pub(super) fn margin(&self, graph: &mut Graph, standard_errors: f64) -> Value {
        // The variance counts as it is, and each factor squared.
        let mask = |variance: f64, factor: f64| {
            std::iter::once(variance).chain(std::iter::repeat_n(factor, SPREAD - 1)).collect::<Vec<_>>()
        };
        let variances = graph.doubles(mask(1.0, 0.0), &[1, SPREAD]);
        let factors = graph.doubles(mask(0.0, 1.0), &[1, SPREAD]);
        let variances = graph.apply("Mul", &[&self.spread, &variances]);
        let factors = graph.apply("Mul", &[&self.spread, &factors]);
        let squares = graph.apply("Mul", &[&factors, &factors]);
        let variances = graph.apply("Add", &[&variances, &squares]);
        let variance = graph.sum_of_row(&variances);
        let error = graph.apply("Sqrt", &[&variance]);
        let standard_errors = graph.double(standard_errors);
        graph.apply("Mul", &[&error, &standard_errors])
    }
}

/// The variance and the factors of a slot.
fn spread(slot: &CardSlot) -> Vec<f64> {
    let factors = (0..SPREAD - 1).map(|index| slot.factors.get(index).copied().map_or(0.0, f64::from));
    std::iter::once(f64::from(slot.variance)).chain(factors).collect()
}
