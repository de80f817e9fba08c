"""Trains with every column of real tables as an attribute, and reports which ones training refuses or flags as leaks.

    python3 benches/leaks.py BINARY TABLES [TABLE:TARGET ...]

TABLES as in accuracy.py. The card of a table lists the columns that leak. Exits with 1 if an allowed column is refused or
flagged, or if a leaking column that is not in UNNOTICED is used without a warning.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import accuracy

TASKS = {
    **accuracy.TASKS,
    "account_review_maven:high_ltv": ('value = "Total won value"', 'policy = "high_value"\nvalue_at_least = 145576'),
}
# Leaks that cannot be detected: alone they predict no better than legitimate attributes, and their names look legitimate.
UNNOTICED = {
    "telco_churn_cltv": {"Total Charges"},
    "x_education_leads": {"Asymmetrique Activity Index"},
    "bank_marketing": {"campaign"},
    # 17 ideal customers of 85 are too few to prove a leak.
    "account_review_maven": {"Contract Details", "Deal Size"},
}
VERDICTS = {"left out": re.compile(r'attribute "(.*?)" is left out: (.*)'), "flagged": re.compile(r'attribute "(.*?)" may reveal the outcome: (.*)')}
# Reasons for leaving an attribute out that are not leaks.
OTHERWISE = ("no customer has it", "every customer has the same value", "nearly every customer", "no value is shared")


def warnings_of(binary, table, task, names):
    """The warnings of a training on the whole table with these attributes."""
    for number, row in enumerate(table.rows):
        row["@id"] = str(number)
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        accuracy.write_rows(path("all.csv"), ["@id", *(column["name"] for column in table.card["columns"])], table.rows)
        with open(path("mapping.toml"), "w", encoding="utf-8") as file:
            file.write(accuracy.mapping(table, TASKS[task], names))
        command = [binary, "train", path("all.csv"), "--mapping", path("mapping.toml"), "--store", path("store"), "-q", "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        return json.loads(done.stdout)["version"].get("warnings", [])


def verdicts(warnings):
    """Column -> (verdict, reason)."""
    found = {}
    for warning in warnings:
        for verdict, pattern in VERDICTS.items():
            match = pattern.fullmatch(warning)
            if match:
                why = match[2].rpartition("; ")[0] or match[2]
                found[match[1]] = ("unusable" if why.startswith(OTHERWISE) else "refused" if verdict == "left out" else verdict, why)
    return found


def main(binary, folder, *tasks):
    sys.path.insert(0, os.path.join(folder, "bench"))
    import tables

    print("| table | column | leaks | verdict | reason |")
    print("|---|---|---|---|---|")
    wrong = []
    for task in tasks or TASKS:
        name = task.split(":")[0]
        table = tables.Table(name)
        outcome = TASKS[task][0]
        leaks = [column for column in table.card["must_not_be_features"] if json.dumps(column) not in outcome]
        found = verdicts(warnings_of(binary, table, task, [*table.features(), *leaks]))
        for column in [*leaks, *(column for column in found if column not in leaks)]:
            verdict, why = found.get(column, ("used", ""))
            print(f"| {task} | {column} | {'yes' if column in leaks else 'no'} | {verdict} | {why} |", flush=True)
            missed = verdict == "used" and column not in UNNOTICED.get(name, ())
            if missed if column in leaks else verdict in ("refused", "flagged"):
                wrong.append(f"{task} {column}: {verdict}")
    if wrong:
        sys.exit("wrong verdicts:\n" + "\n".join(wrong))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
