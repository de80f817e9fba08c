//! Precedence, origins, and all errors reported at once.

#[cfg(unix)]
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use sweetspot_store::store::StoreLocation;
use tempfile::TempDir;

use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Returns sources with this settings file, these variables and these flags; the folder exists as long as the guard.
fn sources(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> (TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    if !file.is_empty() {
        std::fs::write(folder.path().join(PROJECT_FILE), file).unwrap();
    }
    let environment = pairs(environment).into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    let sources = Sources { flags: pairs(flags), environment, directory: folder.path().to_path_buf(), file: None };
    (folder, sources)
}

fn load_settings(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> LoadedSettings {
    let (_folder, sources) = sources(file, environment, flags);
    load(&sources).unwrap()
}

/// Returns the error text, without the folder of the test.
fn error_text(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    let (folder, sources) = sources(file, environment, flags);
    load(&sources).unwrap_err().to_string().replace(&format!("{}/", folder.path().display()), "")
}

fn origin(loaded: &LoadedSettings, key: &str) -> Origin {
    loaded.origins.iter().find(|entry| entry.key == key).unwrap().origin.clone()
}

#[test]
fn without_sources_everything_is_built_in() {
    let loaded = load_settings("", &[], &[]);
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.origins.len(), SETTINGS.len());
    assert!(loaded.origins.iter().all(|entry| entry.origin == Origin::BuiltIn));
}

#[test]
fn flags_win_over_environment_over_file() {
    let file = "[training]\nqueue = 2\nthreads = 2\n[server]\nmax_concurrent_streams = 2\n";
    let environment = [("SWEETSPOT__TRAINING__QUEUE", "3"), ("SWEETSPOT__TRAINING__THREADS", "3")];
    let loaded = load_settings(file, &environment, &[("training.queue", "4")]);
    assert_eq!(loaded.settings.training, TrainingSettings { threads: 3, queue: 4, ..TrainingSettings::default() });
    assert_eq!(loaded.settings.server.max_concurrent_streams, 2);
    assert_eq!(origin(&loaded, "training.queue"), Origin::Flag);
    let variable = "SWEETSPOT__TRAINING__THREADS".to_owned();
    assert_eq!(origin(&loaded, "training.threads"), Origin::Environment { variable });
    assert!(matches!(origin(&loaded, "server.max_concurrent_streams"), Origin::File { .. }));
    assert_eq!(origin(&loaded, "store"), Origin::BuiltIn);
}

#[test]
fn the_last_of_two_equal_flags_counts() {
    let loaded = load_settings("", &[], &[("store", "a"), ("store", "b")]);
    assert_eq!(loaded.settings.store, StoreLocation::new("b"));
}

/// A non-default value for every setting.
const EVERY_SETTING: &[(&str, &str)] = &[
    ("SWEETSPOT__STORE", "123"),
    ("SWEETSPOT__OBJECTS__URL", "s3://models/sweetspot"),
    ("SWEETSPOT__SERVER__LISTEN", "[::]:8080"),
    ("SWEETSPOT__SERVER__ALLOW_REMOTE", "true"),
    ("SWEETSPOT__SERVER__HTTP_LISTEN", "127.0.0.1:8081"),
    ("SWEETSPOT__SERVER__HTTP_MAX_CONNECTIONS", "3"),
    ("SWEETSPOT__SERVER__MODEL_CACHE", "/cache"),
    ("SWEETSPOT__SERVER__REFLECTION", "false"),
    ("SWEETSPOT__SERVER__WORKERS", "3"),
    ("SWEETSPOT__SERVER__ADMIN_LISTEN", "127.0.0.1:9464"),
    ("SWEETSPOT__SERVER__HTTP_HOSTS", "a.example, b"),
    ("SWEETSPOT__SERVER__HTTP_WEB_ORIGINS", "https://a.example, http://LOCALHOST:3000"),
    ("SWEETSPOT__SERVER__MAX_CONNECTIONS", "11"),
    ("SWEETSPOT__SERVER__HANDSHAKE_TIMEOUT", "12s"),
    ("SWEETSPOT__SERVER__MAX_CONNECTION_AGE", "13m"),
    ("SWEETSPOT__SERVER__MAX_CONNECTION_AGE_GRACE", "1h"),
    ("SWEETSPOT__SERVER__MAX_BUFFERED_SIZE", "64MiB"),
    ("SWEETSPOT__SERVER__BODY_TIMEOUT", "1m 15s"),
    ("SWEETSPOT__SERVER__RESPONSE_STALL_TIMEOUT", "17s"),
    ("SWEETSPOT__SERVER__MAX_QUEUE_DELAY", "16ms"),
    ("SWEETSPOT__SERVER__MAX_CONCURRENT_CALLS", "1"),
    ("SWEETSPOT__SERVER__MAX_CONCURRENT_STREAMS", "2"),
    ("SWEETSPOT__SERVER__MAX_REQUEST_SIZE", "2KiB"),
    ("SWEETSPOT__SERVER__MAX_SCORE_STREAMS", "3"),
    ("SWEETSPOT__SERVER__MAX_RESPONSE_SIZE", "4097B"),
    ("SWEETSPOT__SERVER__MAX_IMPORT_ACCOUNTS", "5"),
    ("SWEETSPOT__SERVER__MAX_IMPORT_SIZE", "8 GiB"),
    ("SWEETSPOT__SERVER__MAX_DATASET_VERSIONS", "6"),
    ("SWEETSPOT__SERVER__MAX_DATASET_VERSION_DAYS", "400"),
    ("SWEETSPOT__SERVER__MAX_MODEL_VERSIONS", "50"),
    ("SWEETSPOT__SERVER__MAX_MODEL_VERSION_DAYS", "90"),
    ("SWEETSPOT__SERVER__MIN_FREE_DISK", "3MiB"),
    ("SWEETSPOT__SERVER__DRAIN_TIMEOUT", "7s"),
    ("SWEETSPOT__TLS__CERTIFICATE_FILE", "cert.pem"),
    ("SWEETSPOT__TLS__KEY_FILE", "key.pem"),
    ("SWEETSPOT__TLS__CLIENT_CA_FILE", "ca.pem"),
    ("SWEETSPOT__AUTH__REQUIRED", "true"),
    ("SWEETSPOT__AUTH__OWNER_KEY_FILE", "owner-key"),
    ("SWEETSPOT__AUTH__MAX_AUDIT_RECORDS", "1001"),
    ("SWEETSPOT__WORKSPACE__MAX_CONCURRENT_CALLS", "21"),
    ("SWEETSPOT__WORKSPACE__MAX_SCORE_STREAMS", "22"),
    ("SWEETSPOT__WORKSPACE__MAX_QUEUED_RUNS", "23"),
    ("SWEETSPOT__WORKSPACE__MAX_MODELS", "24"),
    ("SWEETSPOT__WORKSPACE__MAX_STORED_SIZE", "25MiB"),
    ("SWEETSPOT__AUTH__JWT_ISSUER", "https://id.example"),
    ("SWEETSPOT__AUTH__JWT_AUDIENCE", "sweetspot"),
    ("SWEETSPOT__AUTH__JWT_KEYS_FILE", "keys.json"),
    ("SWEETSPOT__AUTH__JWT_KEYS_URL", "https://id.example/keys"),
    ("SWEETSPOT__AUTH__JWT_KEYS_CA_FILE", "id.pem"),
    ("SWEETSPOT__AUTH__JWT_KEYS_INTERVAL", "1m"),
    ("SWEETSPOT__AUTH__JWT_PRINCIPAL_CLAIM", "oid"),
    ("SWEETSPOT__AUTH__JWT_ROLES_CLAIM", "roles"),
    ("SWEETSPOT__AUTH__JWT_WORKSPACE_CLAIM", "tenant"),
    ("SWEETSPOT__TRAINING__THREADS", "8"),
    ("SWEETSPOT__TRAINING__QUEUE", "9"),
    ("SWEETSPOT__TRAINING__MAX_MEMORY", "1GiB"),
    ("SWEETSPOT__LOG__FILTER", "warn,sweetspot=debug"),
    ("SWEETSPOT__LOG__FORMAT", "json"),
    ("SWEETSPOT__LOG__ACCESS_SAMPLE", "1000"),
    ("SWEETSPOT__METRICS__RESOURCE_NAMES", "true"),
    ("SWEETSPOT__OTLP__ENDPOINT", "http://127.0.0.1:4317/"),
    ("SWEETSPOT__OTLP__HEADERS_FILE", "headers"),
    ("SWEETSPOT__OTLP__CA_FILE", "ca.pem"),
    ("SWEETSPOT__OTLP__TRACE_SAMPLE", "100"),
    ("SWEETSPOT__OTLP__METRICS_INTERVAL", "15s"),
    ("SWEETSPOT__OTLP__SERVICE_NAME", "scores"),
];

fn tls_from_the_environment() -> TlsSettings {
    TlsSettings {
        certificate_file: Some("cert.pem".into()),
        key_file: Some("key.pem".into()),
        client_ca_file: Some("ca.pem".into()),
    }
}

fn auth_from_the_environment() -> AuthSettings {
    AuthSettings {
        required: true,
        owner_key_file: Some("owner-key".into()),
        max_audit_records: 1001,
        jwt_issuer: Some("https://id.example".to_owned()),
        jwt_audience: Some("sweetspot".to_owned()),
        jwt_keys_file: Some("keys.json".into()),
        jwt_keys_url: "https://id.example/keys".parse().ok(),
        jwt_keys_ca_file: Some("id.pem".into()),
        jwt_keys_interval: Duration::from_secs(60),
        jwt_principal_claim: "oid".to_owned(),
        jwt_roles_claim: "roles".to_owned(),
        jwt_workspace_claim: "tenant".to_owned(),
    }
}

fn otlp_from_the_environment() -> OtlpSettings {
    OtlpSettings {
        endpoint: "http://127.0.0.1:4317".parse().ok(),
        headers_file: Some("headers".into()),
        ca_file: Some("ca.pem".into()),
        trace_sample: Some(100),
        metrics_interval: Duration::from_secs(15),
        service_name: "scores".to_owned(),
    }
}

fn workspace_from_the_environment() -> WorkspaceSettings {
    WorkspaceSettings {
        max_concurrent_calls: Some(21),
        max_score_streams: Some(22),
        max_queued_runs: Some(23),
        max_models: 24,
        max_stored_size: Some(ByteSize(25 << 20)),
    }
}

#[test]
fn every_setting_can_come_from_the_environment() {
    let loaded = load_settings("", EVERY_SETTING, &[]);
    let expected = Settings {
        store: StoreLocation::new("123"),
        objects: ObjectSettings { url: "s3://models/sweetspot".parse().ok() },
        server: ServerSettings {
            listen: SocketAddr::from(([0_u16; 8], 8080)),
            allow_remote: true,
            http_listen: Some(SocketAddr::from(([127, 0, 0, 1], 8081))),
            http_hosts: Some(HostNames(vec!["a.example".to_owned(), "b".to_owned()])),
            http_web_origins: Some(WebOrigins(vec![
                "https://a.example".to_owned(),
                "http://localhost:3000".to_owned(),
            ])),
            http_max_connections: 3,
            model_cache: Some(PathBuf::from("/cache")),
            reflection: Some(false),
            workers: 3,
            admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 9464))),
            max_connections: 11,
            handshake_timeout: Duration::from_secs(12),
            max_connection_age: Duration::from_secs(13 * 60),
            max_connection_age_grace: Duration::from_secs(3600),
            max_concurrent_calls: 1,
            max_score_streams: 3,
            max_concurrent_streams: 2,
            max_request_size: ByteSize(2048),
            max_buffered_size: ByteSize(64 << 20),
            body_timeout: Duration::from_secs(75),
            response_stall_timeout: Duration::from_secs(17),
            max_queue_delay: Duration::from_millis(16),
            max_response_size: ByteSize(4097),
            max_import_accounts: 5,
            max_import_size: Some(ByteSize(8 << 30)),
            max_dataset_versions: 6,
            max_dataset_version_days: Some(400),
            max_model_versions: Some(50),
            max_model_version_days: Some(90),
            min_free_disk: ByteSize(3 << 20),
            drain_timeout: Duration::from_secs(7),
        },
        tls: tls_from_the_environment(),
        auth: auth_from_the_environment(),
        workspace: workspace_from_the_environment(),
        training: TrainingSettings { threads: 8, queue: 9, max_memory: Some(ByteSize(1 << 30)) },
        log: LogSettings {
            filter: "warn,sweetspot=debug".parse().unwrap(),
            format: LogFormat::Json,
            access_sample: Some(1000),
        },
        metrics: MetricsSettings { resource_names: true },
        otlp: otlp_from_the_environment(),
    };
    assert_eq!(loaded.settings, expected);
    assert!(loaded.origins.iter().all(|entry| matches!(entry.origin, Origin::Environment { .. })));
}

#[test]
fn the_displayed_settings_are_a_valid_project_file() {
    let unset = [
        ("server.reflection", "true"),
        ("server.admin_listen", "[::1]:1"),
        ("server.http_listen", "[::1]:2"),
        ("server.http_hosts", "a.example,b"),
        ("server.http_web_origins", "https://a.example,http://localhost:3000"),
        ("server.model_cache", "cache"),
        ("objects.url", "s3://bucket/path"),
        ("tls.certificate_file", "a.pem"),
        ("tls.key_file", "b.pem"),
        ("tls.client_ca_file", "c.pem"),
        ("auth.owner_key_file", "d"),
        ("workspace.max_concurrent_calls", "1"),
        ("workspace.max_score_streams", "2"),
        ("workspace.max_queued_runs", "3"),
        ("workspace.max_stored_size", "4MiB"),
        ("auth.jwt_issuer", "e"),
        ("auth.jwt_audience", "f"),
        ("auth.jwt_keys_file", "g"),
        ("auth.jwt_keys_url", "https://id.example"),
        ("auth.jwt_keys_ca_file", "k"),
        ("server.max_import_size", "1GiB"),
        ("server.max_dataset_version_days", "400"),
        ("server.max_model_versions", "50"),
        ("server.max_model_version_days", "90"),
        ("training.max_memory", "1GiB"),
        ("log.access_sample", "1"),
        ("otlp.endpoint", "https://collector.example"),
        ("otlp.headers_file", "h"),
        ("otlp.ca_file", "i"),
        ("otlp.trace_sample", "7"),
    ];
    let first = load_settings("", &[("SWEETSPOT__STORE", "a \"b\"\\c")], &unset);
    let lines: Vec<String> = first.origins.iter().map(|entry| format!("{} = {}", entry.key, entry.value)).collect();
    assert_eq!(load_settings(&lines.join("\n"), &[], &[]).settings, first.settings);
}

#[test]
fn all_errors_are_reported_together_with_their_origin() {
    let file = "stor = 1\nlog = 3\n[server]\nlisten = 5\ndrain_timeout = \"soon\"\nmax_queue_delay = \"2m\"\n\
                [serving]\n[training]\nqueue = -1\n";
    let environment = [
        ("SWEETSPOT__SERVER__LISTN", "127.0.0.1:1"),
        ("SWEETSPOT__SERVER__MAX_REQUEST_SIZE", "4GB"),
        ("SWEETSPOT__LOG__FORMAT", "xml"),
        ("SWEETSPOT__SERVER", "x"),
        ("SWEETSPOT_PORT", "ignored"),
    ];
    let flags = [
        ("server.max_concurrent_calls", "0"),
        ("server.reflection", "null"),
        ("store", ""),
        ("log.filter", "sweetspot=loud"),
        ("log.filter", " "),
    ];
    insta::assert_snapshot!(error_text(file, &environment, &flags));
}

#[test]
fn host_names_have_no_port_and_no_spaces() {
    for names in ["a.example", "a.example, B-1", "x"] {
        assert_eq!(error_text_if_any("", &[("server.http_hosts", names)]), None, "{names}");
    }
    for names in ["a.example:80", "a b", "a,,b", "http://a"] {
        assert!(error_text_if_any("", &[("server.http_hosts", names)]).is_some(), "{names}");
    }
}

#[test]
fn origins_of_web_pages_have_a_scheme_and_no_path() {
    for origins in ["https://a.example", "http://localhost:3000, https://[::1]:8443"] {
        assert_eq!(error_text_if_any("", &[("server.http_web_origins", origins)]), None, "{origins}");
    }
    for origins in ["a.example", "https://a.example/", "https://", "ftp://a", "*", "null", "https://a b", "https://a,"]
    {
        assert!(error_text_if_any("", &[("server.http_web_origins", origins)]).is_some(), "{origins}");
    }
}

#[test]
fn zero_is_accepted_for_threads_only() {
    for setting in SETTINGS {
        for zero in ["0", "0s", "0B"] {
            let error = error_text_if_any("", &[(setting.key, zero)]);
            let is_text = ["store", "log.filter", "server.http_hosts", "server.model_cache", "otlp.service_name"]
                .contains(&setting.key)
                || setting.key.ends_with("_file")
                || ["auth.jwt_issuer", "auth.jwt_audience"].contains(&setting.key)
                || setting.key.ends_with("_claim");
            let is_threads = ["server.workers", "training.threads"].contains(&setting.key) && zero == "0";
            assert_eq!(error.is_none(), is_text || is_threads, "{}: {error:?}", setting.key);
        }
    }
}

#[test]
fn a_duration_or_a_size_without_a_unit_is_reported_with_an_example() {
    let file = "[server]\ndrain_timeout = 20\nmax_queue_delay = \"0\"\n[training]\nmax_memory = 1073741824\n";
    let environment = [("SWEETSPOT__SERVER__MAX_CONNECTION_AGE", "1.5")];
    insta::assert_snapshot!(error_text(file, &environment, &[("server.max_request_size", "4096")]));
}

/// Returns the number at the start of a text, and the unit after it.
fn split_unit(text: &str) -> (u64, &str) {
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    (number.parse().unwrap(), unit)
}

#[test]
fn the_limits_of_a_setting_are_accepted_and_values_beyond_them_are_not() {
    let mut limited = 0;
    for setting in SETTINGS {
        let Some([low, high]) = (setting.limits)() else { continue };
        limited += 1;
        assert_eq!(error_text_if_any("", &[(setting.key, &low)]), None);
        assert_eq!(error_text_if_any("", &[(setting.key, &high)]), None);
        let (low, low_unit) = split_unit(&low);
        let (high, high_unit) = split_unit(&high);
        let below = low.checked_sub(1).map_or("-1".to_owned(), |number| format!("{number}{low_unit}"));
        for beyond in [below, format!("{}{high_unit}", high + 1)] {
            let error = error_text_if_any("", &[(setting.key, &beyond)]).unwrap();
            assert!(error.contains(&setting.expected()), "{error}");
        }
    }
    assert_eq!(limited, 36);
}

#[test]
fn a_file_gives_numbers_without_quotes_and_other_values_with_them() {
    for text in ["queue = \"3\"", "queue = 3.0", "max_memory = [\"1GiB\"]"] {
        error_text(&format!("[training]\n{text}"), &[], &[]);
    }
    for text in ["store = 3", "server.allow_remote = \"true\"", "server.reflection = 1", "log.format = \"Text\""] {
        error_text(text, &[], &[]);
    }
}

fn error_text_if_any(file: &str, flags: &[(&str, &str)]) -> Option<String> {
    let (_folder, sources) = sources(file, &[], flags);
    load(&sources).err().map(|errors| errors.to_string())
}

#[test]
fn listening_beyond_loopback_must_be_allowed() {
    for (listen, hidden) in
        [("127.0.0.2:1", true), ("[::1]:1", true), ("[::ffff:127.0.0.1]:1", true), ("0.0.0.0:1", false)]
    {
        let refused = error_text_if_any("", &[("server.listen", listen)]);
        assert_eq!(refused.is_none(), hidden, "{listen}: {refused:?}");
        assert_eq!(error_text_if_any("", &[("server.listen", listen), ("server.allow_remote", "true")]), None);
        let metrics = error_text_if_any("", &[("server.admin_listen", listen)]);
        assert_eq!(metrics.is_none(), hidden, "{listen}: {metrics:?}");
        let refused = error_text_if_any("", &[("server.http_listen", listen)]);
        assert_eq!(refused.is_none(), hidden, "{listen}: {refused:?}");
        assert!(
            refused.is_none_or(|text| text.contains("server.http_listen = 0.0.0.0:1 (command line) can be reached"))
        );
    }
    insta::assert_snapshot!(error_text("", &[], &[("server.listen", "0.0.0.0:1")]));
}

#[test]
fn a_named_file_must_exist_and_the_one_in_the_folder_need_not() {
    let (folder, mut sources) = sources("store = \"from the folder\"", &[], &[]);
    let named = folder.path().join("other.toml");
    sources.file = Some(named.clone());
    assert!(load(&sources).unwrap_err().to_string().contains("other.toml cannot be read"));
    std::fs::write(&named, "store = \"named\"").unwrap();
    assert_eq!(load(&sources).unwrap().settings.store, StoreLocation::new("named"));
}

#[test]
fn a_toml_syntax_error_is_reported_with_its_line() {
    let text = error_text("[server]\nlisten = \n", &[], &[]);
    assert!(text.contains("sweetspot.toml line 2: "), "{text}");
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_not_unicode_is_reported_and_other_variables_are_ignored() {
    use std::os::unix::ffi::OsStringExt as _;
    let broken = OsString::from_vec(vec![0xff]);
    let (_folder, mut sources) = sources("", &[], &[]);
    sources.environment = vec![("OTHER".into(), broken.clone())];
    assert!(load(&sources).is_ok());
    sources.environment.push(("SWEETSPOT__STORE".into(), broken));
    assert!(load(&sources).unwrap_err().to_string().contains("SWEETSPOT__STORE is not valid UTF-8"));
}

#[test]
fn the_password_of_a_database_is_in_the_settings_and_never_shown() {
    let loaded = load_settings("", &[("SWEETSPOT__STORE", "postgres://ann:s3cret@db/sweetspot?password=s3cret")], &[]);
    let StoreLocation::Database(url) = &loaded.settings.store else { panic!("{:?}", loaded.settings.store) };
    assert!(url.expose().contains("ann:s3cret@"));
    let shown: Vec<String> = SETTINGS.iter().map(|setting| setting.to_toml(&loaded.settings)).collect();
    assert_eq!(shown[0], "\"postgres://ann@db/sweetspot\"");
    assert!(!format!("{shown:?} {:?}", loaded.settings).contains("s3cret"));
}
