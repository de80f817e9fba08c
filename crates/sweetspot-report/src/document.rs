//! A document as a list of blocks, which every page format renders. Texts are plain; formats escape them.

use super::chart_data::{DistributionStrip, Dot, ShapePanel, WaterfallStep};

/// The kind of a highlighted paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalloutKind {
    /// The main finding of a section.
    Finding,
    /// A limitation that a reader must consider.
    Caution,
    /// Something that is unknown, and how to learn it.
    Missing,
}

/// One block of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading: level 1 starts a document, 2 a section, 3 a subsection.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A highlighted paragraph.
    Callout(CalloutKind, String),
    /// A list of short texts.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart with its table.
    Chart(Box<Chart>),
    /// Cards next to each other.
    Cards(Vec<Card>),
    /// The Pond Map: one column per section.
    Pond(Vec<PondMapColumn>),
    /// Short lists next to each other, each with a title.
    Panels(Vec<Panel>),
    /// Rates as bars from 0 to 100%, below each other.
    RateBars(Vec<RateBar>),
}

/// A short list with a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// The title.
    pub title: String,
    /// A sentence below the title.
    pub lead: Option<String>,
    /// The list.
    pub lines: Vec<PanelLine>,
}

/// An item of a panel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelLine {
    /// The subject, highlighted.
    pub lead: String,
    /// The text after a colon.
    pub text: String,
}

/// A bar whose length is a rate, such as that of the ideal customers among some accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct RateBar {
    /// The name of the accounts.
    pub name: String,
    /// The rate, in `[0, 1]`.
    pub rate: f64,
    /// The rate in words.
    pub label: String,
}

/// The alignment of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// For texts.
    Left,
    /// For figures.
    Right,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnHead {
    /// The text of the head.
    pub name: String,
    /// The alignment of the column's cells.
    pub align: Align,
}

impl ColumnHead {
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
pub struct TableCell {
    /// The text; empty if the value is unknown.
    pub text: String,
    /// Whether its sample is small, so that it is shown faintly.
    pub is_faint: bool,
}

impl From<String> for TableCell {
    fn from(text: String) -> Self {
        Self { text, is_faint: false }
    }
}

impl From<&str> for TableCell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A table. Every row has one cell per column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// A short description of the content.
    pub caption: String,
    /// The columns; the first contains the row names.
    pub columns: Vec<ColumnHead>,
    /// The rows.
    pub rows: Vec<Vec<TableCell>>,
}

/// A titled box with a few facts, such as one segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The title.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// Pairs of a name and a value.
    pub facts: Vec<(String, String)>,
}

/// An entry of a Pond Map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PondMapEntry {
    /// The factor, as text.
    pub text: String,
    /// The source of the factor: `learned: 2.1 × the odds (95% 1.4 to 3.2), 34 customers, 62% ideal` or
    /// `stated by Ann, 2026-11-24`.
    pub source: String,
    /// What an exclusion rule does to the customers: `puts out 1,526 accounts, …`; empty for other factors.
    pub matching: String,
    /// `OUT` or `CAUTION` above the waterline, empty below.
    pub severity: String,
}

/// One section of a Pond Map: a column of the drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PondMapColumn {
    /// The section's name.
    pub name: String,
    /// Above the waterline: factors that count against an account.
    pub negatives: Vec<PondMapEntry>,
    /// Below the waterline: factors that count for an account.
    pub positives: Vec<PondMapEntry>,
}

/// A chart: a finding, a drawing, and a table with the same numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The finding, in one sentence.
    pub finding: String,
    /// The text alternative of the drawing: axes, reference lines, notable points.
    pub description: String,
    /// The drawing.
    pub kind: ChartKind,
    /// The same numbers as a table.
    pub table: Table,
}

/// The data of a drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum ChartKind {
    /// Curves over two axes.
    Curves {
        /// The horizontal axis.
        x: Axis,
        /// The vertical axis.
        y: Axis,
        /// In drawing order; references come first.
        curves: Vec<Curve>,
        /// Straight lines at a value of one axis.
        lines: Vec<ReferenceLine>,
    },
    /// One horizontal bar or dot per row, with its interval.
    Bars {
        /// The axis along the bars.
        axis: Axis,
        /// From top to bottom.
        bars: Vec<Bar>,
        /// The value at which bars start, and the position of the reference line.
        origin: f64,
        /// The label of the reference line.
        reference: String,
        /// Whether each row has a dot at its value instead of a bar up to it.
        is_dot_plot: bool,
    },
    /// Dots with intervals over two axes: predicted against observed.
    Dots {
        /// The horizontal axis.
        x: Axis,
        /// The vertical axis.
        y: Axis,
        /// In any order.
        dots: Vec<Dot>,
        /// The label of the diagonal.
        diagonal: String,
    },
    /// One strip per group over a common axis: the distribution of each group.
    Strips {
        /// The horizontal axis.
        axis: Axis,
        /// From top to bottom.
        strips: Vec<DistributionStrip>,
        /// Straight lines at a value of the axis.
        lines: Vec<ReferenceLine>,
    },
    /// Small panels with a common vertical axis: the effects of numbers over their ranges.
    Shapes {
        /// The vertical axis.
        y: Axis,
        /// From left to right, and from top to bottom.
        panels: Vec<ShapePanel>,
    },
    /// From one value to another in additive steps: the reasons of one account, in log-odds.
    Waterfall {
        /// The horizontal axis.
        axis: Axis,
        /// The value before the first step.
        start: f64,
        /// The label of the start.
        start_label: String,
        /// From top to bottom.
        steps: Vec<WaterfallStep>,
        /// The label of the value after the last step.
        end_label: String,
    },
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The name, with the unit.
    pub name: String,
    /// The lower end. If the ends are equal or not finite, there is no drawing.
    pub min: f64,
    /// The upper end; see [`Self::min`].
    pub max: f64,
    /// Whether the values are shares, shown as percentages.
    pub is_percent: bool,
    /// The values with a label on a horizontal axis, each with its label, from left to right. If they are too many, only
    /// every second, third, … is shown. If empty, round values are labeled.
    pub labels: Vec<(f64, String)>,
}

/// A curve through points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The label next to the curve.
    pub name: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// Whether it is a reference for comparison.
    pub is_reference: bool,
    /// Whether the area of its decline from the maximum is shaded: accounts that destroy value.
    pub is_fall_shaded: bool,
    /// The lower and upper bound at each point; empty if there are none.
    pub interval: Vec<(f64, f64)>,
    /// Marked points, each with its label.
    pub marks: Vec<(f64, f64, String)>,
}

/// A straight line at a value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceLine {
    /// The value.
    pub value: f64,
    /// Whether the value is one of the horizontal axis, so that the line is vertical.
    pub is_vertical: bool,
    /// The label next to the line.
    pub name: String,
}

/// One bar or dot with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The row's name.
    pub name: String,
    /// How far it reaches.
    pub value: f64,
    /// The interval; `None` if there is none.
    pub interval: Option<(f64, f64)>,
    /// The value as text.
    pub value_label: String,
    /// Whether its sample is small.
    pub is_faint: bool,
}
