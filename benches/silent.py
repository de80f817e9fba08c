"""Ten thousand idle connections: the time until the server closes them, and its memory and latency until then.

    python3 benches/silent.py BINARY [CONNECTIONS]

Runs with the default limit of connections, and with a limit above CONNECTIONS. Health checks run during the whole time.
"""

import os
import re
import resource
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def memory(pid: int) -> float:
    """Resident memory, in MiB."""
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def serve(binary: str, folder: str, cap: int) -> tuple[subprocess.Popen, int]:
    """Starts a server, and returns it with its port."""
    environment = os.environ | {"SWEETSPOT__SERVER__MAX_CONNECTIONS": str(cap)}
    command = [binary, "--store", folder, "serve", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True)
    return server, int(re.search(r"127\.0\.0\.1:(\d+)", server.stderr.readline()).group(1))


def check(binary: str, port: int) -> float:
    """The time of a health check, including the start of its process, in ms."""
    start = time.monotonic()
    subprocess.run([binary, "healthcheck", "--server", f"http://127.0.0.1:{port}"], check=False, capture_output=True)
    return (time.monotonic() - start) * 1e3


def is_closed(connection: socket.socket) -> bool:
    """Whether the server closed the connection. It sends its HTTP/2 settings first, which are not the end."""
    try:
        return not connection.recv(4096)
    except ConnectionResetError:
        return True


def flood(binary: str, count: int, cap: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server, port = serve(binary, folder, cap)
        idle, before = memory(server.pid), statistics.median(check(binary, port) for _ in range(20))
        start = time.monotonic()
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        opened, peak = time.monotonic() - start, memory(server.pid)
        poll, by_descriptor, meanwhile = select.poll(), {one.fileno(): one for one in silent}, []
        for one in silent:
            poll.register(one, select.POLLIN)
        while by_descriptor:
            for descriptor, _ in poll.poll(200):
                if is_closed(by_descriptor[descriptor]):
                    poll.unregister(descriptor)
                    del by_descriptor[descriptor]
            peak = max(peak, memory(server.pid))
            meanwhile.append(check(binary, port))
        closed = time.monotonic() - start
        print(
            f"cap {cap}: {count} opened in {opened:.1f} s, all closed after {closed:.1f} s; "
            f"{idle:.0f} MiB before, at most {peak:.0f}; a health check {before:.1f} ms before, "
            f"median {statistics.median(meanwhile):.1f} and at most {max(meanwhile):.1f} meanwhile"
        )
        server.terminate()
        server.wait(30)


def main() -> None:
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    for cap in (1024, count + 100):
        flood(binary, count, cap)


if __name__ == "__main__":
    main()
