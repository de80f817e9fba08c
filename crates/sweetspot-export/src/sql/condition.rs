//! Hypotheses, exclusion rules, segments and the cells of interactions.

use super::dialect::Spellings;
use super::inputs::Reading;
use super::literal::{comment, number};
use super::lookup::constant;
use super::slots::{has_item, is_finite, is_flag, is_flag_word, item_column, slot_column};
use super::subqueries::{ColumnSql, Subqueries};
use super::{QueryContext, range};
use crate::{CardAttribute, CardCondition, CardInteraction, CardKind, CardSegment, ExportError};

/// A condition that no value meets.
pub(super) const NEVER: &str = "1 = 0";

pub(super) fn write(context: &QueryContext<'_>, query: &mut Subqueries) -> Result<(), ExportError> {
    let card = context.card;
    for (index, hypothesis) in card.hypotheses.iter().enumerate() {
        let name = format!("hypothesis_{}", index + 1);
        let title = format!("hypothesis {}", comment(&hypothesis.id));
        query.add(&format!("with_{name}"), &title, &[ColumnSql::new(as_number(context, &hypothesis.when), name)]);
    }
    for (index, rule) in card.exclusion_rules.iter().enumerate() {
        let name = format!("rule_{}", index + 1);
        let title = format!("exclusion rule {} ({})", comment(&rule.id), comment(&rule.severity));
        query.add(&format!("with_{name}"), &title, &[ColumnSql::new(as_number(context, &rule.when), name)]);
    }
    for (index, pair) in card.pairs.iter().enumerate() {
        let name = format!("cell_{}", index + 1);
        let title = format!("interaction {} * {}", comment(&pair.first), comment(&pair.second));
        query.add(&format!("with_{name}"), &title, &[ColumnSql::new(cell(context, pair)?, name)]);
    }
    let segment = if card.segments.is_empty() {
        format!("CAST(NULL AS {})", context.spellings.text_type)
    } else {
        segment(context)?
    };
    query.add("with_segment", "the first segment whose conditions all hold", &[ColumnSql::new(segment, "segment_id")]);
    Ok(())
}

/// Whether a condition holds, as 1 or 0.
fn as_number(context: &QueryContext<'_>, when: &CardCondition) -> String {
    let value = context.inputs.column_of(when);
    if when.present == Some(false) {
        return format!("CASE WHEN {} THEN 0 ELSE 1 END", is_known(context, when, &value));
    }
    let test = if when.present == Some(true) { is_known(context, when, &value) } else { test(context, when, &value) };
    format!("CASE WHEN {test} THEN 1 ELSE 0 END")
}

fn is_known(context: &QueryContext<'_>, when: &CardCondition, value: &str) -> String {
    match Reading::for_condition(when) {
        Reading::As(CardKind::Number) => is_finite(value),
        Reading::As(CardKind::Flag) => {
            format!("{} OR {}", is_flag(context, value, true), is_flag(context, value, false))
        }
        Reading::As(CardKind::Date | CardKind::Category | CardKind::List) | Reading::Amount | Reading::Unread => {
            format!("{value} IS NOT NULL")
        }
    }
}

/// A test of a known value.
fn test(context: &QueryContext<'_>, when: &CardCondition, value: &str) -> String {
    let kind = match Reading::for_condition(when) {
        Reading::As(kind) => kind,
        Reading::Amount => return range::of_amount(context, when, value),
        Reading::Unread => return NEVER.to_owned(),
    };
    if let Some(keys) = &when.any_of {
        return any_of(context, when, keys, kind, value);
    }
    if let Some(flag) = when.flag {
        return match kind {
            CardKind::Flag => is_flag(context, value, flag),
            CardKind::Category => is_flag_word(context, value, flag),
            CardKind::Number => format!("{value} = {}", u8::from(flag)),
            CardKind::Date | CardKind::List => NEVER.to_owned(),
        };
    }
    range::of_kind(context, when, kind, value)
}

fn any_of(context: &QueryContext<'_>, when: &CardCondition, keys: &[String], kind: CardKind, value: &str) -> String {
    let spellings = context.spellings;
    let one_of = |values: Vec<String>| match values.as_slice() {
        [] => NEVER.to_owned(),
        values => format!("{value} IN ({})", values.join(", ")),
    };
    match kind {
        CardKind::Number => one_of(when.numbers.iter().map(|value| number(*value)).collect()),
        CardKind::Date => one_of(when.days.iter().map(|days| Spellings::day(f64::from(*days))).collect()),
        CardKind::Category => one_of(keys.iter().map(|key| spellings.text(key)).collect()),
        CardKind::Flag => any(when.flags.iter().map(|flag| is_flag(context, value, *flag))),
        CardKind::List => any(keys.iter().map(|key| has_item(spellings, value, key))),
    }
}

fn any(tests: impl Iterator<Item = String>) -> String {
    let tests: Vec<String> = tests.collect();
    if tests.is_empty() { NEVER.to_owned() } else { tests.join(" OR ") }
}

fn cell(context: &QueryContext<'_>, pair: &CardInteraction) -> Result<String, ExportError> {
    let spellings = context.spellings;
    let group = |name: &str, groups: &[usize], factor: usize| {
        let (index, _) = attribute(context, name)?;
        let groups: Vec<String> = groups.iter().map(|group| (group * factor).to_string()).collect();
        let group = constant(spellings, &slot_column(index), &groups, spellings.integer_type, "0");
        Ok::<_, ExportError>(group.unwrap_or_else(|| "0".to_owned()))
    };
    let first = group(&pair.first, &pair.first_groups, pair.width())?;
    Ok(format!("{first} + {}", group(&pair.second, &pair.second_groups, 1)?))
}

fn attribute<'c>(context: &QueryContext<'c>, name: &str) -> Result<(usize, &'c CardAttribute), ExportError> {
    let found = context.card.attribute_index(name);
    let found = found.and_then(|index| Some((index, context.card.attributes.get(index)?)));
    found.ok_or_else(|| ExportError::Inconsistent { what: format!("there is no attribute {name:?}") })
}

/// The id of the first segment whose conditions all hold.
fn segment(context: &QueryContext<'_>) -> Result<String, ExportError> {
    let whens = context.card.segments.iter().map(|CardSegment { id, conditions, .. }| {
        let tests = conditions.iter().map(|condition| slot_test(context, condition));
        let tests = tests.collect::<Result<Vec<_>, _>>()?.join(" AND ");
        Ok(format!("\n      WHEN {tests} THEN {}", context.spellings.text(id)))
    });
    let whens = whens.collect::<Result<String, ExportError>>()?;
    Ok(format!("CASE{whens} END"))
}

/// A condition of a segment, which is tested on slots.
fn slot_test(context: &QueryContext<'_>, condition: &CardCondition) -> Result<String, ExportError> {
    let (index, attribute) = attribute(context, &condition.attribute)?;
    let slot = slot_column(index);
    if let Some(flag) = condition.flag {
        return Ok(format!("{slot} = {}", u8::from(flag)));
    }
    if let Some(keys) = &condition.any_of {
        let places = keys.iter().filter_map(|key| attribute.keys.iter().position(|known| known == key));
        return Ok(match attribute.kind {
            CardKind::List => format!("({})", any(places.map(|item| format!("{} = 1", item_column(index, item))))),
            CardKind::Category | CardKind::Number | CardKind::Date | CardKind::Flag => {
                let places: Vec<String> = places.map(|place| place.to_string()).collect();
                if places.is_empty() { NEVER.to_owned() } else { format!("{slot} IN ({})", places.join(", ")) }
            }
        });
    }
    // The number of edges at or below a bound is the first bin from it on.
    let bin = |bound: f64| attribute.edges.iter().filter(|edge| **edge <= bound).count();
    let first = condition.at_least.map_or(0, bin);
    let end = condition.below.map_or(attribute.missing_slot(), bin);
    Ok(format!("{slot} >= {first} AND {slot} < {end}"))
}
