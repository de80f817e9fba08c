"""How often the 90 % interval of a score holds the probability that made-up accounts really have.

    python3 benches/coverage.py BINARY [REPEATS]

Needs numpy. Each repeat makes customers of a world with a known probability, trains on them, scores 1,000 fresh accounts
of the same world, and counts those whose probability lies between the columns `low` and `high`. Ends with 1 where the
mean over worlds and sizes is not between 85 and 95 %.
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


# A world: columns and log-odds of so many accounts. Whatever is drawn for the world as a whole is drawn before.
def smooth(random):
    """Four numbers act smoothly, two say nothing."""

    def draw(count):
        x = random.normal(size=(6, count))
        return dict(enumerate(x)), 1.2 * numpy.sin(1.5 * x[0]) + 0.5 * x[1] - 0.4 * x[2] ** 2 + numpy.tanh(2 * x[3])

    return draw


def levels(random):
    """A category of 60 levels with effects of their own, one of 5, and a number that says nothing."""
    many, few, popular = random.normal(0, 1, 60), random.normal(0, 0.5, 5), random.dirichlet(numpy.ones(60))

    def draw(count):
        a, b = random.choice(60, count, p=popular), random.integers(0, 5, count)
        columns = {"many": numpy.char.add("m", a.astype(str)), "few": numpy.char.add("f", b.astype(str)), "number": random.normal(size=count)}
        return columns, many[a] + few[b] - 0.5

    return draw


def interaction(random):
    """A flag turns the effect of a number round, and two more numbers act on their own."""

    def draw(count):
        x, flag = random.normal(size=(4, count)), random.integers(0, 2, count)
        columns = {**dict(enumerate(x)), "flag": numpy.where(flag == 1, "yes", "no")}
        return columns, numpy.where(flag == 1, 1.2, -1.2) * x[0] + 0.6 * x[1] + 0.5 * numpy.sin(2 * x[2]) - 0.5

    return draw


def nothing(random):
    """Three in ten are ideal, whatever their attributes."""

    def draw(count):
        columns = {**dict(enumerate(random.normal(size=(4, count)))), "level": numpy.char.add("l", random.integers(0, 12, count).astype(str))}
        return columns, numpy.full(count, numpy.log(0.3 / 0.7))

    return draw


def recurring(random):
    """Half of the amounts are one of 12 round ones, each with an effect of its own; the others act smoothly."""
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
    """Shares of fresh accounts below, in and above their intervals, the mean width, and the mean error of the log-odds' mean."""
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
    print("| world | customers | in the interval | truth is lower | truth is higher | mean width |")
    print("|---|---|---|---|---|---|")
    held = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for world in WORLDS:
            for size in SIZES:
                found = numpy.array(pool.map(repeat, [(binary, world, size, seed) for seed in range(repeats)], chunksize=1))
                below, inside, above, width = found.mean(axis=0)
                error = found[:, 1].std(ddof=1) / numpy.sqrt(repeats)
                print(f"| {world.__name__} | {size:,} | {inside:.1%} ± {error:.1%} | {below:.1%} | {above:.1%} | {width:.3f} |", flush=True)
                held.append(inside)
    mean = numpy.mean(held)
    print(f"| **mean** | | {mean:.1%} | | | |")
    if not 0.85 <= mean <= 0.95:
        sys.exit(f"90 % intervals hold the truth in {mean:.1%} of cases")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else REPEATS)
