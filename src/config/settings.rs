//! The table of all settings: type, default, and allowed range of each.
//!
//! The macro makes [`Settings`] and [`SETTINGS`] of it; the documentation, the error messages and the schema of the
//! chart use the comments and the ranges. A limit of zero is out of range; it never means "no limit".

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use sweetspot_store::store::{ObjectUrl, StoreLocation};
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::setting_value::{ByteSize, HostNames, HttpUrl, KIB, LogFormat, MIB, TIB, WebOrigins};
use super::settings_macro::{setting, settings};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

settings! {
    /// Directory of the store, created if missing; or the URL of a PostgreSQL database, such as `postgres://user@host/name`,
    /// which several servers can use.
    store: StoreLocation = StoreLocation::new("sweetspot-data");

    objects: ObjectSettings {
        /// Folder of an object store for the files of models and datasets: `s3://bucket/path`, `gs://bucket/path`,
        /// `az://container/path`, or `file:///path` on a file system that all servers share; unset: they are in the store.
        /// Needs a database as the store, and a program that was built with the feature `object-store`.
        url: Option<ObjectUrl> = None;
    }

    server: ServerSettings {
        /// Address and port to listen on. Anything but loopback needs `tls.certificate_file` and `auth.required`, or
        /// `server.allow_remote`.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_051));
        /// Listen beyond loopback, even if calls are not encrypted or not authenticated.
        allow_remote: bool = false;
        /// Address and port for HTTP and JSON; unset: off. Restricted like `server.listen`, and encrypted as well.
        http_listen: Option<SocketAddr> = None;
        /// Names by which clients reach the HTTP port, separated by commas; addresses and `localhost` are always accepted.
        /// Unset: no other name on loopback, and any name beyond it.
        http_hosts: Option<HostNames> = None;
        /// Origins of web pages whose scripts may send requests over HTTP (CORS); unset: none. Requests still need a
        /// credential if `auth.required` is set.
        http_web_origins: Option<WebOrigins> = None;
        /// Maximum number of HTTP connections; further ones wait to be accepted.
        http_max_connections: usize = 256, in 1..=10_000;
        /// Let clients list the methods; unset: on loopback only.
        reflection: Option<bool> = None;
        /// Number of threads that answer calls; 0: one for each core that the process may use.
        workers: usize = 0, in 0..=1024;
        /// Directory for copies of live models and API keys, with which a server starts while its database does not
        /// answer; unset: none. Unused if the store is a directory.
        model_cache: Option<PathBuf> = None;
        /// Address and port of the probes and the metrics, in plain HTTP; unset: off. Restricted like `server.listen`, but
        /// not encrypted.
        admin_listen: Option<SocketAddr> = None;
        /// Maximum number of connections; further ones are closed at once.
        max_connections: usize = 1024, in 1..=100_000;
        /// Time for a connection to send its first frame.
        handshake_timeout: Duration = 5 * SECOND, in SECOND..=HOUR;
        /// Age at which a client is asked to reconnect, plus or minus 10%.
        max_connection_age: Duration = 5 * MINUTE, in 10 * SECOND..=24 * HOUR;
        /// Time for the calls of an old connection to end. The default is the maximum wait for a training run.
        max_connection_age_grace: Duration = 30 * MINUTE, in SECOND..=HOUR;
        /// Maximum number of concurrent calls over all connections; further ones get `UNAVAILABLE` at once. Imports,
        /// waits for a training run, and streams have a limit of their own, a quarter of this one.
        max_concurrent_calls: usize = 1024, in 1..=100_000;
        /// Maximum number of concurrent calls on one connection, and at most a quarter of those over all connections or
        /// 16; further ones wait.
        max_concurrent_streams: u32 = 100, in 1..=10_000;
        /// Maximum number of concurrent score streams over all connections; further ones get `UNAVAILABLE` at once.
        max_score_streams: usize = 64, in 1..=10_000;
        /// Maximum size of a request message. Clients in any language accept up to 64 MiB.
        max_request_size: ByteSize = 4 * MIB, in KIB..=64 * MIB;
        /// Maximum size of all requests that are held at a time; further calls get `UNAVAILABLE`.
        max_buffered_size: ByteSize = 256 * MIB, in 64 * MIB..=TIB;
        /// Maximum pause within a stream of requests.
        body_timeout: Duration = 30 * SECOND, in SECOND..=HOUR;
        /// Time for a client to take the next part of a response; then the call is dropped.
        response_stall_timeout: Duration = 20 * SECOND, in SECOND..=HOUR;
        /// If every call waits longer than this for its turn, those that waited too long get `UNAVAILABLE`.
        max_queue_delay: Duration = 100 * MILLISECOND, in MILLISECOND..=MINUTE;
        /// Maximum size of a response message.
        max_response_size: ByteSize = 3 * MIB, in KIB..=64 * MIB;
        /// Maximum number of accounts of one import.
        max_import_accounts: u64 = 5_000_000, in 1..=100_000_000;
        /// Maximum size of one import over all its messages; unset: the smaller of 2 GiB and a third of the memory limit
        /// of the control group.
        max_import_size: Option<ByteSize> = None, in Some(KIB)..=Some(TIB);
        /// Number of versions kept of a dataset, not counting those that a model version depends on.
        max_dataset_versions: usize = 20, in 1..=1000;
        /// Age in days, relative to the newest version of the dataset, beyond which an import deletes versions that no
        /// model version depends on; unset: any age. The current and the five newest versions stay.
        max_dataset_version_days: Option<u32> = None, in Some(1)..=Some(36_500);
        /// Number of newest versions kept of a model; unset: all. Versions that are live, previous, candidate, approved
        /// in a definition, or labeled `keep` stay beyond it.
        max_model_versions: Option<usize> = None, in Some(1)..=Some(100_000);
        /// Age in days, relative to the newest version of the model, beyond which a training deletes versions; unset:
        /// any age. The five newest versions stay, and those that `server.max_model_versions` keeps in any case.
        max_model_version_days: Option<u32> = None, in Some(1)..=Some(36_500);
        /// Disk space that stays free: imports, trainings and other changes that add data below it get `DISK_FULL`.
        min_free_disk: ByteSize = 64 * MIB, in KIB..=TIB;
        /// Time for calls in progress to end at shutdown.
        drain_timeout: Duration = 20 * SECOND, in SECOND..=HOUR;
    }

    tls: TlsSettings {
        /// File with the certificate of the server and those of its issuers, in PEM; unset: no encryption. It is read again
        /// when it changes.
        certificate_file: Option<PathBuf> = None;
        /// File with the private key of the certificate, in PEM.
        key_file: Option<PathBuf> = None;
        /// File with the certificates of the authorities that sign client certificates, in PEM; set: a client without such
        /// a certificate cannot connect.
        client_ca_file: Option<PathBuf> = None;
    }

    auth: AuthSettings {
        /// Require a credential for each call but health checks: an API key, or a token.
        required: bool = false;
        /// File with an API key that may do everything. If it does not exist, it is created with a new key.
        owner_key_file: Option<PathBuf> = None;
        /// Number of newest records kept in the audit log.
        max_audit_records: u64 = 50_000, in 1000..=10_000_000;
        /// Issuer of tokens (`iss`), exactly as they name it; unset: no tokens. Needs `auth.jwt_audience`, `auth.required`,
        /// and `auth.jwt_keys_url` or `auth.jwt_keys_file`.
        jwt_issuer: Option<String> = None;
        /// What tokens must be for (`aud`): the name of this server at the issuer.
        jwt_audience: Option<String> = None;
        /// File with the public keys of the issuer, a JSON Web Key Set. It is read again when it changes.
        jwt_keys_file: Option<PathBuf> = None;
        /// Address of the public keys of the issuer, in place of a file: the `jwks_uri` of its configuration. It needs
        /// `https://`, except on this machine.
        jwt_keys_url: Option<HttpUrl> = None;
        /// File with the certificates of the authorities that sign the one of `auth.jwt_keys_url`, in PEM; unset: those of
        /// the system.
        jwt_keys_ca_file: Option<PathBuf> = None;
        /// Time between two fetches of `auth.jwt_keys_url`, plus or minus 10%. A token with an unknown key hastens the next
        /// one.
        jwt_keys_interval: Duration = 5 * MINUTE, in SECOND..=24 * HOUR;
        /// Claim of a token with the principal: the person or system that uses it.
        jwt_principal_claim: String = "sub".to_owned();
        /// Claim of a token with its roles: a list, or a text with spaces between them.
        jwt_roles_claim: String = "sweetspot_roles".to_owned();
        /// Claim of a token with the only workspace that it opens, or `*` for all.
        jwt_workspace_claim: String = "sweetspot_workspace".to_owned();
    }

    workspace: WorkspaceSettings {
        /// Maximum number of concurrent calls with keys of one workspace; further ones get `UNAVAILABLE` at once. Unset: no
        /// limit of its own.
        max_concurrent_calls: Option<usize> = None, in Some(1)..=Some(100_000);
        /// Maximum number of concurrent score streams of one workspace; unset: no limit of its own.
        max_score_streams: Option<usize> = None, in Some(1)..=Some(10_000);
        /// Maximum number of training runs of one workspace that wait; unset: `training.queue`.
        max_queued_runs: Option<usize> = None, in Some(1)..=Some(10_000);
        /// Maximum number of models of one workspace.
        max_models: usize = 1000, in 1..=100_000;
        /// Size of the datasets and models of one workspace from which imports and trainings are refused; unset: no limit.
        max_stored_size: Option<ByteSize> = None, in Some(MIB)..=Some(TIB);
    }

    training: TrainingSettings {
        /// Number of threads of one training run; 0: one for each core that the process may use.
        threads: usize = 0, in 0..=1024;
        /// Maximum number of training runs that wait.
        queue: usize = 16, in 1..=10_000;
        /// Maximum memory of one training run, as estimated before it starts; unset: the smaller of 4 GiB and a third of
        /// the memory limit of the control group.
        max_memory: Option<ByteSize> = None, in Some(64 * MIB)..=Some(TIB);
    }

    log: LogSettings {
        /// Filter of the logs, such as `warn,sweetspot=debug`.
        filter: Targets = Targets::new().with_default(LevelFilter::INFO);
        /// `text` for people, `json` for one object per line.
        format: LogFormat = LogFormat::Text;
        /// Log one call in this number at `info`, also if it succeeds and changes nothing; unset: none.
        access_sample: Option<u64> = None, in Some(1)..=Some(1_000_000);
    }

    metrics: MetricsSettings {
        /// Name workspaces and models in metrics; otherwise, metrics sum them up.
        resource_names: bool = false;
    }

    otlp: OtlpSettings {
        /// Address of a collector that receives traces and metrics by OTLP over gRPC, such as `http://127.0.0.1:4317`; unset:
        /// the server sends nothing. `https://` encrypts the connection.
        endpoint: Option<HttpUrl> = None;
        /// File with headers for the collector, such as a credential: `NAME: VALUE` in each line. It is read again for each
        /// export.
        headers_file: Option<PathBuf> = None;
        /// File with the certificates of the authorities that sign the collector's, in PEM; unset: those of the system.
        ca_file: Option<PathBuf> = None;
        /// Trace one call in this number whose caller does not decide it in `traceparent`; unset: none. Calls whose callers
        /// decide it are traced as they ask.
        trace_sample: Option<u64> = None, in Some(1)..=Some(1_000_000);
        /// Time between two exports of the metrics.
        metrics_interval: Duration = MINUTE, in SECOND..=HOUR;
        /// Name of this server in traces and metrics (`service.name`).
        service_name: String = "sweetspot".to_owned();
    }
}

impl Settings {
    /// Whether the server may listen beyond loopback: its connections are encrypted and its callers known, or the network
    /// is protected by other means.
    #[must_use]
    pub const fn permits_remote(&self) -> bool {
        self.server.allow_remote || (self.tls.certificate_file.is_some() && self.auth.required)
    }
}
