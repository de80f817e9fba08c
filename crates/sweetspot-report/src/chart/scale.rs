//! Scales from values to coordinates, and their tick labels.

use crate::document::Axis;
use crate::format::{format_number, format_percent};

/// A linear scale along an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    min: f64,
    max: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// A scale from `start` to `end`. `None` if the axis has no length.
    pub(super) fn new(axis: &Axis, start: f64, end: f64) -> Option<Self> {
        let span = axis.max - axis.min;
        let usable = span.is_finite() && span > 0.0 && axis.min.abs().max(axis.max.abs()) < 1e12 * span;
        usable.then_some(Self { min: axis.min, max: axis.max, start, end })
    }

    /// The coordinate of a value, clamped to the axis.
    pub(super) fn place(&self, figure: f64) -> f64 {
        let share = ((figure - self.min) / (self.max - self.min)).clamp(0.0, 1.0);
        self.start + share * (self.end - self.start)
    }

    /// Round values along the axis, about `max_ticks` of them at most.
    pub(super) fn ticks(&self, max_ticks: f64) -> Vec<f64> {
        let step = step((self.max - self.min) / max_ticks.max(1.0));
        // Between integer ends that are at least 3 apart, values are counts or years: no fractions.
        let is_whole = self.min.fract() == 0.0 && self.max.fract() == 0.0 && self.max - self.min >= 3.0;
        let step = if is_whole { step.max(1.0) } else { step };
        // A small tolerance, so that rounding loses neither end.
        let (first, last) = ((self.min / step - 1e-9).ceil(), (self.max / step + 1e-9).floor());
        if last < first {
            return Vec::new();
        }
        let count = (last - first).min(20.0) as usize;
        (0..=count).map(|index| (first + index as f64) * step).collect()
    }
}

/// The smallest of 1, 2, 5, 10, 20, … that is not below a size.
fn step(size: f64) -> f64 {
    let power = 10_f64.powf(size.log10().floor());
    let digits = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= size * (1.0 - 1e-9));
    digits.unwrap_or(10.0) * power
}

/// A value as a tick label of its axis.
pub(super) fn format_tick(figure: f64, axis: &Axis) -> String {
    if axis.is_percent {
        return format_percent(figure).replace(".0%", "%");
    }
    let size = figure.abs();
    match size {
        _ if size >= 1e9 => format!("{} bn", format_number(figure / 1e9)),
        _ if size >= 1e6 => format!("{} m", format_number(figure / 1e6)),
        _ if size >= 1e4 => format!("{} k", format_number(figure / 1e3)),
        // A rounding error close to zero is zero.
        _ if size < 1e-12 => "0".to_owned(),
        _ => format_number(figure),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn axis(from: f64, to: f64) -> Axis {
        Axis { name: String::new(), min: from, max: to, is_percent: false, labels: Vec::new() }
    }

    #[test]
    fn ticks_are_round() {
        let ticks = |from, to, most| Scale::new(&axis(from, to), 0.0, 1.0).unwrap().ticks(most);
        assert_eq!(ticks(0.0, 100.0, 5.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-3.2, 4.1, 4.0), [-2.0, 0.0, 2.0, 4.0]);
        assert_eq!(ticks(0.0, 7e6, 4.0), [0.0, 2e6, 4e6, 6e6]);
    }

    #[test]
    fn an_axis_without_length_has_no_scale() {
        for (from, to) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (1e18, 1e18 + 256.0)] {
            assert!(Scale::new(&axis(from, to), 0.0, 1.0).is_none(), "{from} to {to}");
        }
    }

    #[test]
    fn figures_are_short() {
        let share = Axis { is_percent: true, ..axis(0.0, 1.0) };
        assert_eq!([0.0, 0.06, 0.6].map(|figure| format_tick(figure, &share)), ["0%", "6%", "60%"]);
        assert_eq!(
            [0.1 + 0.2, 25e3, 2e6, 3e9].map(|f| format_tick(f, &axis(0.0, 1.0))),
            ["0.3", "25 k", "2 m", "3 bn"]
        );
    }

    proptest! {
        #[test]
        fn ticks_lie_on_the_axis_and_are_few(from in -1e9..1e9_f64, span in 1e-3..1e9_f64, most in 1.0..12.0_f64) {
            let Some(scale) = Scale::new(&axis(from, from + span), 10.0, 110.0) else { return Ok(()) };
            let ticks = scale.ticks(most);
            prop_assert!(ticks.len() <= most as usize + 2);
            prop_assert!(ticks.iter().all(|tick| (-1e-6..=1.0 + 1e-6).contains(&((tick - from) / span))));
        }

        #[test]
        fn figures_keep_their_order(a in -2.0..3.0_f64, b in -2.0..3.0_f64) {
            let scale = Scale::new(&axis(0.0, 1.0), 10.0, 110.0).unwrap();
            prop_assert!((a < b) <= (scale.place(a) <= scale.place(b)));
            prop_assert!((10.0..=110.0).contains(&scale.place(a)));
        }
    }
}
