"""What the client returns: scores, their reasons, and explanations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sweetspot.errors import RowError
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types


@dataclass(frozen=True)
class Reason:
    """What one value adds to a score."""

    attribute: str
    value: str
    log_odds: float
    standard_error: float
    customers: int
    ideal_rate: float
    kind: str
    """`attribute`, `pair` (an interaction) or `hypothesis`."""

    def __str__(self) -> str:
        """Return `attribute=value:+0.42`, as in the scores file of the command line."""
        return _reason_text(self.attribute, self.value, self.log_odds)


@dataclass(frozen=True)
class Issue:
    """A value that was not simply used."""

    attribute: str
    status: str
    """Such as `missing`, `unseen_category` or `type_mismatch`; docs/API.md lists all of them."""
    reading: str
    """Of an ambiguous text, the reading that was used."""
    did_you_mean: str
    """Of an unknown attribute, the nearest attribute of the model."""


@dataclass(frozen=True)
class Score:
    """The score of an account. The fields are those of the scores file of the command line, and more."""

    account_id: str
    score: int
    """1 to 99."""
    probability: float
    log_odds: float
    low: float
    """`low` and `high` are the 90% interval of the probability."""
    high: float
    data_support: str
    """`sufficient`, `thin` or `none`."""
    tier: str
    """`A`, `B`, `C` or `D`."""
    pond_side: str
    """`IN` or `OUT`."""
    segment: str | None
    expected_value: float | None
    currency: str | None
    coverage: float
    base_log_odds: float
    reasons: tuple[Reason, ...]
    exclusion_rules: tuple[str, ...]
    issues: tuple[Issue, ...]
    model_version: str


@dataclass(frozen=True)
class Explanation:
    """A score with all of its reasons: `base_log_odds` and the log-odds of the reasons add up to `log_odds` exactly."""

    score: Score
    next_step: types.NextStep | None
    """The smallest change that lifts the account to the next better tier, if counterfactuals were asked for."""
    worth_learning: types.WorthLearning | None
    """The missing attribute with the highest value of information, if counterfactuals were asked for."""


def score_of(fit: types.FitScore, account_id: str, version: str) -> Score:
    """Return the score of a message."""
    return Score(
        account_id=account_id,
        score=fit.score,
        probability=fit.probability,
        log_odds=fit.log_odds,
        low=fit.low,
        high=fit.high,
        data_support=_data_support_word(fit.data_support),
        tier=tier_letter(fit.tier),
        pond_side=pond_side_word(fit.pond_side),
        segment=fit.segment_id or None,
        expected_value=fit.expected_value if fit.HasField("expected_value") else None,
        currency=fit.currency_code or None,
        coverage=fit.coverage,
        base_log_odds=fit.base_log_odds,
        reasons=tuple(_reason(reason) for reason in fit.reasons),
        exclusion_rules=tuple(fit.exclusion_rules),
        issues=tuple(_issue(issue) for issue in fit.issues),
        model_version=version,
    )


def _reason(reason: types.Reason) -> Reason:
    return Reason(
        attribute=reason.attribute,
        value=reason.value_label,
        log_odds=reason.log_odds,
        standard_error=reason.standard_error,
        customers=reason.customers,
        ideal_rate=reason.ideal_rate,
        kind=_word(types.ReasonKind.Name(reason.kind), "REASON_KIND_"),
    )


def _issue(issue: types.AttributeIssue) -> Issue:
    status = _word(types.AttributeStatus.Name(issue.status), "ATTRIBUTE_STATUS_")
    return Issue(issue.attribute, status, issue.reading, issue.did_you_mean)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


def _data_support_word(support: int) -> str:
    return {1: "sufficient", 2: "thin", 3: "none"}.get(support, "")


def tier_letter(tier: int) -> str:
    """Return the letter of a tier."""
    return {1: "A", 2: "B", 3: "C", 4: "D"}.get(tier, "")


def pond_side_word(side: int) -> str:
    """Return `IN` or `OUT`."""
    return {1: "IN", 2: "OUT"}.get(side, "")


def _quoted(text: str) -> str:
    """Return a text, in double quotes if it contains a separator of reasons."""
    if any(mark in text for mark in '=:;"'):
        return '"' + text.replace('"', '""') + '"'
    return text


def reasons_text(reasons: Iterable[Reason]) -> str:
    """Return reasons as one text, as in the scores file of the command line: `attribute=value:+0.42; …`."""
    return "; ".join(str(reason) for reason in reasons)


def message_reasons_text(reasons: Iterable[types.Reason]) -> str:
    """Return the reasons of a message as one text."""
    return "; ".join(_reason_text(reason.attribute, reason.value_label, reason.log_odds) for reason in reasons)


def _reason_text(attribute: str, value: str, log_odds: float) -> str:
    return f"{_quoted(attribute)}={_quoted(value)}:{log_odds:+.2f}"


class ScoreColumns:
    """Scores as columns, named as in the scores file of the command line. Rows without a score are empty."""

    NAMES = (
        "score", "probability", "log_odds", "low", "high", "data_support", "tier", "pond_side", "segment",
        "expected_value", "coverage", "reasons", "model_version",
    )  # fmt: skip

    def __init__(self, count: int, *, with_errors: bool):
        names = (*self.NAMES, "error") if with_errors else self.NAMES
        self.columns: dict[str, list[Any]] = {name: [None] * count for name in names}

    def set_score(self, row: int, fit: types.FitScore, version: str) -> None:
        """Set the score of a row."""
        cells = (
            fit.score,
            fit.probability,
            fit.log_odds,
            fit.low,
            fit.high,
            _data_support_word(fit.data_support),
            tier_letter(fit.tier),
            pond_side_word(fit.pond_side),
            fit.segment_id or None,
            fit.expected_value if fit.HasField("expected_value") else None,
            fit.coverage,
            message_reasons_text(fit.reasons),
            version,
        )
        for name, cell in zip(self.NAMES, cells, strict=True):
            self.columns[name][row] = cell

    def set_error(self, row: int, error: RowError) -> None:
        """Set the error of a row."""
        self.columns["error"][row] = str(error)


def row_error(error: types.RowError, start: int, ids: Sequence[str]) -> RowError:
    """Return the error of a row, whose request began with the row `start` of the input."""
    row = start + error.row_index
    return RowError(row, ids[row], error.reason, error.field, error.description)


def explanations(response: scoring.ExplainAccountsResponse, ids: Sequence[str]) -> list[tuple[int, Explanation]]:
    """Return the explanations of a response, each with the position that its account was sent under."""
    outlooks = {outlook.account_id: outlook for outlook in response.outlooks}
    found = []
    for fit in response.scores:
        place = int(fit.account_id)
        outlook = outlooks.get(fit.account_id)
        next_step = outlook.next_step if outlook is not None and outlook.HasField("next_step") else None
        learning = outlook.worth_learning if outlook is not None and outlook.HasField("worth_learning") else None
        score = score_of(fit, ids[place], response.resolved_version)
        found.append((place, Explanation(score, next_step, learning)))
    return found
