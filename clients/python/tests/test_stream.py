"""Tests of answers that come in several messages."""

from sweetspot._stream import whole_answers
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types


def message(sequence: int, accounts: list[str], scored: int, *, continues: bool) -> scoring.StreamScoresResponse:
    scores = [types.FitScore(account_id=account) for account in accounts]
    running = scoring.ScoreSummary(scored=scored, warnings=["a warning"])
    return scoring.StreamScoresResponse(sequence=sequence, scores=scores, running=running, continues=continues)


def test_the_messages_of_an_answer_are_joined() -> None:
    messages = [
        message(0, ["a", "b"], 3, continues=True),
        message(0, ["c"], 3, continues=False),
        message(1, ["d"], 4, continues=False),
    ]
    answers = list(whole_answers(messages))
    assert [[score.account_id for score in answer.scores] for answer in answers] == [["a", "b", "c"], ["d"]]
    assert [answer.sequence for answer in answers] == [0, 1]
    # The counts and warnings are those of the last message, not of all together.
    assert [(answer.running.scored, list(answer.running.warnings)) for answer in answers] == [
        (3, ["a warning"]),
        (4, ["a warning"]),
    ]


def test_an_answer_that_breaks_off_is_not_returned() -> None:
    assert list(whole_answers([message(0, ["a"], 1, continues=True)])) == []
