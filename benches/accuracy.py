"""Trains and scores real tables through the command line, and sets the figures beside those of other models.

    python3 benches/accuracy.py BINARY TABLES [TABLE:TARGET ...]

TABLES is a folder with data/ (one folder a table: data.csv or data.csv.gz and card.json), and bench/ (the readers and
metrics that every model is judged by, and peers.json). Ends with 1 where a table of CHECKED is not better than
cross-validated logistic regression in both AUC and log-loss.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

# Target of a card, and how a mapping says it.
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


# A process of its own starts each command: the peak memory of a child counts from the size of whoever started it.
LAUNCHER = """
import os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss / 1024)
"""


def run(*command, accept=(0,)):
    """Runs a command; returns its seconds and its peak memory in MiB."""
    done = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True, check=True)
    code, seconds, memory = done.stdout.split()
    if int(code) not in accept:
        sys.exit(f"{' '.join(command)} ended with {code}:\n{done.stderr}")
    return float(seconds), float(memory)


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


def measure(binary, tables, metrics, task):
    name, target = task.split(":")
    table = tables.Table(name)
    labels, test = table.target(target), table.is_test()
    for number, row in enumerate(table.rows):
        row["@id"] = str(number)
    columns = ["@id", *(column["name"] for column in table.card["columns"])]
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        write_rows(path("train.csv"), columns, (row for row, held_out in zip(table.rows, test) if not held_out))
        write_rows(path("test.csv"), columns, (row for row, held_out in zip(table.rows, test) if held_out))
        with open(path("mapping.toml"), "w", encoding="utf-8") as file:
            file.write(mapping(table, TASKS[task], table.features()))
        common = ["--mapping", path("mapping.toml"), "--store", path("store"), "-q"]
        # 4: trained, and held back by a quality gate, as a table without signal should be.
        seconds, memory = run(binary, "train", path("train.csv"), "--promote", *common, accept=(0, 4))
        run(binary, "score", path("test.csv"), "--version", "1", "--reasons", "0", "-o", path("out.csv"), *common)
        with open(path("out.csv"), newline="", encoding="utf-8") as file:
            probability = {row["@id"]: float(row["probability"]) for row in csv.DictReader(file)}
    held_out = [(label, probability[row["@id"]]) for row, label, is_test in zip(table.rows, labels, test) if is_test]
    return metrics.all_metrics(*zip(*held_out)), seconds, memory


def main(binary, folder, *tasks):
    sys.path.insert(0, os.path.join(folder, "bench"))
    import metrics
    import tables

    with open(os.path.join(folder, "bench", "peers.json"), encoding="utf-8") as file:
        peers = json.load(file)
    print("| table | AUC | log-loss | ECE | logistic | LightGBM | CatBoost | train s | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    worse = []
    for task in tasks or TASKS:
        found, seconds, memory = measure(binary, tables, metrics, task)
        other = peers.get(task, {})
        beside = [f"{other[p]['auc']:.4f} / {other[p]['log_loss']:.4f}" if p in other else "" for p in ("logistic", "lightgbm", "catboost")]
        cells = [task, f"{found['auc']:.4f}", f"{found['log_loss']:.4f}", f"{found['ece']:.4f}", *beside, f"{seconds:.1f}", f"{memory:.0f}"]
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
