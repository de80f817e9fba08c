//! `serve`: the server.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::app::{App, SubmittingProcess, listen, raise_file_limit};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::signals::shutdown_signal;

/// The addresses to listen on.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes any free one [default: 127.0.0.1:50051]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address to listen on for HTTP and JSON as well [default: none]
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Listen beyond loopback, even without encryption or authentication
    #[arg(long)]
    allow_remote: bool,
    /// File with the server's certificate, in PEM; encrypts connections
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// File with the private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// File with the certificates that sign those of clients; requires them
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// Require an API key for each call
    #[arg(long)]
    require_auth: bool,
    /// File with an API key that may do everything; created if missing
    #[arg(long, value_name = "FILE", requires = "require_auth")]
    owner_key_file: Option<PathBuf>,
}

impl ServeArgs {
    /// Returns the settings that these arguments set.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let listen = self.listen.map(|address| ("server.listen".to_owned(), address.to_string()));
        let http = self.http.map(|address| ("server.http_listen".to_owned(), address.to_string()));
        let remote = self.allow_remote.then(|| ("server.allow_remote".to_owned(), "true".to_owned()));
        let auth = self.require_auth.then(|| ("auth.required".to_owned(), "true".to_owned()));
        let files = [
            ("tls.certificate_file", &self.tls_cert),
            ("tls.key_file", &self.tls_key),
            ("tls.client_ca_file", &self.tls_client_ca),
            ("auth.owner_key_file", &self.owner_key_file),
        ];
        let files =
            files.into_iter().filter_map(|(key, file)| Some((key.to_owned(), file.as_ref()?.display().to_string())));
        listen.into_iter().chain(http).chain(remote).chain(auth).chain(files).collect()
    }
}

/// Serves until SIGINT or SIGTERM, then drains.
pub(crate) async fn run(context: Context) -> Result<(), CliError> {
    if context.server.is_some() {
        return Err(CliError::Usage("serve starts a server: omit --server, and use --listen ADDRESS".to_owned()));
    }
    let settings = context.settings;
    let world = App::open(&settings, SubmittingProcess::Server).map_err(|error| CliError::from_app(&error))?;
    world.check_security(&settings).map_err(|error| CliError::from_app(&error))?;
    raise_file_limit(&settings.server);
    let listener = bind(settings.server.listen)?;
    let http = match settings.server.http_listen {
        Some(address) => Some(bind(address)?),
        None => None,
    };
    let stop = shutdown_signal()?;
    let secure = if settings.tls.certificate_file.is_some() { "s" } else { "" };
    let and = match &http {
        Some(http) => format!(" and, for HTTP and JSON, on http{secure}://{}", http.local_addr()?),
        None => String::new(),
    };
    let bound = listener.local_addr()?;
    context.out.warn(&format!("listening on http{secure}://{bound}{and}, store {}", settings.store));
    world.serve_with_http(listener, http, settings, stop).await.map_err(|error| CliError::from_app(&error))
}

fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    listen(address).map_err(|error| CliError::Failed(format!("cannot listen on {address}: {error}")))
}
