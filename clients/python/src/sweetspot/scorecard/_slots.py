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
    """The slots that an attribute fills for each account."""

    slots: npt.NDArray[np.int64]
    """One for each account; not used for lists."""
    items: npt.NDArray[np.int64] | None
    """The slots of the items of lists, ascending, a row for each account. After them, -1."""
    present: npt.NDArray[np.bool_]
    """Whether the value is known, and can be read as the kind of the attribute."""

    def places(self) -> list[npt.NDArray[np.int64]]:
        """Return the first slot of each account, the second, and so on; -1 where it fills no more."""
        return [self.slots] if self.items is None else list(self.items.T)


def fill(attribute: Attribute, cells: Cells | None, count: int) -> Filled:
    """Find the slots of a column; `None` if the accounts do not have the attribute."""
    missing = len(attribute.slots) - 1
    if cells is None:
        slots = np.full(count, missing, dtype=np.int64)
        items = slots[:, np.newaxis] if attribute.kind == "list" else None
        return Filled(slots, items, np.zeros(count, dtype=bool))
    if cells.array is not None and attribute.kind in ("number", "date"):
        slots = _array_slots(attribute, cells.array, missing)
        return Filled(slots, None, slots != missing)
    values = cells.read()
    _check_finite(attribute, values)
    if attribute.kind == "list":
        return _fill_lists(attribute, values, missing)
    # Most columns have few distinct values.
    known = {value: _slot(attribute, value, missing) for value in set(values)}
    slots = np.array([known[value] for value in values], dtype=np.int64)
    return Filled(slots, None, slots != missing)


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
    # An account without any slot has a row of -1.
    width = max((len(slots) for slots in known.values()), default=0)
    padded = {value: slots + [-1] * (width - len(slots)) for value, slots in known.items()}
    items = np.array([padded[value] for value in values], dtype=np.int64).reshape(len(values), width)
    present = ~(items == missing).any(axis=1)
    return Filled(np.full(len(values), missing, dtype=np.int64), items, present)


def _item_slots(attribute: Attribute, value: Value | None, missing: int) -> list[int]:
    read = read_as(value, "list", attribute.form)
    if read is None:
        return [missing]
    if not read:
        return [len(attribute.slot_of_key)]
    slots = {attribute.slot_of_key.get(level_key(item)) for item in read}
    return sorted(slot for slot in slots if slot is not None)
