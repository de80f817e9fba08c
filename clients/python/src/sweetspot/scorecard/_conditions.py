"""Conditions of hypotheses and exclusion rules: tests on the value of one attribute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sweetspot._values import Value
from sweetspot.scorecard._days import read_day
from sweetspot.scorecard._kinds import TextFormat, own_kind, read_as
from sweetspot.scorecard._numbers import read_number
from sweetspot.scorecard._texts import level_key, read_flag_word, split_list


@dataclass(frozen=True)
class Condition:
    """A test, and the kind as which it reads values: `None` if the model does not have the attribute."""

    attribute: str
    kind: str | None
    form: TextFormat
    present: bool | None
    flag: bool | None
    at_least: float | None
    below: float | None
    keys: frozenset[str] | None
    amounts: frozenset[float] = field(default_factory=frozenset)
    """The texts of `any_of` that are numbers."""
    days: frozenset[int] = field(default_factory=frozenset)
    flags: frozenset[bool] = field(default_factory=frozenset)

    @classmethod
    def read(cls, when: dict[str, Any], kind: str | None, form: TextFormat) -> Condition:
        """Read the condition of a scorecard."""
        return cls(
            attribute=when["attribute"],
            kind=kind,
            form=form,
            present=when.get("present"),
            flag=when.get("flag"),
            at_least=when.get("at_least"),
            below=when.get("below"),
            keys=frozenset(when["any_of"]) if "any_of" in when else None,
            amounts=frozenset(when.get("numbers", [])),
            days=frozenset(when.get("days", [])),
            flags=frozenset(when.get("flags", [])),
        )

    def read_value(self, value: Value | None) -> tuple[str, Any]:
        """Return the kind of a value, and the value read as that kind; `None` if it is missing."""
        kind = self.kind or own_kind(value)
        return kind, read_as(value, kind, self.form)

    def holds(self, value: Value | None) -> bool:
        """Whether it holds for this value."""
        kind, read = self.read_value(value)
        if self.present is not None:
            return (read is not None) == self.present
        if read is None:
            return False
        if self.flag is not None:
            return _flag(kind, read) is self.flag
        if self.keys is not None:
            return self._is_one_of(kind, read)
        amount = _amount(kind, read)
        if amount is None:
            return False
        return (self.at_least is None or amount >= self.at_least) and (self.below is None or amount < self.below)

    def _is_one_of(self, kind: str, read: Any) -> bool:
        keys = self.keys or frozenset()
        if kind == "number":
            return read in self.amounts
        if kind == "date":
            return read in self.days
        if kind == "flag":
            return read in self.flags
        if kind == "list":
            return any(level_key(item) in keys for item in read)
        # A text of an attribute that the model does not have can be a list.
        return level_key(read) in keys or (
            self.kind is None and any(level_key(item) in keys for item in split_list(read))
        )


def _amount(kind: str, read: Any) -> float | None:
    """Return the number that a range applies to."""
    if kind == "list":
        return None
    if kind == "category":
        number = read_number(read)
        return number if number is not None else read_day(read)
    return float(read)


def _flag(kind: str, read: Any) -> bool | None:
    if kind == "flag":
        return bool(read)
    if kind == "number":
        return bool(read) if read in (0.0, 1.0) else None
    return read_flag_word(read) if kind == "category" else None
