//! The shapes of numbers: how the odds change over the range of an attribute.

use sweetspot_core::ColumnData;
use sweetspot_model::{AttributeEffects, AttributeSummary, ShapeStep};

use crate::chart_data::{EffectStep, ShapePanel};
use crate::document::{Axis, Chart, ChartKind, ColumnHead, Table, TableCell};
use crate::format::{format_band, format_count, format_number};
use crate::odds_factor::{format_ratio, odds};
use crate::proportion::MIN_SAMPLE;
use crate::{AttributeName, ReportInput};

/// The maximum number of numbers to show.
const MAX_SHAPES: usize = 6;
/// The number of bins of the customers below a shape.
const BINS: usize = 32;
/// The axis is logarithmic if the largest number is at least this many times the smallest one, which must be above 0.
const MIN_LOG_SPAN: f64 = 100.0;

/// The shape of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberShape {
    /// The attribute.
    pub attribute: AttributeName,
    /// The effects by range, in ascending order.
    pub steps: Vec<ShapeStep>,
    /// Whether the ranges are amounts, not years.
    pub is_amount: bool,
    /// The number of labeled customers by bin of equal width on the axis of the chart.
    pub counts: Vec<u64>,
}

/// The numbers with the largest influence, interactions included.
pub(super) fn shapes(input: &ReportInput) -> Vec<NumberShape> {
    let mut summaries: Vec<AttributeSummary> = input.model.attributes();
    summaries.sort_by(|a, b| b.total_spread.total_cmp(&a.total_spread).then_with(|| a.attribute.cmp(&b.attribute)));
    let effects = input.effects();
    let effects_of = |name: &str| effects.iter().find(|effects| effects.attribute == name);
    let usable = summaries.iter().filter_map(|summary| effects_of(&summary.attribute));
    usable
        .filter(|effects| changes_odds(&effects.shape))
        .take(MAX_SHAPES)
        .map(|effects| shape(input, effects))
        .collect()
}

/// Whether the effects differ by more than a hundredth of a log-odds.
fn changes_odds(steps: &[ShapeStep]) -> bool {
    let effects = || steps.iter().map(|step| step.effect.log_odds);
    effects().fold(f64::NEG_INFINITY, f64::max) - effects().fold(f64::INFINITY, f64::min) > 0.01
}

fn shape(input: &ReportInput, effects: &AttributeEffects) -> NumberShape {
    let steps = effects.shape.clone();
    let position = Position::new(&steps);
    let mut counts = vec![0; BINS];
    if let Some(ColumnData::Numbers(numbers)) = input.accounts().column(&effects.attribute).map(|column| &column.data) {
        let labeled = (0..input.rows()).filter(|row| input.ideal(*row).is_some());
        for number in labeled.filter_map(|row| numbers.get(row)) {
            let share = (position.place(number) - position.min) / (position.max - position.min);
            let bin = ((share * BINS as f64).max(0.0) as usize).min(BINS - 1);
            counts.get_mut(bin).into_iter().for_each(|count| *count += 1);
        }
    }
    NumberShape { attribute: input.attribute(&effects.attribute), steps, is_amount: effects.is_amount(), counts }
}

/// The position of numbers on the horizontal axis.
#[derive(Clone, Copy, Debug)]
struct Position {
    is_logarithmic: bool,
    min: f64,
    max: f64,
}

impl Position {
    fn new(steps: &[ShapeStep]) -> Self {
        let min = steps.first().map_or(0.0, |step| step.from);
        let max = steps.last().map_or(1.0, |step| step.to);
        let is_logarithmic = min > 0.0 && max / min >= MIN_LOG_SPAN;
        let position = Self { is_logarithmic, min, max };
        Self { min: position.place(min), max: position.place(max), ..position }
    }

    fn place(self, number: f64) -> f64 {
        if self.is_logarithmic { number.max(f64::MIN_POSITIVE).log10() } else { number }
    }

    /// Powers of ten as labels of a logarithmic axis.
    fn labels(self) -> Vec<(f64, String)> {
        if !self.is_logarithmic {
            return Vec::new();
        }
        let (first, last) = (self.min.ceil() as i32, self.max.floor() as i32);
        (first..=last).map(|power| (f64::from(power), format_number(10_f64.powi(power)))).collect()
    }
}

/// The chart of all shapes; `None` if there are none.
pub(super) fn chart(shapes: &[NumberShape]) -> Option<Chart> {
    let first = shapes.first()?;
    let steps = || shapes.iter().flat_map(|shape| &shape.steps);
    let values = || steps().map(|step| step.effect.log_odds);
    let (min, max) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    // Wide bands at the ends are cut, so that they do not flatten the steps.
    let room = (max - min).max(0.1) * 0.5;
    let low = steps().map(|step| step.interval().0).fold(min, f64::min).max(min - room);
    let high = steps().map(|step| step.interval().1).fold(max, f64::max).min(max + room);
    let axis =
        |name: &str, min: f64, max: f64, labels| Axis { name: name.to_owned(), min, max, is_percent: false, labels };
    let panel = |shape: &NumberShape| {
        let position = Position::new(&shape.steps);
        let step = |step: &ShapeStep| {
            let (low, high) = step.interval();
            EffectStep {
                from: position.place(step.from),
                to: position.place(step.to),
                value: step.effect.log_odds,
                low,
                high,
            }
        };
        ShapePanel {
            name: shape.attribute.to_string(),
            x: axis("", position.min, position.max, position.labels()),
            steps: shape.steps.iter().map(step).collect(),
            counts: shape.counts.clone(),
        }
    };
    Some(Chart {
        finding: finding(first)?,
        description: "For each number, the effect on the log-odds of being ideal by range, relative to the average customer, with its 95% \
                      band; the dotted line at 0 is the average customer. The bars below are the customers along the same axis, which is \
                      logarithmic if it spans a factor of 100."
            .to_owned(),
        kind: ChartKind::Shapes { y: axis("log-odds", low, high, Vec::new()), panels: shapes.iter().map(panel).collect() },
        table: table(shapes),
    })
}

/// The best and the worst range of the most influential number.
fn finding(shape: &NumberShape) -> Option<String> {
    let by_effect = |a: &&ShapeStep, b: &&ShapeStep| a.effect.log_odds.total_cmp(&b.effect.log_odds);
    let (best, worst) = (shape.steps.iter().max_by(by_effect)?, shape.steps.iter().min_by(by_effect)?);
    let range = |step: &ShapeStep| {
        let (range, (low, high)) = (range_text(shape, step), step.interval());
        format!("{range} ({})", odds(step.effect.log_odds.exp(), low.exp(), high.exp()))
    };
    Some(format!("Of {}, {} fits best and {} worst.", shape.attribute, range(best), range(worst)))
}

fn range_text(shape: &NumberShape, step: &ShapeStep) -> String {
    let label = &step.effect.label;
    if shape.is_amount { format_band(label) } else { label.clone() }
}

fn table(shapes: &[NumberShape]) -> Table {
    let row = |shape: &NumberShape, step: &ShapeStep| {
        let (effect, (low, high)) = (&step.effect, step.interval());
        let is_faint = effect.customers < MIN_SAMPLE;
        let figure = |text: String| TableCell { text, is_faint };
        vec![
            shape.attribute.to_string().into(),
            range_text(shape, step).into(),
            figure(format!("{} ×", format_ratio(effect.log_odds.exp()))),
            figure(format!("{} to {}", format_ratio(low.exp()), format_ratio(high.exp()))),
            figure(format_count(effect.customers)),
        ]
    };
    let figures = ["odds", "95% interval", "customers"].map(ColumnHead::figure);
    let columns = [ColumnHead::text("number"), ColumnHead::text("range")].into_iter().chain(figures).collect();
    let rows = shapes.iter().flat_map(|shape| shape.steps.iter().map(move |step| row(shape, step))).collect();
    Table { caption: "What each range multiplies the odds of being ideal by, all else equal".to_owned(), columns, rows }
}
