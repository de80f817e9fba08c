"""The best of a large list that are no customers, with their e-mails: in one command, and in five lines of Python.

    python3 benches/large_list.py BINARY [--rows 2000000] [--top 50000] [--repeats 3]

Needs the Python client with pyarrow and pandas, and 1 GB in the temporary folder. The model is that of `sweetspot demo`;
prospects are its customers drawn again with other numbers, as Parquet with a list column and e-mails, and one in twenty is a
customer. Prints times and peak memory, and exits with 1 if the two answers differ in any row, score, reason or e-mail.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

import numpy
import pandas
import pyarrow
import pyarrow.parquet

from sweetspot import LocalServer

ATTRIBUTES = (
    "industry employees revenue_eur growth_percent country region technologies use_case skilled_staff_percent decision_makers "
    "situation pain impact critical_event decision"
).split()
NUMBERS = {"employees": 0, "revenue_eur": -3, "growth_percent": 1}
CHUNK = 200_000
FIVE_LINES = """
import pandas as pd
from sweetspot import Client
customers = pd.read_parquet("customers.parquet")["account_id"]
client = Client({url!r})
client.score_file("prospects.parquet", "python.parquet", exclude=customers, keep=["email"], top={top}, unknown="ignore")
"""
EXACT = ["account_id", "probability", "score", "data_support", "tier", "pond_side", "segment", "reasons", "email"]
# The command writes these with fewer digits.
ROUNDED = {"low": 4, "high": 4, "coverage": 4, "expected_value": 2}


def chunk(random, customers, start, count):
    """Prospects as columns."""
    drawn = customers.iloc[random.integers(len(customers), size=count)].reset_index(drop=True)
    for name, digits in NUMBERS.items():
        drawn[name] = (drawn[name] * random.lognormal(0, 0.3, count)).round(digits)
    ids = [f"A{number:08}" for number in range(start, start + count)]
    drawn.insert(0, "account_id", ids)
    drawn["email"] = [f"sales@{account_id.lower()}.example" for account_id in ids]
    return drawn


def write(folder, rows):
    """Writes prospects.parquet and customers.parquet, and returns the number of customers."""
    random = numpy.random.default_rng(rows)
    customers = pandas.read_csv(os.path.join(folder, "demo.files", "customers.csv"))[ATTRIBUTES]
    customers["technologies"] = customers["technologies"].str.split("; ").where(customers["technologies"].notna(), None)
    known, writer = [], None
    for start in range(0, rows, CHUNK):
        prospects = chunk(random, customers, start, min(CHUNK, rows - start))
        known += prospects["account_id"][random.random(len(prospects)) < 0.05].tolist()
        table = pyarrow.Table.from_pandas(prospects, preserve_index=False)
        writer = writer or pyarrow.parquet.ParquetWriter(os.path.join(folder, "prospects.parquet"), table.schema)
        writer.write_table(table)
    writer.close()
    pandas.DataFrame({"account_id": known}).to_parquet(os.path.join(folder, "customers.parquet"))
    return len(known)


def run(folder, *command):
    """Runs a command, and returns its seconds, the seconds of processors, and its peak memory in MiB."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        sys.exit(f"{command[:3]} failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def peak_of(process):
    """The peak memory of a running process in MiB."""
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) / 1024


def server_process(url):
    """The process that listens on the port of an address."""
    port = url.rpartition(":")[2]
    listening = subprocess.run(["ss", "-Hltnp", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"pid=(\d+)", listening)[1])


def check_equal(folder):
    """Compares both answers."""
    command = pandas.read_parquet(os.path.join(folder, "command.parquet"))
    python = pandas.read_parquet(os.path.join(folder, "python.parquet"))
    rounded = {name: [float(f"{value:.{digits}f}") for value in python[name]] for name, digits in ROUNDED.items()}
    for name, values in {**{name: python[name].tolist() for name in EXACT}, **rounded}.items():
        if command[name].tolist() != values:
            sys.exit(f"the answers differ in {name}")
    return len(command)


def line(name, runs, note=""):
    seconds = sorted(one[0] for one in runs)
    middle = runs[[one[0] for one in runs].index(seconds[len(seconds) // 2])]
    print(f"| {name} | {middle[0]:.1f} | {middle[1]:.1f} | {max(one[2] for one in runs):.0f}{note} | {os.getloadavg()[0]:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--top", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    binary = os.path.realpath(options.binary)
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "demo")
        subprocess.run([binary, "demo", "--quiet", "--store", store], check=True, stdout=subprocess.DEVNULL)
        customers = write(folder, options.rows)
        size = os.path.getsize(os.path.join(folder, "prospects.parquet")) / 1e6
        print(f"{options.rows:,} prospects ({size:.0f} MB), {customers:,} of them customers; the best {options.top:,}\n")
        print("| way | seconds | processor s | peak MiB | load |\n|---|---|---|---|---|")
        score = [binary, "score", "prospects.parquet", "--exclude", "customers.parquet", "--keep", "email", "--quiet"]
        score += ["--top", str(options.top), "--store", store, "-o", "command.parquet"]
        line("one command", [run(folder, *score) for _ in range(options.repeats)])
        with LocalServer(store, program=binary) as server:
            lines = FIVE_LINES.format(url=server.url, top=options.top)
            runs = [run(folder, sys.executable, "-c", lines) for _ in range(options.repeats)]
            line("five lines of Python", runs, f" + {peak_of(server_process(server.url)):.0f} (server)")
        print(f"\nboth answers have the same {check_equal(folder):,} rows")


if __name__ == "__main__":
    main()
