"""The options of scores and explanations, for type checkers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from sweetspot._names import Version
from sweetspot._scoring import OnUnknown


class ScoreOptions(TypedDict, total=False):
    """The options of `score`."""

    version: Version
    reasons: int
    unknown: OnUnknown
    id_column: str | None
    progress: bool


class ExplainOptions(TypedDict, total=False):
    """The options of `explain`."""

    version: Version
    counterfactuals: bool
    changeable: Iterable[str]
    unknown: OnUnknown
    id_column: str | None
