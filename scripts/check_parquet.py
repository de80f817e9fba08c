"""Checks Parquet against pyarrow: sweetspot reads a file of pyarrow like the CSV of the same table, and pyarrow reads a file of
sweetspot like the CSV that it writes.

    python check_parquet.py PROGRAM
"""

import csv
import datetime
import decimal
import pathlib
import random
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

MAPPING = """
id = "id"
attributes = ["Industry", "Region", "Employees", "Revenue", "Growth", "Since", "Created", "Public", "Tags"]
list = ["Tags"]
[outcome]
status = { column = "Stage", won = ["Won"], lost = ["Lost"] }
[label]
policy = "won"
"""
SCHEMA = pa.schema([
    ("id", pa.string()),
    ("Industry", pa.dictionary(pa.int32(), pa.string())),
    ("Region", pa.large_string()),
    ("Employees", pa.uint32()),
    ("Revenue", pa.decimal128(12, 2)),
    ("Growth", pa.float64()),
    ("Since", pa.date32()),
    ("Created", pa.timestamp("us", tz="UTC")),
    ("Public", pa.bool_()),
    ("Tags", pa.list_(pa.string())),
    ("Stage", pa.string()),
])
WAYS = [
    {"compression": "snappy", "row_group_size": 70},
    {"compression": "zstd", "use_dictionary": False, "data_page_version": "2.0"},
    {"compression": "gzip", "data_page_size": 500, "row_group_size": 150},
    {"compression": "lz4", "use_deprecated_int96_timestamps": True},
    {"compression": "none", "version": "1.0", "use_dictionary": False},
    {"compression": "zstd", "use_dictionary": False, "column_encoding": {"id": "DELTA_BYTE_ARRAY", "Employees": "DELTA_BINARY_PACKED"}},
    {"compression": "snappy", "use_dictionary": False, "use_byte_stream_split": ["Growth"]},
]


def rows(seed, count):
    """Synthetic accounts with some missing values."""
    draw = random.Random(seed)
    for number in range(count):
        industry = draw.choice(["Logistics", "Food", "Maschinenbau Köln", "Energy, gas"])
        employees = int(draw.lognormvariate(4, 1))
        good = (industry == "Logistics") + (employees > 60) + draw.random()
        row = {
            "id": f"A-{number}",
            "Industry": industry,
            "Region": draw.choice(["North", "South", "=West"]),
            "Employees": employees,
            "Revenue": decimal.Decimal(draw.randrange(10**9)).scaleb(-2),
            "Growth": draw.choice([draw.gauss(0, 1), round(draw.random(), 3)]),
            "Since": datetime.date(2015, 1, 1) + datetime.timedelta(draw.randrange(3000)),
            "Created": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=draw.randrange(10**8)),
            "Public": draw.random() < 0.4,
            "Tags": draw.sample(["erp", "crm", "shop"], draw.randrange(4)),
            "Stage": "Won" if good > 1.4 else "Lost",
        }
        for name in ["Industry", "Employees", "Revenue", "Since", "Public", "Tags"]:
            if draw.random() < 0.1:
                row[name] = None
        yield row


def text(value):
    """A value in the usual CSV format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def write_csv(path, table):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(SCHEMA.names)
        writer.writerows([text(row[name]) for name in SCHEMA.names] for row in table)


def check(ok, what):
    if not ok:
        sys.exit(f"failed: {what}")
    print(f"ok: {what}")


def same_table(parquet, csv_path, numbers, wholes):
    """Checks that pyarrow reads the same values from both files, and these columns as numbers."""
    table = pq.read_table(parquet)
    with csv_path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    check(table.schema.names == list(lines[0]) and table.num_rows == len(lines), f"{parquet.name} has the columns and rows")
    kind = lambda name: pa.float64() if name in numbers else pa.int64() if name in wholes else pa.string()
    check(all(field.type == kind(field.name) for field in table.schema), f"{parquet.name} has the types")
    for name in table.schema.names:
        for value, line in zip(table[name].to_pylist(), lines, strict=True):
            cell = line[name]
            if isinstance(value, str) and cell[:1] == "'":
                cell = cell[1:]
            expected = None if cell == "" else type(value)(cell)
            if value != expected:
                sys.exit(f"failed: {name} of {parquet.name} is {value!r}, in CSV {cell!r}")
    print(f"ok: {parquet.name} equals {csv_path.name}")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(line):
            command = [program, *line.split()]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"failed: {line}\n{done.stdout}{done.stderr}")

        (folder / "map.toml").write_text(MAPPING, encoding="utf-8")
        tables = {"customers": list(rows(1, 400)), "prospects": list(rows(2, 300))}
        for kind, table in tables.items():
            write_csv(folder / f"{kind}.csv", table)
            pq.write_table(pa.Table.from_pylist(table, SCHEMA), folder / f"{kind}.parquet", row_group_size=90)
        for kind in ["csv", "parquet"]:
            run(f"--store {kind} train customers.{kind} --mapping map.toml --promote --override signal --reason check")
            run(f"--store {kind} score prospects.{kind} --mapping map.toml -o scores-{kind}.csv")
        scores = (folder / "scores-csv.csv").read_bytes()
        check((folder / "scores-parquet.csv").read_bytes() == scores, "a model of Parquet scores like that of CSV")
        for way in WAYS:
            pq.write_table(pa.Table.from_pylist(tables["prospects"], SCHEMA), folder / "way.parquet", **way)
            run("--store csv score way.parquet --mapping map.toml -o way.csv")
            check((folder / "way.csv").read_bytes() == scores, f"read as written with {way}")
        keep = "--mapping map.toml --keep Region,Since"
        numbers = {"probability", "low", "high", "expected_value", "coverage"}
        for command in ["score", "targets"]:
            for kind in ["csv", "parquet"]:
                run(f"--store csv {command} prospects.csv {keep} -o {command}.{kind}")
            same_table(folder / f"{command}.parquet", folder / f"{command}.csv", numbers, {"score", "rank"})


main()
