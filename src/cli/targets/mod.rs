//! The ranked list of target accounts: selected from a list of any length, ranked, written.

mod list_order;
mod list_totals;
mod open_list;
mod rank_client;
mod target_row;
mod tier_args;
mod top_collector;

pub(crate) use list_order::Order;
pub(crate) use open_list::{ListArgs, RankedAccounts};
pub(crate) use rank_client::{RankedTargets, rank, rank_request};
pub(crate) use target_row::{HEADER, csv_cells, next_step_text, table_row, target_json, worth_learning_text};
use tier_args::TierArgs;
use top_collector::TopCollector;
pub(crate) use top_collector::{ListedAccount, MAX_RANKED};
