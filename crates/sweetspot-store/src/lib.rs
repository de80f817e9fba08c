//! What Sweetspot keeps: datasets, model versions, definitions and training runs.
//!
//! [`store`] holds rows and blobs durably; the other modules say what is in them.

pub mod clock;
pub mod datasets;
pub mod definitions;
pub mod jobs;
pub mod registry;
pub mod store;

use sweetspot_stored as stored;
