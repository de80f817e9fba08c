//! Inventory, garbage and backups of a store that every operation has filled.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod backups;
mod copies;
mod damaged_backups;
mod filled_store;
mod garbage;
mod integrity;
mod inventory;
