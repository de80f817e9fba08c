"""Starts the program, and finds its address."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("SWEETSPOT_BINARY", ROOT / "target/debug/sweetspot")).resolve()


def environment() -> dict[str, str]:
    """Return the environment without settings of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SWEETSPOT")}


def sweetspot(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run a command, and return its output."""
    command = [BINARY, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(), cwd=cwd)
    return done.stdout


@contextmanager
def serve(
    store: Path, *options: str | Path, listen: str = "127.0.0.1:0", settings: dict[str, str] | None = None
) -> Iterator[str]:
    """Serve a store on a free port, and yield the address."""
    command = [BINARY, "serve", "--listen", listen, "--store", store, *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env={**environment(), **(settings or {})}
    )
    assert process.stderr is not None
    log: list[str] = []
    reader = None
    try:
        address = None
        while address is None:
            line = process.stderr.readline()
            log.append(line)
            assert line, f"the server did not start: {log}"
            address = re.search(r"listening on (https?://[0-9.:]+)", line)
        # Reads the rest of the log, so that the server never waits for it.
        reader = threading.Thread(target=log.extend, args=(process.stderr,))
        reader.start()
        yield address[1]
    finally:
        process.terminate()
        process.wait(timeout=30)
        if reader is not None:
            reader.join()
        process.stderr.close()
