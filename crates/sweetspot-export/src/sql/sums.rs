//! The sums of coefficients, variances and factors.

use super::QueryContext;
use super::literal::double;
use super::lookup::constant;
use super::slots::{item_column, slot_column};
use super::subqueries::{ColumnSql, Subqueries, concat};
use crate::{CardAttribute, CardKind, CardSlot};

/// The sums of a scorecard's slots in one column.
struct Sum<'q> {
    context: &'q QueryContext<'q>,
    of_type: &'static str,
    zero: &'q str,
    /// What a slot adds, as SQL.
    amount: &'q dyn Fn(&CardSlot) -> String,
}

pub(super) fn write(context: &QueryContext<'_>, query: &mut Subqueries) {
    let (card, spellings) = (context.card, context.spellings);
    let base = CardSlot {
        label: String::new(),
        units: card.base_units,
        variance: card.base_variance,
        factors: card.base_factors.clone(),
    };
    let units = Sum { context, of_type: spellings.integer_type, zero: "0", amount: &|slot| slot.units.to_string() };
    query.add("with_units", "log-odds in units of 2^-32", &[ColumnSql::new(units.expression(&base), "units")]);
    if !context.options.intervals {
        return;
    }
    let zero = double(0.0);
    let sum_of = |amount: &dyn Fn(&CardSlot) -> String| {
        Sum { context, of_type: spellings.double_type, zero: &zero, amount }.expression(&base)
    };
    let variance = sum_of(&|slot| double_of(slot.variance));
    let factors = (0..factor_count(context, &base)).map(|index| {
        let sum = sum_of(&|slot| double_of(slot.factors.get(index).copied().unwrap_or_default()));
        ColumnSql::new(sum, format!("factor_{}", index + 1))
    });
    let columns: Vec<_> = std::iter::once(ColumnSql::new(variance, "variance")).chain(factors).collect();
    query.add("with_variances", "the variance, and the factors whose sums are squared", &columns);
    let squares = concat((1..columns.len()).map(|index| format!(" + factor_{index} * factor_{index}")));
    let error = format!("{} * SQRT(variance{squares})", double(card.interval_standard_errors));
    query.add("with_margin", "half the width of the interval", &[ColumnSql::new(error, "margin")]);
}

/// A number of 32 bits in the shortest spelling that reads back to it. Zero has no sign, so that all zeros are equal.
fn double_of(number: f32) -> String {
    if number == 0.0 { double(0.0) } else { format!("{number:e}") }
}

/// The number of factors that are not zero everywhere.
fn factor_count(context: &QueryContext<'_>, base: &CardSlot) -> usize {
    let card = context.card;
    let slots = card.attributes.iter().flat_map(|attribute| &attribute.slots);
    let slots = slots.chain(card.pairs.iter().flat_map(|pair| &pair.cells));
    let slots = slots.chain(card.hypotheses.iter().map(|hypothesis| &hypothesis.slot)).chain([base]);
    slots
        .map(|slot| slot.factors.iter().rposition(|factor| *factor != 0.0).map_or(0, |last| last + 1))
        .max()
        .unwrap_or(0)
}

impl Sum<'_> {
    fn expression(&self, base: &CardSlot) -> String {
        let card = self.context.card;
        let mut terms = vec![format!("CAST({} AS {})", (self.amount)(base), self.of_type)];
        for (index, attribute) in card.attributes.iter().enumerate() {
            self.add_attribute(&mut terms, attribute, index);
        }
        for (index, hypothesis) in card.hypotheses.iter().enumerate() {
            self.add_product(&mut terms, &format!("hypothesis_{}", index + 1), &hypothesis.slot);
        }
        for (index, pair) in card.pairs.iter().enumerate() {
            terms.extend(self.constant(&format!("cell_{}", index + 1), pair.cells.iter()));
        }
        terms.join("\n      + ")
    }

    fn add_attribute(&self, terms: &mut Vec<String>, attribute: &CardAttribute, index: usize) {
        if attribute.kind != CardKind::List {
            terms.extend(self.constant(&slot_column(index), attribute.slots.iter()));
            return;
        }
        let (items, others) = attribute.slots.split_at(attribute.keys.len().min(attribute.slots.len()));
        for (item, slot) in items.iter().enumerate() {
            self.add_product(terms, &item_column(index, item), slot);
        }
        let others = others.iter().enumerate().map(|(other, slot)| (items.len() + other, (self.amount)(slot)));
        let others = others.filter(|(_, amount)| amount != self.zero);
        let whens = concat(others.map(|(slot, amount)| format!(" WHEN {slot} THEN {amount}")));
        if !whens.is_empty() {
            terms.push(format!("CASE {}{whens} ELSE {} END", slot_column(index), self.zero));
        }
    }

    /// Adds what a slot adds if a column is 1.
    fn add_product(&self, terms: &mut Vec<String>, column: &str, slot: &CardSlot) {
        let amount = (self.amount)(slot);
        if amount != self.zero {
            terms.push(format!("{column} * ({amount})"));
        }
    }

    fn constant<'s>(&self, index: &str, slots: impl Iterator<Item = &'s CardSlot>) -> Option<String> {
        let amounts: Vec<String> = slots.map(self.amount).collect();
        constant(self.context.spellings, index, &amounts, self.of_type, self.zero)
    }
}
