//! Properties of every drawing.

use proptest::prelude::*;

use super::*;
use crate::chart_data::{DistributionStrip, Dot, EffectStep, ShapePanel, WaterfallStep};
use crate::document::{Axis, Bar, Curve, ReferenceLine, Table};

fn figure() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -2.0..3.0_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, f64::MAX]),
    ]
}

fn axis() -> impl Strategy<Value = Axis> {
    let ends = prop_oneof![6 => Just((0.0, 1.0)), 1 => (figure(), figure())];
    (ends, any::<bool>()).prop_map(|((from, to), percent)| Axis {
        name: "axis <b>".to_owned(),
        min: from,
        max: to,
        is_percent: percent,
        labels: Vec::new(),
    })
}

fn curve() -> impl Strategy<Value = Curve> {
    let point = || (figure(), figure());
    (prop::collection::vec(point(), 0..6), any::<[bool; 2]>(), prop::collection::vec(point(), 0..6)).prop_map(
        |(points, [reference, shade_fall], interval)| Curve {
            name: "curve & <i>".to_owned(),
            marks: points.iter().map(|(x, y)| (*x, *y, "mark".to_owned())).collect(),
            points,
            is_reference: reference,
            is_fall_shaded: shade_fall,
            interval,
        },
    )
}

fn curves() -> impl Strategy<Value = ChartKind> {
    let line = (figure(), any::<bool>()).prop_map(|(at, across)| ReferenceLine {
        value: at,
        is_vertical: across,
        name: "line".to_owned(),
    });
    (axis(), axis(), prop::collection::vec(curve(), 0..4), prop::collection::vec(line, 0..3))
        .prop_map(|(x, y, curves, lines)| ChartKind::Curves { x, y, curves, lines })
}

fn bars() -> impl Strategy<Value = ChartKind> {
    let bar = (figure(), prop::option::of((figure(), figure())), any::<bool>(), name());
    let bar = bar.prop_map(|(value, interval, faint, name)| Bar {
        value_label: name.clone(),
        name,
        value,
        interval,
        is_faint: faint,
    });
    (axis(), prop::collection::vec(bar, 0..40), figure(), any::<bool>()).prop_map(|(axis, bars, origin, dots)| {
        ChartKind::Bars { axis, bars, origin, reference: "all".to_owned(), is_dot_plot: dots }
    })
}

fn shapes() -> impl Strategy<Value = ChartKind> {
    let step = prop::array::uniform5(figure());
    let step = step.prop_map(|[from, to, value, low, high]| EffectStep { from, to, value, low, high });
    let counts = prop::collection::vec(0..90_u64, 0..9);
    let panel = (name(), axis(), prop::collection::vec(step, 0..5), counts);
    let panel = panel.prop_map(|(name, x, steps, counts)| ShapePanel { name, x, steps, counts });
    (axis(), prop::collection::vec(panel, 0..8)).prop_map(|(y, panels)| ChartKind::Shapes { y, panels })
}

fn kind() -> impl Strategy<Value = ChartKind> {
    let dot = (figure(), figure(), (figure(), figure()), any::<(u64, bool)>());
    let dot = dot.prop_map(|(x, y, interval, (weight, faint))| Dot { x, y, interval, weight, is_faint: faint });
    let dots = (axis(), axis(), prop::collection::vec(dot, 0..5)).prop_map(|(x, y, dots)| ChartKind::Dots {
        x,
        y,
        dots,
        diagonal: "same".to_owned(),
    });
    let counts = prop::collection::vec(0..90_u64, 0..9);
    let strip = counts.prop_map(|counts| DistributionStrip { name: "strip".to_owned(), counts });
    let cut = (figure(), name()).prop_map(|(at, name)| ReferenceLine { value: at, is_vertical: true, name });
    let cuts = prop::collection::vec(cut, 0..4);
    let strips = (axis(), prop::collection::vec(strip, 0..8), cuts)
        .prop_map(|(axis, strips, lines)| ChartKind::Strips { axis, strips, lines });
    let step = (figure(), name()).prop_map(|(by, name)| WaterfallStep { value_label: name.clone(), name, change: by });
    let waterfall = (axis(), figure(), prop::collection::vec(step, 0..20)).prop_map(|(axis, start, steps)| {
        ChartKind::Waterfall { axis, start, start_label: "average".to_owned(), steps, end_label: "this".to_owned() }
    });
    prop_oneof![curves(), bars(), dots, strips, shapes(), waterfall]
}

fn chart(kind: ChartKind) -> Chart {
    Chart { finding: "finding".to_owned(), description: "description".to_owned(), kind, table: Table::default() }
}

/// All attribute values that are coordinates. A name may itself look like an attribute, so this parses tags: unescaped
/// quotes only delimit values, because quotes within a value are escaped.
fn places(svg: &str) -> Vec<f64> {
    let tags = svg.split('<').skip(1).map(|tag| tag.split_once('>').map_or(tag, |(tag, _)| tag));
    let parts = tags.flat_map(|tag| {
        let parts: Vec<&str> = tag.split('"').collect();
        parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    });
    let ends = [" x=", " y=", " x1=", " x2=", " y1=", " y2=", " cx=", " cy=", " width=", " height="];
    parts
        .filter(|(attribute, _)| ends.iter().any(|end| attribute.ends_with(end)))
        .map(|(_, number)| number.parse().unwrap())
        .collect()
}

/// The name of a chart element: any text, or text that looks like SVG.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![9 => "\\PC{0,60}", 1 => Just(" x=\"<b> y=9999 \" \" width='1e9' cx=&quot;".to_owned())]
}

proptest! {
    /// For any values, the shapes are within the bounds of the drawing, and drawing is deterministic.
    #[test]
    fn drawings_stay_within_their_bounds(kind in kind()) {
        let chart = chart(kind);
        let drawn = draw(&chart, "c").map(Markup::into_string);
        prop_assert_eq!(&drawn, &draw(&chart, "c").map(Markup::into_string));
        if let Some(svg) = drawn {
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf\""));
            prop_assert!(!svg.contains("<b>") && !svg.contains("<i>"));
            prop_assert_eq!(svg.matches("<svg").count(), 2);
            for place in places(&svg) {
                prop_assert!((-20.0..=3000.0).contains(&place), "{} in {}", place, svg);
            }
        }
    }
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let axis = Axis { name: String::new(), min: 0.0, max: 1.0, is_percent: false, labels: Vec::new() };
    let none = [
        ChartKind::Curves { x: axis.clone(), y: axis.clone(), curves: Vec::new(), lines: Vec::new() },
        ChartKind::Bars {
            axis: axis.clone(),
            bars: Vec::new(),
            origin: 0.0,
            reference: String::new(),
            is_dot_plot: false,
        },
        ChartKind::Dots { x: axis.clone(), y: axis.clone(), dots: Vec::new(), diagonal: String::new() },
        ChartKind::Strips { axis: axis.clone(), strips: Vec::new(), lines: Vec::new() },
        ChartKind::Waterfall {
            axis,
            start: 0.0,
            start_label: String::new(),
            steps: Vec::new(),
            end_label: String::new(),
        },
    ];
    for kind in none {
        assert!(draw(&chart(kind.clone()), "c").is_none(), "{kind:?}");
    }
}

#[test]
fn a_waterfall_ends_where_its_steps_lead() {
    let axis = Axis { name: String::new(), min: -1.0, max: 1.0, is_percent: false, labels: Vec::new() };
    let step = |by: f64| WaterfallStep { name: "a".to_owned(), change: by, value_label: format!("{by:+}") };
    let (start, from, to) = (0.0, "average".to_owned(), "this".to_owned());
    let kind =
        ChartKind::Waterfall { axis, start, start_label: from, steps: vec![step(0.75), step(-0.25)], end_label: to };
    let svg = draw(&chart(kind), "c").unwrap().into_string();
    // Wide: from 230 to 630, so that half of the scale is 200 and the end of 0.5 is at 530.
    assert!(svg.contains("x1=\"530\" y1=\"97\"") || svg.contains("class=\"level\" x1=\"530\""), "{svg}");
    assert_eq!(svg.matches("bar against").count(), 2);
}
