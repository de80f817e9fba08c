//! All metrics of a server: those that were counted, and those that are read at the moment: of the process, the store,
//! training runs, and live versions.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_store::registry::{PromotionKind, Registry, VersionRecord};
use sweetspot_store::store::{DiskUsage, Store};
use tokio::runtime::{Handle, RuntimeMetrics};

use super::process_stats::ProcessStats;
use super::tls::ServerTls;
use crate::access::{Authorizer, TokenVerifier};
use crate::api::{AppState, Readiness};
use crate::config::Settings;
use crate::telemetry::{Label, Metrics, MetricsPage};

/// The time for which the sizes of the store are reused: listing its files takes a while if there are many.
const STORE_SIZES_AGE: Duration = Duration::from_secs(30);

/// The number of promotions in which the one of a live version is looked for, newest first.
const MAX_PROMOTIONS: usize = 64;

/// Where the metrics of a server come from.
#[derive(Debug)]
pub(super) struct MetricsSource {
    metrics: Metrics,
    readiness: Readiness,
    state: AppState,
    runtime: RuntimeMetrics,
    tls: Option<ServerTls>,
    tokens: Option<TokenVerifier>,
    min_free_disk: u64,
    names_resources: bool,
    store_sizes: Mutex<Option<(Instant, StoreSizes)>>,
}

/// What the store takes on the disk. Unknown parts are `None`.
#[derive(Clone, Copy, Debug, Default)]
struct StoreSizes {
    disk: Option<DiskUsage>,
    blob_count: u64,
    blob_bytes: u64,
    oldest_blob: Option<Timestamp>,
}

impl StoreSizes {
    fn read(store: &dyn Store) -> Self {
        let maintenance = store.maintenance();
        let mut sizes = Self { disk: maintenance.disk_usage().ok(), ..Self::default() };
        // A part that cannot be listed is left out; the health of the store reports why.
        for blob in (u8::MIN..=u8::MAX).flat_map(|first| maintenance.list_blobs(first).unwrap_or_default()) {
            sizes.blob_count += 1;
            sizes.blob_bytes += blob.bytes;
            sizes.oldest_blob = [sizes.oldest_blob, blob.modified].into_iter().flatten().min();
        }
        sizes
    }
}

/// A version that answers for its model.
struct LiveVersion {
    name: ModelVersionName,
    /// `None` if it cannot be read at the moment.
    record: Option<VersionRecord>,
    promoted: Option<Timestamp>,
}

impl MetricsSource {
    /// Creates the source of a server.
    pub(super) fn new(
        state: &AppState,
        (readiness, metrics): (&Readiness, &Metrics),
        (tls, authorizer): (Option<&ServerTls>, &Authorizer),
        settings: &Settings,
    ) -> Self {
        Self {
            metrics: metrics.clone(),
            readiness: readiness.clone(),
            state: state.clone(),
            runtime: Handle::current().metrics(),
            tls: tls.cloned(),
            tokens: authorizer.tokens().cloned(),
            min_free_disk: settings.server.min_free_disk.0,
            names_resources: settings.metrics.resource_names,
            store_sizes: Mutex::default(),
        }
    }

    /// What is counted.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The health of the server.
    pub(super) const fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Renders all metrics in Prometheus' text format. Reads the store.
    pub(super) fn render(&self) -> String {
        let mut page = MetricsPage::new(self.metrics.render());
        add_process(&mut page);
        self.add_runtime(&mut page);
        let expiry = self.tls.as_ref().and_then(ServerTls::expiry_seconds).map(|seconds| seconds as f64);
        page.value("sweetspot_tls_certificate_expiry_timestamp_seconds", "Expiry of the certificate in use.", expiry);
        let fetched = self.tokens.as_ref().and_then(TokenVerifier::fetched_seconds).map(|seconds| seconds as f64);
        page.value("sweetspot_token_keys_fetched_timestamp_seconds", "Last fetch of the keys of tokens.", fetched);
        self.add_store(&mut page);
        let logs = [("changes", &self.state.audit), ("denials", &self.state.denials)];
        let failures = logs.map(|(name, log)| ([("log", name)], log.failures() as f64));
        page.counter("sweetspot_audit_failures_total", "Records that could not be added to an audit log.", failures);
        let states = ["queued", "running"].into_iter().zip(self.state.jobs.unfinished_counts());
        let runs = states.map(|(state, count)| ([("state", state)], count as f64));
        page.gauge("sweetspot_training_runs", "Training runs that have not ended, by state.", runs);
        self.add_models(&mut page);
        page.into_text()
    }

    fn add_runtime(&self, page: &mut MetricsPage) {
        let workers = self.runtime.num_workers();
        let busy: Duration = (0..workers).map(|worker| self.runtime.worker_total_busy_duration(worker)).sum();
        page.value("sweetspot_workers", "Threads that answer calls.", Some(workers as f64));
        let help = "Time that the threads that answer calls were busy.";
        page.counter("sweetspot_workers_busy_seconds_total", help, [([], busy.as_secs_f64())]);
        let queued = self.runtime.global_queue_depth() as f64;
        page.value("sweetspot_tasks_queued", "Tasks that wait for a thread that answers calls.", Some(queued));
    }

    fn store_sizes(&self) -> StoreSizes {
        let mut known = self.store_sizes.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = known.filter(|(read, _)| read.elapsed() < STORE_SIZES_AGE);
        known.insert(recent.unwrap_or_else(|| (Instant::now(), StoreSizes::read(&*self.state.store)))).1
    }

    fn add_store(&self, page: &mut MetricsPage) {
        let StoreSizes { disk, blob_count, blob_bytes, oldest_blob } = self.store_sizes();
        let disk_parts = disk.iter().flat_map(|disk| [("rows", disk.row_files), ("journal", disk.journal)]);
        let parts = disk_parts.chain([("blobs", blob_bytes)]).map(|(part, bytes)| ([("part", part)], bytes as f64));
        page.gauge("sweetspot_store_bytes", "Size of the files of the store, by part.", parts);
        page.value("sweetspot_store_blobs", "Files in blobs/.", Some(blob_count as f64));
        let oldest = oldest_blob.map(unix_seconds);
        page.value("sweetspot_store_oldest_blob_timestamp_seconds", "Time of the oldest file in blobs/.", oldest);
        let free = disk.and_then(|disk| disk.free).map(|free| free as f64);
        page.value("sweetspot_disk_free_bytes", "Free space of the disk of the store.", free);
        let minimum = Some(self.min_free_disk as f64);
        page.value("sweetspot_disk_free_min_bytes", "Free space below which changes are refused.", minimum);
        let writable = f64::from(u8::from(self.readiness.is_writable()));
        page.value("sweetspot_store_writable", "Whether the store can be changed.", Some(writable));
    }

    fn add_models(&self, page: &mut MetricsPage) {
        let registry = &*self.state.registry;
        let live: Vec<LiveVersion> =
            registry.live_versions().into_iter().map(|name| read_live_version(registry, name)).collect();
        let failures = registry.live_failures();
        page.value("sweetspot_live_models", "Models that a version answers for.", Some(live.len() as f64));
        let help = "Models whose live version cannot be loaded.";
        page.value("sweetspot_damaged_live_models", help, Some(failures.len() as f64));
        let trained = |version: &LiveVersion| version.record.as_ref().map(|record| unix_seconds(record.created));
        let auc = |version: &LiveVersion| version.record.as_ref().map(|record| record.evaluation.auc);
        let promoted = |version: &LiveVersion| version.promoted.map(unix_seconds);
        let trained_help = "Time at which a live version was trained.";
        let auc_help = "AUC of a live version.";
        let promoted_help = "Time at which a live version was promoted.";
        if !self.names_resources {
            let minimum = |of: &dyn Fn(&LiveVersion) -> Option<f64>| live.iter().filter_map(of).reduce(f64::min);
            page.value("sweetspot_live_model_oldest_trained_timestamp_seconds", trained_help, minimum(&trained));
            page.value("sweetspot_live_model_oldest_promoted_timestamp_seconds", promoted_help, minimum(&promoted));
            page.value("sweetspot_live_model_lowest_auc", auc_help, minimum(&auc));
            return;
        }
        let each = |of: &dyn Fn(&LiveVersion) -> Option<f64>| {
            live.iter().filter_map(|one| Some((model_labels(&one.name.model), of(one)?))).collect::<Vec<_>>()
        };
        page.gauge("sweetspot_live_model_trained_timestamp_seconds", trained_help, each(&trained));
        page.gauge("sweetspot_live_model_promoted_timestamp_seconds", promoted_help, each(&promoted));
        page.gauge("sweetspot_live_model_auc", auc_help, each(&auc));
        let versions: Vec<_> = live.iter().map(|one| (one, one.name.number.to_string(), digest(one))).collect();
        let infos = versions.iter().map(|(one, version, digest)| {
            let [workspace, model] = model_labels(&one.name.model);
            ([workspace, model, ("version", version.as_str()), ("digest", digest.as_str())], 1.0)
        });
        page.gauge("sweetspot_model_info", "Versions that answer for their model.", infos);
        let damaged: Vec<_> = failures
            .iter()
            .map(|failure| {
                let live = failure.damaged.first().map(|one| one.version.number.to_string());
                let stand_in = failure.stand_in.as_ref().map(|version| version.number.to_string());
                (failure, live.unwrap_or_default(), stand_in.unwrap_or_default())
            })
            .collect();
        let stand_ins = damaged.iter().map(|(failure, live, stand_in)| {
            let [workspace, model] = model_labels(&failure.model);
            ([workspace, model, ("live", live.as_str()), ("version", stand_in.as_str())], 1.0)
        });
        page.gauge("sweetspot_stand_in", "Models whose live version cannot be loaded.", stand_ins);
    }
}

fn add_process(page: &mut MetricsPage) {
    let revision = option_env!("SWEETSPOT_REVISION").unwrap_or_default();
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("revision", revision)];
    page.gauge(
        "sweetspot_build_info",
        "The release, and the revision of its source if the build knew it.",
        [(labels, 1.0)],
    );
    let ProcessStats { cpu_seconds, resident_bytes, open_files, max_files, start_seconds } = ProcessStats::read();
    let cpu = cpu_seconds.map(|seconds| ([], seconds));
    page.counter("process_cpu_seconds_total", "CPU time of the process.", cpu);
    page.value("process_resident_memory_bytes", "Memory of the process.", resident_bytes);
    page.value("process_open_fds", "Open file descriptors.", open_files);
    page.value("process_max_fds", "Maximum number of open file descriptors.", max_files);
    page.value("process_start_time_seconds", "Start of the process.", start_seconds);
}

fn read_live_version(registry: &Registry, name: ModelVersionName) -> LiveVersion {
    let record = registry.version(&ModelVersionRef::Number(name.clone())).ok();
    let promotions = registry.promotions(&name.model, None, MAX_PROMOTIONS).unwrap_or_default();
    let promotion = promotions.into_iter().map(|(_, promotion)| promotion).find(|promotion| {
        promotion.alias == ModelVersionAlias::Live
            && promotion.kind != PromotionKind::Refused
            && promotion.to_version == name.number
    });
    LiveVersion { name, record, promoted: promotion.map(|promotion| promotion.time) }
}

fn digest(version: &LiveVersion) -> String {
    version.record.as_ref().map(|record| record.artifact.to_string()).unwrap_or_default()
}

fn model_labels(model: &ModelName) -> [Label<'_>; 2] {
    [("workspace", model.workspace.as_str()), ("model", model.model.as_str())]
}

fn unix_seconds(time: Timestamp) -> f64 {
    time.as_second() as f64
}
