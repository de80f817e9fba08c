"""Signals, a second process, and a memory limit."""

import os
import signal
import socket
import threading
import time
from pathlib import Path

from grpc_client import GrpcConnection
from clients import SCORE, score_request
from harness import Bench, Refused, Skipped, check, reason

GROUPS = Path("/sys/fs/cgroup")
LIMIT_MIB = 256


def terminations(binary, count):
    """Every fifth time, some clients neither read nor close their connections, which the server must cut off."""
    slowest = [0.0, 0.0]
    with Bench(binary) as bench:
        bench.train(1)
        for number in range(count):
            is_stalled = number % 5 == 4
            with bench.serve() as server:
                golden = server.score()
                scored = [0] * 4
                works = [(keep_scoring, (server, golden, scored, place)) for place in range(len(scored))]
                works.append((keep_changing, (bench, server)))
                threads = [threading.Thread(target=work, args=args) for work, args in works]
                for thread in threads:
                    thread.start()
                stalled = [GrpcConnection(server, window=0) for _ in range(4 * is_stalled)]
                for connection in stalled:
                    connection.start(SCORE, score_request())
                silent = [socket.create_connection(("127.0.0.1", port)) for port in (server.grpc, server.http) * 8]
                while min(scored) < 40:
                    check(server.process.poll() is None, "the server ended on its own")
                    time.sleep(0.005)
                slowest[is_stalled] = max(slowest[is_stalled], server.stop(25))
                for thread in threads:
                    thread.join()
                for one in silent + stalled:
                    one.close()
                check(-1 not in scored, "a wrong score during a shutdown")
                server.assert_no_panic()
        bench.assert_sound()
    return (
        f"exit code 0 each time, after {slowest[0]:.2f} s at most, and after {slowest[1]:.1f} s with clients that neither read nor "
        "close; store check passes"
    )


def keep_scoring(server, golden, scored, place):
    while True:
        try:
            if server.score() != golden:
                scored[place] = -1
                return
        except (Refused, ConnectionError):
            return
        scored[place] += 1


def keep_changing(bench, server):
    for number in range(10_000):
        if bench.run("import", bench.customers(number % 3), "--mapping", "mapping.toml", at=server).returncode:
            return
        if bench.run("train", "--label", "won", at=server).returncode:
            return


def second_process(binary, count):
    slowest = 0.0
    with Bench(binary) as bench:
        bench.train(1)
        with bench.serve() as server:
            golden = server.score()
            import_command = ["import", bench.customers(2), "--mapping", "mapping.toml"]
            commands = [["serve", "--listen", "127.0.0.1:0"], ["model", "list"], import_command]
            for number in range(count):
                start = time.monotonic()
                done = bench.run(*commands[number % 3])
                slowest = max(slowest, time.monotonic() - start)
                check(done.returncode == 1 and "in use by another process" in done.stderr, f"{done.returncode}: {done.stderr}")
            check(server.score() == golden, "another score")
            server.stop()
        bench.assert_sound()
    check(slowest < 1, f"refused after {slowest:.2f} s")
    return f"refused by name after {slowest * 1000:.0f} ms at most; the first process scores as before"


def memory_limit(binary, count):
    """Starts the server in a control group (version 2), and requests trainings that it has no memory for."""
    group = GROUPS / f"sweetspot-faults-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        raise Skipped("no control group (version 2) can be created here") from error
    try:
        if not (group / "memory.max").exists():
            raise Skipped("the machine has no memory controller of control groups, version 2")
        (group / "memory.max").write_text(str(LIMIT_MIB << 20))
        with Bench(binary) as bench:
            bench.train(1)
            # The training of this table is estimated at more than a third of the limit.
            bench.ok("import", bench.customers(9, 500_000), "--mapping", "mapping.toml")
            prefix = ["sh", "-c", f"echo $$ > {group}/cgroup.procs && exec \"$@\"", "sh"]
            with bench.serve(prefix=prefix) as server:
                golden = server.score()
                for _ in range(count):
                    done = bench.run("train", "--label", "won", at=server)
                    check(reason(done.stderr) == "TRAINING_TOO_LARGE", f"{done.returncode}: {done.stderr}")
                    check(server.score() == golden, "another score")
                peak = server.memory("VmHWM")
                killed = "oom_kill 0" not in (group / "memory.events").read_text()
                check(not killed, "the system killed a process of the group")
                server.stop()
            bench.assert_sound()
        return f"refused with TRAINING_TOO_LARGE under {LIMIT_MIB} MiB, 0 processes killed; at most {peak:.0f} MiB; scores go on"
    finally:
        group.rmdir()


def other_signals(binary, count):
    with Bench(binary) as bench:
        bench.train(1)
        with bench.serve() as server:
            golden = server.score()
            for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
                for _ in range(count):
                    server.signal(number)
                    check(server.score() == golden, f"another score after {number.name}")
            seconds = server.stop()
    return f"{count} of each: the server goes on and scores as before; SIGTERM ends it in {seconds:.2f} s"
