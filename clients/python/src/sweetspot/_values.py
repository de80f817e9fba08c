"""What the values of Python mean to the API: missing, or a number, a text, a flag, a day, or several texts."""

from __future__ import annotations

import datetime
import math
import numbers
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from sweetspot.errors import UsageError

Kind: TypeAlias = Literal["number", "text", "flag", "date", "texts"]
EPOCH = datetime.date(1970, 1, 1)
# Every whole number up to this one is a float64.
MAX_EXACT = 2**53
_MISSING_TYPES = ("NAType", "NaTType")


class Value(NamedTuple):
    """A value of an attribute: a float, a str, a bool, days since 1970-01-01, or a tuple of str."""

    kind: Kind
    value: Any


def read_value(value: object, column: str) -> Value | None:
    """Return what a value means; `None` if it is missing. Any other type is an error that names the column."""
    if isinstance(value, str):
        return Value("text", str(value))
    if is_missing(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return Value("flag", bool(value))
    if isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, np.timedelta64):
        return _read_number(value)
    if isinstance(value, (datetime.date, np.datetime64)):
        return Value("date", day_number(value))
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)) or _is_series(value):
        return Value("texts", _read_items(value, column))
    raise UsageError(
        f"column {column!r} has a value of type {type(value).__name__}, which is not an attribute: "
        "convert it to a number, a text, a flag, a date or a list of texts, or leave the column out"
    )


def is_missing(value: object) -> bool:
    """Whether a value is None, NaN, NaT or NA."""
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, Decimal) and value.is_nan()


def _is_series(value: object) -> bool:
    """Whether a value is a column of another library, such as a cell of a polars list column."""
    return isinstance(value, Iterable) and hasattr(value, "to_list")


def _read_number(value: Any) -> Value:
    if isinstance(value, numbers.Integral) and abs(int(value)) > MAX_EXACT:
        # The digits of a long id: a float would change them.
        return Value("text", str(int(value)))
    try:
        return Value("number", float(value))
    except OverflowError:
        return Value("number", math.inf)


def _read_items(items: Any, column: str) -> tuple[str, ...]:
    read = [read_value(item, column) for item in (items if not hasattr(items, "to_list") else items.to_list())]
    if any(item is not None and item.kind == "texts" for item in read):
        raise UsageError(f"column {column!r} has a list of lists: use a list of texts")
    # The order of a set is arbitrary.
    texts = [text_of(item) for item in read if item is not None]
    return tuple(sorted(texts) if isinstance(items, (set, frozenset)) else texts)


def day_number(value: datetime.date | np.datetime64) -> int:
    """Return the days since 1970-01-01. A time with a time zone is of the day in UTC."""
    if isinstance(value, np.datetime64):
        return int(value.astype("datetime64[D]").astype(np.int64))
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.UTC)
        value = value.date()
    return (value - EPOCH).days


def day_text(days: int) -> str:
    """Return a day in ISO 8601."""
    return str(np.datetime64(days, "D"))


def text_of(value: Value) -> str:
    """Return the text that spells a value, as the server spells it."""
    if value.kind == "number":
        return number_text(value.value)
    if value.kind == "flag":
        return "true" if value.value else "false"
    return day_text(value.value) if value.kind == "date" else str(value.value)


def number_text(number: float) -> str:
    """Return the shortest digits that read back as the number, without an exponent: 5, 0.1, 1000000."""
    if not math.isfinite(number):
        return str(number)
    text = format(Decimal(repr(float(number))), "f")
    return text.removesuffix(".0")
