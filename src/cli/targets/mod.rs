//! The ranked list of target accounts: selected from a list of any length, ranked, written.

mod census;
mod open_list;
mod order;
mod rank_client;
mod row;
mod tier_args;
mod top_collector;

pub(crate) use open_list::{ListArgs, RankedAccounts};
pub(crate) use order::Order;
pub(crate) use rank_client::{RankedTargets, rank, rank_request};
pub(crate) use row::{HEADER, csv_cells, next_step_text, table_row, target_json, worth_learning_text};
use tier_args::TierArgs;
use top_collector::TopCollector;
pub(crate) use top_collector::{ListedAccount, MAX_RANKED};
