"""The largest effects on a score, as the reasons of the client."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sweetspot._values import text_of
from sweetspot.results import Reason
from sweetspot.scorecard._format import UNITS_PER_LOG_ODDS, Effects
from sweetspot.scorecard._scored import Applied, Scored
from sweetspot.scorecard._texts import trim

_MAX_LABEL_CHARACTERS = 60
# How many accounts are sorted at a time, which bounds the memory.
_PART = 16_384


def largest_reasons(scored: Scored, count: int) -> list[tuple[Reason, ...]]:
    """Return at most `count` reasons for each account: largest first, and equal ones in the order of the model."""
    accounts = len(scored.units)
    found: list[tuple[Reason, ...]] = []
    for start in range(0, accounts, _PART):
        stop = min(start + _PART, accounts)
        order = _largest(scored.applied, start, stop, count)
        for row, columns in enumerate(order.tolist(), start):
            chosen = (scored.applied[column] for column in columns)
            found.append(tuple(_reason(scored, one, row) for one in chosen if one.places[row] >= 0))
    return found


def _largest(applied: list[Applied], start: int, stop: int, count: int) -> npt.NDArray[np.int64]:
    """Return the positions of the largest effects of some accounts, in which those that do not apply are last."""
    sizes = np.empty((stop - start, len(applied)), dtype=np.int64)
    for column, one in enumerate(applied):
        places = one.places[start:stop]
        sizes[:, column] = np.where(places >= 0, np.abs(one.effects.units[places]), -1)
    return np.argsort(-sizes, axis=1, kind="stable")[:, :count]


def _reason(scored: Scored, one: Applied, row: int) -> Reason:
    place, effects = int(one.places[row]), one.effects
    value = effects.labels[place]
    if place == one.pooled:
        text = scored.values_of(one.name)[row]
        value = value if text is None else _short(text_of(text))
    return Reason(
        attribute=one.name,
        value=value,
        log_odds=int(effects.units[place]) / UNITS_PER_LOG_ODDS,
        standard_error=_standard_error(effects, place),
        customers=effects.customers[place],
        ideal_rate=effects.ideal[place] / max(1, effects.customers[place]),
        kind=one.kind,
    )


def _short(text: str) -> str:
    text = trim(text)
    return text if len(text) <= _MAX_LABEL_CHARACTERS else f"{text[:_MAX_LABEL_CHARACTERS]}…"


def _standard_error(effects: Effects, place: int) -> float:
    shared = 0.0
    for factor in effects.factors[place].tolist():
        shared += factor * factor
    return math.sqrt(float(effects.variances[place]) + shared)
