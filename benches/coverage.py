"""How often the 90% interval of a score contains the true probability of synthetic accounts.

    python3 benches/coverage.py BINARY [REPEATS]

Needs numpy. Each repeat generates customers of a world with known probabilities, trains on them, scores 1,000 new accounts
of the same world, and counts those whose true probability is between the columns `low` and `high`. Exits with 1 if the
mean over worlds and sizes is not between 85% and 95%.
"""

import csv
import multiprocessing
import os
import sys
import tempfile

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy

import accuracy

SIZES = (300, 1000, 5000)
REPEATS = 20
FRESH = 1000


# A world returns a function that draws the columns and log-odds of `count` accounts. Parameters of the world are drawn once.
def smooth(random):
    """Four numbers with smooth effects, and two without an effect."""

    def draw(count):
        x = random.normal(size=(6, count))
        return dict(enumerate(x)), 1.2 * numpy.sin(1.5 * x[0]) + 0.5 * x[1] - 0.4 * x[2] ** 2 + numpy.tanh(2 * x[3])

    return draw


def levels(random):
    """A category of 60 levels and one of 5, with an effect of each level, and a number without an effect."""
    many, few, popular = random.normal(0, 1, 60), random.normal(0, 0.5, 5), random.dirichlet(numpy.ones(60))

    def draw(count):
        a, b = random.choice(60, count, p=popular), random.integers(0, 5, count)
        columns = {"many": numpy.char.add("m", a.astype(str)), "few": numpy.char.add("f", b.astype(str)), "number": random.normal(size=count)}
        return columns, many[a] + few[b] - 0.5

    return draw


def interaction(random):
    """A flag that reverses the effect of a number, and two more numbers with effects of their own."""

    def draw(count):
        x, flag = random.normal(size=(4, count)), random.integers(0, 2, count)
        columns = {**dict(enumerate(x)), "flag": numpy.where(flag == 1, "yes", "no")}
        return columns, numpy.where(flag == 1, 1.2, -1.2) * x[0] + 0.6 * x[1] + 0.5 * numpy.sin(2 * x[2]) - 0.5

    return draw


def nothing(random):
    """A constant rate of 30% ideal accounts, independent of their attributes."""

    def draw(count):
        columns = {**dict(enumerate(random.normal(size=(4, count)))), "level": numpy.char.add("l", random.integers(0, 12, count).astype(str))}
        return columns, numpy.full(count, numpy.log(0.3 / 0.7))

    return draw


def recurring(random):
    """Half of the amounts are one of 12 round ones, each with its own effect; the others have a smooth effect."""
    round_ones = numpy.array([100, 200, 250, 500, 750, 1000, 1500, 2000, 2500, 5000, 7500, 10000])
    effects = random.normal(0, 0.8, len(round_ones))

    def draw(count):
        which, is_round = random.integers(0, len(round_ones), count), random.random(count) < 0.5
        amount = numpy.where(is_round, round_ones[which], numpy.round(numpy.exp(random.uniform(4.6, 9.2, count)), 2))
        other = random.normal(size=(2, count))
        log_odds = 0.5 * (numpy.log(amount) - 6.9) + numpy.where(is_round, effects[which], 0) + 0.6 * other[0] - 0.5
        return {"amount": amount, "other": other[0], "noise": other[1]}, log_odds

    return draw


WORLDS = (smooth, levels, interaction, nothing, recurring)


def write(path, columns, labels):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["@id", "won", *(f"a_{name}" for name in columns)])
        writer.writerows(zip(range(len(labels)), labels, *(column.tolist() for column in columns.values())))


def repeat(job):
    """The shares of new accounts whose true probability is below, in and above their interval, and the mean width."""
    binary, world, size, seed = job
    random = numpy.random.default_rng([WORLDS.index(world), size, seed])
    draw = world(random)
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (("train.csv", size), ("test.csv", FRESH)):
            columns, log_odds = draw(count)
            truth = 1 / (1 + numpy.exp(-log_odds))
            write(os.path.join(folder, name), columns, (random.random(count) < truth).astype(int).tolist())
        with open(os.path.join(folder, "mapping.toml"), "w", encoding="utf-8") as file:
            names = ", ".join(f'"a_{name}"' for name in columns)
            outcome = 'status = { column = "won", won = ["1"], lost = ["0"] }'
            file.write(f'id = "@id"\nattributes = [{names}]\n[outcome]\n{outcome}\n[label]\npolicy = "won"\n')
        accuracy.train(binary, folder)
        scored = accuracy.score(binary, folder)
    low, high = (numpy.array([float(row[column]) for row in scored]) for column in ("low", "high"))
    return numpy.mean(truth < low), numpy.mean((low <= truth) & (truth <= high)), numpy.mean(truth > high), numpy.mean(high - low)


def main(binary, repeats):
    print("| world | customers | in the interval | below it | above it | mean width |")
    print("|---|---|---|---|---|---|")
    coverages = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for world in WORLDS:
            for size in SIZES:
                found = numpy.array(pool.map(repeat, [(binary, world, size, seed) for seed in range(repeats)], chunksize=1))
                below, inside, above, width = found.mean(axis=0)
                error = found[:, 1].std(ddof=1) / numpy.sqrt(repeats)
                print(f"| {world.__name__} | {size:,} | {inside:.1%} ± {error:.1%} | {below:.1%} | {above:.1%} | {width:.3f} |", flush=True)
                coverages.append(inside)
    mean = numpy.mean(coverages)
    print(f"| **mean** | | {mean:.1%} | | | |")
    if not 0.85 <= mean <= 0.95:
        sys.exit(f"90% intervals contain the true probability in {mean:.1%} of cases")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else REPEATS)
