"""Ends the calls that the asynchronous client runs in threads, if the task that waits for them is cancelled."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Cancellable(Protocol):
    """A call in progress."""

    def cancel(self) -> object:
        """End the call."""


class Cancellation:
    """Whether what runs in this context is cancelled, and its call in progress."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._calls: list[Cancellable] = []

    def cancel(self) -> None:
        """End the call in progress, and every later one."""
        self._cancelled.set()
        for call in list(self._calls):
            call.cancel()

    @contextmanager
    def watch(self, call: Cancellable) -> Iterator[None]:
        """Cancel this call as well, while it is in progress."""
        self._calls.append(call)
        try:
            if self._cancelled.is_set():
                call.cancel()
            yield
        finally:
            self._calls.remove(call)

    def wait(self, seconds: float) -> None:
        """Wait, or until it is cancelled."""
        self._cancelled.wait(seconds)


current: ContextVar[Cancellation | None] = ContextVar("current", default=None)


@contextmanager
def watch(call: Cancellable) -> Iterator[None]:
    """Cancel a call if what runs in this context is cancelled."""
    cancellation = current.get()
    if cancellation is None:
        yield
        return
    with cancellation.watch(call):
        yield


def wait(seconds: float) -> None:
    """Wait, or until what runs in this context is cancelled."""
    cancellation = current.get()
    if cancellation is None:
        time.sleep(seconds)
    else:
        cancellation.wait(seconds)


async def run_in_thread(threads: Executor, function: Callable[[], Result]) -> Result:
    """Run a function in a thread. If the task is cancelled, so are the calls that the function makes."""
    cancellation, context = Cancellation(), copy_context()
    context.run(current.set, cancellation)
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, context.run, function)
    except asyncio.CancelledError:
        cancellation.cancel()
        raise
