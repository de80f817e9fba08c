"""Scores accounts in one stream: in chunks, in bounded memory, and again from the first account without an answer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import grpc

from sweetspot._cancellation import watch
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

    def answers(self) -> Generator[Answer]:
        """Return an answer for each chunk. After a failure that permits it, the stream continues where it ended."""
        attempts = self._transport.attempts()
        while self._answered < self._accounts.count:
            try:
                with closing(self._attempt()) as attempt:
                    for answer in attempt:
                        attempts.progress()
                        yield answer
            except grpc.RpcError as failure:
                error = error_of(failure)
                if not self._shrink(error):
                    attempts.wait_or_raise(error)

    def _shrink(self, error: ServerError) -> bool:
        """Halve the chunks if the error is about their size."""
        if error.reason not in _TOO_LARGE or self._chunk_size == 1:
            return False
        self._chunk_size //= 2
        return True

    def _attempt(self) -> Generator[Answer]:
        """Send what is not answered, and return the answers until the stream ends."""
        requests = _Requests(self._accounts, self._config, self._answered, self._chunk_size)
        call = self._transport.stream(scoring.StreamScoresRequest, iter(requests))
        try:
            with watch(call):
                for response in whole_answers(call):
                    yield self._answer(response, requests)
        finally:
            requests.end()
            call.cancel()
        if requests.failure is not None:
            raise requests.failure
        if self._answered < self._accounts.count:
            raise SweetspotError("the server ended the stream before it had answered all accounts")

    def _answer(self, response: scoring.StreamScoresResponse, requests: _Requests) -> Answer:
        start, stop = requests.answered(response.sequence)
        self._answered = stop
        # The same version answers the rest, whatever is promoted meanwhile.
        self._config.version = response.running.resolved_version or self._config.version
        return Answer(start, stop, response)


def whole_answers(messages: Iterable[scoring.StreamScoresResponse]) -> Iterator[scoring.StreamScoresResponse]:
    """Join the messages of each answer: a large one comes in several."""
    answer = scoring.StreamScoresResponse()
    for message in messages:
        answer.MergeFrom(message)
        if not message.continues:
            # A later message replaces the counts of an earlier one.
            answer.running.CopyFrom(message.running)
            yield answer
            answer = scoring.StreamScoresResponse()


class _Requests:
    """The messages of a stream, a few chunks ahead of the answers. A thread of gRPC reads them."""

    def __init__(self, accounts: Accounts, config: scoring.ScoreConfig, start: int, chunk_size: int):
        self._accounts = accounts
        self._config = scoring.ScoreConfig()
        self._config.CopyFrom(config)
        self._start = start
        self._chunk_size = chunk_size
        self._room = threading.Semaphore(_MAX_UNANSWERED)
        self._unanswered: deque[tuple[int, int, int]] = deque()
        self._ended = False
        self.failure: Exception | None = None
        """Why a chunk could not be made, if so. The stream then ends before it."""

    def __iter__(self) -> Iterator[scoring.StreamScoresRequest]:
        yield scoring.StreamScoresRequest(config=self._config)
        for sequence, start in enumerate(range(self._start, self._accounts.count, self._chunk_size)):
            self._room.acquire()
            if self._ended:
                return
            stop = min(start + self._chunk_size, self._accounts.count)
            try:
                chunk = self._chunk(sequence, start, stop)
            except Exception as failure:
                self.failure = failure
                return
            self._unanswered.append((sequence, start, stop))
            yield chunk

    def _chunk(self, sequence: int, start: int, stop: int) -> scoring.StreamScoresRequest:
        ids = [str(place) for place in range(stop - start)]
        fields = account_message(self._accounts.columns, ids, start, stop)
        return scoring.StreamScoresRequest(chunk=scoring.ScoreChunk(sequence=sequence, **fields))

    def answered(self, sequence: int) -> tuple[int, int]:
        """Return the accounts of the next chunk, which this is the answer to."""
        if not self._unanswered or self._unanswered[0][0] != sequence:
            raise SweetspotError(f"the server answered chunk {sequence}, which is not the next one")
        _, start, stop = self._unanswered.popleft()
        self._room.release()
        return start, stop

    def end(self) -> None:
        """Let the thread end."""
        self._ended = True
        self._room.release()
