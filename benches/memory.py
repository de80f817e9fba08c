"""Compares the estimated memory of a training with its peak memory.

    python3 benches/memory.py BINARY

Needs numpy. Imports tables of several shapes; a training with the smallest limit is refused and reports the estimate, and a
second one runs. Exits with 1 if a training takes more than its estimate, or less than a third of it.
"""

import os
import re
import subprocess
import sys
import tempfile

import numpy

import accuracy

# Rows, numbers, categories, lists.
SHAPES = [(20_000, 20, 10, 0), (20_000, 100, 50, 0), (100_000, 10, 10, 0), (200_000, 2, 2, 10), (400_000, 20, 5, 0), (1_000_000, 5, 1, 0)]
CHUNK = 20_000
LIMIT = "SWEETSPOT__TRAINING__MAX_MEMORY"
SMALLEST = "64MiB"


def rows(random, count, numbers, categories, lists):
    """The outcomes and the cells of `count` rows, column by column."""
    values = random.normal(size=(numbers, count))
    columns = [[f"{value:.4f}" for value in column] for column in values]
    columns += [[f"level {min(code, 1000)}" for code in random.zipf(1.3, count)] for _ in range(categories)]
    columns += [[";".join(f"tool {tool}" for tool in tools) for tools in random.integers(0, 60, (count, 6))] for _ in range(lists)]
    won = random.random(count) < 1 / (1 + numpy.exp(-values[:2].sum(axis=0)))
    return [["won" if outcome else "lost" for outcome in won], *columns]


def write(folder, count, numbers, categories, lists):
    kinds = {"numeric": numbers, "categorical": categories, "list": lists}
    names = {kind: [f"{kind} {i}" for i in range(some)] for kind, some in kinds.items()}
    quoted = lambda names: "[" + ", ".join(f'"{name}"' for name in names) + "]"
    attributes = sum(names.values(), [])
    with open(os.path.join(folder, "mapping.toml"), "w", encoding="utf-8") as file:
        file.write(f'id = "id"\nattributes = {quoted(attributes)}\n')
        file.writelines(f"{kind} = {quoted(some)}\n" for kind, some in names.items())
        file.write('[outcome]\nstatus = { column = "outcome", won = ["won"], lost = ["lost"] }\n[label]\npolicy = "won"\n')
    random = numpy.random.default_rng(1)
    with open(os.path.join(folder, "train.csv"), "w", encoding="utf-8") as file:
        file.write(",".join(["id", "outcome", *attributes]) + "\n")
        for start in range(0, count, CHUNK):
            columns = rows(random, min(CHUNK, count - start), numbers, categories, lists)
            ids = map(str, range(start, start + CHUNK))
            file.writelines(",".join(row) + "\n" for row in zip(ids, *columns))


def estimate(train):
    """The estimate of a refusal, in MiB; 64 if the training is not refused."""
    done = subprocess.run(train, env={**os.environ, LIMIT: SMALLEST}, capture_output=True, text=True)
    found = re.search(r"needs about (\d+) MiB", " ".join(done.stderr.split()))
    return int(found.group(1)) if found else 64


def main(binary):
    print("| rows | numbers | categories | lists | estimated MiB | peak MiB |")
    print("|---|---|---|---|---|---|")
    wrong = []
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            write(folder, *shape)
            path = lambda name: os.path.join(folder, name)
            store = ("--store", path("store"), "-q")
            accuracy.run(binary, "import", path("train.csv"), "--mapping", path("mapping.toml"), *store)
            train = [binary, "train", "--label", "won", *store]
            need, taken = estimate(train), accuracy.run(*train).memory
        print(f"| {' | '.join(f'{part:,}' for part in shape)} | {need} | {taken:.0f} |", flush=True)
        if not taken <= need <= 3 * taken:
            wrong.append(str(shape))
    if wrong:
        sys.exit(f"far from the estimate: {', '.join(wrong)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
