//! From sums to the columns of the result.

use super::QueryContext;
use super::literal::double;
use super::reasons::REASONS;
use super::subqueries::{ColumnSql, Subqueries, concat};
use crate::CardTierUnits;

/// Beyond these log-odds, a probability is at one of its limits.
const MAX_LOG_ODDS: u32 = 40;
/// The least and the greatest probability.
const LIMITS: [f64; 2] = [1e-15, 1.0 - 1e-15];

/// Writes the last subqueries, and ends the query.
pub(super) fn write(context: &QueryContext<'_>, mut query: Subqueries) -> String {
    let (card, options, spellings) = (context.card, context.options, context.spellings);
    let log_odds = format!("CAST(units AS {}) / {}", spellings.double_type, double(card.units_per_log_odds as f64));
    query.add("with_tier", "", &[ColumnSql::new(log_odds, "log_odds"), ColumnSql::new(tier(&card.tier_units), "tier")]);
    let mut probabilities = vec![ColumnSql::new(probability("log_odds"), "probability")];
    if options.intervals {
        probabilities.push(ColumnSql::new(probability("(log_odds - margin)"), "low"));
        probabilities.push(ColumnSql::new(probability("(log_odds + margin)"), "high"));
    }
    query.add("with_probability", "", &probabilities);
    query.finish(&result_columns(context))
}

fn result_columns(context: &QueryContext<'_>) -> Vec<ColumnSql> {
    let (card, options, spellings) = (context.card, context.options, context.spellings);
    let mut columns: Vec<ColumnSql> =
        ["account_id", "log_odds", "probability"].into_iter().map(|name| ColumnSql::new(name, name)).collect();
    let score = "CAST(GREATEST(1, LEAST(99, FLOOR(100 * probability + 5e-1))) AS INTEGER)";
    let score = score.replace("INTEGER", if spellings.integer_type == "INT64" { "INT64" } else { "INTEGER" });
    columns.push(ColumnSql::new(score, "score"));
    columns.push(ColumnSql::new("tier", "tier"));
    columns.push(ColumnSql::new(pond_side(context), "pond_side"));
    columns.push(ColumnSql::new("segment_id", "segment_id"));
    columns.push(ColumnSql::new(expected_value(context), "expected_value"));
    if options.intervals {
        columns.extend(["low", "high"].map(|name| ColumnSql::new(name, name)));
    }
    if options.reasons {
        let names = (1..=REASONS).flat_map(|rank| [format!("reason_{rank}"), format!("reason_{rank}_log_odds")]);
        columns.extend(names.map(|name| ColumnSql::new(&name, &name)));
    }
    columns.push(ColumnSql::new(matched_rules(context), "exclusion_rules"));
    columns.push(ColumnSql::new(spellings.text(&options.model_version), "model_version"));
    columns.push(ColumnSql::new(spellings.text(&card.artifact_sha256), "artifact_sha256"));
    columns
}

/// The tier, from the units alone: it does not depend on how an engine rounds the exponential function.
fn tier(tiers: &CardTierUnits) -> String {
    let CardTierUnits { a, b, c } = tiers;
    let whens = [("A", a), ("B", b), ("C", c)];
    let whens = whens.into_iter().filter_map(|(tier, least)| Some((tier, (*least)?)));
    let whens = concat(whens.map(|(tier, least)| format!(" WHEN units >= {least} THEN '{tier}'")));
    if whens.is_empty() { "'D'".to_owned() } else { format!("CASE{whens} ELSE 'D' END") }
}

fn probability(log_odds: &str) -> String {
    let bounded = format!("GREATEST(-{MAX_LOG_ODDS}, LEAST({MAX_LOG_ODDS}, {log_odds}))");
    let [least, greatest] = LIMITS.map(double);
    format!("GREATEST({least}, LEAST({greatest}, 1e0 / (1e0 + EXP(-{bounded}))))")
}

fn pond_side(context: &QueryContext<'_>) -> String {
    let rules = context.card.exclusion_rules.iter().enumerate().filter(|(_, rule)| rule.severity == "OUT");
    let mut tests: Vec<String> = rules.map(|(index, _)| format!("rule_{} = 1", index + 1)).collect();
    if context.card.tiers.c < 1.0 {
        tests.push("tier = 'D'".to_owned());
    }
    if tests.is_empty() {
        "'IN'".to_owned()
    } else {
        format!("CASE WHEN {} THEN 'OUT' ELSE 'IN' END", tests.join(" OR "))
    }
}

fn expected_value(context: &QueryContext<'_>) -> String {
    let Some(values) = &context.card.values else {
        return format!("CAST(NULL AS {})", context.spellings.double_type);
    };
    let segments = context.card.segments.iter().filter_map(|segment| Some((&segment.id, segment.value_if_ideal?)));
    let when = |(id, value): (&String, f64)| format!(" WHEN {} THEN {}", context.spellings.text(id), double(value));
    let whens = concat(segments.map(when));
    let if_ideal = double(values.value_if_ideal);
    let if_ideal = if whens.is_empty() { if_ideal } else { format!("(CASE segment_id{whens} ELSE {if_ideal} END)") };
    format!("probability * {if_ideal} + (1e0 - probability) * ({})", double(values.value_if_not))
}

/// The ids of the exclusion rules that hold, with a semicolon after each but the last; an empty text if none holds.
fn matched_rules(context: &QueryContext<'_>) -> String {
    let rules = context.card.exclusion_rules.iter().enumerate();
    let ids: Vec<String> = rules
        .map(|(index, rule)| {
            let id = context.spellings.text(&format!(";{}", rule.id));
            format!("CASE WHEN rule_{} = 1 THEN {id} ELSE '' END", index + 1)
        })
        .collect();
    if ids.is_empty() { "''".to_owned() } else { format!("SUBSTR({}, 2)", ids.join(" || ")) }
}
