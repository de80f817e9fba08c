"""Reads a value as the kind of its attribute. A value that cannot be read as that kind is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sweetspot._values import Value, text_of
from sweetspot.scorecard._days import read_day
from sweetspot.scorecard._numbers import read_number
from sweetspot.scorecard._texts import read_flag_word, split_list, trim


@dataclass(frozen=True)
class TextFormat:
    """How the texts of an attribute are written, where one could mean two things; empty if each is read by itself."""

    decimal: str = ""
    """`.` or `,`."""
    date_order: str = ""
    """`mdy`, `dmy`, `ymd` or `serial`."""


def read_as(value: Value | None, kind: str, form: TextFormat) -> Any:
    """Return a number, a day, a flag, a text or a list of texts; `None` if it is missing."""
    if value is None:
        return None
    if kind == "number":
        return _number(value, form)
    if kind == "date":
        return _day(value, form)
    if kind == "flag":
        return _flag(value)
    if kind == "list":
        return _items(value)
    return _text(value)


def own_kind(value: Value | None) -> str:
    """Return the kind as which a value is used whose attribute the model does not have."""
    kinds = {"number": "number", "date": "date", "flag": "flag", "texts": "list"}
    return "category" if value is None else kinds.get(value.kind, "category")


def _number(value: Value, form: TextFormat) -> float | None:
    if value.kind == "number":
        return float(value.value)
    if value.kind == "flag":
        return 1.0 if value.value else 0.0
    if value.kind == "text":
        number = read_number(value.value, form.decimal)
        return number if number is not None else {"true": 1.0, "false": 0.0}.get(_ascii_lower(trim(value.value)))
    return None


def _ascii_lower(text: str) -> str:
    return text.lower() if text.isascii() else text


def _day(value: Value, form: TextFormat) -> int | None:
    if value.kind == "date":
        return int(value.value)
    return read_day(value.value, form.date_order) if value.kind == "text" else None


def _flag(value: Value) -> bool | None:
    if value.kind == "flag":
        return bool(value.value)
    number = value.value if value.kind == "number" else None
    if value.kind == "text":
        word = read_flag_word(value.value)
        if word is not None:
            return word
        number = read_number(value.value)
    return bool(number) if number in (0.0, 1.0) else None


def _text(value: Value) -> str | None:
    if value.kind == "texts":
        return None
    text = text_of(value)
    return text if trim(text) else None


def _items(value: Value) -> list[str] | None:
    if value.kind == "texts":
        return [item for item in value.value if trim(item)]
    if value.kind == "text":
        return split_list(value.value) if trim(value.value) else None
    return [text_of(value)]
