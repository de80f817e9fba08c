"""A scorecard gives the scores, intervals and reasons of the server, to the last bit."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import customers
import hostile
import numpy as np
import pandas as pd
import pytest
from server import sweetspot

from sweetspot import Client, Scorecard, UnknownAttributeError, UsageError
from sweetspot.v1 import model_service_pb2 as models

NAMES = "sector employees remote founded tools price owner turnover notes banned".split()
FIELDS = (
    "score probability log_odds low high data_support tier pond_side segment expected_value coverage reasons"
).split()


def check_equal(client: Client, card: Scorecard, accounts: Any) -> list[Any]:
    """Compare the scorecard with the server, field by field."""
    served = client.score(accounts, reasons=5)
    computed = card.score(accounts, reasons=5)
    assert len(served) == len(computed) > 0
    for account, mine, score in zip(accounts, computed, served, strict=True):
        assert mine == {field: getattr(score, field) for field in FIELDS}, account
    log_odds = card.decision_function(accounts)
    assert log_odds.tobytes() == np.array([score.log_odds for score in served]).tobytes()
    return served


@pytest.fixture(scope="module")
def kinds(url: str, every_kind: models.TrainingRun) -> Any:
    with Client(url, model="kinds") as client:
        yield client, client.scorecard()


def test_the_model_has_everything_that_a_scorecard_can_have(kinds: Any) -> None:
    client, card = kinds
    version = client.version()
    assert {attribute.kind for attribute in version.attributes} == {"number", "category", "flag", "list", "date"}
    assert version.pairs
    assert version.segments
    assert len(version.hypotheses) == 8
    assert version.values.value_if_ideal
    assert sorted(card.attributes) == sorted(attribute.attribute for attribute in version.attributes)


@pytest.mark.parametrize("seed", range(4))
def test_hostile_accounts_score_as_on_the_server(kinds: Any, seed: int) -> None:
    client, card = kinds
    plain = customers.frame(1_500).to_dict("records")
    served = check_equal(client, card, hostile.accounts(NAMES, plain, seed))
    assert len({score.log_odds for score in served}) > 500
    assert {score.tier for score in served} == set("ABCD")
    assert {score.data_support for score in served} >= {"sufficient", "thin"}
    assert len({score.segment for score in served}) > 2
    assert {reason.kind for score in served for reason in score.reasons} == {"attribute", "pair", "hypothesis"}


@pytest.mark.parametrize("texts", ["NUMBERS", "DAYS", "FLAGS", "TEXTS", "LISTS", "BLANK"])
def test_every_text_scores_as_on_the_server(kinds: Any, texts: str) -> None:
    client, card = kinds
    check_equal(client, card, [{name: text} for text in getattr(hostile, texts) for name in NAMES])


def test_accounts_without_a_known_attribute_have_no_data_support(kinds: Any) -> None:
    client, card = kinds
    served = check_equal(client, card, [{}, {"price": "many"}, {"banned": True}, {"notes": "cold"}, {"remote": "no"}])
    assert [score.data_support for score in served].count("none") == 3


def test_numbers_at_and_next_to_every_edge_score_as_on_the_server(kinds: Any, url: str) -> None:
    client, card = kinds
    request = models.ExportModelVersionRequest(name="workspaces/default/models/kinds/versions/live")
    content = json.loads(client.call(request).content)
    numbers = [
        (attribute["attribute"], number)
        for attribute in content["attributes"]
        for edge in attribute.get("edges", [])
        for number in (edge, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf))
    ]
    assert len(numbers) > 100
    check_equal(client, card, [{name: number} for name, number in numbers])


def written(count: int) -> list[dict[str, str]]:
    """Return numbers and days written at random."""
    chance = random.Random(5)
    fronts, backs = ["", "", "-", "$", "(", "€ "], ["", "", "%", " k", "M", ")", " €", "-", " Mrd."]
    years = ["2001", "99", "04", "1900", "05.03", "2001 10:22", "99, 7"]
    accounts = []
    for _ in range(count):
        digits = "".join(chance.choice("0123456789.,' ") for _ in range(chance.randrange(1, 9)))
        mark = chance.choice("./- ")
        day = mark.join([*(str(chance.randrange(1, 40)) for _ in range(2)), chance.choice(years)])
        period = f"{chance.choice('QqTWw')}{chance.randrange(60)}"
        shape = chance.randrange(6)
        if shape == 0:
            day = f"{chance.choice(['Mai', 'Juli', 'oct', 'sept', 'Mär', 'foo'])}{mark}{day}"
        elif shape == 1:
            day = chance.choice([f"{period} 2021", f"2020{period}", f"2022-{period}", str(chance.randrange(10**8))])
        accounts.append({"price": chance.choice(fronts) + digits + chance.choice(backs), "founded": day})
    return accounts


def test_written_numbers_and_days_score_as_on_the_server(kinds: Any) -> None:
    client, card = kinds
    check_equal(client, card, written(3_000))


def test_tables_score_as_lists(kinds: Any, demo_files: Path) -> None:
    _, card = kinds
    rows = [
        {"sector": "Fintech", "employees": 30, "remote": True, "founded": pd.Timestamp("1999-05-01"), "price": 3.5},
        {"sector": None, "employees": 1_000, "remote": False, "founded": pd.NaT, "price": float("nan")},
    ]
    frame = pd.DataFrame(rows, index=["x", "y"])
    scored = card.score(frame)
    assert list(scored.index) == ["x", "y"]
    assert scored["log_odds"].tolist() == card.decision_function(rows).tolist()
    assert card.score(rows[0]) == card.score(rows)[0]


def test_days_of_an_attribute_that_the_model_does_not_have_score_as_on_the_server(kinds: Any) -> None:
    client, card = kinds
    days = [{"notes": day, "turnover": day, "owner": day} for day in pd.date_range("2019-01-01", periods=5)]
    served = check_equal(client, card, days)
    assert len({score.log_odds for score in served}) == 2


def test_an_id_goes_into_the_result(kinds: Any) -> None:
    card = kinds[1]
    assert [score["account_id"] for score in card.score([{"account_id": "a"}, {"account_id": "b"}])] == ["a", "b"]
    assert "account_id" not in card.score({"employees": 3})


def test_scikit_learn_conventions(kinds: Any) -> None:
    _, card = kinds
    rows = [{"sector": "Fintech", "employees": 30}, {"sector": "Retail", "employees": 3_000}]
    both = card.predict_proba(rows)
    assert both.shape == (2, 2)
    assert both[:, 1].tolist() == [row["probability"] for row in card.score(rows)]
    assert both.sum(axis=1) == pytest.approx(1.0)
    assert card.classes_.tolist() == [False, True]
    assert card.predict(rows).tolist() == (both[:, 1] >= 0.5).tolist()


def test_the_demonstration_scores_as_on_the_server(demo_store: Path, url: str, accounts: pd.DataFrame) -> None:
    card = Scorecard.load(sweetspot("model", "export", "--store", demo_store))
    with Client(url) as client:
        served = client.score(accounts)
    pd.testing.assert_frame_equal(card.score(accounts), served[["company_id", *FIELDS]], check_exact=True)


def test_a_scorecard_is_read_from_a_file(demo_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(sweetspot("model", "export", "--store", demo_store))
    account = {"employees": 300}
    card = Scorecard.load(path)
    assert card.score(account) == Scorecard.load(str(path)).score(account)
    digest = json.loads(path.read_text())["artifact_sha256"]
    assert repr(card) == f"Scorecard('artifact {digest[:12]}', 15 attributes)"


def test_a_saved_scorecard_is_that_of_the_command(
    demo_store: Path, url: str, accounts: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "card.json"
    with Client(url) as client:
        card = client.scorecard()
        assert repr(card) == f"Scorecard({client.version().name!r}, 15 attributes)"
    card.save(str(path))
    sweetspot("model", "export", "--store", demo_store, "-o", tmp_path / "exported.json")
    assert path.read_bytes() == (tmp_path / "exported.json").read_bytes()
    loaded = Scorecard.load(path)
    pd.testing.assert_frame_equal(loaded.score(accounts), card.score(accounts), check_exact=True)
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_every_effect_that_applies_is_a_reason(kinds: Any) -> None:
    """The base and all reasons add up to the log-odds."""
    client, card = kinds
    accounts = customers.frame(200).drop(columns=["outcome", "paid", "served", "since"]).to_dict("records")
    explained = client.explain(accounts, unknown="ignore")
    for account, one in zip(card.score(accounts, reasons=100), explained, strict=True):
        by_size = sorted(one.score.reasons, key=lambda reason: -abs(reason.log_odds))
        assert account["reasons"] == tuple(by_size)
        assert one.score.base_log_odds + sum(reason.log_odds for reason in by_size) == account["log_odds"]
    assert card.score(accounts[0], reasons=0)["reasons"] == ()


def test_a_text_that_the_model_does_not_know_is_shortened(kinds: Any) -> None:
    client, card = kinds
    accounts = [{"sector": text} for text in ("  Mining\n", "x" * 60, "ü" * 61, "🙂" * 200, 'a="b"; c')]
    check_equal(client, card, accounts)
    frame = pd.DataFrame(accounts)
    assert card.score(frame)["reasons"].tolist() == client.score(frame)["reasons"].tolist()


def test_unknown_attributes_are_errors(kinds: Any, url: str) -> None:
    _, card = kinds
    account = {"employes": 3, "nothing": None}
    with pytest.raises(UnknownAttributeError, match=r"'employes': did you mean 'employees'"):
        card.score(account)
    with Client(url, model="kinds") as client:
        lenient = client.scorecard(unknown="ignore")
    assert lenient.score(account) == card.score({})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda card: card.update(scorecard_version=2), "format 2"),
        (lambda card: (card.pop("scorecard_version", None), card.update(format_version=3)), "format 3"),
        (lambda card: card.pop("pairs"), "not a scorecard"),
        (lambda card: card["attributes"][0]["slots"][0].pop("variance"), "not a scorecard"),
        (lambda card: card["attributes"][0].update(kind="vector"), "update this client"),
        (lambda card: card["attributes"][0]["slots"][0].update(log_odds=0.1), "the file was changed"),
    ],
)
def test_a_changed_scorecard_is_an_error(demo_store: Path, change: Any, message: str) -> None:
    card = json.loads(sweetspot("model", "export", "--store", demo_store))
    change(card)
    with pytest.raises(UsageError, match=message):
        Scorecard.load(json.dumps(card))


def test_a_number_that_is_not_finite_is_an_error(kinds: Any) -> None:
    _, card = kinds
    for accounts in ({"price": math.inf}, pd.DataFrame({"price": [1.0, -math.inf]})):
        with pytest.raises(UsageError, match="not finite"):
            card.score(accounts)
