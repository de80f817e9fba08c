//! Tests of the store, datasets, model versions, definitions and training runs.

mod backends;
mod dataset_deletion;
mod datasets;
mod definition_committee;
mod definition_rows;
mod definition_state;
mod definitions;
mod erasure;
mod jobs;
mod maintenance;
mod registry;
