"""Kill -9: at random moments of changes, and at each system call of a start and of a stop."""

import json
import random
import shutil
import signal
import threading
import time

from harness import FINDING, OVERRIDES, Bench, Failed, Tampering, check, number_of, strace

# The most bytes that all kills together may leave behind in files that no record names.
MAX_LEFTOVER = 1 << 20
# System calls that change a folder, or make a change durable. `write` is limited to the journal and to new files.
CALLS = [
    "write",
    "pwrite64",
    "fsync,fdatasync",
    "?rename,?renameat,?renameat2",
    "?unlink,unlinkat",
    "ftruncate",
    "?mkdir,mkdirat",
]


class Ledger:
    """The changes that a server acknowledged."""

    def __init__(self):
        self.versions, self.scores, self.history, self.entries, self.imports = {}, {}, [], set(), set()
        self.lost, self.count, self.import_count = [], 0, 0

    def make_changes(self, bench, server, round_number):
        """Makes one change after the other until one is not acknowledged."""

        def acknowledged(*words):
            done = bench.run(*words, "--json", at=server)
            self.count += done.returncode == 0
            is_json = done.stdout.startswith("{")
            return (json.loads(done.stdout) if is_json else {}) if done.returncode == 0 else None

        for lap in range(1000):
            imported = acknowledged("import", bench.customers((round_number + lap) % 5), "--mapping", "mapping.toml")
            if imported is None:
                return
            self.imports.add(number_of(imported["datasetVersion"]))
            self.imports -= {number_of(name) for name in imported.get("removedVersions", [])}
            self.import_count += 1
            trained = acknowledged("train", "--label", "won")
            if trained is None:
                return
            version = number_of(trained["version"]["name"])
            self.versions[version] = trained["version"]["artifactSha256"]
            if acknowledged("model", "promote", version, *OVERRIDES) is None:
                return
            self.history.append(version)
            name = f"f-{round_number}-{lap}"
            if acknowledged("finding", "add", name, *FINDING) is None:
                return
            self.entries.add(name)

    def check(self, bench, server, newest=10):
        """Counts the acknowledged changes that are missing, and compares scores with those given before."""
        listed = {number_of(one["name"]): one["artifactSha256"] for one in read(bench, server, "model", "list")}
        self.lost += [f"version {number}" for number, digest in self.versions.items() if listed.get(number) != digest]
        for number in sorted(listed)[-newest:]:
            answer = server.score(number)
            check(answer == (number, self.scores.setdefault(number, answer[1])), f"a wrong score of version {number}")
        moves = read(bench, server, "model", "history")[::-1]
        went = [number_of(one["toVersion"]) for one in moves]
        if went[: len(self.history)] != self.history:
            self.lost.append(f"history {went[-4:]}, not {self.history[-4:]}")
        check(len(went) <= len(self.history) + 1, f"{len(went)} promotions after {len(self.history)} were acknowledged")
        check([number_of(one["name"]) for one in moves] == list(range(1, len(moves) + 1)), "a gap in the history")
        self.history = went
        if went:
            live, score = server.score()
            check(live == went[-1] and self.scores.setdefault(live, score) == score, "a wrong live version")
        self.lost += sorted(self.entries - {one["id"] for one in read(bench, server, "finding", "list")})
        imports = {number_of(one["name"]) for one in read(bench, server, "data", "versions")}
        # An import that was not acknowledged may have removed old versions, as an acknowledged one reports.
        missing = set() if imports - self.imports else self.imports - imports
        self.lost += [f"dataset version {number}" for number in sorted(missing)]
        self.imports = imports
        check(not self.lost, f"{len(self.lost)} acknowledged changes lost: {self.lost[:3]}")


def read(bench, server, *words):
    """Lists what there is; a list of what was never created is refused by name, and empty."""
    done = bench.run(*words, "--json", at=server)
    check(done.returncode == 0 or "_NOT_FOUND]" in done.stderr, f"{words}: {done.stderr}")
    return json.loads(done.stdout) if done.returncode == 0 else []


def during_changes(binary, count):
    ledger, draw, ready = Ledger(), random.Random(20), []
    with Bench(binary) as bench:
        for number in range(count):
            with bench.serve() as server:
                ready.append(server.ready_seconds)
                ledger.check(bench, server)
                work = threading.Thread(target=ledger.make_changes, args=(bench, server, number))
                work.start()
                # Within or after one of the first changes, however slow the machine is.
                target = ledger.count + draw.randrange(6)
                while ledger.count < target and work.is_alive():
                    time.sleep(0.001)
                time.sleep(draw.uniform(0, 0.04))
                server.kill()
                work.join()
                server.assert_no_panic()
        with bench.serve() as server:
            ledger.check(bench, server, newest=len(ledger.history) + count)
            left = int(bench.ok("store", "stats", at=server)["unnamedFiles"].get("bytes", 0))
            server.stop()
        bench.assert_sound()
        size = bench.byte_count()
    check(left < MAX_LEFTOVER, f"{left} bytes left behind")
    check(max(ready) < 2, f"ready after {max(ready):.2f} s")
    return (
        f"0 acknowledged changes lost, of {ledger.import_count} imports, {len(ledger.versions)} versions, "
        f"{len(ledger.history)} promotions and {len(ledger.entries)} entries; ready after {max(ready) * 1000:.0f} ms at most; "
        f"{left / 1024:.0f} KiB left in unnamed files, {size / 2**20:.1f} MiB in all; store check passes"
    )


def stores(bench):
    """Stores that a start may find: none, one that was closed, and one whose process was killed within a training."""
    new = bench.folder / "new"
    new.mkdir()
    bench.train(1)
    bench.train(2)
    closed = bench.folder / "closed"
    shutil.copytree(bench.store, closed)
    with bench.serve() as server:
        training = threading.Thread(target=bench.run, args=("train", "--label", "won"), kwargs={"at": server})
        training.start()
        while not has_open_run(bench, server) and training.is_alive():
            pass
        server.kill()
        training.join()
    killed = bench.folder / "killed"
    shutil.copytree(bench.store, killed)
    return [new, closed, killed]


def has_open_run(bench, server):
    groups = bench.ok("store", "stats", at=server)["groups"]
    return any(group["kind"] == "open training runs" and group.get("records") for group in groups)


def at_system_calls(binary, most):
    """Kills a server at the first, second, and so on of each system call of a thread, until it starts or stops."""
    strace()
    with Bench(binary) as bench:
        sources = stores(bench)
        starts = sum(kill_each(bench, source, calls, most, kill_start) for source in sources for calls in CALLS)
        # A stop writes little: it closes what it has written before.
        stops = sum(kill_each(bench, source, calls, most, kill_stop) for source in sources for calls in [*CALLS, "close"])
    check(starts > 40 and stops > 10, f"only {starts} starts and {stops} stops were killed")
    return f"{starts} starts and {stops} stops killed: each store opens with every version, entry and score; store check passes"


def kill_each(bench, source, calls, most, kill):
    """Kills at each of these calls. Returns how often."""
    golden = None
    for number in range(1, most + 1):
        shutil.rmtree(bench.store, ignore_errors=True)
        shutil.copytree(source, bench.store)
        code = kill(bench, calls, number)
        golden = assert_intact(bench, golden, f"{kill.__name__} at {calls} {number} ({source.name})")
        if code == 0:
            return number - 1
        check(code == -signal.SIGKILL, f"exit code {code} at {calls} {number}")
    raise Failed(f"{calls} never ends")


def kill_start(bench, calls, number):
    paths = [part for path in written_files(bench, calls) for part in ("-P", str(path))]
    inject = ["-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={number}"]
    with bench.serve(prefix=[strace(), "-D", "-f", "-qq", "-o", "/dev/null", *paths, *inject], wait=False) as server:
        if server.wait_ready():
            server.signal(signal.SIGTERM)
        return server.process.wait(60)


def kill_stop(bench, calls, number):
    """A change before the stop leaves rows to be written."""
    with bench.serve() as server:
        done = bench.add_finding("last", at=server)
        check(done.returncode == 0, done.stderr)
        tampering = Tampering(bench, server, calls, "signal=KILL", number, written_files(bench, calls))
        server.signal(signal.SIGTERM)
        code = server.process.wait(60)
        tampering.stop()
    return code


def written_files(bench, calls):
    """`write` is also called for pipes and for the runtime, where a kill is like any other."""
    names = ["journal", "journal.new", "format.new", *(f"blobs/tmp/{number}" for number in range(4))]
    return [bench.store / name for name in names] if calls == "write" else []


def assert_intact(bench, golden, state):
    """Starts a server, and returns what it answers, which must be as before. Then verifies the store."""
    with bench.serve() as server:
        versions = {one["name"]: one["artifactSha256"] for one in read(bench, server, "model", "list")}
        scores = {name: server.score(number_of(name)) for name in versions}
        entries = [one["id"] for one in read(bench, server, "finding", "list")]
        answer = {"live": server.score() if versions else None, "entries": entries}
        answer |= {"versions": versions, "scores": scores}
        server.kill()
    check(golden in (None, answer), f"{state}: {answer} is not {golden}")
    bench.assert_sound()
    return answer
