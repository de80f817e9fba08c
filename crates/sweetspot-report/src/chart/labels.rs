//! Names beside their lines: each where it is near its own line and far from everything else.

use super::axes::Plane;
use super::write::{fitting, width_of};

/// How high a name is, with a little air.
const HEIGHT: f64 = 16.0;
/// A name further from its line than this could be that of another.
const FAR: f64 = 30.0;
/// Places that are tried from left to right.
const TRIED: usize = 24;

/// Where a name stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// Its left end.
    pub(super) x: f64,
    /// The line that its letters stand on.
    pub(super) y: f64,
    /// As much of it as fits.
    pub(super) text: String,
}

impl Label {
    fn right(&self) -> f64 {
        self.x + width_of(&self.text)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && (self.y - other.y).abs() < HEIGHT
    }
}

/// Finds a place for each name. A line is a list of places from left to right.
pub(super) fn beside(plane: &Plane, lines: &[(String, Vec<(f64, f64)>)]) -> Vec<Label> {
    let mut placed: Vec<Label> = Vec::new();
    for (index, (name, line)) in lines.iter().enumerate() {
        let others: Vec<&[(f64, f64)]> = lines
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, (_, line))| line.as_slice())
            .collect();
        if let Some(label) = best(plane, name, line, &others, &placed) {
            placed.push(label);
        }
    }
    placed
}

fn best(plane: &Plane, name: &str, line: &[(f64, f64)], others: &[&[(f64, f64)]], placed: &[Label]) -> Option<Label> {
    let text = fitting(name, (plane.right - plane.left) * 0.7);
    let width = width_of(&text);
    let room = plane.right - plane.left - width;
    let tried = (0..=TRIED).map(|index| plane.left + 4.0 + (room - 8.0).max(0.0) * index as f64 / TRIED as f64);
    let mut best: Option<(f64, Label)> = None;
    for x in tried {
        for above in [true, false] {
            let Some(y) = clear_of(line, x, x + width, above) else { continue };
            let label = Label { x, y, text: text.clone() };
            let inside = y - HEIGHT >= plane.top - HEIGHT && y + 4.0 <= plane.bottom;
            if !inside || placed.iter().any(|other| other.overlaps(&label)) {
                continue;
            }
            let worth = worth(&label, line, others);
            if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                best = Some((worth, label));
            }
        }
    }
    best.map(|(_, label)| label)
}

/// The line of writing that keeps a text just above or below a line.
fn clear_of(line: &[(f64, f64)], from: f64, to: f64, above: bool) -> Option<f64> {
    let heights = heights(line, from, to);
    if above {
        heights.into_iter().reduce(f64::min).map(|top| top - 6.0)
    } else {
        heights.into_iter().reduce(f64::max).map(|bottom| bottom + HEIGHT)
    }
}

/// More is better: distance from the others, up to a point, less that from its own.
fn worth(label: &Label, own: &[(f64, f64)], others: &[&[(f64, f64)]]) -> f64 {
    let middle = label.y - HEIGHT / 3.0;
    let distance = |line: &[(f64, f64)]| {
        heights(line, label.x, label.right()).into_iter().map(|y| (y - middle).abs()).fold(f64::INFINITY, f64::min)
    };
    let farthest = heights(own, label.x, label.right()).into_iter().map(|y| (y - middle).abs()).fold(0.0, f64::max);
    let nearest = others.iter().map(|line| distance(line)).fold(FAR, f64::min);
    2.0 * nearest - farthest
}

/// How high a line runs between two places: at both ends and at some in between.
fn heights(line: &[(f64, f64)], from: f64, to: f64) -> Vec<f64> {
    let steps = 8_u32;
    (0..=steps).filter_map(|step| height(line, from + (to - from) * f64::from(step) / f64::from(steps))).collect()
}

fn height(line: &[(f64, f64)], x: f64) -> Option<f64> {
    let behind = line.iter().position(|point| point.0 >= x)?;
    let (right, left) = (line.get(behind)?, line.get(behind.saturating_sub(1))?);
    let span = right.0 - left.0;
    Some(if span > 0.0 { left.1 + (right.1 - left.1) * ((x - left.0) / span).clamp(0.0, 1.0) } else { right.1 })
}
