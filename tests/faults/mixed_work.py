"""Everything at once for some minutes, with kill -9 about every 30 s: nothing acknowledged is lost, no score is wrong."""

import random
import shutil
import threading
import time
from collections import Counter, defaultdict

from harness import Bench, Failed, Refused, check
from teams import Team, Unanswered

WORKSPACES = ["north", "south"]
# Answers to a score while there is no live version, or during a shutdown.
NOT_YET = {"NO_LIVE_VERSION", "MODEL_NOT_FOUND", "VERSION_NOT_FOUND", "VERSION_DELETED", "SHUTTING_DOWN"}


class Work:
    """What all threads share. A restart replaces the server."""

    def __init__(self, bench):
        self.bench, self.server, self.running = bench, bench.serve(), True
        self.lock, self.counts, self.faults = threading.Lock(), Counter(), []
        # The scores by which each version of each workspace answered, which must be one.
        self.scores = defaultdict(set)

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def repeat(self, step):
        """Repeats a step until the work ends. An error is reported at the end; the other threads go on."""
        try:
            while self.running:
                step(self.server)
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")

    def score(self, server, workspace, version="live", verb="score"):
        """Scores, and records the answer. Returns whether there was one."""
        try:
            resolved, score = server.score(version, model=f"workspaces/{workspace}/models/default", verb=verb)
        except ConnectionError:
            return False
        except Refused as refused:
            check(refused.reason in NOT_YET, f"a score was refused: {refused}")
            return False
        with self.lock:
            self.scores[workspace, resolved].add(score)
        self.count("explanations" if verb == "explain" else "scores")
        return True

    def score_live(self, server):
        for workspace in WORKSPACES:
            for verb in ("score", "explain"):
                if not self.score(server, workspace, verb=verb):
                    time.sleep(0.05)

    def back_up(self, server):
        """Backs the store up, and checks the store that is restored from the backup."""
        folder, restored = self.bench.folder / "backup", self.bench.folder / "restored"
        done = self.bench.run("store", "backup", folder, at=server, timeout=600)
        if done.returncode == 0:
            for words in (["restore", folder], ["check"]):
                command = self.bench.run("store", *words, store=restored)
                check(command.returncode == 0, f"{words[0]} of a backup: {command.stdout[-300:]}{command.stderr[-300:]}")
            self.count("backups")
        else:
            check(server.is_killed, f"a backup failed: {done.stderr[-300:]}")
            check(not (folder / "SHA256SUMS").exists(), "an interrupted backup looks complete")
        for left in (folder, restored):
            shutil.rmtree(left, ignore_errors=True)
        time.sleep(1)

    def restart(self):
        self.server.kill()
        self.server.assert_no_panic()
        self.server = self.bench.serve()
        return self.server.ready_seconds


def for_minutes(binary, minutes):
    draw, ready, memory, disk, kills = random.Random(7), [], [], [], 0
    with Bench(binary) as bench:
        work = Work(bench)
        teams = [Team(work, workspace) for workspace in WORKSPACES]
        steps = [work.score_live, work.score_live, work.back_up, *(team.step for team in teams)]
        threads = [threading.Thread(target=work.repeat, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        end, next_kill = time.monotonic() + minutes * 60, time.monotonic() + draw.uniform(25, 35)
        try:
            while time.monotonic() < end:
                memory.append(work.server.memory())
                disk.append(bench.byte_count())
                if time.monotonic() > next_kill:
                    ready.append(work.restart())
                    kills, next_kill = kills + 1, time.monotonic() + draw.uniform(25, 35)
                time.sleep(0.5)
        finally:
            work.running = False
            for thread in threads:
                thread.join()
        for team in teams:
            try:
                team.verify(work.server)
            except Unanswered as error:
                raise Failed("the server does not answer at the end") from error
        memory.append(work.server.memory())
        work.server.assert_no_panic()
        work.server.stop()
        disk.append(bench.byte_count())
        bench.assert_sound()
    lost = [change for team in teams for change in team.lost]
    wrong = [place for place, scores in work.scores.items() if len(scores) > 1]
    check(not work.faults, f"{len(work.faults)} threads stopped: {work.faults[0] if work.faults else ''}")
    check(not lost, f"{len(lost)} acknowledged changes lost: {lost[:3]}")
    check(not wrong, f"versions with several scores: {wrong[:3]}")
    counts = ", ".join(f"{number:,} {what}" for what, number in sorted(work.counts.items()))
    sizes = [f"{value:.0f}" for value in (memory[0], max(memory), memory[-1])]
    bytes_text = [f"{value / 2**20:.1f}" for value in (disk[0], max(disk), disk[-1])]
    return (
        f"{kills} kills; 0 acknowledged changes lost, 0 wrong scores of {len(work.scores)} versions; {counts}; ready after "
        f"{max(ready, default=0) * 1000:.0f} ms at most; memory {', '.join(sizes)} MiB at the start, at most, at the end; disk "
        f"{', '.join(bytes_text)} MiB; store check passes"
    )
