"""Compares the product with common alternatives in alternating runs: accuracy, and time from a file to a model.

    python3 benches/peers.py BINARY TABLES [TABLE:TARGET ...]

TABLES as in accuracy.py; needs numpy, pandas, scikit-learn, lightgbm and catboost. PEERS=logistic,lightgbm,catboost,ebm
chooses among the models of TABLES/bench/peers.py (ebm needs interpret, and takes minutes); ROUNDS is the number of rounds,
3 by default. In each round the product trains (one process: read the CSV, import, fit, evaluate out of fold, publish), then
every peer (one Python process: read the same CSV, fit, and predict the held-out rows, without an evaluation). Cells are AUC /
log-loss on the held-out rows; seconds are medians, with those of the fit alone in brackets; "times" is the median over rounds
of a peer's seconds over the product's, with that of processor seconds, which depend less on other load, in brackets.
"""

import json
import math
import os
import statistics
import sys
import tempfile
import time

import accuracy

ROUNDS = int(os.environ.get("ROUNDS", "3"))
# Waiting threads of a peer must not block working ones on shared cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
PEERS = os.environ.get("PEERS", "logistic,lightgbm,catboost").split(",")


def frame(pandas, path, features, numeric, missing):
    """The input of peers: numbers with NaN for missing values, and texts in which missing is a level."""
    table = pandas.read_csv(path, usecols=features, dtype=str, keep_default_na=False)[features]
    for column in features:
        empty = table[column].isin(missing)
        if column in numeric:
            table[column] = pandas.to_numeric(table[column].mask(empty), errors="coerce")
        else:
            table[column] = table[column].mask(empty, "(missing)")
    return table


def peer(folder, bench, model):
    """Runs a peer in this process, and writes its probabilities and the seconds of its fit."""
    sys.path.insert(0, bench)
    import warnings

    import numpy
    import pandas
    import peers

    warnings.filterwarnings("ignore")
    with open(os.path.join(folder, "task.json"), encoding="utf-8") as file:
        task = json.load(file)
    known, held_out = (frame(pandas, os.path.join(folder, name), **task["frame"]) for name in ("train.csv", "test.csv"))
    labels = numpy.array(task["labels"])
    start = time.monotonic()
    probabilities = peers.MODELS[model](known, labels, held_out).tolist()
    with open(os.path.join(folder, f"{model}.json"), "w", encoding="utf-8") as file:
        json.dump({"fit": time.monotonic() - start, "probabilities": probabilities}, file)


def run_peer(folder, bench, model):
    """Runs a peer in a new process. Returns its seconds, processor seconds and seconds of the fit; and the held-out probabilities."""
    cost = accuracy.run(sys.executable, os.path.abspath(__file__), "--peer", folder, bench, model)
    with open(os.path.join(folder, f"{model}.json"), encoding="utf-8") as file:
        result = json.load(file)
    return (cost.seconds, cost.processor, result["fit"]), result["probabilities"]


def measure(binary, bench, task):
    """Model -> (AUC, log-loss, then for all rounds: seconds, processor seconds, seconds of the fit); and the number of rows."""
    import metrics
    import tables

    name, target = task.split(":")
    table = tables.Table(name)
    labels, (known, held_out) = table.target(target), accuracy.split(table)
    truth = [labels[number] for number in held_out]
    seconds, found = {model: [] for model in ("sweetspot", *PEERS)}, {}
    with tempfile.TemporaryDirectory() as folder:
        accuracy.lay_out(folder, table, task, known, held_out)
        features = table.features()
        numeric = [column for column in features if table.kind[column] == "numeric"]
        of_frame = {"features": features, "numeric": numeric, "missing": table.card.get("missing_markers", [""])}
        with open(os.path.join(folder, "task.json"), "w", encoding="utf-8") as file:
            json.dump({"frame": of_frame, "labels": [labels[number] for number in known]}, file)
        for number in range(ROUNDS):
            cost = accuracy.train(binary, folder, f"store{number}")
            seconds["sweetspot"].append((cost.seconds, cost.processor, math.nan))
            found["sweetspot"] = [float(row["probability"]) for row in accuracy.score(binary, folder, f"store{number}")]
            for model in PEERS:
                spent, found[model] = run_peer(folder, bench, model)
                seconds[model].append(spent)
    evaluated = {model: (metrics.auc(truth, p), metrics.log_loss(truth, p), *zip(*seconds[model])) for model, p in found.items()}
    return evaluated, len(known)


def figures(evaluated):
    """Model -> AUC, log-loss, median seconds, median seconds of the fit, median ratios to the product in seconds and processor seconds."""
    own = evaluated["sweetspot"]
    ratio = lambda of, place: statistics.median(peer / product for peer, product in zip(of[place], own[place]))
    medians = lambda of: (statistics.median(of[2]), statistics.median(of[4]), ratio(of, 2), ratio(of, 3))
    return {model: (*of[:2], *medians(of)) for model, of in evaluated.items()}


def mean(rows):
    """Arithmetic means of AUC, log-loss and seconds; geometric means of ratios."""
    columns = list(zip(*rows))
    return (*map(statistics.fmean, columns[:4]), *map(statistics.geometric_mean, columns[4:]))


def line(name, rows, found):
    cells = [name, rows]
    for model, (auc, loss, whole, fit, ratio, processor) in found.items():
        cells += [f"{auc:.4f} / {loss:.4f}"]
        cells += [f"{whole:.1f}"] if model == "sweetspot" else [f"{whole:.1f} ({fit:.1f})", f"{ratio:.1f} ({processor:.1f})"]
    print(f"| {' | '.join(cells)} |", flush=True)


def main(binary, folder, *tasks):
    bench = os.path.abspath(os.path.join(folder, "bench"))
    sys.path.insert(0, bench)
    header = ["table", "rows", "Sweetspot", "s"]
    for model in PEERS:
        header += [model, "s (fit)", "times"]
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}", flush=True)
    found = []
    for task in tasks or accuracy.TASKS:
        evaluated, rows = measure(binary, bench, task)
        found.append(figures(evaluated))
        line(task, f"{rows:,}", found[-1])
    line("**mean**", "", {model: mean([of[model] for of in found]) for model in found[0]})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        # The folder of this file contains another module with the name that a peer imports.
        sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
        peer(*sys.argv[2:])
    elif len(sys.argv) < 3:
        sys.exit(__doc__)
    else:
        main(*sys.argv[1:])
