//! A document as a list of blocks: what every page format is made of. Texts are plain; formats escape them.

use super::drawn::{Dot, Step, Strip};

/// How loud a paragraph speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The finding of a section.
    Finding,
    /// What a reader must bear in mind.
    Caution,
    /// What is not known yet, and how to learn it.
    Missing,
}

/// One piece of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading: 1 opens a document, 2 a section, 3 a part of one.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A paragraph that stands out.
    Told(Tone, String),
    /// A list of short texts.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart with its numbers.
    Chart(Chart),
    /// Cards beside each other.
    Cards(Vec<Card>),
    /// The Pond Map: one band a section.
    Pond(Vec<Band>),
}

/// Where a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Figures.
    Right,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it says.
    pub name: String,
    /// Where its cells stand.
    pub align: Align,
}

impl Head {
    /// A column of texts.
    #[must_use]
    pub fn text(name: &str) -> Self {
        Self { name: name.to_owned(), align: Align::Left }
    }

    /// A column of figures.
    #[must_use]
    pub fn figure(name: &str) -> Self {
        Self { name: name.to_owned(), align: Align::Right }
    }
}

/// One cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says; empty where nothing is known.
    pub text: String,
    /// Whether it stands on too few to be told aloud.
    pub faint: bool,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, faint: false }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A table. Every row has one cell a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows, in a few words.
    pub caption: String,
    /// Its columns; the first names the rows.
    pub columns: Vec<Head>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// One line below it.
    pub line: String,
    /// Names and what they are.
    pub facts: Vec<(String, String)>,
}

/// Something on a Pond Map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The factor.
    pub text: String,
    /// How it is known: `learned: 2.1× the odds, 34 accounts (95% 1.4 to 3.2)` or `stated by Ann, 2026-11-24`.
    pub source: String,
    /// `OUT` or `CAUTION` above the waterline, empty below.
    pub severity: String,
}

/// One section of a Pond Map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// Above the waterline: what speaks against an account.
    pub negatives: Vec<Mark>,
    /// Below it: what speaks for one.
    pub positives: Vec<Mark>,
}

/// A chart. It says its finding, draws it, and has the same numbers in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The finding, in one sentence.
    pub finding: String,
    /// What is drawn, for those who cannot see it: axes, reference lines, what stands out.
    pub description: String,
    /// The drawing.
    pub kind: ChartKind,
    /// The same numbers.
    pub table: Table,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum ChartKind {
    /// Lines over two axes.
    Curves {
        /// Across.
        x: Axis,
        /// Up.
        y: Axis,
        /// In the order in which they are drawn; the first are references.
        curves: Vec<Curve>,
        /// Straight lines at a value of one axis.
        lines: Vec<Line>,
    },
    /// One horizontal bar or dot a row, with its interval.
    Bars {
        /// Along the bars.
        axis: Axis,
        /// From top to bottom.
        bars: Vec<Bar>,
        /// Where bars begin, and where the reference line stands.
        origin: f64,
        /// What the reference line says.
        reference: String,
        /// Whether each is a dot at its value instead of a bar up to it.
        dots: bool,
    },
    /// Dots over two axes, each with its interval: predicted against observed.
    Dots {
        /// Across.
        x: Axis,
        /// Up.
        y: Axis,
        /// In any order.
        dots: Vec<Dot>,
        /// What the diagonal says.
        diagonal: String,
    },
    /// One strip a group, all over one axis: where the members of each are.
    Strips {
        /// Across.
        axis: Axis,
        /// From top to bottom.
        strips: Vec<Strip>,
        /// Straight lines at a value of the axis.
        lines: Vec<Line>,
    },
    /// From one value to another in steps that add up: one account's reasons, in log-odds.
    Waterfall {
        /// Across.
        axis: Axis,
        /// Where the steps begin.
        start: f64,
        /// What that is.
        from: String,
        /// From top to bottom.
        steps: Vec<Step>,
        /// What the end of the last step is.
        to: String,
    },
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its name, with the unit.
    pub name: String,
    /// Its ends. Where they are equal or not finite, there is nothing to draw.
    pub from: f64,
    /// See [`Self::from`].
    pub to: f64,
    /// Whether its numbers are shares, told in per cent.
    pub percent: bool,
}

/// A line through points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Written beside it.
    pub name: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// Whether it is only there to compare with.
    pub reference: bool,
    /// Whether what it falls from its top on is shaded: accounts that destroy value.
    pub shade_fall: bool,
    /// Lower and upper bound at each point, or none.
    pub interval: Vec<(f64, f64)>,
    /// Points that are marked, each with its label.
    pub marks: Vec<(f64, f64, String)>,
}

/// A straight line at a value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// At this value.
    pub at: f64,
    /// Of the axis across, else of the axis up.
    pub across: bool,
    /// Written beside it.
    pub name: String,
}

/// One bar or dot with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is about.
    pub name: String,
    /// How far it reaches.
    pub value: f64,
    /// Its interval, where there is one.
    pub interval: Option<(f64, f64)>,
    /// The value in words.
    pub told: String,
    /// Whether it stands on too few.
    pub faint: bool,
}
