//! Places and texts of a drawing, as they are written.

use maud::{Markup, html};

/// The mean width of a letter, of the height of the text.
const LETTER: f64 = 0.55;
/// The height of the text.
const TEXT: f64 = 13.0;

/// Which end of a text stands at its place.
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

/// A place with one digit behind the point at most, so that the same chart has the same bytes everywhere.
pub(super) fn at(place: f64) -> String {
    let text = format!("{place:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A text at a place.
pub(super) fn text(x: f64, y: f64, anchor: Anchor, class: &str, text: &str) -> Markup {
    html! { text class=(class) x=(at(x)) y=(at(y)) text-anchor=(anchor.name()) { (text) } }
}

/// A straight line.
pub(super) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    html! { line class=(class) x1=(at(from.0)) y1=(at(from.1)) x2=(at(to.0)) y2=(at(to.1)) {} }
}

/// A rectangle between two corners.
pub(super) fn rectangle(class: &str, one: (f64, f64), other: (f64, f64)) -> Markup {
    let (left, right) = (one.0.min(other.0), one.0.max(other.0));
    let (top, bottom) = (one.1.min(other.1), one.1.max(other.1));
    html! { rect class=(class) x=(at(left)) y=(at(top)) width=(at(right - left)) height=(at(bottom - top)) {} }
}

/// The points of a line, as SVG lists them.
pub(super) fn points(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let written: Vec<String> = points.into_iter().map(|(x, y)| format!("{},{}", at(x), at(y))).collect();
    written.join(" ")
}

/// About how wide a text is.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER * TEXT
}

/// The text, or as much of it as fits.
pub(super) fn fitting(text: &str, width: f64) -> String {
    let room = (width / (LETTER * TEXT)).max(1.0) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_one_digit_at_most() {
        assert_eq!([0.0, -0.04, 1.25, 12.0, 7.96].map(at), ["0", "0", "1.2", "12", "8"]);
        assert_eq!(points([(0.0, 1.0), (2.5, 3.0)]), "0,1 2.5,3");
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        assert_eq!(fitting("short", 100.0), "short");
        let cut = fitting("a rather long text that nobody can read", 100.0);
        assert!(cut.ends_with('…') && width_of(&cut) <= 100.0, "{cut}");
        assert_eq!(fitting("äöü", 0.0), "…");
    }
}
