//! The prioritised list of target accounts: found in a list of any length, ranked, written.

mod asking;
mod best;
mod row;
mod tiering;

pub(crate) use asking::{Ranked, ask};
pub(crate) use best::{Best, MOST};
pub(crate) use row::{HEADER, head, line, record, steps, worth};
pub(crate) use tiering::Tiers;
