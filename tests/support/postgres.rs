//! A PostgreSQL server that a test starts.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The variable with the folder of `initdb`, `postgres` and `psql`, if they are in none of the usual places.
const FOLDER_VARIABLE: &str = "SWEETSPOT_TEST_POSTGRES";
const START_TIMEOUT: Duration = Duration::from_secs(60);

static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

/// A server; stopped and removed on drop.
pub(crate) struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    process: Mutex<Option<Child>>,
}

impl PostgresServer {
    /// Starts a server. Returns `None`, and prints that, if this machine has no PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = find_programs() else {
            // The output must show that a test had no effect.
            let _written = writeln!(
                std::io::stderr(),
                "skipped: there is no PostgreSQL on this machine (set {FOLDER_VARIABLE} to the folder of its programs)"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let server = Self { programs, folder, port, process: Mutex::default() };
        if is_root() {
            // PostgreSQL refuses to run as root.
            assert!(Command::new("chown").arg("nobody").arg(server.folder.path()).status().unwrap().success());
        }
        let mut create = server.command("initdb");
        create.args(["-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-A", "trust", "-N", "-D"]);
        let created = create.arg(server.data()).output().unwrap();
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
        server.run();
        Some(server)
    }

    /// Returns the server that the tests of this process share while one of them uses it.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// Starts the process, and waits until it accepts connections.
    pub(crate) fn run(&self) {
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        command.args(["-c", "max_connections=200"]);
        command.stdout(Stdio::null()).stderr(log);
        let mut process = command.spawn().unwrap();
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.try_sql("postgres", "SELECT 1") {
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {}", self.log());
            // It does not start while a process of a killed server still has its shared memory.
            if process.try_wait().unwrap().is_some() {
                process = command.spawn().unwrap();
            }
            thread::sleep(Duration::from_millis(50));
        }
        *self.process.lock().unwrap() = Some(process);
    }

    /// Encrypts connections from now on, with a certificate and its key.
    pub(crate) fn encrypt(&self, certificate: &str, key: &str) {
        for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            fs::write(&path, pem).unwrap();
            if is_root() {
                assert!(Command::new("chown").arg("nobody").arg(&path).status().unwrap().success());
            }
            // It refuses a key that others can read.
            assert!(Command::new("chmod").arg("600").arg(&path).status().unwrap().success());
        }
        self.sql("postgres", "ALTER SYSTEM SET ssl = on");
        self.sql("postgres", "SELECT pg_reload_conf()");
        let deadline = Instant::now() + START_TIMEOUT;
        while self.sql("postgres", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") != "t" {
            assert!(Instant::now() < deadline, "PostgreSQL does not encrypt: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server at once, as `kill -9` of all of its processes does.
    pub(crate) fn kill(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut child) = process.take() {
            signal_all(child.id(), "KILL");
            let _status = child.wait();
            drop(fs::remove_file(self.data().join("postmaster.pid")));
        }
    }

    /// Stops all processes of the server in place, as an overloaded machine does.
    pub(crate) fn pause(&self) {
        signal_all(self.process_id(), "STOP");
    }

    /// Continues after [`Self::pause`].
    pub(crate) fn resume(&self) {
        signal_all(self.process_id(), "CONT");
    }

    /// The port of the server on this machine.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a new, empty schema.
    pub(crate) fn new_schema(&self) -> String {
        let schema = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE SCHEMA {schema}"));
        Self::url(self.port, &schema)
    }

    /// The URL of a schema through a port of this machine.
    pub(crate) fn url(port: u16, schema: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable&options=-csearch_path%3D{schema}")
    }

    /// Runs a statement, and returns its result as text.
    pub(crate) fn sql(&self, database: &str, statement: &str) -> String {
        let done = self.psql(database, statement).output().unwrap();
        assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
    }

    fn try_sql(&self, database: &str, statement: &str) -> bool {
        self.psql(database, statement).output().is_ok_and(|done| done.status.success())
    }

    fn psql(&self, database: &str, statement: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-d", database]);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn process_id(&self) -> u32 {
        self.process.lock().unwrap().as_ref().unwrap().id()
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to the server, and then to its children.
fn signal_all(server: u32, signal: &str) {
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
    let all: Vec<String> = [server.to_string()].into_iter().chain(children.split(' ').map(str::to_owned)).collect();
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).args(all.iter().filter(|id| !id.is_empty()));
    // A child may have ended meanwhile.
    let _sent = kill.stderr(Stdio::null()).status();
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0)
}

/// The folder with the programs: that of the variable, or else one of the search path or of Debian's packages.
fn find_programs() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "not a setting of the program")]
    let variable = std::env::var_os;
    if let Some(folder) = variable(FOLDER_VARIABLE) {
        return Some(PathBuf::from(folder));
    }
    let path = variable("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut releases: Vec<PathBuf> = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    releases.sort();
    folders.extend(releases);
    let is_complete = |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    folders.into_iter().find(is_complete)
}
