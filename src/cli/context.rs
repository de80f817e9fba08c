//! What every command needs to know before it begins.

use super::args::Global;
use super::client::{Client, Opening};
use super::exit::CliError;
use super::names::Names;
use super::output::Output;
use crate::config::{self, Entry, Settings, Sources};
use crate::telemetry;

/// Settings, names and manners of one command.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The settings.
    pub(crate) settings: Settings,
    /// Where each setting came from.
    pub(crate) origins: Vec<Entry>,
    /// The server to work on, if it is not the store.
    pub(crate) server: Option<String>,
    /// Whether the store was named on the command line.
    pub(crate) store_named: bool,
    /// What it works on.
    pub(crate) names: Names,
    /// How it speaks.
    pub(crate) out: Output,
}

impl Context {
    /// Reads settings and names, and sets up logs: always for a server, for the others if asked. Nothing is opened yet.
    ///
    /// # Errors
    /// Where a setting or a name is wrong.
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
        let loaded = config::load(&Sources::of_process(flags, global.config.clone())).map_err(|error| usage(&error))?;
        let mut settings = loaded.settings;
        if let Some(store) = &global.store {
            // Settings are text; a path need not be.
            settings.store.clone_from(store);
        }
        if serves || global.verbose > 0 {
            telemetry::init(&settings.log).map_err(|error| usage(&error))?;
        }
        Ok(Self {
            settings,
            origins: loaded.origins,
            server: global.server.clone(),
            store_named: global.store.is_some(),
            names: Names::parse(&global.workspace, &global.model, "default")?,
            out: Output { json: global.json, quiet: global.quiet },
        })
    }

    /// The same, working on another dataset.
    ///
    /// # Errors
    /// Where the dataset's id is none.
    pub(crate) fn with_dataset(mut self, dataset: &str) -> Result<Self, CliError> {
        let model = &self.names.model;
        self.names = Names::parse(model.workspace.as_str(), model.model.as_str(), dataset)?;
        Ok(self)
    }

    /// Runs `work` as a client of the server or of the store, and ends the connection whatever comes of it.
    ///
    /// # Errors
    /// Where there is nothing to connect to, or the work fails.
    pub(crate) async fn with_client<T>(
        &self,
        opening: Opening,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let mut client = match &self.server {
            Some(url) => Client::connect(url).await?,
            None => Client::embed(&self.settings, opening).await?,
        };
        let result = work(&mut client).await;
        client.close().await;
        result
    }
}
