//! The context of a command: settings, names and output.

use std::sync::Arc;

use sweetspot_store::store::StoreLocation;

use super::args::Global;
use super::client::{Client, MissingStore};
use super::connection::ServerConnection;
use super::exit::CliError;
use super::names::ResourceNames;
use super::output::Output;
use crate::config::{self, SettingEntry, Settings, Sources};
use crate::telemetry::{self, LogGuard};

/// The context of one command.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The settings.
    pub(crate) settings: Settings,
    /// The source of each setting.
    pub(crate) origins: Vec<SettingEntry>,
    /// The URL of the server; `None` for the embedded store.
    pub(crate) server: Option<String>,
    /// How to reach the server.
    pub(crate) connection: ServerConnection,
    /// Whether the store was named on the command line.
    pub(crate) is_store_set: bool,
    /// The workspace, model and dataset.
    pub(crate) names: ResourceNames,
    /// The output options.
    pub(crate) out: Output,
    /// Writes the log lines that still wait once the command ends.
    _log: Option<Arc<LogGuard>>,
}

impl Context {
    /// Reads settings and names, and sets up logs: always for a server, otherwise on request. Opens nothing.
    ///
    /// # Errors
    /// Returns an error if a setting or a name is invalid.
    pub(crate) fn new(global: &Global, serves: bool, mut flags: Vec<(String, String)>) -> Result<Self, CliError> {
        let mut flag = |key: &str, value: String| flags.push((key.to_owned(), value));
        if let Some(store) = &global.store {
            flag("store", store.to_string_lossy().into_owned());
        }
        match (global.quiet, global.verbose) {
            (true, _) => flag("log.filter", "warn".to_owned()),
            (false, 0 | 1) => (),
            (false, _) => flag("log.filter", "info,sweetspot=debug".to_owned()),
        }
        let usage = |error: &dyn std::error::Error| CliError::Usage(error.to_string());
        let loaded =
            config::load(&Sources::from_process(flags, global.config.clone())).map_err(|error| usage(&error))?;
        let mut settings = loaded.settings;
        if let Some(store) = &global.store {
            // Settings are Unicode; a path need not be.
            settings.store = StoreLocation::from(store.clone());
        }
        let log = if serves || global.verbose > 0 {
            Some(Arc::new(telemetry::init(&settings.log).map_err(|error| usage(&error))?))
        } else {
            None
        };
        Ok(Self {
            settings,
            origins: loaded.origins,
            server: global.server.clone(),
            connection: global.connection.clone(),
            is_store_set: global.store.is_some(),
            names: ResourceNames::parse(&global.workspace, &global.model, "default")?,
            out: Output { json: global.json, quiet: global.quiet },
            _log: log,
        })
    }

    /// Returns the same context with another dataset.
    ///
    /// # Errors
    /// Returns an error if the dataset's id is invalid.
    pub(crate) fn with_dataset(mut self, dataset: &str) -> Result<Self, CliError> {
        let model = &self.names.model;
        self.names = ResourceNames::parse(model.workspace.as_str(), model.model.as_str(), dataset)?;
        Ok(self)
    }

    /// Runs `work` with a client of the server or of the store, and closes the client in any case.
    ///
    /// # Errors
    /// Returns an error if the client cannot connect, or if the work fails.
    pub(crate) async fn with_client<T>(
        &self,
        missing_store: MissingStore,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let mut client = match &self.server {
            Some(url) => Client::connect(url, &self.connection).await?,
            None => Client::embed(&self.settings, missing_store).await?,
        };
        let result = work(&mut client).await;
        client.close().await;
        result
    }
}
