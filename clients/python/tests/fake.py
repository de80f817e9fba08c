"""A server of the scoring service that fails as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types

VERSION = "workspaces/default/models/default/versions/7"


def packed(detail: Any) -> any_pb2.Any:
    made = any_pb2.Any()
    made.Pack(detail)
    return made


def status(code: int, reason: str, *details: Any, retry_after: float | None = None) -> status_pb2.Status:
    """Return a status as the server sends it."""
    parts: list[Any] = [error_details_pb2.ErrorInfo(reason=reason, domain="sweetspot")] if reason else []
    if retry_after is not None:
        delay = duration_pb2.Duration(seconds=int(retry_after), nanos=int(retry_after % 1 * 1e9))
        parts.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return status_pb2.Status(code=code, message="a test", details=[packed(part) for part in (*parts, *details)])


OVERLOADED = status(code_pb2.UNAVAILABLE, "OVERLOADED", retry_after=0.001)
DRAINING = status(code_pb2.UNAVAILABLE, "DRAINING", retry_after=0.001)
CONNECTION_LOST = status(code_pb2.INTERNAL, "")
INTERNAL = status(code_pb2.INTERNAL, "INTERNAL")
TOO_LARGE = status(code_pb2.RESOURCE_EXHAUSTED, "RESPONSE_TOO_LARGE")
STALE = status(code_pb2.ABORTED, "STALE_ETAG")


def refuse(context: grpc.ServicerContext, error: status_pb2.Status) -> None:
    """End a call with a status."""
    codes = {code.value[0]: code for code in grpc.StatusCode}
    if error.details:
        context.set_trailing_metadata([("grpc-status-details-bin", error.SerializeToString())])
    context.abort(codes[error.code], error.message)


class FakeServer:
    """Gives every account the probability of its number of employees, in thousandths.

    `plan` has an error for each stream that fails, and the number of chunks that are answered before it.
    """

    def __init__(self) -> None:
        self.plan: list[tuple[int, status_pb2.Status]] = []
        self.unary: list[status_pb2.Status] = []
        self.streams: list[tuple[str, list[int]]] = []
        """The version and the sizes of the chunks of each stream."""
        self.calls: list[Any] = []
        self.arrived = threading.Event()
        self.ended = threading.Event()
        """Whether a stream has ended."""
        self.refuses_rows = False
        self.blocks = False
        """Whether a stream waits until it is released."""
        self.released = threading.Event()
        self.silent_after: int | None = None
        self.wrong_sequence = False

    def stream(
        self, requests: Iterator[scoring.StreamScoresRequest], context: grpc.ServicerContext
    ) -> Iterator[scoring.StreamScoresResponse]:
        context.add_callback(self.ended.set)
        sizes: list[int] = []
        config = next(requests).config
        self.streams.append((config.version, sizes))
        answers, error = self.plan.pop(0) if self.plan else (None, None)
        for number, request in enumerate(requests):
            if error is not None and number == answers:
                refuse(context, error)
            if self.silent_after == number:
                return
            self.arrived.set()
            if self.blocks:
                self.released.wait()
            accounts = request.chunk.table.account_ids
            sizes.append(len(accounts))
            employees = request.chunk.table.columns[0].numbers.values
            scores = [
                types.FitScore(account_id=name, probability=size / 1_000, score=1, tier=types.FIT_TIER_A)
                for name, size in zip(accounts, employees, strict=True)
            ]
            sequence = request.chunk.sequence + (1 if self.wrong_sequence else 0)
            summary = scoring.ScoreSummary(resolved_version=VERSION)
            errors = [types.RowError(account_id="0", reason="TEXT_TOO_LONG")] if self.refuses_rows else []
            yield scoring.StreamScoresResponse(sequence=sequence, scores=scores, errors=errors, running=summary)
        if error is not None and answers is not None:
            refuse(context, error)

    def promote(self, request: Any, context: grpc.ServicerContext) -> models.PromoteModelVersionResponse:
        self.calls.append(request)
        self.arrived.set()
        if self.unary:
            refuse(context, self.unary.pop(0))
        return models.PromoteModelVersionResponse(promotion=models.Promotion(to_version=request.name))

    def handler(self) -> grpc.GenericRpcHandler:
        stream = grpc.stream_stream_rpc_method_handler(
            self.stream, scoring.StreamScoresRequest.FromString, scoring.StreamScoresResponse.SerializeToString
        )
        promote = grpc.unary_unary_rpc_method_handler(
            self.promote,
            models.PromoteModelVersionRequest.FromString,
            models.PromoteModelVersionResponse.SerializeToString,
        )
        methods: dict[str, Callable[..., Any]] = {
            "/sweetspot.v1.ScoringService/StreamScores": stream,
            "/sweetspot.v1.ModelService/PromoteModelVersion": promote,
        }

        class Handler(grpc.GenericRpcHandler):
            def service(self, call: grpc.HandlerCallDetails) -> Any:
                return methods.get(call.method)

        return Handler()


@contextmanager
def fake_server() -> Iterator[tuple[FakeServer, str]]:
    """Serve, and yield the server and its address."""
    fake = FakeServer()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((fake.handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield fake, f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
