"""Scores accounts in one stream: in chunks, in bounded memory, and again from the first account without an answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc.aio

from sweetspot._columns import account_message
from sweetspot._tables import Accounts
from sweetspot._transport import Transport, error_of
from sweetspot.errors import RowError, ServerError, SweetspotError
from sweetspot.results import row_error
from sweetspot.v1 import scoring_service_pb2 as scoring

# The server works on two chunks at a time.
_MAX_UNANSWERED = 2
# Each attribute and each reason of an account adds to the size of a response.
_MAX_PARTS = 40_000
_MAX_ACCOUNTS = 5_000
# Another attempt with fewer accounts in each chunk may succeed.
_TOO_LARGE = ("RESPONSE_TOO_LARGE", "CHUNK_TOO_LARGE", "MESSAGE_TOO_LARGE", "TOO_MANY_ELEMENTS")


@dataclass(frozen=True)
class Answer:
    """The answer to the accounts from `start` to `stop`."""

    start: int
    stop: int
    response: scoring.StreamScoresResponse

    @property
    def version(self) -> str:
        """The version that answered."""
        return str(self.response.running.resolved_version)

    def rows(self) -> list[tuple[int, Any]]:
        """Return the scores with their rows."""
        return [(self.start + int(fit.account_id), fit) for fit in self.response.scores]

    def errors(self, ids: list[str]) -> list[RowError]:
        """Return the errors of rows."""
        return [row_error(error, self.start, ids) for error in self.response.errors]


class ScoreStream:
    """Scores of accounts, in their order."""

    def __init__(self, transport: Transport, accounts: Accounts, config: scoring.ScoreConfig):
        self._transport = transport
        self._accounts = accounts
        self._config = config
        self._answered = 0
        parts = 2 * len(accounts.columns) + config.reason_count + 4
        self._chunk_size = max(1, min(_MAX_ACCOUNTS, _MAX_PARTS // parts))

    async def answers(self) -> AsyncIterator[Answer]:
        """Return an answer for each chunk. After a failure that permits it, the stream continues where it ended."""
        attempts = self._transport.attempts()
        while self._answered < self._accounts.count:
            try:
                async for answer in self._attempt():
                    attempts.progress()
                    yield answer
            except grpc.aio.AioRpcError as failure:
                error = error_of(failure)
                if not self._shrink(error):
                    await attempts.wait_or_raise(error)

    def _shrink(self, error: ServerError) -> bool:
        """Halve the chunks if the error is about their size."""
        if error.reason not in _TOO_LARGE or self._chunk_size == 1:
            return False
        self._chunk_size //= 2
        return True

    async def _attempt(self) -> AsyncIterator[Answer]:
        """Send what is not answered, and return the answers until the stream ends."""
        call = self._transport.stream(scoring.StreamScoresRequest)
        reading: asyncio.Task[Any] = asyncio.ensure_future(call.read())
        unanswered: deque[tuple[int, int, int]] = deque()
        sequence, sent = 0, self._answered
        try:
            is_open = await _write(call, scoring.StreamScoresRequest(config=self._config))
            while True:
                while is_open and sent < self._accounts.count and len(unanswered) < _MAX_UNANSWERED:
                    stop = min(sent + self._chunk_size, self._accounts.count)
                    unanswered.append((sequence, sent, stop))
                    is_open = await _write(call, await asyncio.to_thread(self._chunk, sequence, sent, stop))
                    sequence, sent = sequence + 1, stop
                if is_open and sent == self._accounts.count:
                    await _end(call)
                    is_open = False
                response = await reading
                if response is grpc.aio.EOF:
                    break
                reading = asyncio.ensure_future(call.read())
                yield self._answer(response, unanswered)
            if unanswered:
                raise SweetspotError("the server ended the stream before it had answered all accounts")
        finally:
            call.cancel()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _chunk(self, sequence: int, start: int, stop: int) -> scoring.StreamScoresRequest:
        ids = [str(place) for place in range(stop - start)]
        fields = account_message(self._accounts.columns, ids, start, stop)
        return scoring.StreamScoresRequest(chunk=scoring.ScoreChunk(sequence=sequence, **fields))

    def _answer(self, response: scoring.StreamScoresResponse, unanswered: deque[tuple[int, int, int]]) -> Answer:
        if not unanswered or unanswered[0][0] != response.sequence:
            raise SweetspotError(f"the server answered chunk {response.sequence}, which is not the next one")
        _, start, stop = unanswered.popleft()
        self._answered = stop
        # The same version answers the rest, whatever is promoted meanwhile.
        self._config.version = response.running.resolved_version or self._config.version
        return Answer(start, stop, response)


async def _write(call: Any, request: scoring.StreamScoresRequest) -> bool:
    """Send a message. Returns false if the stream has ended: reading from it gives the reason."""
    try:
        await call.write(request)
    except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
        return False
    return True


async def _end(call: Any) -> None:
    try:
        await call.done_writing()
    except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
        return
