"""Time and memory of `sweetspot data check` on a synthetic export of 30 columns.

    python3 benches/data_check.py BINARY [ROWS ...]

Needs numpy, and 300 MB in the temporary folder for 1,000,000 rows, the default. The columns are those of a CRM: an id, a company and
a contact (distinct texts), two dates, employees, revenue with missing values, eight distinct numbers, eleven categories of 2 to 5,000
levels, three flags, and a status. Exits with 1 if 1,000,000 rows take 3 seconds or 200 MiB.
"""

import os
import sys
import tempfile

import numpy

import accuracy

LEVELS = (2, 3, 5, 8, 12, 20, 40, 60, 200, 1000, 5000)
CHUNK = 50_000
DAY = numpy.datetime64("2019-01-01")
HEADER = [
    *("Account ID", "Company", "Contact Email", "Created", "Last Activity", "Employees", "Annual Revenue"),
    *(f"Score {i}" for i in range(8)),
    *(f"Category {i}" for i in range(len(LEVELS))),
    *("Is Partner", "Has Website", "Opted In"),
    "Status",
]


def columns(random, start, count):
    """The cells of `count` rows, column by column."""
    ids = range(start, start + count)
    days = [(DAY + random.integers(0, 2000, count)).astype(str) for _ in range(2)]
    money = numpy.exp(random.normal(13, 1.5, count))
    numbers = random.normal(size=(8, count))
    codes = [numpy.minimum(random.zipf(1.3, count) - 1, levels - 1) for levels in LEVELS]
    flags = random.integers(0, 2, size=(3, count))
    won = random.random(count) < 1 / (1 + numpy.exp(-numbers[0] - 0.5 * flags[0] + 1))
    return [
        [f"A{i:07}" for i in ids],
        [f"Company {i * 7919 % 10**7} Ltd" for i in ids],
        [f"contact{i}@company{i * 7919 % 10**7}.example" for i in ids],
        *days,
        [str(int(value)) for value in numpy.exp(random.normal(4, 1.5, count)) + 1],
        ["" if gap else f"{value:.2f}" for value, gap in zip(money, random.random(count) < 0.1)],
        *([f"{value:.4f}" for value in column] for column in numbers),
        *([f"level {code}" for code in column] for column in codes),
        *(["yes" if flag else "no" for flag in column] for column in flags),
        ["Closed Won" if outcome else "Closed Lost" for outcome in won],
    ]


def write(path, rows):
    random = numpy.random.default_rng(rows)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(HEADER) + "\n")
        for start in range(0, rows, CHUNK):
            cells = columns(random, start, min(CHUNK, rows - start))
            file.writelines(",".join(row) + "\n" for row in zip(*cells))


def main(binary, sizes):
    print("| rows | file MB | s | processor s | peak MiB | load |")
    print("|---|---|---|---|---|---|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "export.csv")
            write(path, rows)
            found = accuracy.run(binary, "data", "check", path)
            cells = [f"{rows:,}", f"{os.path.getsize(path) / 1e6:.0f}", f"{found.seconds:.1f}", f"{found.processor:.1f}"]
        print(f"| {' | '.join(cells)} | {found.memory:.0f} | {os.getloadavg()[0]:.1f} |", flush=True)
        if rows == 1_000_000 and not (found.seconds < 3 and found.memory < 200):
            sys.exit(f"limit exceeded: {found.seconds:.1f} s, {found.memory:.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [int(rows) for rows in sys.argv[2:]] or [1_000_000])
