//! Counts the answers of each field among the ideal customers and among the others.

use std::collections::BTreeMap;

use sweetspot_core::{ColumnData, ReviewField};

use super::{ComparedAnswer, FieldComparison};
use crate::field_source::{FieldSource, truncate};
use crate::frequency_ratio::{FrequencyRatio, min_z};
use crate::level_counts::{LevelCounts, levels};
use crate::{Proportion, ReportInput};

/// The maximum number of answers to show per field.
const MAX_ANSWERS: usize = 5;

/// The answers of one field, in alphabetical order or, for numbers, in ascending order.
struct FieldAnswers {
    field: ReviewField,
    ideal_answered: u64,
    others_answered: u64,
    answers: Vec<LevelCounts>,
}

/// Compares the answers of these fields. An answer stands out if it is clearer than the clearest of as many answers
/// without effect would be by chance, counting those of all these fields.
pub(crate) fn compare_fields(input: &ReportInput, fields: &[ReviewField]) -> Vec<FieldComparison> {
    let counted: Vec<FieldAnswers> = fields.iter().map(|field| FieldAnswers::new(input, *field)).collect();
    let answers = counted.iter().flat_map(|field| &field.answers);
    let min_z = min_z(answers.filter(|answer| answer.has_enough_accounts()).count());
    counted.into_iter().map(|field| field.compare(min_z)).collect()
}

impl FieldAnswers {
    fn new(input: &ReportInput, field: ReviewField) -> Self {
        let source = FieldSource::new(input, field);
        // A lost account has neither a reason for buying nor usage.
        let needs_customer = matches!(field, ReviewField::WinReason | ReviewField::Usage);
        let rows = |ideal: bool| -> Vec<usize> {
            let rows = (0..input.rows()).filter(|row| input.ideal(*row) == Some(ideal));
            rows.filter(|row| !needs_customer || input.is_customer(*row)).collect()
        };
        let (ideal, others) = (rows(true), rows(false));
        let texts =
            |row| if field == ReviewField::WinReason { source.win_reasons(input, row) } else { source.texts(row) };
        let answers = if let Some(column @ (ColumnData::Numbers(_) | ColumnData::Flags(_))) = source.column() {
            levels(column, &ideal, &others)
        } else {
            count_texts(&ideal, &others, texts)
        };
        let known = |share: fn(&LevelCounts) -> Proportion| answers.first().map_or(0, |answer| share(answer).total);
        Self {
            field,
            ideal_answered: known(|answer| answer.group),
            others_answered: known(|answer| answer.rest),
            answers,
        }
    }

    fn compare(self, min_z: f64) -> FieldComparison {
        let Self { field, ideal_answered, others_answered, answers } = self;
        let compared: Vec<(f64, ComparedAnswer)> = answers.into_iter().map(compare_answer).collect();
        let mut frequent: Vec<&ComparedAnswer> = compared.iter().map(|(_, answer)| answer).collect();
        frequent.retain(|answer| answer.ideal.part > 0);
        // The sort is stable, so that ties keep their order.
        frequent.sort_by_key(|answer| std::cmp::Reverse(answer.ideal.part));
        let mut clear: Vec<&(f64, ComparedAnswer)> =
            compared.iter().filter(|(z, answer)| answer.ratio.is_some() && *z >= min_z).collect();
        clear.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let omitted = |count: usize| count.saturating_sub(MAX_ANSWERS) as u64;
        FieldComparison {
            field,
            ideal_answered,
            others_answered,
            omitted: omitted(frequent.len()),
            frequent: frequent.into_iter().take(MAX_ANSWERS).cloned().collect(),
            standing_out_omitted: omitted(clear.len()),
            standing_out: clear.into_iter().take(MAX_ANSWERS).map(|(_, answer)| answer.clone()).collect(),
            compared: compared.iter().filter(|(_, answer)| answer.ratio.is_some()).count() as u64,
        }
    }
}

/// An answer with its ratio, and the number of standard errors by which the ratio exceeds 1.
fn compare_answer(counts: LevelCounts) -> (f64, ComparedAnswer) {
    let ratio = counts.has_enough_accounts().then(|| FrequencyRatio::new(counts.group, counts.rest));
    let LevelCounts { label, group: ideal, rest: others } = counts;
    let shown = ratio.map(|FrequencyRatio { ratio, low, high, z: _ }| (ratio, low, high));
    (ratio.map_or(0.0, |ratio| ratio.z), ComparedAnswer { text: label, ideal, others, ratio: shown })
}

/// The texts, case-insensitively, each with its first spelling.
fn count_texts<'a>(ideal: &[usize], others: &[usize], texts: impl Fn(usize) -> Vec<&'a str>) -> Vec<LevelCounts> {
    let mut counts: BTreeMap<String, (&str, [u64; 2])> = BTreeMap::new();
    let mut known = [0_u64; 2];
    for (group, rows) in [ideal, others].into_iter().enumerate() {
        for row in rows {
            let texts = texts(*row);
            let mut keys: Vec<(String, &str)> = texts
                .into_iter()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| (text.to_lowercase(), text))
                .collect();
            keys.sort();
            keys.dedup_by(|a, b| a.0 == b.0);
            known.get_mut(group).into_iter().for_each(|known| *known += u64::from(!keys.is_empty()));
            for (key, text) in keys {
                let (_, counts) = counts.entry(key).or_insert((text, [0; 2]));
                counts.get_mut(group).into_iter().for_each(|count| *count += 1);
            }
        }
    }
    let [in_ideal, in_others] = known;
    let level = |(text, [ideal, others]): (&str, [u64; 2])| LevelCounts {
        label: truncate(text),
        group: Proportion { part: ideal, total: in_ideal },
        rest: Proportion { part: others, total: in_others },
    };
    counts.into_values().map(level).collect()
}
