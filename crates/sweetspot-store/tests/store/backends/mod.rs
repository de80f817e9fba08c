//! A test suite for all backends, and tests that apply only to the store on disk.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod agreement;
mod disk;
mod full_disk;
mod history;
mod interrupted_starts;
mod missing_files;
#[cfg(feature = "object-store")]
pub(crate) mod objects;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "postgres")]
#[path = "../../../../../tests/support/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub(crate) mod postgres_server;
mod properties;
mod repairs;
#[path = "../../../../../tests/support/small_disk.rs"]
mod small_disk;
mod suite;

use sweetspot_store::store::{Commit, MemoryStore, SledStore};

/// A commit that writes a row, whatever its current value.
fn set_row(key: &str, value: &[u8]) -> Commit {
    Commit { lease: None, expectations: Vec::new(), writes: vec![(key.to_owned(), Some(value.to_vec()))] }
}

/// Generates a test of each function of the suite for each backend.
macro_rules! on_every_backend {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $name() { crate::backends::suite::$name(&super::MemoryStore::new()); })*
        }
        mod sled {
            $(#[test] fn $name() {
                let folder = tempfile::tempdir().unwrap();
                crate::backends::suite::$name(&super::SledStore::open(folder.path()).unwrap());
            })*
        }
        #[cfg(feature = "object-store")]
        mod objects_in_memory {
            $(#[test] fn $name() { crate::backends::suite::$name(&super::objects::in_memory()); })*
        }
        #[cfg(feature = "object-store")]
        mod objects_in_files {
            $(#[test] fn $name() {
                let folder = tempfile::tempdir().unwrap();
                crate::backends::suite::$name(&super::objects::in_files(folder.path()));
            })*
        }
        #[cfg(feature = "object-store")]
        mod objects_in_s3 {
            $(#[test] fn $name() {
                let Some(store) = super::objects::in_s3() else { return };
                crate::backends::suite::$name(&store);
            })*
        }
        #[cfg(all(feature = "object-store", feature = "postgres"))]
        mod objects_of_postgres {
            $(#[test] fn $name() {
                let Some(server) = super::postgres_server::PostgresServer::shared() else { return };
                let rows = std::sync::Arc::new(super::postgres::open(&server.new_schema()));
                crate::backends::suite::$name(&super::objects::with_rows(rows));
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres_suite {
            $(#[test] fn $name() {
                let Some(server) = super::postgres_server::PostgresServer::shared() else { return };
                crate::backends::suite::$name(&super::postgres::open(&server.new_schema()));
            })*
        }
    };
}

on_every_backend!(
    a_row_is_written_read_replaced_and_removed,
    an_empty_value_is_not_a_missing_row,
    a_commit_writes_all_of_its_rows,
    a_conflict_leaves_nothing_written,
    every_kind_of_expectation_is_checked,
    a_row_may_be_as_large_as_the_limit_and_no_larger,
    a_scan_pages_through_a_prefix_in_order,
    a_scan_starts_within_its_prefix,
    one_of_many_racing_commits_wins,
    counting_threads_lose_no_step,
    a_list_never_shows_half_a_commit,
    a_blob_comes_back_whole,
    a_blob_that_was_never_put_is_missing,
    a_removed_blob_is_missing_until_it_is_put_again,
    one_blob_put_by_many_threads_is_whole,
    a_blob_of_several_parts_is_read_in_parts,
    blobs_are_listed_by_their_first_byte,
    removals_wait_for_the_end_of_a_hold,
    a_blob_that_was_just_stored_is_not_an_old_one,
    a_lease_has_one_holder,
    a_commit_under_a_lost_lease_writes_nothing,
    discarding_removed_rows_leaves_the_others,
);
