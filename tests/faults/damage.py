"""Damaged files of a store: a correct score, another version with a warning, or an error by name; never a wrong score."""

import json
import random
import shutil
from collections import Counter

from harness import Bench, Refused, check, reason

PAGE = 4096


def flip_bit(data, draw, used):
    at = draw.randrange(used)
    data[at] ^= 1 << draw.randrange(8)
    return data


def truncate(data, draw, used):
    return data[: draw.randrange(used)]


def zero_page(data, draw, used):
    at = draw.randrange(used) // PAGE * PAGE
    data[at : min(at + PAGE, used)] = bytes(min(PAGE, used - at))
    return data


class Damaged:
    """A store with two versions, of which the second is live, and copies of it with damage."""

    def __init__(self, bench):
        self.bench = bench
        for salt in (1, 2):
            bench.train(salt)
        bench.add_finding("first")
        bench.ok("definition", "submit", "--by", "Ann")
        bench.ok("definition", "approve", "--by", "Ben")
        for number in range(20):
            bench.add_finding(f"f-{number}")
        self.intact = bench.folder / "intact"
        shutil.copytree(bench.store, self.intact)
        with bench.serve() as server:
            self.scores = {number: server.score(number) for number in (1, 2)}
            self.lists = {words: bench.ok(*words, at=server) for words in LISTS}
            server.kill()
        check(self.scores[1][1] != self.scores[2][1], "both versions give the same score")
        files = [path for path in sorted(self.intact.rglob("*")) if path.is_file() and path.stat().st_size]
        self.files = [path.relative_to(self.intact) for path in files]

    def served(self, what):
        """Starts a server on the damaged store. Returns in a word how it answers."""
        bench = self.bench
        with bench.serve(wait=False) as server:
            if not server.wait_ready():
                text = server.log.read_text(errors="replace")
                code = server.process.wait(10)
                check(code == 1 and "error: " in text and str(bench.store) in text, f"{what}: exit {code}: {text[-500:]}")
                server.assert_no_panic()
                return "did not open, by name"
            outcome = self.live_answer(server, what)
            for number, golden in self.scores.items():
                try:
                    check(server.score(number) == golden, f"{what}: a wrong score of version {number}")
                except Refused as refused:
                    check(refused.reason, f"{what}: {refused}")
                    outcome = "refused a version by name" if outcome == "answered as before" else outcome
            for words, expected in self.lists.items():
                done = bench.run(*words, "--json", at=server)
                if done.returncode:
                    check(reason(done.stderr), f"{what}: {words}: {done.stderr}")
                else:
                    is_same = json.loads(done.stdout) == expected
                    check(is_same or "warning" in done.stderr, f"{what}: another answer to {words}")
            server.assert_no_panic()
        return outcome

    def live_answer(self, server, what):
        try:
            answer = server.score()
        except Refused as refused:
            check(refused.reason, f"{what}: {refused}")
            return "refused scores by name"
        if answer == self.scores[2]:
            return "answered as before"
        check(answer == self.scores[1], f"{what}: a wrong score {answer}")
        models = self.bench.ok("models", at=server)
        check("standIn" in models[0], f"{what}: an older version answers silently")
        return "the previous version, with a warning"


LISTS = [("model", "list"), ("model", "history"), ("finding", "list"), ("definition", "versions"), ("data", "versions")]


def damage_files(binary, count, how):
    draw, outcomes = random.Random(5), Counter()
    with Bench(binary) as bench:
        store = Damaged(bench)
        for number in range(count):
            shutil.rmtree(bench.store)
            shutil.copytree(store.intact, bench.store)
            name = store.files[number % len(store.files)]
            data = bytearray((bench.store / name).read_bytes())
            # The database ends with unused space, where damage would have no effect.
            damaged = how(data, draw, len(data.rstrip(b"\0")))
            (bench.store / name).write_bytes(damaged)
            outcomes[store.served(f"{how.__name__} {number} of {name}")] += 1
    parts = ", ".join(f"{times} {outcome}" for outcome, times in outcomes.most_common())
    return f"0 wrong scores, 0 panics, 0 older versions without a warning, in {len(store.files)} files: {parts}"


def bit_flips(binary, count):
    return damage_files(binary, count, flip_bit)


def truncations(binary, count):
    return damage_files(binary, count, truncate)


def zeroed_pages(binary, count):
    return damage_files(binary, count, zero_page)
