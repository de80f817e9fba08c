"""Training on aggregated rows: generates a history in DuckDB, aggregates it with the SQL of `data aggregate`, and trains on the result.

    python benches/weighted_rows.py PROGRAM [--rows N] [--compare M] [--bins B] [--folder F] [--dialects]

Needs duckdb, and with --dialects sqlglot, datafusion and pyarrow. Prints the times, the number of distinct rows, and the peak memory
of the program. On M rows, trains on the weighted rows and on the same rows one by one, binned by DuckDB itself with an ASOF join, and
compares every coefficient of the two scorecards: exits with 1 if one differs by more than 1e-9. With --dialects, the SQL of the other
dialects has to give the same rows, in DataFusion (ansi) or translated to DuckDB by sqlglot.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import duckdb

MAPPING = """
id = "account_id"
attributes = ["industry", "country", "plan", "remote", "employees", "revenue", "founded"]
categorical = ["industry", "country", "plan"]
flag = ["remote"]
numeric = ["employees", "revenue"]
date = ["founded"]
[outcome]
status = { column = "stage", won = ["Won"], lost = ["Lost"] }
[label]
policy = "won"
"""
# Uniform numbers that depend on the row alone, so that any number of threads generates the same rows.
GENERATE = """
CREATE OR REPLACE TABLE customers AS
WITH uniform AS (
  SELECT i, {uniforms} FROM range({rows}) AS rows(i)
), attributes AS (
  SELECT i, u0, u9,
    CAST(floor(12 * u1 * u1) AS INTEGER) AS industry, CAST(floor(10 * u2 * u2 * u2) AS INTEGER) AS country,
    CAST(floor(3 * u3) AS INTEGER) AS plan, u4 < 0.4 AS remote,
    exp(2 + 6 * (u5 + u6) / 2) AS size, u7, u8
  FROM uniform
), customers AS (
  SELECT *, CAST(ceil(size) AS BIGINT) AS employees, round(size * exp(9 + 1.5 * u7), -3) AS revenue,
    DATE '1980-01-01' + CAST(floor(16000 * sqrt(u8)) AS INTEGER) AS founded
  FROM attributes
)
SELECT i AS account_id, 'Industry ' || industry AS industry,
  CASE WHEN u0 < 0.05 THEN NULL ELSE 'Country ' || country END AS country, ['basic', 'team', 'all'][plan + 1] AS plan, remote,
  CASE WHEN u0 > 0.9 THEN NULL ELSE employees END AS employees, revenue, founded,
  CASE WHEN u9 < 1 / (1 + exp(-(
    CASE WHEN industry % 3 = 0 THEN 0.8 ELSE -0.4 END + 0.25 * (country % 4) - 0.6 * plan
    + CASE WHEN remote = (plan = 2) THEN 0.5 ELSE -0.2 END + sin(ln(employees)) - 0.3 * (ln(revenue) - 14) - 1)))
  THEN 'Won' ELSE 'Lost' END AS stage
FROM customers
"""
OTHER_DIALECTS = ("ansi", "postgres", "spark", "snowflake", "bigquery")


def generate(database, rows):
    """Creates the table customers."""
    uniforms = ", ".join(f"hash(i * 16 + {k}) / 18446744073709551616.0 AS u{k}" for k in range(10))
    database.execute(GENERATE.format(rows=rows, uniforms=uniforms))


def sql(program, folder, result, *options):
    """SQL that the program writes."""
    command = [program, "data", "aggregate", result, "--mapping", "mapping.toml", *options]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def aggregate(program, database, folder, bins):
    """Writes weighted.parquet and weighted.toml; returns the number of rows and the time of each query."""
    seconds = []
    started = time.monotonic()
    edges = sql(program, folder, "edges", "--dialect", "duckdb", "--bins", str(bins))
    database.execute(f"COPY ({edges}) TO '{folder}/edges.csv' (HEADER)")
    seconds.append(time.monotonic() - started)
    started = time.monotonic()
    rows = sql(program, folder, "rows", "--dialect", "duckdb", "--edges", "edges.csv", "--weighted-mapping", "weighted.toml")
    database.execute(f"COPY ({rows}) TO '{folder}/weighted.parquet'")
    seconds.append(time.monotonic() - started)
    counted, total = database.execute(f"SELECT count(*), sum(weight) FROM '{folder}/weighted.parquet'").fetchone()
    return counted, int(total), seconds


def train(program, folder, file, mapping, name, *options):
    """Trains on a file; returns the scorecard, the seconds and the peak memory in MiB."""
    store = ["--store", os.path.join(folder, name)]
    command = [program, "train", file, "--mapping", mapping, *store, "--json", *options]
    started = time.monotonic()
    with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"training on {file} failed")
    seconds, peak = time.monotonic() - started, usage.ru_maxrss / 1024
    show = [program, "model", "export", "candidate", *store]
    return json.loads(subprocess.run(show, cwd=folder, check=True, capture_output=True, text=True).stdout), seconds, peak


def bin_one_by_one(database, folder):
    """Writes rows.parquet: each row by itself, with the same bins, by another way than the program's SQL."""
    database.execute(f"CREATE OR REPLACE TABLE edges AS SELECT * FROM read_csv('{folder}/edges.csv', all_varchar = true)")
    joined, columns = "customers", {}
    for attribute, of_type in (("employees", "DOUBLE"), ("revenue", "DOUBLE"), ("founded", "DATE")):
        edges = f"(SELECT CAST(edge AS {of_type}) AS edge FROM edges WHERE attribute = '{attribute}')"
        joined += f" ASOF LEFT JOIN {edges} AS of_{attribute} ON customers.{attribute} >= of_{attribute}.edge"
        columns[attribute] = f"of_{attribute}.edge AS {attribute}"
    replaced = ", ".join(columns.values())
    rows = f"SELECT customers.* EXCLUDE ({', '.join(columns)}), {replaced} FROM {joined}"
    database.execute(f"COPY ({rows}) TO '{folder}/rows.parquet'")
    mapping = pathlib.Path(folder, "weighted.toml").read_text(encoding="utf-8")
    lines = [line for line in mapping.splitlines() if not line.startswith("weight = ")]
    pathlib.Path(folder, "rows.toml").write_text("\n".join(lines), encoding="utf-8")


def differences(path, one, other):
    """The numbers of two scorecards, with the difference of each pair."""
    if isinstance(one, dict):
        for key in one.keys() | other.keys():
            yield from differences(f"{path}.{key}", one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other)):
            yield from differences(f"{path}[{index}]", *pair)
    elif isinstance(one, (int, float)) and isinstance(other, (int, float)) and not isinstance(one, bool):
        yield path, abs(one - other)
    elif one != other:
        yield path, float("inf")


def compare(program, database, folder, rows, bins):
    """Compares the coefficients from weighted rows with those from single rows. Returns whether they are equal."""
    generate(database, rows)
    counted, _, _ = aggregate(program, database, folder, bins)
    bin_one_by_one(database, folder)
    weighted, weighted_seconds, weighted_peak = train(program, folder, "weighted.parquet", "weighted.toml", "weighted")
    single, single_seconds, single_peak = train(program, folder, "rows.parquet", "rows.toml", "single", "--independent-rows")
    print(f"{rows:,} rows, {counted:,} distinct: weighted {weighted_seconds:.1f} s and {weighted_peak:.0f} MiB, "
          f"one by one {single_seconds:.1f} s and {single_peak:.0f} MiB")
    parts = ("base_log_odds", "attributes", "pairs", "tiers", "label_card", "calibration")
    found = [pair for part in parts if part in weighted for pair in differences(part, weighted[part], single.get(part))]
    coefficients = [pair for pair in found if "log_odds" in pair[0]]
    path, most = max(found, key=lambda pair: pair[1])
    print(f"{len(found):,} numbers of both scorecards, {len(coefficients):,} of them log-odds: the largest difference is "
          f"{most:.1e} ({path}), of log-odds {max(difference for _, difference in coefficients):.1e}")
    return most <= 1e-9 and len(coefficients) > 50


def check_dialects(program, database, folder):
    """Whether the SQL of every dialect gives the same rows."""
    import datafusion
    import sqlglot

    def result(text):
        return sorted(map(repr, (tuple(map(str, row)) for row in database.execute(text).fetchall())))

    good = True
    for query, options in (("edges", ()), ("rows", ("--edges", "edges.csv"))):
        expected = result(sql(program, folder, query, "--dialect", "duckdb", *options))
        for dialect in OTHER_DIALECTS:
            text = sql(program, folder, query, "--dialect", dialect, *options)
            if dialect == "ansi":
                session = datafusion.SessionContext()
                session.register_parquet("customers", f"{folder}/customers.parquet")
                session.sql(text).write_parquet(f"{folder}/ansi.parquet")
                found = database.execute(f"SELECT * FROM '{folder}/ansi.parquet/*.parquet'") if os.path.isdir(f"{folder}/ansi.parquet") \
                    else database.execute(f"SELECT * FROM '{folder}/ansi.parquet'")
                found = found.fetchall()
                os.system(f"rm -rf '{folder}/ansi.parquet'")
                found = sorted(map(repr, (tuple(map(str, row)) for row in found)))
            else:
                found = result(sqlglot.transpile(text, read=dialect, write="duckdb")[0])
            # Engines write the same numbers differently, such as 1e3 and 1000.0.
            same = len(found) == len(expected) if query == "edges" else found == expected
            good &= same
            print(f"{query} in {dialect}: {len(found):,} rows, {'equal' if same else 'DIFFERENT'}")
            if not same:
                print(found[:3], expected[:3])
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--compare", type=int, default=1_000_000)
    parser.add_argument("--bins", type=int, default=12)
    parser.add_argument("--folder")
    parser.add_argument("--dialects", action="store_true")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        pathlib.Path(folder, "mapping.toml").write_text(MAPPING, encoding="utf-8")
        database = duckdb.connect(os.path.join(folder, "history.duckdb"))
        good = compare(program, database, folder, arguments.compare, arguments.bins)
        if arguments.dialects:
            database.execute(f"COPY customers TO '{folder}/customers.parquet'")
            good &= check_dialects(program, database, folder)
        if arguments.rows > 0:
            started = time.monotonic()
            generate(database, arguments.rows)
            generated = time.monotonic() - started
            counted, total, (edges, rows) = aggregate(program, database, folder, arguments.bins)
            size = os.path.getsize(os.path.join(folder, "weighted.parquet")) / 2**20
            print(f"{total:,} rows, generated in {generated:.0f} s: edges {edges:.0f} s, {counted:,} weighted rows in {rows:.0f} s, {size:.0f} MiB")
            _, seconds, peak = train(program, folder, "weighted.parquet", "weighted.toml", "large")
            print(f"trained in {seconds:.1f} s, peak memory {peak:.0f} MiB")
            version = json.loads(pathlib.Path(folder, "large.json").read_text(encoding="utf-8"))["version"]
            print(json.dumps({key: version.get("evaluation", {}).get(key) for key in ("rows", "auc", "logLoss", "calibrationError")}))
            good &= total == arguments.rows
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
