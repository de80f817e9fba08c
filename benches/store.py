"""Times of a store: opening, changes, backup, restore, check, and the collection of garbage.

    python3 benches/store.py BINARY [MIB]

Fills a store with datasets of MIB MiB (1,024 by default). Changes are compared with transactions of SQLite (WAL, every
commit synced) in the same folder, and copies with `cp -r` and `sync`; all alternate. Prints the minimum, median and maximum
of RUNS, and of single changes.
"""

import hashlib
import http.client
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
CHANGES = 1_000
GARBAGE_FILES = 10_000
ROWS, NUMBERS = 200_000, 20
MAPPING = 'id = "id"\nattributes = {names}\n[outcome]\nstatus = {{ column = "outcome", won = ["won"], lost = ["lost"] }}\n'


def seconds(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def figures(name, times, unit="s"):
    scale = {"s": 1, "ms": 1e3}[unit]
    low, middle, high = (scale * figure(times) for figure in (min, statistics.median, max))
    print(f"{name}: {low:.2f} {middle:.2f} {high:.2f} {unit}", flush=True)


def size(folder):
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names)


class Bench:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.store = binary, folder, os.path.join(folder, "store")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words, store=None):
        command = [self.binary, "--store", store or self.store, "--quiet", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def fill(self, mib):
        """Imports tables of random numbers until the store is large enough."""
        names, draw = [f"n{number}" for number in range(NUMBERS)], random.Random(1)
        with open(self.path("mapping.toml"), "w", encoding="utf-8") as file:
            file.write(MAPPING.format(names=json.dumps(names)))
        outcomes = ["won" if draw.random() < 0.3 else "lost" for _ in range(ROWS)]
        rows = [f",{outcome}," + ",".join(f"{draw.random():.15f}" for _ in names) for outcome in outcomes]
        while not os.path.exists(self.store) or size(self.store) < mib * 2**20:
            # Of one dataset, only the newest versions are kept.
            salt = draw.randrange(2**32)
            with open(self.path("table.csv"), "w", encoding="utf-8") as file:
                file.write(",".join(["id", "outcome", *names]) + "\n")
                file.writelines(f"{salt}-{number}{row}\n" for number, row in enumerate(rows))
            self.run("import", self.path("table.csv"), "--mapping", self.path("mapping.toml"), "--dataset", f"d{salt}")
        os.remove(self.path("table.csv"))
        print(f"{size(self.store) / 2**20:.0f} MiB")

    def opening(self):
        """Commands that open a store: an empty one and the full one."""
        empty = self.path("empty")
        self.run("definition", "set", "--review-on", "2030-01-01", store=empty)
        times = [[seconds(lambda: self.run("workspaces", store=store)) for store in (empty, self.store)] for _ in range(RUNS)]
        for name, one in zip(("command on an empty store", "command on the full store"), zip(*times)):
            figures(name, one, "ms")

    def changes(self):
        """Comments, added through one HTTP connection."""
        command = [self.binary, "--store", self.store, "serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        _, port = re.findall(r"127\.0\.0\.1:(\d+)", server.stderr.readline())
        connection = http.client.HTTPConnection("127.0.0.1", int(port))
        peer = sqlite3.connect(self.path("peer.sqlite"), isolation_level=None)
        peer.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE comments (id INTEGER PRIMARY KEY, text TEXT)")
        text = "x" * 200

        def add():
            body = json.dumps({"comment": {"author": "Ann", "text": text}})
            connection.request("POST", "/v1/workspaces/default/models/default/definition/comments", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                sys.exit(f"{answer.status}: {content}")

        insert = lambda: peer.execute("INSERT INTO comments (text) VALUES (?)", (text,))
        try:
            times = [(seconds(add), seconds(insert)) for _ in range(CHANGES)]
        finally:
            server.terminate()
            server.wait()
        ours, theirs = zip(*times)
        figures("change", ours, "ms")
        figures("SQLite commit", theirs, "ms")

    def copies(self):
        backup, restored, copied = (self.path(name) for name in ("backup", "restored", "copied"))
        work = {
            "backup to a folder": lambda: self.run("store", "backup", backup),
            "restore": lambda: self.run("store", "restore", backup, store=restored),
            "cp -r and sync": lambda: subprocess.run(["sh", "-c", f"cp -r {self.store} {copied} && sync"], check=True),
            "check": lambda: self.run("store", "check"),
        }
        times = {name: [] for name in work}
        for _ in range(RUNS):
            for name, one in work.items():
                times[name].append(seconds(one))
            for folder in (backup, restored, copied):
                shutil.rmtree(folder)
        for name, one in times.items():
            figures(name, one)

    def garbage(self):
        """Removes files that no record names."""
        times = []
        for _ in range(RUNS):
            for number in range(GARBAGE_FILES):
                content = f"{number}".encode() * 100
                name = hashlib.sha256(content).hexdigest()
                folder = os.path.join(self.store, "blobs", name[:2])
                os.makedirs(folder, exist_ok=True)
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
            os.sync()
            times.append(seconds(lambda: self.run("store", "gc", "--min-age", "0s")))
        figures(f"garbage of {GARBAGE_FILES} files", times)


def main(binary, mib):
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(binary), folder)
        bench.fill(mib)
        bench.opening()
        bench.changes()
        bench.copies()
        bench.garbage()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1024)
