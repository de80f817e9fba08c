"""Calls of the server: finds methods by their requests, turns statuses into errors, and repeats calls if permitted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.message import Message
from google.rpc import status_pb2

from sweetspot._cancellation import wait, watch
from sweetspot._connection import Endpoint
from sweetspot.errors import ServerError, Unavailable, UsageError, error_from_status
from sweetspot.v1 import (
    access_service_pb2,
    dataset_service_pb2,
    definition_service_pb2,
    model_service_pb2,
    report_service_pb2,
    scoring_service_pb2,
    store_service_pb2,
)

_FILES = (
    access_service_pb2,
    dataset_service_pb2,
    definition_service_pb2,
    model_service_pb2,
    report_service_pb2,
    scoring_service_pb2,
    store_service_pb2,
)
_MAX_PAUSE = 10.0
_FIRST_PAUSE = 0.2
# Codes that libraries report, without a reason, for calls that a closing connection did not carry.
_CONNECTION_CODES = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


@dataclass(frozen=True)
class Method:
    """A method of the API."""

    path: str
    response: type[Message]
    is_unary: bool


def _methods() -> dict[str, Method]:
    found = {}
    for file in _FILES:
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                response = message_factory.GetMessageClass(method.output_type)
                is_unary = not method.client_streaming and not method.server_streaming
                path = f"/{service.full_name}/{method.name}"
                found[method.input_type.full_name] = Method(path, response, is_unary)
    return found


# Every request is of one method.
_METHODS = _methods()


def method_of(request: type[Message]) -> Method:
    """Return the method that takes a request."""
    method = _METHODS.get(request.DESCRIPTOR.full_name)
    if method is None:
        raise UsageError(f"{request.DESCRIPTOR.full_name} is not a request of the API")
    return method


def error_of(call_error: Any) -> ServerError:
    """Return the error of a failed call."""
    code: int = call_error.code().value[0]
    status = status_pb2.Status(code=code, message=call_error.details() or "")
    for key, value in call_error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            sent = status_pb2.Status.FromString(value)
            status = sent if sent.code == code else status
    error = error_from_status(status)
    if not error.reason and call_error.code() in _CONNECTION_CODES:
        text = f"the connection failed: {status.message or call_error.code().name}"
        error = Unavailable(text, status=status, retry_after=error.retry_after)
    return error


def is_retryable(error: ServerError) -> bool:
    """Whether another attempt is permitted: the server says when, or the connection failed."""
    return error.retry_after is not None or (isinstance(error, Unavailable) and not error.reason)


class Attempts:
    """Counts failed attempts, and waits between them. Progress starts the count again."""

    def __init__(self, retries: int):
        self._retries = retries
        self._failed = 0

    def progress(self) -> None:
        """Forget earlier failures."""
        self._failed = 0

    def wait_or_raise(self, error: ServerError) -> None:
        """Wait before the next attempt, or raise the error if there is none."""
        if self._failed >= self._retries or not is_retryable(error):
            raise error from None
        pause: float = min(_FIRST_PAUSE * 2**self._failed, _MAX_PAUSE) * random.uniform(0.5, 1.0)
        self._failed += 1
        if error.retry_after is not None:
            # Clients that were refused together do not come back together.
            pause = error.retry_after * random.uniform(1.0, 1.25)
        wait(pause)


class Transport:
    """A channel to a server. Threads may share it."""

    def __init__(self, endpoint: Endpoint, *, timeout: float | None, retries: int):
        self._endpoint = endpoint
        self._timeout = timeout
        self._retries = retries
        self._channel = endpoint.channel()
        self._is_open = True

    def attempts(self) -> Attempts:
        """Return the attempts of one call."""
        return Attempts(self._retries)

    def call(self, request: Message, timeout: float | None = None) -> Any:
        """Call the method that takes a request. Requests that change something have a `request_id`."""
        method = method_of(type(request))
        if not method.is_unary:
            raise UsageError(f"{method.path} is a stream")
        call = self._open().unary_unary(method.path, type(request).SerializeToString, method.response.FromString)
        return self._repeat(lambda: call.future(request, timeout=timeout or self._timeout, metadata=self._metadata))

    def upload(self, request_type: type[Message], requests: Callable[[], Iterator[Message]]) -> Any:
        """Send a stream for one response. Each attempt sends the whole stream, which has a `request_id`."""
        method = method_of(request_type)
        call = self._open().stream_unary(method.path, request_type.SerializeToString, method.response.FromString)
        failures: list[Exception] = []

        def checked() -> Iterator[Message]:
            try:
                yield from requests()
            except Exception as failure:
                failures.append(failure)
                raise

        return self._repeat(lambda: call.future(checked(), timeout=self._timeout, metadata=self._metadata), failures)

    def stream(self, request_type: type[Message], requests: Iterator[Message]) -> Any:
        """Start a stream in both directions, and return the call."""
        method = method_of(request_type)
        call = self._open().stream_stream(method.path, request_type.SerializeToString, method.response.FromString)
        return call(requests, metadata=self._metadata)

    def _repeat(self, start: Callable[[], Any], failures: Sequence[Exception] = ()) -> Any:
        """Repeat a call until it succeeds, as far as permitted. `failures` are those of making its requests."""
        attempts = self.attempts()
        while True:
            call = start()
            try:
                with watch(call):
                    return call.result()
            except grpc.RpcError as error:
                if failures:
                    raise failures[0] from None
                attempts.wait_or_raise(error_of(error))
            finally:
                # Also after an interruption from the keyboard.
                call.cancel()

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return self._endpoint.metadata

    def _open(self) -> grpc.Channel:
        if not self._is_open:
            raise UsageError("the client is closed")
        return self._channel

    def close(self) -> None:
        """Close the channel."""
        self._is_open = False
        self._channel.close()
