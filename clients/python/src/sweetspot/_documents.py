"""Documents, scorecards and target lists of a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.message import Message

from sweetspot._columns import account_message
from sweetspot._tables import Accounts, read_accounts
from sweetspot._transport import Transport
from sweetspot.errors import RowErrors, SweetspotError, UsageError
from sweetspot.results import message_reasons_text, pond_side_word, row_error, tier_letter
from sweetspot.v1 import report_pb2 as reports
from sweetspot.v1 import targets_pb2 as messages
from sweetspot.v1 import types_pb2 as types

_PART_BYTES = 1024 * 1024
_TARGETS_OF_A_CALL = 500
_FORMATS = {
    "html": reports.REPORT_FORMAT_HTML,
    "md": reports.REPORT_FORMAT_MARKDOWN,
    "json": reports.REPORT_FORMAT_JSON,
    "tables": reports.REPORT_FORMAT_TABLES,
}


def read_content(transport: Transport, request: Any, version_field: str) -> str:
    """Read the content of a report or of a scorecard in parts, and check its digest."""
    content = bytearray()
    request.part_bytes = _PART_BYTES
    while True:
        request.offset = len(content)
        response: Any = transport.call(request)
        content += response.content
        setattr(request, version_field, response.resolved_version)
        if len(content) >= response.total_bytes or not response.content:
            break
    if hashlib.sha256(content).hexdigest() != response.content_sha256:
        raise SweetspotError("the content changed while it was read: read it again")
    return content.decode()


def report_request(
    version: str, format: str, documents: Iterable[str], title: str, champion: str
) -> reports.RenderReportRequest:
    """Return the request for a report; documents by name, such as `proof`."""
    names = reports.ReportDocument.keys()
    known = {name.removeprefix("REPORT_DOCUMENT_").lower(): name for name in names if "UNSPECIFIED" not in name}
    if format not in _FORMATS:
        raise UsageError(f"format={format!r}: use one of {', '.join(_FORMATS)}")
    wanted = list(documents)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UsageError(f"there is no document {unknown[0]!r}: use some of {', '.join(known)}")
    return reports.RenderReportRequest(
        version=version,
        format=_FORMATS[format],
        documents=[known[name] for name in wanted],
        title=title,
        champion=champion,
    )


def targets_request(source: Any, version: str, id_column: str | None, reasons: int) -> tuple[Accounts, Message]:
    """Return the accounts of an input, and the request that ranks them."""
    accounts = read_accounts(source, id_column)
    # Ties are in the order of the ids.
    ids = [account_id or f"row-{row + 1}" for row, account_id in enumerate(accounts.ids)]
    fields = account_message(accounts.columns, ids, 0, accounts.count)
    request = messages.RankTargetsRequest(version=version, reason_count=reasons, **fields)
    return accounts, request


def set_ranking(
    request: Any, order: str, tiering: Message | None, exclude: Iterable[str], changeable: Iterable[str]
) -> None:
    """Set how a list is ranked."""
    orders = {"probability": messages.TARGET_ORDER_PROBABILITY, "expected_value": messages.TARGET_ORDER_EXPECTED_VALUE}
    if order not in orders:
        raise UsageError(f"order={order!r}: use 'probability' or 'expected_value'")
    request.order = orders[order]
    request.exclude_account_ids.extend(exclude)
    request.changeable_attributes.extend(changeable)
    fields = {
        messages.TierProbabilities: request.probabilities,
        messages.TierShares: request.shares,
        messages.TierCapacity: request.capacity,
    }
    if tiering is not None:
        field = fields.get(type(tiering))
        if field is None:
            raise UsageError(
                "tiering is a TierProbabilities, a TierShares or a TierCapacity of sweetspot.v1.targets_pb2"
            )
        field.CopyFrom(tiering)


def rank(transport: Transport, accounts: Accounts, request: Any, top: int) -> Any:
    """Rank accounts, and return the best ones: a table with their index, or a list of messages."""
    found: list[messages.Target] = []
    while len(found) < top:
        request.skip, request.top_k = len(found), min(top - len(found), _TARGETS_OF_A_CALL)
        response: messages.RankTargetsResponse = transport.call(request)
        if response.errors:
            raise RowErrors(row_error(error, 0, accounts.ids) for error in response.errors)
        request.version = response.summary.resolved_version
        found += response.targets
        if len(response.targets) < request.top_k:
            break
    if accounts.build is None:
        return found
    sent = request.table.account_ids or [account.account_id for account in request.rows.rows]
    places = {account_id: row for row, account_id in enumerate(sent)}
    rows = [places[target.score.account_id] for target in found]
    return accounts.build(_columns(accounts.id_name or "id", found), rows)


def _columns(id_name: str, targets: Sequence[messages.Target]) -> dict[str, list[Any]]:
    """Return targets as columns, named as in the target list of the command line."""
    fits: list[types.FitScore] = [target.score for target in targets]
    return {
        "rank": [target.rank for target in targets],
        id_name: [fit.account_id for fit in fits],
        "score": [fit.score for fit in fits],
        "probability": [fit.probability for fit in fits],
        "low": [fit.low for fit in fits],
        "high": [fit.high for fit in fits],
        "tier": [tier_letter(target.tier) for target in targets],
        "pond_side": [pond_side_word(fit.pond_side) for fit in fits],
        "segment": [fit.segment_id or None for fit in fits],
        "expected_value": [fit.expected_value if fit.HasField("expected_value") else None for fit in fits],
        "reasons": [message_reasons_text(fit.reasons) for fit in fits],
        "look_alikes": ["; ".join(customer.name for customer in target.look_alikes) for target in targets],
        "shares": ["; ".join(target.look_alikes[0].shares) if target.look_alikes else "" for target in targets],
        "next_step": [_next_step(target) for target in targets],
        "worth_learning": [target.worth_learning.attribute or None for target in targets],
    }


def _next_step(target: messages.Target) -> str | None:
    """Return `employees: 50 or more instead of 10 to 49 (tier A)`."""
    if not target.HasField("next_step"):
        return None
    changes = " and ".join(
        f"{change.attribute}: {change.to} instead of {getattr(change, 'from')}" for change in target.next_step.changes
    )
    return f"{changes} (tier {tier_letter(target.next_step.tier)})"
