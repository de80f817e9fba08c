//! Labels of curves: each near its own curve and away from everything else.

use super::axes::PlotArea;
use super::svg_elements::{text_width, truncate_to_width};

/// The height of a label, with padding.
const LABEL_HEIGHT: f64 = 16.0;
/// A label farther from its curve than this could be mistaken for another's.
const MAX_LABEL_DISTANCE: f64 = 30.0;
/// The number of positions to try from left to right.
const CANDIDATE_COUNT: usize = 24;

/// The position of a label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// The left end.
    pub(super) x: f64,
    /// The baseline.
    pub(super) y: f64,
    /// The text, truncated to the available width.
    pub(super) text: String,
}

impl Label {
    fn right(&self) -> f64 {
        self.x + text_width(&self.text)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && (self.y - other.y).abs() < LABEL_HEIGHT
    }
}

/// Finds a position for each label. A line is a list of points from left to right.
pub(super) fn place_labels(plane: &PlotArea, lines: &[(String, Vec<(f64, f64)>)]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (index, (name, line)) in lines.iter().enumerate() {
        let others: Vec<&[(f64, f64)]> = lines
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, (_, line))| line.as_slice())
            .collect();
        if let Some(label) = best_label(plane, name, line, &others, &labels) {
            labels.push(label);
        }
    }
    labels
}

fn best_label(
    plane: &PlotArea,
    name: &str,
    line: &[(f64, f64)],
    others: &[&[(f64, f64)]],
    labels: &[Label],
) -> Option<Label> {
    let text = truncate_to_width(name, (plane.right - plane.left) * 0.7);
    let width = text_width(&text);
    let room = plane.right - plane.left - width;
    let positions = (0..=CANDIDATE_COUNT)
        .map(|index| plane.left + 4.0 + (room - 8.0).max(0.0) * index as f64 / CANDIDATE_COUNT as f64);
    let mut best: Option<(f64, Label)> = None;
    for x in positions {
        for above in [true, false] {
            let Some(y) = clear_baseline(line, x, x + width, above) else { continue };
            let label = Label { x, y, text: text.clone() };
            let inside = y - LABEL_HEIGHT >= plane.top - LABEL_HEIGHT && y + 4.0 <= plane.bottom;
            if !inside || labels.iter().any(|other| other.overlaps(&label)) {
                continue;
            }
            let score = label_score(&label, line, others);
            if best.as_ref().is_none_or(|(best_score, _)| score > *best_score) {
                best = Some((score, label));
            }
        }
    }
    best.map(|(_, label)| label)
}

/// The baseline that keeps a text just above or below a line.
fn clear_baseline(line: &[(f64, f64)], from: f64, to: f64, above: bool) -> Option<f64> {
    let heights = heights(line, from, to);
    if above {
        heights.into_iter().reduce(f64::min).map(|top| top - 6.0)
    } else {
        heights.into_iter().reduce(f64::max).map(|bottom| bottom + LABEL_HEIGHT)
    }
}

/// The score of a position, where higher is better: the distance from other curves, capped, minus the distance from its
/// own.
fn label_score(label: &Label, own: &[(f64, f64)], others: &[&[(f64, f64)]]) -> f64 {
    let middle = label.y - LABEL_HEIGHT / 3.0;
    let distance = |line: &[(f64, f64)]| {
        heights(line, label.x, label.right()).into_iter().map(|y| (y - middle).abs()).fold(f64::INFINITY, f64::min)
    };
    let farthest = heights(own, label.x, label.right()).into_iter().map(|y| (y - middle).abs()).fold(0.0, f64::max);
    let nearest = others.iter().map(|line| distance(line)).fold(MAX_LABEL_DISTANCE, f64::min);
    2.0 * nearest - farthest
}

/// The heights of a line between two positions: at both ends and at some points in between.
fn heights(line: &[(f64, f64)], from: f64, to: f64) -> Vec<f64> {
    let steps = 8_u32;
    (0..=steps).filter_map(|step| height(line, from + (to - from) * f64::from(step) / f64::from(steps))).collect()
}

fn height(line: &[(f64, f64)], x: f64) -> Option<f64> {
    let next = line.iter().position(|point| point.0 >= x)?;
    let (right, left) = (line.get(next)?, line.get(next.saturating_sub(1))?);
    let span = right.0 - left.0;
    Some(if span > 0.0 { left.1 + (right.1 - left.1) * ((x - left.0) / span).clamp(0.0, 1.0) } else { right.1 })
}
