"""Which segment an account is in. Conditions of segments are on the slots that it fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sweetspot.errors import UsageError
from sweetspot.scorecard._format import Attribute, Card
from sweetspot.scorecard._slots import Filled
from sweetspot.scorecard._texts import level_key


def segment_places(card: Card, filled: Mapping[str, Filled], count: int) -> list[int | None]:
    """Return the first segment of each account of which all conditions hold; `None` if it is in none."""
    attributes = {attribute.name: attribute for attribute in card.attributes}
    found: list[int | None] = [None] * count
    for place in reversed(range(len(card.segments))):
        holds = np.ones(count, dtype=bool)
        for when in card.segments[place].conditions:
            attribute = attributes[when["attribute"]]
            holds &= _holds(passing_slots(attribute, when), filled[attribute.name])
        for row in np.flatnonzero(holds):
            found[row] = place
    return found


def _holds(passing: npt.NDArray[np.bool_], filled: Filled) -> npt.NDArray[np.bool_]:
    # No slot, -1, never passes.
    passing = np.append(passing, False)
    if filled.items is None:
        return passing[filled.slots]
    return np.asarray(passing[filled.items].any(axis=1))


def passing_slots(attribute: Attribute, when: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Return for each slot of an attribute whether a condition holds for it."""
    passing = np.zeros(len(attribute.slots), dtype=bool)
    if "any_of" in when:
        passing[[attribute.slot_of_key[level_key(text)] for text in when["any_of"]]] = True
    elif "flag" in when:
        passing[int(when["flag"])] = True
    elif "at_least" in when or "below" in when:
        first = _bin_from(attribute, when["at_least"]) if "at_least" in when else 0
        end = _bin_from(attribute, when["below"]) if "below" in when else len(attribute.edges) + 1
        passing[first:end] = True
    else:
        raise UsageError(f"a segment has a condition on {attribute.name!r} that this client does not know: update it")
    return passing


def _bin_from(attribute: Attribute, edge: float) -> int:
    """Return the bin that begins at an edge."""
    return int(np.flatnonzero(attribute.edges == edge)[0]) + 1
