"""Errors have the class of their reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

import fake
import pytest
from google.rpc import code_pb2, error_details_pb2, status_pb2
from server import ROOT

from sweetspot import errors


def documented() -> dict[str, set[str]]:
    """Return the codes of each reason in the table of docs/API.md."""
    table = (ROOT / "docs/API.md").read_text().partition("\n## Errors\n")[2].partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    for code, reasons in re.findall(r"^\| ([A-Z_]+)[^|]* \| (.*) \|$", table, re.MULTILINE):
        for reason in re.findall(r"`([A-Z_]+)`", reasons):
            found.setdefault(reason, set()).add(code)
    return found


def classes(base: type[errors.ServerError]) -> Iterator[type[errors.ServerError]]:
    yield base
    for derived in base.__subclasses__():
        yield from classes(derived)


def test_every_documented_code_has_a_class() -> None:
    known = {code_pb2.Code.Name(kind.code) for kind in classes(errors.ServerError)}
    codes = {code for codes in documented().values() for code in codes}
    assert len(codes) > 10
    assert codes <= known


def test_every_reason_of_a_class_is_documented_with_its_code() -> None:
    reasons = documented()
    for kind in classes(errors.ServerError):
        for reason in kind.reasons:
            assert code_pb2.Code.Name(kind.code) in reasons[reason], reason


def test_every_documented_reason_has_the_class_of_its_code() -> None:
    for reason, codes in documented().items():
        for code in codes:
            number = code_pb2.Code.Value(code)
            error = errors.error_from_status(fake.status(number, reason))
            assert (error.code, error.reason) == (number, reason)
            assert reason in str(error)


def test_violations_are_in_the_message() -> None:
    field = error_details_pb2.BadRequest.FieldViolation(field="rows[1].attributes", description="too long")
    request = error_details_pb2.BadRequest(field_violations=[field])
    error = errors.error_from_status(fake.status(code_pb2.INVALID_ARGUMENT, "TEXT_TOO_LONG", request))
    assert type(error) is errors.InvalidArgument
    assert str(error) == "a test [TEXT_TOO_LONG]\n  rows[1].attributes: too long"
    assert error.violations == (errors.Violation("rows[1].attributes", "too long"),)
    assert error.status is not None


def test_details_that_cannot_be_read_are_left_out() -> None:
    status = fake.status(code_pb2.ABORTED, "STALE_ETAG")
    status.details.add(type_url="type.googleapis.com/google.rpc.BadRequest", value=b"\xff")
    status.details.add(type_url="type.googleapis.com/google.rpc.Unknown", value=b"x")
    assert type(errors.error_from_status(status)) is errors.StaleEtag
    assert errors.error_from_status(status).violations == ()


def test_reasons_of_other_domains_are_not_ours() -> None:
    status = status_pb2.Status(code=code_pb2.ABORTED)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="STALE_ETAG", domain="other.example"))
    error = errors.error_from_status(status)
    assert (type(error), error.reason) == (errors.Aborted, "")


@pytest.mark.parametrize("count", [1, 5, 8])
def test_errors_of_rows_are_listed(count: int) -> None:
    failed = [errors.RowError(row, f"a{row}", "TEXT_TOO_LONG", "f", "too long") for row in range(count)]
    lines = str(errors.RowErrors(failed)).splitlines()
    assert lines[1] == "  row 0 ('a0'): TEXT_TOO_LONG: too long"
    assert len(lines) == 1 + min(count, 5) + (count > 5)
    assert lines[-1].strip() == f"and {count - 5} more" or count <= 5
