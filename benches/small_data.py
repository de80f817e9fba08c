"""Compares models of 40, 100 or 500 customers with cross-validated logistic regression.

    python3 benches/small_data.py BINARY TABLES [REPEATS [TABLE:TARGET ...]]

TABLES as in accuracy.py; needs numpy, pandas and scikit-learn. Each repeat draws customers from a table's training part
until each label has at least 5 of them; both models train on these rows and are evaluated on the same 2,000 held-out rows.
A negative difference in log-loss and a positive one in AUC favor the product. Exits with 1 if the mean log-loss over the
tables is worse than that of logistic regression by more than two standard errors.
"""

import math
import multiprocessing
import os
import random
import sys
import tempfile

# One thread for each repeat; repeats run in parallel. Must be set before numpy is loaded.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import accuracy

SIZES = (40, 100, 500)
REPEATS = 50
FEWEST = 5
HELD_OUT = 2000


class Task:
    """A table, loaded once and shared by all repeats."""

    def __init__(self, name):
        import peers
        import tables

        self.name, (table, target) = name, name.split(":")
        self.table = tables.Table(table)
        self.labels = self.table.target(target)
        self.train, test = accuracy.split(self.table)
        places = sorted(random.Random(1).sample(range(len(test)), min(HELD_OUT, len(test))))
        self.test = [test[place] for place in places]
        self.known, self.answers, held_out, self.truth = peers.frames(table, target)
        self.held_out, self.truth = held_out.iloc[places], self.truth[places]

    def draw(self, size, seed):
        """Positions in the training part, with at least FEWEST customers of each label."""
        random_ = random.Random(f"{self.name} {size} {seed}")
        while True:
            places = sorted(random_.sample(range(len(self.train)), size))
            ideal = sum(self.labels[self.train[place]] for place in places)
            if FEWEST <= ideal <= size - FEWEST:
                return places


def repeat(job):
    """(log-loss, AUC) of the product, of logistic regression, and of the constant rate of the customers."""
    binary, task, size, seed = job
    import metrics
    import peers

    task = TASKS[task]
    places = task.draw(size, seed)
    with tempfile.TemporaryDirectory() as folder:
        accuracy.lay_out(folder, task.table, task.name, [task.train[place] for place in places], task.test)
        accuracy.train(binary, folder)
        product = [float(row["probability"]) for row in accuracy.score(binary, folder)]
    answers = task.answers[places]
    logistic = peers.logistic(task.known.iloc[places].reset_index(drop=True), answers, task.held_out)
    evaluated = [product, logistic, [answers.mean()] * len(task.truth)]
    return [(metrics.log_loss(task.truth, found), metrics.auc(task.truth, found)) for found in evaluated]


def mean_and_error(values):
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    return mean, math.sqrt(variance / len(values))


def summary(results):
    """The means of both metrics of each model, and both differences as (mean, standard error)."""
    means = [[mean_and_error([result[model][metric] for result in results])[0] for metric in (0, 1)] for model in range(3)]
    return means, [mean_and_error([result[0][metric] - result[1][metric] for result in results]) for metric in (0, 1)]


def over_tables(summaries):
    """The mean over tables, whose errors are independent."""
    count = len(summaries)
    means = [[math.fsum(means[model][metric] for means, _ in summaries) / count for metric in (0, 1)] for model in range(3)]
    differences = [[difference[metric] for _, difference in summaries] for metric in (0, 1)]
    return means, [(math.fsum(m for m, _ in of_metric) / count, math.hypot(*(e for _, e in of_metric)) / count) for of_metric in differences]


def line(name, size, repeats, figures):
    ((product_loss, product_auc), (logistic_loss, logistic_auc), (base_loss, _)), (loss, auc) = figures
    cells = [name, str(size), str(repeats), f"{product_loss:.4f}", f"{logistic_loss:.4f}", f"{base_loss:.4f}"]
    cells += [f"{loss[0]:+.4f} ± {loss[1]:.4f}", f"{product_auc:.4f}", f"{logistic_auc:.4f}", f"{auc[0]:+.4f} ± {auc[1]:.4f}"]
    print(f"| {' | '.join(cells)} |", flush=True)


def main(binary, repeats):
    print("| table | customers | repeats | log-loss | logistic | rate alone | difference | AUC | logistic | difference |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    worse = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for size in SIZES:
            summaries = []
            for name in TASKS:
                results = pool.map(repeat, [(binary, name, size, seed) for seed in range(repeats)], chunksize=1)
                summaries.append(summary(results))
                line(name, size, repeats, summaries[-1])
            overall = over_tables(summaries)
            line("**mean**", size, repeats * len(summaries), overall)
            mean, error = overall[1][0]
            if mean > 2 * error:
                worse.append(f"{size} customers: {mean:+.4f} ± {error:.4f}")
    if worse:
        sys.exit(f"log-loss is worse than that of logistic regression: {', '.join(worse)}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.path.insert(0, os.path.join(sys.argv[2], "bench"))
    import warnings

    warnings.filterwarnings("ignore")
    TASKS = {name: Task(name) for name in sys.argv[4:] or accuracy.CHECKED}
    main(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else REPEATS)
