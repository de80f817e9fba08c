"""The errors of the client.

An error of the server has a stable `reason` (the table in docs/API.md) and the class of that reason, or else of its
gRPC code. Catch the class, or compare the reason; the message is for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

Detail = TypeVar("Detail", bound=Message)
DOMAIN = "sweetspot"
_MAX_SHOWN = 5


class SweetspotError(Exception):
    """The base of every error of this package."""


class UsageError(SweetspotError, ValueError):
    """An argument cannot be used; no call was made."""


class TrainingFailed(SweetspotError):
    """A training run failed or was cancelled. The cause is the error of the run."""


@dataclass(frozen=True)
class Violation:
    """A field of the request, or a check, and what is wrong with it."""

    field: str
    description: str


@dataclass(frozen=True)
class RowError:
    """An account that was not scored."""

    row: int
    """The position of the account in the input, from 0."""
    account_id: str
    reason: str
    field: str
    description: str

    def __str__(self) -> str:
        """Return the text for a column of errors."""
        return f"{self.reason}: {self.description}"


class RowErrors(SweetspotError):
    """Some accounts cannot be scored: `errors` has each of them. With `errors="coerce"`, the others are scored."""

    def __init__(self, errors: Iterable[RowError]):
        self.errors = tuple(errors)
        lines = [f"row {error.row} ({error.account_id!r}): {error}" for error in self.errors[:_MAX_SHOWN]]
        more = len(self.errors) - len(lines)
        lines += [f"and {more} more"] if more else []
        super().__init__("accounts cannot be scored:\n  " + "\n  ".join(lines))


class UnknownAttributeError(RowErrors):
    """Accounts have attributes that the model does not have. With `unknown="ignore"`, they are scored without them."""


class ServerError(SweetspotError):
    """The server refused a call, or the call did not reach it."""

    code: ClassVar[int] = code_pb2.UNKNOWN
    reasons: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        violations: Iterable[Violation] = (),
        retry_after: float | None = None,
        status: status_pb2.Status | None = None,
    ):
        self.reason = reason
        """The stable reason, such as `STALE_ETAG`; empty if the error is from the connection."""
        self.violations = tuple(violations)
        """The fields or checks that were refused."""
        self.retry_after = retry_after
        """Seconds after which the server permits another attempt; `None` if it does not."""
        self.status = status
        """The whole status of the server."""
        lines = [
            f"  {item.field}: {item.description}" if item.field else f"  {item.description}" for item in self.violations
        ]
        shown = [line for line in lines if line.strip() != message]
        super().__init__("\n".join([f"{message} [{reason}]" if reason else message, *shown]))


class InvalidArgument(ServerError):
    """The request is invalid; `violations` has each field."""

    code = code_pb2.INVALID_ARGUMENT


class Unauthenticated(ServerError):
    """There is no credential, or it is not valid."""

    code = code_pb2.UNAUTHENTICATED


class PermissionDenied(ServerError):
    """The credential does not permit the call."""

    code = code_pb2.PERMISSION_DENIED


class NotFound(ServerError):
    """What the request names does not exist."""

    code = code_pb2.NOT_FOUND


class ModelNotFound(NotFound):
    """The model, or the version of it, does not exist."""

    reasons = frozenset({"MODEL_NOT_FOUND", "VERSION_NOT_FOUND"})


class DatasetNotFound(NotFound):
    """The dataset, or the version of it, does not exist or is empty."""

    reasons = frozenset({"DATASET_NOT_FOUND", "DATASET_VERSION_NOT_FOUND", "DATASET_EMPTY"})


class FailedPrecondition(ServerError):
    """The state of the server does not permit the call."""

    code = code_pb2.FAILED_PRECONDITION


class NoLiveVersion(FailedPrecondition):
    """No version of the model is live: promote one, or name a version."""

    reasons = frozenset({"NO_LIVE_VERSION"})


class PromotionCheckFailed(FailedPrecondition):
    """A version does not pass the promotion checks; `violations` has each failed check."""

    reasons = frozenset({"PROMOTION_CHECK_FAILED"})


class TooFewCustomers(FailedPrecondition):
    """The dataset has too few customers, or customers of one label only, to learn from."""

    reasons = frozenset({"TOO_FEW_CUSTOMERS", "ONE_CLASS"})


class Aborted(ServerError):
    """Another change came first: read again, and repeat the change."""

    code = code_pb2.ABORTED


class StaleEtag(Aborted):
    """The model has changed since its etag was read."""

    reasons = frozenset({"STALE_ETAG"})


class ResourceExhausted(ServerError):
    """A limit of the server is reached."""

    code = code_pb2.RESOURCE_EXHAUSTED


class TooLarge(ResourceExhausted):
    """A message, a response or a model is larger than the server permits."""

    reasons = frozenset({"MESSAGE_TOO_LARGE", "RESPONSE_TOO_LARGE", "MODEL_TOO_LARGE", "IMPORT_TOO_LARGE"})


class Unavailable(ServerError):
    """The server does not answer, is overloaded or stops; the client has already repeated the call."""

    code = code_pb2.UNAVAILABLE


class Overloaded(Unavailable):
    """The server, or the workspace, has too many calls in progress."""

    reasons = frozenset({"OVERLOADED", "WORKSPACE_OVERLOADED"})


class DeadlineExceeded(ServerError):
    """The call took longer than its deadline."""

    code = code_pb2.DEADLINE_EXCEEDED


class Cancelled(ServerError):
    """The call was cancelled."""

    code = code_pb2.CANCELLED


class DataLoss(ServerError):
    """Stored data is damaged."""

    code = code_pb2.DATA_LOSS


class Unimplemented(ServerError):
    """The server does not know the method: it is older than this client, or it is another server."""

    code = code_pb2.UNIMPLEMENTED


class InternalError(ServerError):
    """The server has a fault; its log has the cause."""

    code = code_pb2.INTERNAL


def _classes(base: type[ServerError]) -> Iterable[type[ServerError]]:
    yield base
    for derived in base.__subclasses__():
        yield from _classes(derived)


_BY_REASON = {reason: kind for kind in _classes(ServerError) for reason in kind.reasons}
_BY_CODE = {kind.code: kind for kind in ServerError.__subclasses__()}


def error_from_status(status: status_pb2.Status) -> ServerError:
    """Return the error of a status, with the class of its reason or of its code."""
    reason, retry_after = "", None
    violations: list[Violation] = []
    for detail in status.details:
        name = detail.TypeName()
        if name == "google.rpc.ErrorInfo":
            info = _unpacked(detail.value, error_details_pb2.ErrorInfo())
            reason = info.reason if info.domain == DOMAIN else reason
        elif name == "google.rpc.RetryInfo":
            retry = _unpacked(detail.value, error_details_pb2.RetryInfo()).retry_delay
            retry_after = retry.seconds + retry.nanos / 1e9
        elif name == "google.rpc.BadRequest":
            fields = _unpacked(detail.value, error_details_pb2.BadRequest()).field_violations
            violations += [Violation(item.field, item.description) for item in fields]
        elif name == "google.rpc.PreconditionFailure":
            checks = _unpacked(detail.value, error_details_pb2.PreconditionFailure()).violations
            violations += [Violation(item.subject, item.description) for item in checks]
    kind = _BY_REASON.get(reason) or _BY_CODE.get(status.code, ServerError)
    return kind(status.message, reason=reason, violations=violations, retry_after=retry_after, status=status)


def _unpacked(value: bytes, message: Detail) -> Detail:
    """Parse a detail; one that cannot be parsed has no fields."""
    try:
        message.ParseFromString(value)
    except DecodeError:
        message.Clear()
    return message
