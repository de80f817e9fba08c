"""Runs the recipes for batch jobs in a temporary folder, and compares their scores with those of the program.

    python check_batch_recipes.py PROGRAM --airflow FOLDER --dbt FOLDER

The folders have the programs `airflow` and `dbt`. Needs the Python client, pandas, pyarrow and duckdb.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

from sweetspot import Client, LocalServer

RECIPES = Path(__file__).resolve().parent.parent / "docs" / "recipes"
ATTRIBUTES = (
    "company industry employees revenue_eur growth_percent country region technologies use_case skilled_staff_percent "
    "decision_makers situation pain impact critical_event decision"
).split()
CHECK_FAILED, DATA_REJECTED = 4, 3


def run(*command, expected=0, **environment):
    """Runs a command, and returns its output; another exit code is an error."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == expected, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def blocks(recipe, language):
    """The blocks of a recipe in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (RECIPES / recipe).read_text(), re.MULTILINE | re.DOTALL)


def prepare():
    """The demonstration with its files, prospects as Parquet, and customers of whom nothing can be learned."""
    run("sweetspot", "demo", "--quiet", "--store", "demo")
    shutil.copytree("demo.files", ".", dirs_exist_ok=True)
    customers = pd.read_csv("customers.csv")
    customers["status"] = customers["status"].sample(frac=1, random_state=7).tolist()
    customers["lifetime_value_eur"] = customers["lifetime_value_eur"].sample(frac=1, random_state=8).tolist()
    customers.to_csv("shuffled.csv", index=False)
    prospects = customers[["company_id", *ATTRIBUTES]]
    Path("prospects").mkdir()
    prospects.head(700).to_parquet("prospects/a.parquet")
    prospects.tail(-700).to_parquet("prospects/b.parquet")
    prospects.to_parquet("prospects.parquet")
    run("sweetspot", "score", "prospects.parquet", "--mapping", "mapping.toml", "--store", "demo", "--quiet", "-o", "expected.parquet")
    run("sweetspot", "model", "export", "--store", "demo", "--quiet", "-o", "scorecard.json")


def check_scores(scores, ids="account_id"):
    """Compares scores with those of the program."""
    expected = pd.read_parquet("expected.parquet").sort_values("company_id").reset_index(drop=True)
    scores = scores.sort_values(ids).reset_index(drop=True)
    assert scores[ids].tolist() == expected["company_id"].tolist()
    assert len(scores) == 1_200
    for name in ("tier", "score", "pond_side", "model_version"):
        assert scores[name].tolist() == expected[name].tolist(), name
    assert (scores["probability"] - expected["probability"]).abs().max() < 1e-12


def check_pandas():
    """Runs the blocks one after the other."""
    names = {}
    for number, block in enumerate(blocks("pandas.md", "python"), 1):
        exec(compile(block, f"pandas.md, block {number}", "exec"), names)
    assert number == 2
    assert len(names["scores"]) == 10


def check_duckdb():
    """Exports with the command, and runs the block."""
    (command,), (block,) = blocks("duckdb.md", "sh"), blocks("duckdb.md", "python")
    run("bash", "-ec", command.replace("sweetspot", "sweetspot --store demo", 1))
    names = {}
    exec(compile(block, "duckdb.md", "exec"), names)
    check_scores(names["scores"].df())
    best = pd.read_parquet("best.parquet")
    expected = pd.read_parquet("expected.parquet")
    wanted = expected[expected["tier"].isin(["A", "B"]) & (expected["pond_side"] == "IN")]
    assert set(best["account_id"]) == set(wanted["company_id"])
    assert best["company"].notna().all()


def check_dbt(dbt):
    """Builds the project, with its tests."""
    shutil.copytree(RECIPES / "dbt", "dbt")
    shutil.copy("prospects.parquet", "dbt")
    with contextlib.chdir("dbt"):
        run("./export.sh", "--store", "../demo")
        run(dbt / "dbt", "build", "--profiles-dir", ".", DBT_SEND_ANONYMOUS_USAGE_STATS="false")
        with duckdb.connect("warehouse.duckdb", read_only=True) as warehouse:
            scores = warehouse.sql("SELECT * FROM scores").df()
    check_scores(scores)


def live(url):
    """The number of the live version."""
    with Client(url, api_key="") as client:
        return int(client.version("live").name.rpartition("/")[2])


def check_retrain():
    """Trains with the script: first and equal customers are promoted, and those without a pattern are not."""
    script = RECIPES / "retrain" / "retrain.sh"
    with LocalServer("retrained") as server:
        environment = {"SWEETSPOT_SERVER": server.url}
        run(script, "customers.csv", "mapping.toml", **environment)
        assert live(server.url) == 1
        assert not Path("comparison.md").exists()
        run(script, "customers.csv", "mapping.toml", **environment)
        assert live(server.url) == 2
        run(script, "shuffled.csv", "mapping.toml", "worse.md", expected=CHECK_FAILED, **environment)
        assert live(server.url) == 2
        assert "AUC" in Path("worse.md").read_text()
        run(script, "none.csv", "mapping.toml", expected=DATA_REJECTED, **environment)


def check_airflow(airflow):
    """Runs the DAG twice: it promotes the first version, and skips the promotion of a worse one."""
    home = Path("airflow").resolve()
    (home / "dags").mkdir(parents=True)
    shutil.copy(RECIPES / "airflow" / "sweetspot_weekly.py", home / "dags")
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "false",
        "PATH": f"{airflow}:{os.environ['PATH']}",
    }
    run(airflow / "airflow", "db", "migrate", **settings)
    with LocalServer("scheduled") as server:
        settings |= {"SWEETSPOT_URL": server.url, "SWEETSPOT_CUSTOMERS": str(Path("customers.csv").resolve())}
        first = run(airflow / "airflow", "dags", "test", "sweetspot_weekly", "2026-11-02", **settings)
        assert live(server.url) == 1, first
        settings["SWEETSPOT_CUSTOMERS"] = str(Path("shuffled.csv").resolve())
        second = run(airflow / "airflow", "dags", "test", "sweetspot_weekly", "2026-11-09", **settings)
        assert live(server.url) == 1, second
        assert re.search("Skipping task.*stays a candidate: .*promotion check signal failed", second), second
        with server.client() as client:
            assert client.version("candidate").name.endswith("/2"), second


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--airflow", type=Path, required=True)
    parser.add_argument("--dbt", type=Path, required=True)
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("SWEETSPOT")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("bin").mkdir()
        Path("bin/sweetspot").symlink_to(options.program.resolve())
        os.environ["PATH"] = f"{Path('bin').resolve()}:{os.environ['PATH']}"
        steps = {
            "prepare": prepare,
            "pandas": check_pandas,
            "duckdb": check_duckdb,
            "dbt": lambda: check_dbt(options.dbt.absolute()),
            "retrain": check_retrain,
            "airflow": lambda: check_airflow(options.airflow.absolute()),
        }
        for name, step in steps.items():
            started = time.monotonic()
            step()
            print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
    print("pandas, DuckDB, dbt, cron and Airflow run with the recipes")


if __name__ == "__main__":
    main()
