"""Concurrent and repeated requests: each has one effect, and a score is always that of one version."""

import threading
import uuid
from collections import Counter

from grpc_client import GrpcConnection, decode, field
from harness import CHECKS, MODEL, Bench, check, in_parallel

CALLERS = 32
ABORTED = 10
PROMOTE, TRAIN, WAIT = (f"ModelService/{name}" for name in ("PromoteModelVersion", "TrainModel", "WaitTrainingRun"))


def etag(bench, server):
    return bench.ok("models", at=server)[0]["etag"]


def promotion(version, current, request_id=""):
    overrides = b"".join(field(4, field(1, name)) for name in CHECKS)
    name = field(1, f"{MODEL}/versions/{version}")
    return name + field(3, current) + overrides + field(5, "test") + field(6, request_id)


def promotions(binary, count):
    statuses = Counter()
    with Bench(binary) as bench:
        for salt in (1, 2):
            bench.train(salt)
        with bench.serve() as server:
            connections = [GrpcConnection(server) for _ in range(CALLERS)]
            for number in range(count):
                message = promotion(1 + number % 2, etag(bench, server))
                answers = in_parallel([lambda one=one: one.call(PROMOTE, message) for one in connections])
                found = Counter(status for status, _, _ in answers)
                check(found == {0: 1, ABORTED: CALLERS - 1}, f"round {number}: {dict(found)}: {answers[0][2]}")
                statuses += found
            moves = bench.ok("model", "history", at=server)[::-1]
            for connection in connections:
                connection.close()
            server.assert_no_panic()
            server.stop()
        bench.assert_sound()
    numbers = [int(one["name"].rsplit("/", 1)[1]) for one in moves]
    check(numbers == list(range(1, count + 3)), f"{len(moves)} promotions, numbered {numbers[-5:]}")
    check(all(one["toVersion"] == two["fromVersion"] for one, two in zip(moves, moves[1:])), "the history has a gap")
    return f"in each round 1 promotion and {CALLERS - 1} ABORTED ({statuses[0]} and {statuses[ABORTED]}); no gap in the history"


def repeated_training(binary, count):
    """Sends one request from 16 connections, and once more after a restart."""
    with Bench(binary) as bench:
        bench.train(1)
        policy = field(3, field(2, field(1, 2)))
        dataset = MODEL.replace("models", "datasets")
        message = field(1, MODEL) + field(2, dataset) + policy + field(5, str(uuid.uuid4()))
        with bench.serve() as server:
            connections = [GrpcConnection(server, timeout=600) for _ in range(16)]
            shares = [count // 16 + (number < count % 16) for number in range(16)]
            works = [lambda one=one, n=n: [one.call(TRAIN, message) for _ in range(n)] for one, n in zip(connections, shares)]
            answers = [answer for part in in_parallel(works) for answer in part]
            names = {run_name(answer) for answer in answers}
            check(connections[0].call(WAIT, field(1, min(names)))[0] == 0, "the run cannot be waited for")
            server.kill()
        with bench.serve() as server:
            connection = GrpcConnection(server)
            names.add(run_name(connection.call(TRAIN, message)))
            connection.close()
            versions = len(bench.ok("model", "list", at=server))
            server.assert_no_panic()
    check(len(names) == 1, f"{len(names)} runs")
    check(versions == 2, f"{versions} versions, of which 1 was there before")
    return f"{len(answers)} answers and one after a restart name one run, which published one version"


def run_name(answer):
    status, body, text = answer
    check(status == 0, f"status {status}: {text}")
    return decode(decode(body)[1])[1]


def scores_during_promotions(binary, count):
    wrong, answered, errors = 0, Counter(), []
    with Bench(binary) as bench:
        for salt in (1, 2):
            bench.train(salt)
        with bench.serve() as server:
            golden = dict([server.score(1), server.score(2)])
            check(golden[1] != golden[2], "both versions give the same score")
            done = threading.Event()

            def read():
                found = Counter()
                while not done.is_set():
                    version, score = server.score()
                    found[version, score == golden[version]] += 1
                return found

            def write():
                connection = GrpcConnection(server)
                try:
                    for number in range(count):
                        status, _, text = connection.call(PROMOTE, promotion(1 + number % 2, etag(bench, server)))
                        if status:
                            errors.append(text)
                finally:
                    done.set()
                    connection.close()

            for found in in_parallel([read, read, read, read, write])[:4]:
                answered += found
            server.assert_no_panic()
    wrong = sum(times for (_, is_right), times in answered.items() if not is_right)
    check(not wrong and not errors, f"{wrong} wrong scores, {len(errors)} refused promotions: {errors[:1]}")
    by_version = [sum(times for (number, _), times in answered.items() if number == version) for version in (1, 2)]
    return f"{sum(by_version):,} scores, {by_version[0]:,} and {by_version[1]:,} of the two versions: 0 mixed, 0 errors"
