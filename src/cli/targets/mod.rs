//! The ranked list of target accounts: selected from a list of any length, ranked, written.

mod list_order;
mod list_totals;
mod open_list;
mod rank_client;
mod target_output;
mod tier_args;
mod top_collector;

pub(crate) use list_order::Order;
pub(crate) use open_list::{RankedListArgs, TopAccounts};
pub(crate) use rank_client::{RankedTargets, rank, rank_request};
pub(crate) use target_output::{HEADER, csv_cells, next_step_text, table_row, target_json, worth_learning_text};
use tier_args::TierArgs;
use top_collector::{CollectedList, TopCollector};
pub(crate) use top_collector::{ListRow, MAX_RANKED};
