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
# Every coefficient is a whole number of units of 2^-32, so sums of them are exact.
UNITS_PER_LOG_ODDS = 2**32
_MAX_FACTORS = 16
_KINDS = ("number", "date", "category", "flag", "list")


@dataclass(frozen=True)
class Effects:
    """What slots, cells or hypotheses add to a score, and how uncertain that is. The last row is for none: zeros."""

    labels: list[str]
    units: npt.NDArray[np.int64]
    variances: npt.NDArray[np.float32]
    factors: npt.NDArray[np.float32]
    """A row of 16 factors for each effect: the covariance of effects is the product of their factors."""
    customers: list[int]
    ideal: list[int]
    """How many of the customers are ideal."""

    def __len__(self) -> int:
        """Return the number of effects."""
        return len(self.labels)

    @classmethod
    def read(cls, effects: list[dict[str, Any]]) -> Effects:
        """Read slots, cells or hypotheses."""
        nothing = {"log_odds": 0.0, "units": 0, "variance": 0.0, "factors": []}
        rows = [*effects, nothing]
        factors = np.zeros((len(rows), _MAX_FACTORS), dtype=np.float32)
        for row, effect in enumerate(rows):
            factors[row, : len(effect["factors"])] = effect["factors"]
        return cls(
            labels=[effect["label"] for effect in effects],
            units=np.array([_units(effect["log_odds"], effect["units"]) for effect in rows], dtype=np.int64),
            variances=np.array([effect["variance"] for effect in rows], dtype=np.float32),
            factors=factors,
            customers=[effect["customers"] for effect in effects],
            ideal=[effect["ideal"] for effect in effects],
        )


@dataclass(frozen=True)
class Attribute:
    """An attribute, with what each of its slots adds. The last slot is that of missing values."""

    name: str
    kind: str
    form: TextFormat
    edges: npt.NDArray[np.float64]
    slot_of_key: dict[str, int]
    slots: Effects


@dataclass(frozen=True)
class Pair:
    """An interaction of two attributes: the groups of their slots, and what each cell adds."""

    first: str
    second: str
    first_groups: npt.NDArray[np.int64]
    second_groups: npt.NDArray[np.int64]
    cells: Effects


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

    content: bytes
    """The content as it was read."""
    artifact_sha256: str
    """The digest of the stored model."""
    base_units: int
    base_variance: np.float32
    base_factors: npt.NDArray[np.float32]
    interval_standard_errors: float
    """Half the width of an interval."""
    attributes: list[Attribute]
    hypotheses: list[Condition]
    hypothesis_effects: Effects
    """What each hypothesis adds where its condition holds."""
    pairs: list[Pair]
    exclusion_rules: list[ExclusionRule]
    segments: list[Segment]
    tier_cuts: tuple[float, float, float]
    """The least probabilities of the tiers A, B and C."""
    tier_units: tuple[int | None, int | None, int | None]
    """The least sums of units that reach them; `None` if no sum does."""
    values: tuple[float, float] | None
    """The value of an account if it is ideal, and if it is not."""

    def conditions(self) -> list[Condition]:
        """Return the conditions of hypotheses and exclusion rules."""
        return self.hypotheses + [rule.condition for rule in self.exclusion_rules]


def read_card(source: str | os.PathLike[str]) -> Card:
    """Read a scorecard from a file, or from its text."""
    is_text = isinstance(source, str) and source.lstrip().startswith("{")
    content = str(source).encode() if is_text else Path(source).read_bytes()
    try:
        card = json.loads(content.decode())
        # The version of the JSON; it was that of the stored model before it had one of its own.
        version = card["scorecard_version"] if "scorecard_version" in card else card["format_version"]
        if version != FORMAT_VERSION:
            raise UsageError(
                f"the scorecard has format {version}, and this client reads {FORMAT_VERSION}: update one of them"
            )
        return _card(content, card)
    except (KeyError, TypeError, IndexError, AttributeError, json.JSONDecodeError) as error:
        raise UsageError(f"this is not a scorecard ({error!r}): use the JSON of `sweetspot model export`") from error


def _card(content: bytes, card: dict[str, Any]) -> Card:
    attributes = [_attribute(attribute) for attribute in card["attributes"]]
    kinds = {attribute.name: (attribute.kind, attribute.form) for attribute in attributes}

    def condition(when: dict[str, Any]) -> Condition:
        kind, form = kinds.get(when["attribute"], (None, TextFormat()))
        return Condition.read(when, when.get("kind", kind), form)

    tiers, values = card["tiers"], card.get("values")
    base_factors = np.zeros(_MAX_FACTORS, dtype=np.float32)
    base_factors[: len(card["base_factors"])] = card["base_factors"]
    return Card(
        content=content,
        artifact_sha256=card.get("artifact_sha256", ""),
        base_units=_units(card["base_log_odds"], card["base_units"]),
        base_variance=np.float32(card["base_variance"]),
        base_factors=base_factors,
        interval_standard_errors=card["interval_standard_errors"],
        attributes=attributes,
        hypotheses=[condition(item["when"]) for item in card["hypotheses"]],
        hypothesis_effects=Effects.read(card["hypotheses"]),
        pairs=[_pair(pair) for pair in card["pairs"]],
        exclusion_rules=[
            ExclusionRule(item["id"], condition(item["when"]), item["severity"] == "OUT")
            for item in card.get("exclusion_rules", [])
        ],
        segments=[
            Segment(item["id"], item["conditions"], item.get("value_if_ideal")) for item in card.get("segments", [])
        ],
        tier_cuts=(tiers["a"], tiers["b"], tiers["c"]),
        tier_units=(card["tier_units"]["a"], card["tier_units"]["b"], card["tier_units"]["c"]),
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
        slots=Effects.read(attribute["slots"]),
    )


def _pair(pair: dict[str, Any]) -> Pair:
    return Pair(
        first=pair["first"],
        second=pair["second"],
        first_groups=np.array(pair["first_groups"], dtype=np.int64),
        second_groups=np.array(pair["second_groups"], dtype=np.int64),
        cells=Effects.read(pair["cells"]),
    )


def _units(log_odds: float, units: int) -> int:
    if log_odds * UNITS_PER_LOG_ODDS != units:
        raise UsageError(
            f"a coefficient of the scorecard has log_odds {log_odds!r}, which are not its {units!r} units of 2^-32: "
            "the file was changed"
        )
    return units
