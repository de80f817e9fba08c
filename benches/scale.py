"""Time and memory of training on synthetic customers: 20 attributes, 10,000 to 1,000,000 rows.

    python3 benches/scale.py BINARY [ROWS ...]

Needs numpy, and 200 MB in the temporary folder. Twelve numbers (two of them amounts with round and missing values), six
categories of 2 to 2,000 levels, two flags; the outcome depends on half of them and on two interactions. `train` is a whole
`sweetspot train FILE --promote`; `import` and `fit` are its two halves in separate processes; `score` scores the same file.
Exits with 1 if 1,000,000 rows take 30 seconds or 1 GiB.
"""

import os
import sys
import tempfile

import numpy

import accuracy

ROWS = (10_000, 100_000, 1_000_000)
LEVELS = (2, 5, 12, 40, 200, 2000)
CHUNK = 50_000
NAMES = [*(f"number {i}" for i in range(10)), "amount", "revenue", *(f"category {i}" for i in range(6)), "flag 0", "flag 1"]
KINDS = {"numeric": NAMES[:12], "categorical": NAMES[12:18], "flags": NAMES[18:]}


def customers(random, effects, count):
    """The columns as texts, and the outcomes, of `count` customers."""
    numbers = random.normal(size=(10, count))
    money = numpy.exp(random.normal(9, 1.2, size=(2, count)))
    money[0] = numpy.where(random.random(count) < 0.4, numpy.maximum(1000, numpy.round(money[0], -3)), numpy.round(money[0], 2))
    codes = [numpy.minimum(random.zipf(1.4, count) - 1, levels - 1) for levels in LEVELS]
    flags = random.integers(0, 2, size=(2, count))
    log_odds = numpy.sin(2 * numbers[0]) + 0.7 * numbers[1] - 0.3 * numbers[2] ** 2 + 0.4 * (numpy.log(money[0]) - 9)
    log_odds += sum(effect[code] for effect, code in zip(effects, codes))
    log_odds += 0.6 * flags[0] * numbers[3] + numpy.where(codes[1] == 0, 0.8, -0.4) * flags[1] - 1.2
    won = random.random(count) < 1 / (1 + numpy.exp(-log_odds))
    columns = [[f"{value:.4f}" for value in column] for column in numbers]
    gap = random.random(size=(2, count)) < 0.1
    columns += [["" if empty else f"{value:.2f}" for value, empty in zip(column, empties)] for column, empties in zip(money, gap)]
    columns += [[f"level {code}" for code in column] for column in codes]
    columns += [["yes" if flag else "no" for flag in column] for column in flags]
    return columns, ["won" if outcome else "lost" for outcome in won]


def write(folder, rows):
    """Writes train.csv and mapping.toml, and returns the size of the former in megabytes."""
    random = numpy.random.default_rng(rows)
    effects = [random.normal(0, 0.5, levels) for levels in LEVELS]
    path = os.path.join(folder, "train.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(["id", "outcome", *NAMES]) + "\n")
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            columns, outcomes = customers(random, effects, count)
            ids = map(str, range(start, start + count))
            file.writelines(",".join(row) + "\n" for row in zip(ids, outcomes, *columns))
    quoted = lambda names: "[" + ", ".join(f'"{name}"' for name in names) + "]"
    kinds = "\n".join(f"{kind} = {quoted(names)}" for kind, names in KINDS.items() if kind != "flags")
    outcome = 'status = { column = "outcome", won = ["won"], lost = ["lost"] }'
    with open(os.path.join(folder, "mapping.toml"), "w", encoding="utf-8") as file:
        file.write(f'id = "id"\nattributes = {quoted(NAMES)}\n{kinds}\n[outcome]\n{outcome}\n[label]\npolicy = "won"\n')
    return os.path.getsize(path) / 1e6


def measure(binary, folder):
    """The cost of each command."""
    path = lambda name: os.path.join(folder, name)
    mapping, store = ("--mapping", path("mapping.toml")), lambda name: ("--store", path(name), "-q")
    return {
        "train": accuracy.train(binary, folder),
        "import": accuracy.run(binary, "import", path("train.csv"), *mapping, *store("halves")),
        "fit": accuracy.run(binary, "train", "--label", "won", *store("halves")),
        "score": accuracy.run(binary, "score", path("train.csv"), "-o", path("out.csv"), *mapping, *store("store")),
    }


def main(binary, sizes):
    print("| rows | file MB | train s | processor s | peak MiB | import s | fit and evaluate s | score s | peak MiB | load |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    slow = []
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            size = write(folder, rows)
            found = measure(binary, folder)
        train, score = found["train"], found["score"]
        cells = [f"{rows:,}", f"{size:.0f}", f"{train.seconds:.1f}", f"{train.processor:.1f}", f"{train.memory:.0f}"]
        cells += [f"{found[half].seconds:.1f}" for half in ("import", "fit")]
        cells += [f"{score.seconds:.1f}", f"{score.memory:.0f}", f"{os.getloadavg()[0]:.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)
        if rows == 1_000_000 and not (train.seconds < 30 and train.memory < 1024):
            slow.append(f"{rows:,} rows: {train.seconds:.1f} s, {train.memory:.0f} MiB")
    if slow:
        sys.exit(f"limit exceeded: {', '.join(slow)}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [int(rows) for rows in sys.argv[2:]] or ROWS)
