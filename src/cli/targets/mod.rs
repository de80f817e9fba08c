//! The prioritised list of target accounts: found in a list of any length, ranked, written.

mod asking;
mod best;
mod listing;
mod order;
mod row;
mod tiering;
mod whole;

pub(crate) use asking::{Ranked, ask, request};
use best::Best;
pub(crate) use best::{ListedAccount, MOST};
pub(crate) use listing::{Listing, Picked};
pub(crate) use order::Order;
pub(crate) use row::{HEADER, head, line, record, steps, worth};
use tiering::Tiers;
