"""Runs the long form of every fault against a built program, and prints a table of figures.

    tests/faults/run.sh BINARY [--minutes N] [--only NAME] [--scale F]

Exits with 1 if a promise was not kept. Faults that the machine cannot cause are skipped, with the reason.
"""

import argparse
import os
import re
import sys
import time
import traceback

import clients
import clocks
import concurrency
import damage
import failing_disk
import kills
import mixed_work
import processes
from harness import Failed, Skipped

# Each fault has its number of repetitions, and returns its figures. The number of the last one is in minutes.
FAULTS = [
    ("kill -9 during imports, trainings, promotions and changes of a definition", kills.during_changes, 200),
    ("kill -9 at each system call of a start and of a stop", kills.at_system_calls, 500),
    ("a full disk (ENOSPC) or a broken one (EIO) at each write of a change", failing_disk.at_each_write, 2),
    ("a disk with 0 to N free pages, on which writes end early", failing_disk.without_space, 24),
    ("bit flips in every kind of file", damage.bit_flips, 300),
    ("truncated files of every kind", damage.truncations, 300),
    ("zeroed pages in every kind of file", damage.zeroed_pages, 300),
    ("clock jumps of a year, back and forth, between starts", clocks.jumps, 20),
    ("a log that is not read", clients.unread_log, 12_000),
    ("responses that are not read", clients.unread_responses, 256),
    ("connections that send nothing", clients.silent_connections, 500),
    ("32 concurrent promotions with one etag", concurrency.promotions, 20),
    ("one training request, sent again", concurrency.repeated_training, 100),
    ("scores during promotions", concurrency.scores_during_promotions, 200),
    ("SIGTERM under load", processes.terminations, 20),
    ("a second process on the store", processes.second_process, 20),
    ("a memory limit of the control group", processes.memory_limit, 10),
    ("SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2", processes.other_signals, 50),
    ("mixed work, with kill -9 about every 30 s (minutes)", mixed_work.for_minutes, 10),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--minutes", type=float, default=10, help="duration of the mixed work")
    parser.add_argument("--only", default="", help="run only faults whose description or function matches this expression")
    parser.add_argument("--scale", type=float, default=1, help="share of the repetitions, for a quick run")
    args = parser.parse_args()
    failures = 0
    print("| fault | repetitions | result | |\n|---|---|---|---|", flush=True)
    for description, fault, count in FAULTS:
        if not re.search(args.only, f"{description} {fault.__name__}"):
            continue
        is_timed = fault is mixed_work.for_minutes
        count = args.minutes if is_timed else max(int(count * args.scale), 2)
        start = time.monotonic()
        try:
            result, verdict = fault(args.binary, count), "pass"
        except Skipped as why:
            result, verdict = str(why), "skipped"
        except Failed as why:
            result, verdict = str(why), "FAIL"
        except Exception as error:  # A fault of one row must not hide the others.
            traceback.print_exc()
            result, verdict = f"{type(error).__name__}: {error}", "FAIL"
        failures += verdict == "FAIL"
        text = " ".join(result.split()).replace("|", "/")
        print(f"| {description} | {count:,g} | {text} | {verdict} |", flush=True)
        print(f"{verdict}: {fault.__name__} took {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
