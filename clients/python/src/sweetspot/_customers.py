"""Customers with their outcomes, as the messages of an import."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import timestamp_pb2

from sweetspot._columns import ColumnSource, TypedColumn, typed_column
from sweetspot._tables import read_accounts
from sweetspot._values import EPOCH, Value, day_number, read_value, text_of
from sweetspot.errors import UsageError
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import types_pb2 as types

_MAX_BYTES = 2 * 1024 * 1024
_MAX_ACCOUNTS = 2_000
_STATUSES = {
    "won": datasets.OUTCOME_KIND_WON,
    "lost": datasets.OUTCOME_KIND_LOST,
    "churned": datasets.OUTCOME_KIND_CHURNED,
    "renewed": datasets.OUTCOME_KIND_RENEWED,
    "expanded": datasets.OUTCOME_KIND_EXPANDED,
}
_NUMBERS = ("value", "cost_to_serve", "cost_to_acquire")
_TEXTS = ("group", "reason")


@dataclass(frozen=True)
class OutcomeColumns:
    """The columns that say what happened to each customer. They never become attributes."""

    status: str
    """Its values are `won`, `lost`, `churned`, `renewed` or `expanded`, or the keys of `statuses`."""
    statuses: Mapping[Any, str] | None = None
    """What the values of the column mean: `{"Closed Won": "won"}`. Other values mean that the outcome is unknown."""
    value: str | None = None
    """Lifetime revenue."""
    cost_to_serve: str | None = None
    cost_to_acquire: str | None = None
    since: str | None = None
    """The day since which the account is a customer."""
    group: str | None = None
    """Accounts of one group stay together in the evaluation."""
    reason: str | None = None
    currency: str = ""
    """The currency of all amounts (ISO 4217)."""

    def names(self) -> dict[str, str]:
        """Return the column of each part."""
        parts = ("status", *_NUMBERS, "since", *_TEXTS)
        return {part: name for part in parts if (name := getattr(self, part)) is not None}


class CustomerImport:
    """An import of customers, which can be sent again."""

    def __init__(
        self,
        source: Any,
        outcome: OutcomeColumns,
        attributes: Iterable[str] | None,
        id_column: str | None,
        weight: str | None = None,
        binned: Iterable[str] = (),
    ):
        accounts = read_accounts(source, id_column)
        by_name = {column.name: column for column in accounts.columns}
        self._count = accounts.count
        self._ids = [account_id or f"row-{row + 1}" for row, account_id in enumerate(accounts.ids)]
        self._outcomes = _outcomes(outcome, by_name, self._ids)
        self._weights = [] if weight is None else _weights(weight, by_name, accounts.count)
        self._binned = set(binned)
        wanted = [name for name in by_name if name != weight and name not in outcome.names().values()]
        if attributes is not None:
            wanted = list(attributes)
        _check_known([*wanted, *self._binned], by_name)
        read = (typed_column(by_name[name], accounts.count) for name in wanted)
        self._columns: list[TypedColumn] = [column for column in read if column is not None]
        if not self._count:
            raise UsageError("there are no customers to import")

    def first_message(self, dataset: str, *, stage: bool, validate_only: bool) -> datasets.ImportAccountsRequest:
        """Return the message that begins the import."""
        request_id = str(uuid.uuid4())
        return datasets.ImportAccountsRequest(
            dataset=dataset, request_id=request_id, stage=stage, validate_only=validate_only
        )

    def messages(self, first: datasets.ImportAccountsRequest) -> Iterator[datasets.ImportAccountsRequest]:
        """Return every message of the import."""
        yield first
        for start in range(0, self._count, _MAX_ACCOUNTS):
            yield from self._parts(start, min(start + _MAX_ACCOUNTS, self._count))

    def _parts(self, start: int, stop: int) -> Iterable[datasets.ImportAccountsRequest]:
        """Return these customers in messages that are not too large."""
        columns = [column.message(start, stop) for column in self._columns]
        for column in columns:
            column.is_binned = column.name in self._binned
        table = types.AccountTable(account_ids=self._ids[start:stop], columns=columns)
        message = datasets.ImportAccountsRequest(
            accounts=table, outcomes=self._outcomes[start:stop], weights=self._weights[start:stop]
        )
        if message.ByteSize() <= _MAX_BYTES or stop - start == 1:
            yield message
            return
        middle = (start + stop) // 2
        yield from self._parts(start, middle)
        yield from self._parts(middle, stop)


def _check_known(names: Iterable[str], known: Mapping[str, Any]) -> None:
    missing = [name for name in names if name not in known]
    if missing:
        raise UsageError(f"there is no column {missing[0]!r}: there are {', '.join(map(repr, known))}")


def _outcomes(columns: OutcomeColumns, by_name: Mapping[str, ColumnSource], ids: list[str]) -> list[datasets.Outcome]:
    """Return the outcome of each customer."""
    names = columns.names()
    _check_known(names.values(), by_name)
    cells = {part: by_name[name].slice(0, len(ids)) for part, name in names.items()}
    outcomes = []
    for row, account_id in enumerate(ids):
        outcome = datasets.Outcome(account_id=account_id, currency_code=columns.currency)
        for part, values in cells.items():
            if part == "status":
                outcome.kind = _status(columns, values[row])
                continue
            value = read_value(values[row], names[part])
            if value is not None:
                _set_part(outcome, part, value, f"row {row} of column {names[part]!r}")
        outcomes.append(outcome)
    return outcomes


def _weights(column: str, by_name: Mapping[str, ColumnSource], count: int) -> list[int]:
    """Return the number of customers that each row stands for."""
    _check_known([column], by_name)
    weights = []
    for row, cell in enumerate(by_name[column].slice(0, count)):
        value = read_value(cell, column)
        if value is None or value.kind != "number" or not 1 <= value.value < 2**32 or value.value % 1 != 0:
            raise UsageError(f"row {row} of column {column!r} has {cell!r}: use a whole number from 1")
        weights.append(int(value.value))
    return weights


def _status(columns: OutcomeColumns, cell: Any) -> datasets.OutcomeKind:
    if columns.statuses is not None:
        word = columns.statuses.get(cell, "") if cell.__hash__ is not None else ""
        if word and word not in _STATUSES:
            raise UsageError(f"statuses: {word!r} is none of {', '.join(_STATUSES)}")
        return _STATUSES.get(word, datasets.OUTCOME_KIND_UNSPECIFIED)
    value = read_value(cell, columns.status)
    if value is None:
        return datasets.OUTCOME_KIND_UNSPECIFIED
    kind = _STATUSES.get(text_of(value).strip().lower())
    if kind is None:
        known = ", ".join(_STATUSES)
        raise UsageError(
            f"column {columns.status!r} has {cell!r}, which is none of {known}: say what it means by statuses"
        )
    return kind


def _set_part(outcome: datasets.Outcome, part: str, value: Value, place: str) -> None:
    if part in _TEXTS:
        setattr(outcome, part, text_of(value))
    elif part in _NUMBERS:
        if value.kind != "number":
            raise UsageError(f"{place} has {value.value!r}: use a number")
        setattr(outcome, part, value.value)
    else:
        outcome.since.CopyFrom(_timestamp(value, place))


def _timestamp(value: Value, place: str) -> timestamp_pb2.Timestamp:
    """Return the first second of a day, also of a text in ISO 8601."""
    days = value.value
    try:
        if value.kind == "text":
            days = day_number(datetime.date.fromisoformat(value.value))
        elif value.kind != "date":
            raise ValueError
    except ValueError:
        raise UsageError(f"{place} has {value.value!r}: use a date, or a text such as 2026-11-24") from None
    moment = datetime.datetime.combine(EPOCH, datetime.time(), datetime.UTC) + datetime.timedelta(days=days)
    return timestamp_pb2.Timestamp(seconds=int(moment.timestamp()))
