"""An event loop in a thread of its own, in which the client without `await` runs the asynchronous one."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from sweetspot.errors import UsageError

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines in a thread, and waits for them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sweetspot", daemon=True)
        self._thread.start()

    def is_open(self) -> bool:
        """Whether it runs, and in this process."""
        return not self._loop.is_closed() and os.getpid() == self._process

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end. If the caller is interrupted, the coroutine is cancelled."""
        if not self.is_open():
            coroutine.close()
            state = "closed" if self._loop.is_closed() else "of another process: open one in each process"
            raise UsageError(f"the client is {state}")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Stop the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
