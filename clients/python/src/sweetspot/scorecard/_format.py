"""Reads the JSON of a scorecard. What the file contains, and how it is spelled, is known here alone."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweetspot.errors import UsageError
from sweetspot.scorecard._conditions import Condition
from sweetspot.scorecard._kinds import TextFormat

FORMAT_VERSION = 1
# Every coefficient is a multiple of 2^-32, so sums of them are exact as whole numbers.
STEPS = 2**32
_KINDS = ("number", "date", "category", "flag", "list")


@dataclass(frozen=True)
class Attribute:
    """An attribute, with the coefficient of each of its slots in steps. The last slot is that of missing values."""

    name: str
    kind: str
    form: TextFormat
    edges: npt.NDArray[np.float64]
    slot_of_key: dict[str, int]
    steps: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """An interaction of two attributes: the groups of their slots, and the coefficient of each cell in steps."""

    first: str
    second: str
    first_groups: npt.NDArray[np.int64]
    second_groups: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Hypothesis:
    """What a hypothesis adds where its condition holds."""

    condition: Condition
    steps: int


@dataclass(frozen=True)
class ExclusionRule:
    """A rule, and whether it puts an account out of the pond."""

    id: str
    condition: Condition
    puts_out: bool


@dataclass(frozen=True)
class Segment:
    """A segment, which has the accounts for which all conditions hold."""

    id: str
    conditions: list[dict[str, Any]]
    value_if_ideal: float | None


@dataclass(frozen=True)
class Card:
    """The content of a scorecard."""

    base_steps: int
    attributes: list[Attribute]
    hypotheses: list[Hypothesis]
    pairs: list[Pair]
    exclusion_rules: list[ExclusionRule]
    segments: list[Segment]
    tier_cuts: tuple[float, float, float]
    values: tuple[float, float] | None
    """The value of an account if it is ideal, and if it is not."""

    def conditions(self) -> list[Condition]:
        """Return the conditions of hypotheses and exclusion rules."""
        of_hypotheses = [hypothesis.condition for hypothesis in self.hypotheses]
        return of_hypotheses + [rule.condition for rule in self.exclusion_rules]


def read_card(source: str | os.PathLike[str]) -> Card:
    """Read a scorecard from a file, or from its text."""
    is_text = isinstance(source, str) and source.lstrip().startswith("{")
    text = str(source) if is_text else Path(source).read_text(encoding="utf-8")
    try:
        card = json.loads(text)
        # The version of the JSON; it was that of the stored model before it had one of its own.
        version = card["scorecard_version"] if "scorecard_version" in card else card["format_version"]
        if version != FORMAT_VERSION:
            raise UsageError(
                f"the scorecard has format {version}, and this client reads {FORMAT_VERSION}: update one of them"
            )
        return _card(card)
    except (KeyError, TypeError, IndexError, AttributeError, json.JSONDecodeError) as error:
        raise UsageError(
            f"this is not a scorecard ({error!r}): use the JSON of `sweetspot model show --json`"
        ) from error


def _card(card: dict[str, Any]) -> Card:
    attributes = [_attribute(attribute) for attribute in card["attributes"]]
    kinds = {attribute.name: (attribute.kind, attribute.form) for attribute in attributes}

    def condition(when: dict[str, Any]) -> Condition:
        kind, form = kinds.get(when["attribute"], (None, TextFormat()))
        return Condition.read(when, kind, form)

    tiers, values = card["tiers"], card.get("values")
    return Card(
        base_steps=_steps(card["base_log_odds"]),
        attributes=attributes,
        hypotheses=[Hypothesis(condition(item["when"]), _steps(item["log_odds"])) for item in card["hypotheses"]],
        pairs=[_pair(pair) for pair in card["pairs"]],
        exclusion_rules=[
            ExclusionRule(item["id"], condition(item["when"]), item["severity"] == "OUT")
            for item in card.get("exclusion_rules", [])
        ],
        segments=[
            Segment(item["id"], item["conditions"], item.get("value_if_ideal")) for item in card.get("segments", [])
        ],
        tier_cuts=(tiers["a"], tiers["b"], tiers["c"]),
        values=None if values is None else (values["value_if_ideal"], values["value_if_not"]),
    )


def _attribute(attribute: dict[str, Any]) -> Attribute:
    if attribute["kind"] not in _KINDS:
        raise UsageError(f"attribute {attribute['attribute']!r} has the kind {attribute['kind']!r}: update this client")
    return Attribute(
        name=attribute["attribute"],
        kind=attribute["kind"],
        form=TextFormat(attribute.get("decimal") or "", attribute.get("date_order") or ""),
        edges=np.array(attribute.get("edges") or [], dtype=np.float64),
        slot_of_key={key: slot for slot, key in enumerate(attribute.get("keys") or [])},
        steps=_slot_steps(attribute["slots"]),
    )


def _pair(pair: dict[str, Any]) -> Pair:
    return Pair(
        first=pair["first"],
        second=pair["second"],
        first_groups=np.array(pair["first_groups"], dtype=np.int64),
        second_groups=np.array(pair["second_groups"], dtype=np.int64),
        steps=_slot_steps(pair["cells"]),
    )


def _slot_steps(slots: list[dict[str, Any]]) -> npt.NDArray[np.int64]:
    return np.array([_steps(slot["log_odds"]) for slot in slots], dtype=np.int64)


def _steps(log_odds: float) -> int:
    steps = log_odds * STEPS
    if not float(steps).is_integer():
        raise UsageError(
            f"a coefficient of the scorecard, {log_odds!r}, is not a multiple of 2^-32: the file was changed"
        )
    return int(steps)
