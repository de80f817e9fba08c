//! SVG elements: texts, lines, rectangles and coordinates.

use maud::{Markup, html};

/// The maximum share of a truncated name that its value takes.
const MAX_VALUE_SHARE: f64 = 0.75;
/// The mean width of a letter, as a multiple of the text height.
const LETTER_WIDTH: f64 = 0.55;
/// The text height.
const TEXT_HEIGHT: f64 = 13.0;

/// The part of a text that is placed at its position (SVG `text-anchor`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A coordinate with at most one decimal, so that the same chart has the same bytes on every platform.
pub(super) fn coordinate(place: f64) -> String {
    let text = format!("{place:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A text at a position.
pub(super) fn text(x: f64, y: f64, anchor: Anchor, class: &str, text: &str) -> Markup {
    html! { text class=(class) x=(coordinate(x)) y=(coordinate(y)) text-anchor=(anchor.name()) { (text) } }
}

/// A straight line.
pub(super) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    html! { line class=(class) x1=(coordinate(from.0)) y1=(coordinate(from.1)) x2=(coordinate(to.0)) y2=(coordinate(to.1)) {} }
}

/// A rectangle between two corners.
pub(super) fn rectangle(class: &str, corner: (f64, f64), opposite: (f64, f64)) -> Markup {
    let (left, right) = (corner.0.min(opposite.0), corner.0.max(opposite.0));
    let (top, bottom) = (corner.1.min(opposite.1), corner.1.max(opposite.1));
    html! { rect class=(class) x=(coordinate(left)) y=(coordinate(top)) width=(coordinate(right - left)) height=(coordinate(bottom - top)) {} }
}

/// The points of a line, as an SVG list.
pub(super) fn points(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let written: Vec<String> =
        points.into_iter().map(|(x, y)| format!("{},{}", coordinate(x), coordinate(y))).collect();
    written.join(" ")
}

/// The approximate width of a text.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER_WIDTH * TEXT_HEIGHT
}

/// The text, truncated to the width.
pub(super) fn truncate_to_width(text: &str, width: f64) -> String {
    let room = (width / (LETTER_WIDTH * TEXT_HEIGHT)).max(1.0) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let visible: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", visible.trim_end())
}

/// `attribute: value`, truncated to the width: the attribute first, so that the value stays readable.
pub(super) fn truncate_name_to_width(name: &str, width: f64) -> String {
    let Some((attribute, value)) = name.split_once(": ").filter(|_| text_width(name) > width) else {
        return truncate_to_width(name, width);
    };
    let value_width = text_width(value).min(width * MAX_VALUE_SHARE);
    let attribute = truncate_to_width(attribute, width - value_width - text_width(": "));
    format!("{attribute}: {}", truncate_to_width(value, value_width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_one_digit_at_most() {
        assert_eq!([0.0, -0.04, 1.25, 12.0, 7.96].map(coordinate), ["0", "0", "1.2", "12", "8"]);
        assert_eq!(points([(0.0, 1.0), (2.5, 3.0)]), "0,1 2.5,3");
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        assert_eq!(truncate_to_width("short", 100.0), "short");
        let cut = truncate_to_width("a rather long text that does not fit", 100.0);
        assert!(cut.ends_with('…') && text_width(&cut) <= 100.0, "{cut}");
        assert_eq!(truncate_to_width("äöü", 0.0), "…");
    }

    #[test]
    fn a_long_attribute_leaves_its_value() {
        let cut = truncate_name_to_width("What is your current occupation: Working Professional", 230.0);
        assert!(cut.starts_with("What is y…: ") && cut.ends_with(": Working Professional"), "{cut}");
        assert!(text_width(&cut) <= 230.0);
        let long = truncate_name_to_width(&format!("{}: {}", "a".repeat(90), "b".repeat(90)), 230.0);
        assert!(long.contains("…: b") && long.ends_with('…') && text_width(&long) <= 230.0, "{long}");
        assert_eq!(truncate_name_to_width("industry: Retail", 230.0), "industry: Retail");
    }
}
