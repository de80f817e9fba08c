"""Compares the processor time of training with two builds, on the tables of accuracy.py.

    python3 benches/training_cost.py BASE_BINARY NEW_BINARY TABLES [TABLE:TARGET ...]

TABLES is the folder that accuracy.py reads. Trainings alternate between the builds; figures are the processor seconds of the
whole command over all cores, the minimum of RUNS. `independent` is the new build with --independent-rows. Exits with 1 if
the new build needs more than MAX_RATIO of the base on a table.
"""

import os
import sys
import tempfile

import accuracy

RUNS = 5
MAX_RATIO = 1.1


def cost(binary, folder, *flags):
    """The processor seconds of one training in a new store."""
    with tempfile.TemporaryDirectory() as store:
        path = lambda name: os.path.join(folder, name)
        common = ["--mapping", path("mapping.toml"), "--store", os.path.join(store, "store"), "-q"]
        return accuracy.run(binary, "train", path("train.csv"), *common, *flags).processor


def main(base, new, folder, *tasks):
    sys.path.insert(0, os.path.join(folder, "bench"))
    import tables

    print("| table | base | new | independent | new / base |")
    print("|---|---|---|---|---|")
    exceeded = []
    for task in tasks or accuracy.TASKS:
        table = tables.Table(task.split(":")[0])
        with tempfile.TemporaryDirectory() as files:
            accuracy.lay_out(files, table, task, *accuracy.split(table))
            variants = [(base,), (new,), (new, "--independent-rows")]
            rounds = [[cost(binary, files, *flags) for binary, *flags in variants] for _ in range(RUNS)]
        old, found, independent = (min(costs) for costs in zip(*rounds))
        print(f"| {task} | {old:.3f} | {found:.3f} | {independent:.3f} | {found / old:.2f} |", flush=True)
        if found > MAX_RATIO * old:
            exceeded.append(task)
    if exceeded:
        sys.exit(f"more than {MAX_RATIO:.0%} of the base: {', '.join(exceeded)}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
