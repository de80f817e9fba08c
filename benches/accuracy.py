"""Trains on and scores real tables with the command line, and compares the figures with those of other models.

    python3 benches/accuracy.py BINARY TABLES [TABLE:TARGET ...]

TABLES is a folder with data/ (one folder for each table: data.csv or data.csv.gz and card.json), and bench/ (the readers and
metrics used for every model, and peers.json). Exits with 1 if a table of CHECKED is not better than cross-validated
logistic regression in both AUC and log-loss.
"""

import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

# The target of a card, and the outcome and label policy of its mapping.
TASKS = {
    "sales_win_loss:won": ('status = { column = "Opportunity Result", won = ["Won"], lost = ["Loss"] }', 'policy = "won"'),
    "telco_churn_cltv:retained": ('status = { column = "Churn Label", won = ["No"], churned = ["Yes"] }', 'policy = "retained"'),
    "telco_churn_cltv:ideal": (
        'status = { column = "Churn Label", won = ["No"], churned = ["Yes"] }\nvalue = "CLTV"',
        'policy = "ideal"\nvalue_at_least = 4500',
    ),
    "x_education_leads:converted": ('status = { column = "Converted", won = ["1"], lost = ["0"] }', 'policy = "won"'),
    "bank_marketing:subscribed": ('status = { column = "y", won = ["yes"], lost = ["no"] }', 'policy = "won"'),
    "maven_crm:won": ('status = { column = "deal_stage", won = ["Won"], lost = ["Lost"] }', 'policy = "won"'),
}
CHECKED = ["sales_win_loss:won", "telco_churn_cltv:retained", "x_education_leads:converted", "bank_marketing:subscribed"]


# A separate process starts each command, because the peak memory of a child includes the size of its parent at the fork.
LAUNCHER = """
import os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
seconds, processor = time.monotonic() - start, usage.ru_utime + usage.ru_stime
print(os.waitstatus_to_exitcode(status), seconds, processor, usage.ru_maxrss / 1024)
"""


# The cost of a command: seconds, seconds of processor time over all cores, and peak memory in MiB.
Cost = collections.namedtuple("Cost", "seconds processor memory")


def run(*command, accept=(0,)):
    """Runs a command, and returns its cost."""
    done = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True, check=True)
    code, *cost = done.stdout.split()
    if int(code) not in accept:
        sys.exit(f"{' '.join(command)} ended with {code}:\n{done.stderr}")
    return Cost(*map(float, cost))


def write_rows(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def mapping(table, outcome_and_label, names):
    outcome, label = outcome_and_label
    quoted = lambda names: json.dumps(names, ensure_ascii=False)
    kinds = {kind: [n for n in names if table.kind[n] == kind] for kind in ("numeric", "categorical")}
    lines = ['id = "@id"', f"missing = {quoted(table.card.get('missing_markers', ['']))}", f"attributes = {quoted(names)}"]
    lines += [f"{kind} = {quoted(names)}" for kind, names in kinds.items() if names]
    return "\n".join([*lines, "[outcome]", outcome, "[label]", label, ""])


def lay_out(folder, table, task, train, test):
    """Writes the files of a task into a folder: train.csv and test.csv with the rows of these numbers, and mapping.toml."""
    columns = ["@id", *(column["name"] for column in table.card["columns"])]
    for name, numbers in (("train.csv", train), ("test.csv", test)):
        write_rows(os.path.join(folder, name), columns, ({**table.rows[number], "@id": str(number)} for number in numbers))
    with open(os.path.join(folder, "mapping.toml"), "w", encoding="utf-8") as file:
        file.write(mapping(table, TASKS[task], table.features()))


def train(binary, folder, store="store"):
    """Trains on train.csv of a folder, and returns the cost of the whole command."""
    path = lambda name: os.path.join(folder, name)
    # Exit code 4: trained, but a promotion check failed, as expected of a table without signal.
    common = ["--mapping", path("mapping.toml"), "--store", path(store), "-q"]
    return run(binary, "train", path("train.csv"), "--promote", *common, accept=(0, 4))


def score(binary, folder, store="store"):
    """Scores test.csv of a folder, and returns the rows of the output, in the order of the file."""
    path = lambda name: os.path.join(folder, name)
    common = ["--mapping", path("mapping.toml"), "--store", path(store), "-q"]
    run(binary, "score", path("test.csv"), "--version", "1", "--reasons", "0", "-o", path("out.csv"), *common)
    with open(path("out.csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def split(table):
    """The numbers of the training rows and of the held-out rows, as defined by the card."""
    test = table.is_test()
    return [[number for number, held_out in enumerate(test) if held_out == wanted] for wanted in (False, True)]


def evaluate(metrics, labels, scored):
    """All metrics of the scored rows. `labels` are those of the whole table."""
    return metrics.all_metrics([labels[int(row["@id"])] for row in scored], [float(row["probability"]) for row in scored])


def measure(binary, tables, metrics, task):
    name, target = task.split(":")
    table = tables.Table(name)
    with tempfile.TemporaryDirectory() as folder:
        learned, held_out = split(table)
        lay_out(folder, table, task, learned, held_out)
        cost = train(binary, folder)
        return evaluate(metrics, table.target(target), score(binary, folder)), len(learned), cost


def main(binary, folder, *tasks):
    sys.path.insert(0, os.path.join(folder, "bench"))
    import metrics
    import tables

    with open(os.path.join(folder, "bench", "peers.json"), encoding="utf-8") as file:
        peers = json.load(file)
    print("| table | rows | AUC | log-loss | ECE | logistic | LightGBM | CatBoost | train s | processor s | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    worse = []
    for task in tasks or TASKS:
        found, rows, cost = measure(binary, tables, metrics, task)
        other = peers.get(task, {})
        others = [f"{other[p]['auc']:.4f} / {other[p]['log_loss']:.4f}" if p in other else "" for p in ("logistic", "lightgbm", "catboost")]
        cells = [task, f"{rows:,}", f"{found['auc']:.4f}", f"{found['log_loss']:.4f}", f"{found['ece']:.4f}", *others, f"{cost.seconds:.1f}", f"{cost.processor:.1f}", f"{cost.memory:.0f}"]
        print(f"| {' | '.join(cells)} |", flush=True)
        logistic = other.get("logistic")
        if task in CHECKED and not (found["auc"] > logistic["auc"] and found["log_loss"] < logistic["log_loss"]):
            worse.append(task)
    if worse:
        sys.exit(f"not better than cross-validated logistic regression: {', '.join(worse)}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
