"""The resident memory of a server after mixed work: imports, trainings, promotions, scores and reports.

    python3 benches/resident_memory.py BINARY [ROUNDS]

Each round imports 5,000 customers with 20 attributes, trains and promotes, scores 5,000 prospects and renders a report.
Prints the memory after each fifth of the rounds: it must level off.
"""

import os
import random
import re
import subprocess
import sys
import tempfile

from silent import memory, serve

ROWS, ATTRIBUTES = 5_000, 20


def write_customers(folder: str) -> tuple[str, str]:
    """Writes a table of customers and its mapping, and returns their paths."""
    table, mapping = os.path.join(folder, "customers.csv"), os.path.join(folder, "mapping.toml")
    names, draw = [f"a{number}" for number in range(ATTRIBUTES)], random.Random(1)
    with open(table, "w", encoding="utf-8") as file:
        file.write(",".join(["id", "outcome", *names]) + "\n")
        for row in range(ROWS):
            values = [draw.gauss(0, 1) if number % 2 else f"level {draw.randrange(30)}" for number in range(ATTRIBUTES)]
            outcome = "won" if draw.random() < (0.6 if values[1] > 0 else 0.2) else "lost"
            file.write(",".join([str(row), outcome, *(value if isinstance(value, str) else f"{value:.4f}" for value in values)]) + "\n")
    with open(mapping, "w", encoding="utf-8") as file:
        file.write(f'id = "id"\nattributes = {names}\n'.replace("'", '"'))
        file.write('[outcome]\nstatus = { column = "outcome", won = ["won"], lost = ["lost"] }\n[label]\npolicy = "won"\n')
    return table, mapping


def main(binary: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table, mapping = write_customers(folder)
        server, port = serve(binary, os.path.join(folder, "store"), 1024)
        address = ["--server", f"http://127.0.0.1:{port}", "--quiet"]
        scores, report = os.path.join(folder, "scores.csv"), os.path.join(folder, "report.html")
        try:
            print(f"idle: {memory(server.pid):.0f} MiB")
            for number in range(1, rounds + 1):
                options = ["--independent-rows", "--seed", str(number)]
                commands = [
                    ["train", table, "--mapping", mapping, "--promote", *options],
                    ["score", table, "--mapping", mapping, "-o", scores],
                    ["report", "-o", report],
                ]
                for command in commands:
                    done = subprocess.run([binary, *command, *address], capture_output=True, text=True)
                    # Exit code 4: the candidate is not better than the live version.
                    if done.returncode not in (0, 4):
                        sys.exit(f"{command[0]}: {done.stderr}")
                if number % max(rounds // 5, 1) == 0:
                    with open(f"/proc/{server.pid}/status", encoding="utf-8") as status:
                        peak = re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)
                    print(f"after {number} rounds: {memory(server.pid):.0f} MiB, at most {int(peak) / 1024:.0f}", flush=True)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100)
