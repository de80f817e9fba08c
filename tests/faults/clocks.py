"""Clocks that jump: versions are ordered by number and nothing is removed, whatever the time is."""

import glob
import random

from harness import Bench, Skipped, check

OFFSETS = ["+0", "+365d", "-365d"]


def library():
    found = [path for folder in ("lib/*", "lib", "lib64") for path in glob.glob(f"/usr/{folder}/faketime/libfaketime.so.1")]
    if not found:
        raise Skipped("libfaketime is missing (package faketime)")
    return found[0]


def jumps(binary, count):
    """Starts with another clock each time, which jumps again while the server runs."""
    draw, slowest, golden = random.Random(6), 0.0, {}
    with Bench(binary) as bench:
        offset_file = bench.folder / "offset"
        environment = {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(offset_file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Ages are relative to the newest version, and never remove the five newest.
            "SWEETSPOT__SERVER__MAX_MODEL_VERSION_DAYS": "30",
        }
        years = set()
        for number in range(1, count + 1):
            offset_file.write_text(OFFSETS[number % 3])
            with bench.serve(environment=environment) as server:
                slowest = max(slowest, server.ready_seconds)
                if golden:
                    check(server.score() == (number - 1, golden[number - 1]), f"another live version at start {number}")
                offset_file.write_text(OFFSETS[(number + 1) % 3])
                check(bench.train(number, at=server) == number, f"version {number} has another number")
                answer = server.score()
                check(answer[0] == number, f"version {answer[0]} is live, not {number}")
                golden[number] = answer[1]
                listed = bench.ok("model", "list", at=server)
                numbers = [int(one["name"].rsplit("/", 1)[1]) for one in listed]
                check(numbers == sorted(numbers, reverse=True), f"versions are listed as {numbers}")
                check(numbers[:5] == list(range(number, max(number - 5, 0), -1)), f"of the newest versions, {numbers} are left")
                years |= {one["createTime"][:4] for one in listed}
                for version in numbers:
                    check(server.score(version) == (version, golden[version]), f"a wrong score of version {version}")
                server.assert_no_panic()
                if draw.random() < 0.5:
                    server.stop(25)
                else:
                    server.kill()
        check(len(years) == min(count, 3), f"the clock did not jump: {years}")
        bench.assert_sound()
    return (
        f"{count} starts and {count} jumps while running: versions 1 to {count} in order, the last one live each time, 0 wrong "
        f"scores; ready after {slowest * 1000:.0f} ms at most; store check passes"
    )
