"""Starts the program in a folder of its own, calls it, and records what each fault did."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

MODEL = "workspaces/default/models/default"
# Overrides of every promotion check, because the data is small and changes from version to version.
CHECKS = ["signal", "auc_drop", "log_loss_rise", "calibration", "lost_attributes", "missing_values", "label_rate", "min_auc"]
OVERRIDES = [part for check in CHECKS for part in ("--override", check)] + ["--reason", "test"]
ACCOUNT = {"accountId": "golden", "attributes": {"employees": 140, "industry": "retail"}}
FINDING = ["--text", "They need it by May", "--spiced", "critical_event", "--by", "Ben"]
MAPPING = """id = "id"
attributes = ["employees", "industry"]
[outcome]
status = { column = "outcome", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"""


class Skipped(Exception):
    """The machine lacks what a fault needs."""


class Failed(Exception):
    """A promise was not kept."""


def check(condition, what):
    """Fails the row unless the condition holds. `assert` would be removed by `python3 -O`."""
    if not condition:
        raise Failed(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def number_of(name):
    """The number at the end of a resource name."""
    return int(name.rsplit("/", 1)[1])


def reason(text):
    """The reason code in an error message of the program, such as DISK_FULL."""
    codes = re.findall(r"\[([A-Z][A-Za-z_]+)\]", text)
    return codes[0] if codes else None


def strace():
    """The path of strace, if it can trace processes here."""
    path = shutil.which("strace")
    if not path or subprocess.run([path, "-f", "true"], capture_output=True).returncode:
        raise Skipped("strace is missing or cannot trace processes")
    return path


class Bench:
    """A folder with a store, in which the program runs without the settings of the user."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="sweetspot-faults-"))
        self.store = self.folder / "store"
        self.environment = {"HOME": str(self.folder), "USER": "test", "PATH": os.environ["PATH"]}
        (self.folder / "mapping.toml").write_text(MAPPING)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def customers(self, salt, rows=160):
        """Writes a table of customers and returns its name. Another salt gives other data."""
        name, draw = f"customers-{salt}-{rows}.csv", random.Random(salt)
        lines = ["id,employees,industry,outcome"]
        for number in range(rows):
            employees, industry = draw.randrange(5, 400), draw.choice(["fintech", "retail", "media"])
            won = (employees > 100 + salt * 7 % 150 or industry == "media") != (draw.random() < 0.1)
            lines.append(f"a-{number},{employees},{industry},{'won' if won else 'lost'}")
        (self.folder / name).write_text("\n".join(lines) + "\n")
        return name

    def run(self, *words, at=None, store=None, timeout=120):
        """Runs a command on the store, or another one, or at a server."""
        place = ["--server", at.url] if at else ["--store", str(store or self.store)]
        command = [self.binary, *map(str, words), *place]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=timeout)

    def ok(self, *words, at=None):
        """Runs a command that must succeed, and returns its JSON."""
        done = self.run(*words, "--json", at=at)
        check(done.returncode == 0, f"{' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr[-600:]}")
        return json.loads(done.stdout or "null")

    def train(self, salt, at=None):
        """Imports customers, trains on them, and makes the version live. Returns its number."""
        trained = self.ok("train", self.customers(salt), "--mapping", "mapping.toml", "--promote", *OVERRIDES, at=at)
        return int(trained["version"]["name"].rsplit("/", 1)[1])

    def add_finding(self, name, at=None, **options):
        """Adds an entry to the definition: the smallest change."""
        return self.run("finding", "add", name, *FINDING, at=at, **options)

    def assert_sound(self):
        """Fails unless `store check` finds nothing wrong."""
        done = self.run("store", "check")
        check(done.returncode == 0, f"store check: {done.stdout[-600:]}{done.stderr[-600:]}")

    def byte_count(self):
        return sum(path.stat().st_size for path in self.store.rglob("*") if path.is_file())

    def serve(self, **options):
        return Server(self, **options)


class Server:
    """A server process on the store of a bench."""

    def __init__(self, bench, prefix=(), environment=(), stderr=None, wait=True):
        self.bench = bench
        self.grpc, self.http = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.grpc}"
        self.log = bench.folder / "server.log"
        command = [*prefix, bench.binary, "serve", "--listen", f"127.0.0.1:{self.grpc}"]
        command += ["--http", f"127.0.0.1:{self.http}", "--store", str(bench.store)]
        self.started = time.monotonic()
        with open(self.log, "wb") as log:
            output = log if stderr is None else stderr
            everything = bench.environment | dict(environment)
            self.process = subprocess.Popen(command, cwd=bench.folder, env=everything, stdout=subprocess.DEVNULL, stderr=output)
        self.pid, self.is_killed, self.ready_seconds = self.process.pid, False, None
        self.local = threading.local()
        if wait and not self.wait_ready():
            raise Failed(f"the server did not start: {self.log.read_text()[-600:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def wait_ready(self, path="/healthz", seconds=30):
        """Waits for a health check to succeed. Returns whether it did before the process ended."""
        while self.process.poll() is None and time.monotonic() - self.started < seconds:
            if self.status(path) == 200:
                self.ready_seconds = time.monotonic() - self.started
                return True
            time.sleep(0.002)
        return False

    def status(self, path):
        try:
            return self.call("GET", path)[0]
        except OSError:
            return None

    def call(self, method, path, body=None):
        """Makes an HTTP call that changes nothing, on a connection of this thread. Returns the status and the JSON."""
        kept = getattr(self.local, "connection", None)
        if kept is not None:
            try:
                return self.exchange(kept, method, path, body)
            except ConnectionError:
                # The server closes connections that were idle.
                pass
        self.local.connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        return self.exchange(self.local.connection, method, path, body)

    def exchange(self, connection, method, path, body):
        try:
            headers = {"content-type": "application/json"} if body is not None else {}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self.local.connection = None
            raise ConnectionError(str(error)) from error
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def score(self, version="live", model=MODEL, verb="score"):
        """Returns the number of the version that answered, and the log-odds of the account."""
        body = {"rows": {"rows": [ACCOUNT]}} if verb == "score" else {"accounts": [ACCOUNT]}
        status, answer = self.call("POST", f"/v1/{model}/versions/{version}:{verb}", body)
        if status != 200:
            raise Refused(status, answer)
        resolved = answer.get("summary", answer)["resolvedVersion"]
        return int(resolved.rsplit("/", 1)[1]), answer["scores"][0]["logOdds"]

    def memory(self, key="VmRSS"):
        """Resident memory in MiB, now (VmRSS) or at most (VmHWM)."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(key + r":\s+(\d+)", text).group(1)) / 1024

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.is_killed = True
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self, seconds=60):
        """Ends the server with SIGTERM. Returns the time that it took, in seconds."""
        start = time.monotonic()
        self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"the server did not end within {seconds} s of SIGTERM") from error
        check(code == 0, f"exit code {code} after SIGTERM: {self.log.read_text()[-600:]}")
        return time.monotonic() - start

    def assert_no_panic(self):
        """Fails if the program panicked. A panic of the database is caught, and becomes an error of the store."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if "panicked at" in line]
        lines = [line for line in lines if not re.search(r"panicked at \S*/sled-", line)]
        check(not lines, f"a panic: {lines[:1]}")


class Refused(Exception):
    """The server answered an HTTP call with an error."""

    def __init__(self, status, answer):
        details = answer.get("error", {}).get("details", [{}]) if isinstance(answer, dict) else [{}]
        self.status, self.reason = status, next((one["reason"] for one in details if "reason" in one), None)
        super().__init__(f"{status} {self.reason}: {str(answer)[:300]}")


class Tampering:
    """A tracer that changes the result of system calls of a running server until it is stopped."""

    def __init__(self, bench, server, calls, what, when, paths=()):
        self.output = bench.folder / "trace"
        command = [strace(), "-f", "-o", str(self.output), "-e", f"trace={calls}", "-e", f"inject={calls}:{what}:when={when}"]
        command += [part for path in paths for part in ("-P", str(path))] + ["-p", str(server.pid)]
        self.tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        text = ""
        while " attached" not in text:
            line = self.tracer.stderr.readline()
            text += line
            if not line:
                raise Skipped(f"strace cannot attach: {text[-200:]}")
        # Read until the end, so that the tracer can always write.
        threading.Thread(target=self.tracer.stderr.read, daemon=True).start()

    def stop(self):
        """Ends the tracer. Returns the number of calls whose result was changed."""
        self.tracer.terminate()
        self.tracer.wait()
        return self.output.read_text(errors="replace").count("(INJECTED)")


def in_parallel(works):
    """Runs functions on threads at the same moment. Returns their results, or raises the first error."""
    barrier, results, errors = threading.Barrier(len(works)), [None] * len(works), []

    def run(number, work):
        try:
            barrier.wait()
            results[number] = work()
        except Exception as error:  # Raised below, in the thread of the caller.
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
