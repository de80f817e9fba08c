"""Clients and readers that stand still: others are served as before, and the resources of the former are freed."""

import os
import select
import socket
import subprocess
import threading
import time
from pathlib import Path

from grpc_client import RESET, GrpcConnection, field
from harness import MODEL, Bench, Refused, check, percentile

SCORE = "ScoringService/ScoreAccounts"
REPORT = f"/v1/{MODEL}/versions/live:renderReport?format=html"
# A stalled response is dropped after this time, in seconds, in these tests.
STALL_SECONDS = 2
SERVER_MEMORY_MIB = 200


def score_request():
    """ScoreAccountsRequest with one account: {rows: {rows: [{account_id: "golden"}]}}."""
    return field(2, field(1, field(1, "golden")))


class Scorer:
    """Scores all the time on a connection of its own, and records how long each score takes, in ms."""

    def __init__(self, server):
        self.server, self.golden, self.times, self.running = server, server.score(), [], True
        self.wrong = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.running:
            start = time.monotonic()
            self.wrong += self.server.score() != self.golden
            self.times.append((time.monotonic() - start) * 1000)
            time.sleep(0.002)

    def stop(self):
        self.running = False
        self.thread.join()
        check(not self.wrong and self.times, f"{self.wrong} of {len(self.times)} scores were wrong")
        return percentile(self.times, 0.99)


def quiet_p99(server):
    scorer = Scorer(server)
    time.sleep(1)
    return scorer.stop()


def unread_log(binary, count):
    with Bench(binary) as bench:
        bench.train(1)
        with bench.serve(stderr=subprocess.PIPE) as server:
            golden, before, slowest = server.score(), server.memory(), 0.0
            for _ in range(count):
                start = time.monotonic()
                try:
                    server.score(99)
                except Refused as refused:
                    # A refused call writes a line.
                    check(refused.reason == "VERSION_NOT_FOUND", str(refused))
                slowest = max(slowest, time.monotonic() - start)
            check(server.score() == golden, "another score")
            grown = server.memory() - before
            seconds = server.stop(25)
    return f"every call answered, within {slowest * 1000:.0f} ms; memory grew by {grown:.1f} MiB; stopped in {seconds:.2f} s"


def unread_responses(binary, count):
    """gRPC clients without a window, and HTTP clients that send requests and read nothing."""
    with Bench(binary) as bench:
        bench.train(1)
        with bench.serve(environment={"SWEETSPOT__SERVER__RESPONSE_STALL_TIMEOUT": f"{STALL_SECONDS}s"}) as server:
            quiet, before = quiet_p99(server), server.memory()
            scorer, start = Scorer(server), time.monotonic()
            connections = [GrpcConnection(server, window=0) for _ in range(16)]
            calls = [(one, one.start(SCORE, score_request())) for one in connections for _ in range(max(count // 16, 1))]
            readers = [unreading_socket(server) for _ in range(16)]
            for connection in connections:
                pending = {stream for one, stream in calls if one is connection}
                while pending:
                    kind, _, stream, _ = connection.read_frame()
                    if kind == RESET:
                        pending.discard(stream)
            resets = time.monotonic() - start
            # The server renders reports until the buffers are full, which takes a while.
            while count_open(server, readers):
                check(time.monotonic() - start < 120, "HTTP connections are open after 120 s")
                time.sleep(0.1)
            closed = time.monotonic() - start
            p99, peak = scorer.stop(), server.memory("VmHWM")
            check(resets < STALL_SECONDS + 5, f"reset after {resets:.1f} s")
            check(peak < SERVER_MEMORY_MIB, f"{peak:.0f} MiB")
            server.assert_no_panic()
    return (
        f"{len(calls)} gRPC calls reset after {resets:.1f} s (limit {STALL_SECONDS} s), {len(readers)} HTTP connections closed after "
        f"{closed:.1f} s; p99 of others {p99:.1f} ms (before {quiet:.1f}); memory {before:.0f} MiB before, at most {peak:.0f}"
    )


def unreading_socket(server):
    """Requests reports of which the buffers of the system hold only a part."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(30)
    reader.connect(("127.0.0.1", server.http))
    reader.sendall(f"GET {REPORT} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode() * 40)
    return reader


def count_open(server, readers):
    """The number of connections that the server has not closed, although it may still have data to send."""
    clients = {reader.getsockname()[1] for reader in readers}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [(port(local), port(remote)) for _, local, remote, state, *_ in rows if state == "01"]
    return sum(local == server.http and remote in clients for local, remote in established)


def port(address):
    return int(address.rsplit(":", 1)[1], 16)


def silent_connections(binary, count):
    """Connections that send nothing, and HTTP connections that send half a request."""
    with Bench(binary) as bench:
        bench.train(1)
        with bench.serve() as server:
            quiet, before = quiet_p99(server), server.memory()
            scorer, start, poll = Scorer(server), time.monotonic(), select.poll()
            silent = [socket.create_connection(("127.0.0.1", server.grpc)) for _ in range(count)]
            halves = [socket.create_connection(("127.0.0.1", server.http)) for _ in range(min(count, 200))]
            for half in halves:
                half.sendall(b"GET /healthz HTTP/1.1\r\nho")
            still_open = {one.fileno(): one for one in silent + halves}
            for descriptor in still_open:
                poll.register(descriptor, select.POLLIN)
            while still_open:
                check(time.monotonic() - start < 30, f"{len(still_open)} connections are open after 30 s")
                for descriptor, _ in poll.poll(200):
                    try:
                        data = os.read(descriptor, 4096)
                    except ConnectionResetError:
                        data = b""
                    # The server sends its settings or an error first, which are not the end.
                    if not data:
                        poll.unregister(descriptor)
                        still_open.pop(descriptor).close()
            closed = time.monotonic() - start
            p99, peak = scorer.stop(), server.memory("VmHWM")
            check(closed < 12, f"closed after {closed:.1f} s")
            check(peak < SERVER_MEMORY_MIB, f"{peak:.0f} MiB")
            server.assert_no_panic()
    return (
        f"with {len(halves)} half requests over HTTP, all closed after {closed:.1f} s; p99 of others {p99:.1f} ms (before "
        f"{quiet:.1f}); memory {before:.0f} MiB before, at most {peak:.0f}"
    )
