"""A disk that is full or broken: changes are refused by name, scores go on, and later changes are accepted again."""

import random
import shutil
import subprocess
import time

from harness import OVERRIDES, Bench, Skipped, Tampering, check, reason

# After an error of the disk, changes are accepted again within this time, in seconds.
RECOVERY_SECONDS = 10
REASONS = {"DISK_FULL", "STORE_FAILED", "STORE_READ_ONLY"}
NEW_FILES = [f"blobs/tmp/{number}" for number in range(8)]
# System calls that a change makes, with the files that they are limited to; none: all files.
POINTS = [
    ("write", ["journal"]),
    ("fsync", ["journal"]),
    ("write,fsync,ftruncate", ["journal"]),
    ("pwrite64", ["rows/db"]),
    ("fsync", ["rows/db"]),
    ("write", NEW_FILES),
    ("fsync", NEW_FILES),
    ("?rename,?renameat,?renameat2", []),
    ("fsync,fdatasync", []),
]


def changes(bench):
    """One command of each kind of change."""
    return {
        "import": ["import", bench.customers(7), "--mapping", "mapping.toml"],
        "training": ["train", "--label", "won"],
        "promotion": ["model", "promote", "1", *OVERRIDES],
        "deletion": ["data", "delete", "1"],
        "entry": ["finding", "add", "may", "--text", "They need it by May", "--spiced", "pain", "--by", "Ben"],
    }


def state(bench, server):
    """What a server contains, without times."""
    found = {
        "customers": [one["dataSha256"] for one in bench.ok("data", "versions", at=server)],
        "versions": [one["artifactSha256"] for one in bench.ok("model", "list", at=server)],
        "entries": [one["id"] for one in bench.ok("finding", "list", at=server)],
        "live": server.score()[0],
    }
    # That entry only shows that changes are accepted again.
    found["entries"] = [name for name in found["entries"] if name != "later"]
    return found


def filled_store(bench):
    """Two versions, and a dataset version that no model needs."""
    bench.ok("import", bench.customers(5), "--mapping", "mapping.toml")
    bench.train(1)
    bench.train(2)
    bench.add_finding("first")
    shutil.copytree(bench.store, bench.folder / "filled")


def reset(bench):
    shutil.rmtree(bench.store)
    shutil.copytree(bench.folder / "filled", bench.store)


def seconds_until_writable(bench, server):
    start = time.monotonic()
    while True:
        done = bench.add_finding("later", at=server)
        if done.returncode == 0:
            return time.monotonic() - start
        check(reason(done.stderr) in REASONS, f"after the failure: {done.stderr}")
        check(time.monotonic() - start < RECOVERY_SECONDS, f"no change after {RECOVERY_SECONDS} s: {done.stderr}")
        time.sleep(0.1)


def expected_states(bench):
    """The state before all changes, and after each of them."""
    after = {}
    for name, words in changes(bench).items():
        reset(bench)
        with bench.serve() as server:
            before = state(bench, server)
            bench.ok(*words, at=server)
            after[name] = state(bench, server)
    return before, after


def fail_once(bench, words, before, after, point, error, when):
    """Makes a change while system calls fail. Returns whether any failed, the answer, and the time of the recovery."""
    calls, files = point
    reset(bench)
    with bench.serve() as server:
        golden = server.score()
        tampering = Tampering(bench, server, calls, f"error={error}", when, [bench.store / name for name in files])
        done = bench.run(*words, at=server)
        during = server.score()
        if not tampering.stop():
            return None
        what = f"{error} at {calls} {when} of {files[:1]}: {words[:2]}: {done.stderr.strip()[-300:]}"
        check(done.returncode == 0 or reason(done.stderr) in REASONS, f"not a typed answer: {what}")
        check(during in (golden, server.score()), f"a score changed: {what}")
        recovery = seconds_until_writable(bench, server)
        if words[0] == "train" and done.returncode:
            # The end of the run is stored within half a second.
            time.sleep(1)
        found = state(bench, server)
        server.assert_no_panic()
        server.kill()
    check(found in (before, after), f"half a change: {found}: {what}")
    check(found == after or done.returncode, f"an acknowledged change is lost: {what}")
    # After an error of the disk in the rows, the disk decides, and reads show the change.
    decided_by_disk = reason(done.stderr) == "STORE_FAILED"
    check(found == before or done.returncode == 0 or decided_by_disk, f"a refused change was made: {what}")
    with bench.serve() as server:
        check(state(bench, server) == found, f"another state after a restart: {what}")
        server.kill()
    bench.assert_sound()
    return done.returncode == 0, recovery


def at_each_write(binary, most):
    refused = answered = 0
    slowest = 0.0
    with Bench(binary) as bench:
        filled_store(bench)
        before, after = expected_states(bench)
        for name, words in changes(bench).items():
            for point in POINTS:
                for error in ("ENOSPC", "EIO"):
                    # Only the first call, or all calls from the first on; then the second, and so on.
                    for when in [f"{number}{end}" for number in range(1, most + 1) for end in ("", "+")]:
                        result = fail_once(bench, words, before, after[name], point, error, when)
                        if result is None:
                            break
                        refused, answered = refused + (not result[0]), answered + result[0]
                        slowest = max(slowest, result[1])
    check(refused > 40, f"only {refused} changes were refused")
    return (
        f"{refused} changes refused by name and {answered} made although a call failed, each in full or not at all; scores went "
        f"on; changes accepted again after {slowest:.1f} s at most, without a restart; store check passes"
    )


class SmallDisk:
    """A small file system in memory on the folder of the store."""

    def __init__(self, bench, size):
        self.store = bench.store
        self.store.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.store)]
        if subprocess.run(command, capture_output=True).returncode:
            raise Skipped("this user cannot mount a small disk")
        bench.environment["SWEETSPOT__SERVER__MIN_FREE_DISK"] = "1KiB"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.store)], check=True)

    def fill(self, free_pages):
        """Fills the disk except for some pages, so that the last write before an error is short."""
        with open(self.store / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes([1]) * 4096)
            except OSError:
                size = filler.tell() // 4096 * 4096
            filler.truncate(size - free_pages * 4096)

    def free(self):
        (self.store / "filler").unlink()


def without_space(binary, count):
    refusals, slowest, draw = 0, 0.0, random.Random(4)
    for pages in range(count):
        with Bench(binary) as bench, SmallDisk(bench, "8m") as disk:
            for salt in (1, 2):
                bench.train(salt)
            with bench.serve() as server:
                golden = server.score()
                disk.fill(pages)
                for salt in range(3, 40):
                    table = bench.customers(salt, draw.randrange(160, 2000))
                    done = bench.run("import", table, "--mapping", "mapping.toml", at=server)
                    if done.returncode:
                        break
                check(reason(done.stderr) == "DISK_FULL", f"{pages} pages were free: {done.stderr}")
                check(server.score() == golden, "a score changed on a full disk")
                server.kill()
            with bench.serve() as server:
                check(server.score() == golden, "a score changed after a start on a full disk")
                refused = bench.run("import", bench.customers(50), "--mapping", "mapping.toml", at=server)
                # What was left after the refusal may be enough for a smaller import.
                check(refused.returncode == 0 or reason(refused.stderr) == "DISK_FULL", refused.stderr)
                disk.free()
                slowest = max(slowest, seconds_until_writable(bench, server))
                check(server.score() == golden, "a score changed")
                server.assert_no_panic()
                server.stop()
            bench.assert_sound()
            refusals += 1
    return (
        f"{refusals} imports refused with DISK_FULL; scores went on, also after a start on the full disk; changes accepted again "
        f"after {slowest:.1f} s at most; store check passes"
    )
