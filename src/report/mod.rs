//! The documents that teams share, out of customers, a model and what people agree on.
//!
//! Each document is a view: a struct of figures, made from [`Evidence`] and nothing else. A view becomes a list of
//! [`Block`]s, and blocks become pages. Pure: the same evidence gives the same bytes. Nothing here is drawn from nothing:
//! what no data support is not there, or says so.

mod document;
mod evidence;
mod figure;
pub mod targets;
mod words;

pub use document::{Align, Axis, Band, Bar, Block, Card, Cell, Chart, ChartKind, Curve, Head, Line, Mark, Table, Tone};
pub use evidence::Evidence;
pub use figure::Share;
pub use words::{count, day, money, number, percent, plural};
