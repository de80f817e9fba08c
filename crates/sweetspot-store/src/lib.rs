//! The storage of Sweetspot: datasets, model versions, definitions and training runs.
//!
//! [`store`] stores rows and blobs durably; the other modules define their contents.

pub mod annotations;
pub mod api_keys;
pub mod audit_log;
pub mod backup;
pub mod clock;
pub mod copy;
pub mod datasets;
pub mod definitions;
pub mod erasure;
pub mod follower;
pub mod garbage;
pub mod integrity;
pub mod inventory;
pub mod jobs;
pub mod registry;
pub mod retention;
pub mod store;
pub mod workspaces;

use sweetspot_stored as stored;
