"""The slots that the values of accounts fill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweetspot._columns import Cells
from sweetspot._values import Value
from sweetspot.errors import UsageError
from sweetspot.scorecard._format import Attribute
from sweetspot.scorecard._kinds import read_as
from sweetspot.scorecard._texts import level_key


@dataclass(frozen=True)
class Filled:
    """The slots of an attribute for each account, and what they add."""

    steps: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]
    """One for each account; not used for lists."""
    items: list[frozenset[int]] | None
    """The slots of the items of a list."""
    present: npt.NDArray[np.bool_]
    """Whether the value is known, and can be read as the kind of the attribute."""


def fill(attribute: Attribute, cells: Cells | None, count: int) -> Filled:
    """Find the slots of a column; `None` if the accounts do not have the attribute."""
    missing = len(attribute.steps) - 1
    if cells is None:
        slots = np.full(count, missing, dtype=np.int64)
        items = [frozenset({missing})] * count if attribute.kind == "list" else None
        return Filled(attribute.steps[slots], slots, items, np.zeros(count, dtype=bool))
    if cells.array is not None and attribute.kind in ("number", "date"):
        slots = _array_slots(attribute, cells.array, missing)
        return Filled(attribute.steps[slots], slots, None, slots != missing)
    values = cells.read()
    _check_finite(attribute, values)
    if attribute.kind == "list":
        return _fill_lists(attribute, values, missing)
    # Most columns have few distinct values.
    known = {value: _slot(attribute, value, missing) for value in set(values)}
    slots = np.array([known[value] for value in values], dtype=np.int64)
    return Filled(attribute.steps[slots], slots, None, slots != missing)


def _array_slots(attribute: Attribute, array: npt.NDArray[np.generic], missing: int) -> npt.NDArray[np.int64]:
    """Return the number of edges at or below each number; days are numbers, and flags are 0 and 1."""
    is_day = array.dtype.kind == "M"
    if is_day != (attribute.kind == "date"):
        return np.full(len(array), missing, dtype=np.int64)
    if is_day:
        absent = np.isnat(array)
        numbers = array.astype("datetime64[D]").astype(np.int64).astype(np.float64)
    else:
        numbers = array.astype(np.float64)
        absent = np.isnan(numbers)
        if np.isinf(numbers).any():
            raise UsageError(f"column {attribute.name!r} has a number that is not finite: omit it if it is unknown")
    slots = np.searchsorted(attribute.edges, numbers, side="right")
    return np.where(absent, missing, slots).astype(np.int64)


def _check_finite(attribute: Attribute, values: list[Value | None]) -> None:
    for value in values:
        if value is not None and value.kind == "number" and not np.isfinite(value.value):
            raise UsageError(f"column {attribute.name!r} has a number that is not finite: omit it if it is unknown")


def _slot(attribute: Attribute, value: Value | None, missing: int) -> int:
    read = read_as(value, attribute.kind, attribute.form)
    if read is None:
        return missing
    if attribute.kind in ("number", "date"):
        return int(np.searchsorted(attribute.edges, read, side="right"))
    if attribute.kind == "flag":
        return int(read)
    return attribute.slot_of_key.get(level_key(read), len(attribute.slot_of_key))


def _fill_lists(attribute: Attribute, values: list[Value | None], missing: int) -> Filled:
    known = {value: _item_slots(attribute, value, missing) for value in set(values)}
    items = [known[value] for value in values]
    steps = np.array([sum(int(attribute.steps[slot]) for slot in slots) for slots in items], dtype=np.int64)
    present = np.array([missing not in slots for slots in items], dtype=bool)
    return Filled(steps, np.full(len(values), missing, dtype=np.int64), items, present)


def _item_slots(attribute: Attribute, value: Value | None, missing: int) -> frozenset[int]:
    read = read_as(value, "list", attribute.form)
    if read is None:
        return frozenset({missing})
    if not read:
        return frozenset({len(attribute.slot_of_key)})
    slots = (attribute.slot_of_key.get(level_key(item)) for item in read)
    return frozenset(slot for slot in slots if slot is not None)
