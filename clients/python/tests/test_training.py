"""Imports, trains, promotes and compares."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import customers
import pandas as pd
import polars as pl
import pytest

from sweetspot import OutcomeColumns, TrainingFailed, UsageError
from sweetspot.errors import (
    DatasetNotFound,
    InvalidArgument,
    NoLiveVersion,
    PromotionCheckFailed,
    StaleEtag,
    TooFewCustomers,
)
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import model_service_pb2 as models


@pytest.fixture
def model(make: Any, url: str) -> Any:
    """A client of a model that does not exist yet."""
    with make(url, model=f"m{uuid.uuid4().hex[:12]}") as client:
        yield client


def test_from_customers_to_a_live_model(model: Any) -> None:
    frame = customers.frame(400)
    dataset = f"d{uuid.uuid4().hex[:12]}"
    with pytest.raises(NoLiveVersion):
        model.score({"employees": 30})
    imported = model.import_accounts(frame, customers.OUTCOME, dataset=dataset)
    assert (imported.accounts, imported.outcomes) == (400, 400)
    run = model.train(dataset=dataset, label="won", exclude=["founded"], increasing=["price"], labels={"team": "sales"})
    run = model.wait(run.name)
    version = model.version(run.model_version)
    attributes = {attribute.attribute: attribute for attribute in version.attributes}
    assert set(attributes) == {"sector", "employees", "remote", "tools", "price"}
    assert attributes["price"].direction != 0
    assert version.labels == {"team": "sales"}
    assert version.label_card.ideal == (frame["outcome"] == "won").sum()
    promotion = model.promote(reason="first")
    assert (promotion.to_version, promotion.reason) == (run.model_version, "first")
    assert model.score({"sector": "Fintech", "employees": 30}).model_version == run.model_version

    model.wait(model.train(dataset=dataset, dataset_version=1, label="won"))
    compared = model.compare(movers=3)
    assert compared.comparison.champion == run.model_version
    assert compared.markdown.startswith("#")


def test_every_kind_of_table_imports_the_same_customers(model: Any) -> None:
    frame = customers.frame(60)
    digests = set()
    for source in (frame, pl.from_pandas(frame), frame.to_dict("records")):
        imported = model.import_accounts(source, customers.OUTCOME, validate_only=True)
        digests.add(imported.data_sha256)
        assert imported.accounts == 60
        assert not imported.dataset_version
    assert len(digests) == 1


def test_a_weighted_row_is_as_many_customers(model: Any) -> None:
    weighted = customers.frame(300)[["account_id", "sector", "employees", "outcome"]]
    weighted["employees"] = weighted["employees"] // 50 * 50
    weighted["customers"] = [1 + row % 3 for row in range(300)]
    repeated = weighted.loc[weighted.index.repeat(weighted["customers"])].drop(columns="customers")
    repeated["account_id"] = [f"c{row}" for row in range(len(repeated))]
    cards = []
    for frame, weight in ((weighted, "customers"), (repeated, None)):
        dataset = f"d{uuid.uuid4().hex[:12]}"
        outcome = OutcomeColumns("outcome")
        imported = model.import_accounts(frame, outcome, dataset=dataset, weight=weight, binned=["employees"])
        assert imported.accounts == len(frame)
        version = model.version(model.wait(model.train(dataset=dataset, label="won")).model_version)
        assert {attribute.attribute for attribute in version.attributes} == {"sector", "employees"}
        cards.append(version.label_card)
    assert cards[0] == cards[1]


def test_a_weight_is_a_whole_number_of_customers(model: Any) -> None:
    for cell in (0, -1, 1.5, 2**32, None, "many"):
        frame = pd.DataFrame({"size": [1, 2], "outcome": ["won", "lost"], "n": [1, cell]})
        with pytest.raises(UsageError, match="row 1 of column 'n'"):
            model.import_accounts(frame, OutcomeColumns("outcome"), weight="n")
    frame = pd.DataFrame({"size": [1, 2], "outcome": ["won", "lost"]})
    for options in ({"weight": "n"}, {"binned": ["n"]}):
        with pytest.raises(UsageError, match="there is no column 'n'"):
            model.import_accounts(frame, OutcomeColumns("outcome"), **options)


def test_outcomes_are_read_from_columns(model: Any) -> None:
    dataset = f"d{uuid.uuid4().hex[:12]}"
    frame = pd.DataFrame(
        {
            "stage": ["Closed Won", "Closed Lost", "Open", None],
            "since": ["2020-01-31", datetime.date(2021, 2, 3), None, pd.Timestamp("2022-01-01")],
            "paid": [5, 6.5, None, 7],
            "why": ["price", None, 3, "x"],
            "size": [1, 2, 3, 4],
            "empty": None,
        }
    )
    outcome = OutcomeColumns(
        "stage", statuses={"Closed Won": "won", "Closed Lost": "lost"}, value="paid", since="since", reason="why"
    )
    imported = model.import_accounts(frame, outcome, dataset=dataset)
    assert (imported.accounts, imported.outcomes, imported.current) == (4, 4, True)
    again = model.import_accounts(frame, outcome, dataset=dataset, attributes=["size"], stage=True)
    assert not again.current


def test_a_large_import_is_sent_in_several_messages(model: Any) -> None:
    count = 5_000
    frame = pd.DataFrame(
        {"outcome": ["won", "lost"] * (count // 2), "text": [f"{row:04}" * 250 for row in range(count)]}
    )
    imported = model.import_accounts(frame, OutcomeColumns("outcome"), validate_only=True)
    assert imported.accounts == count


@pytest.mark.parametrize(
    ("frame", "outcome", "options", "message"),
    [
        ({"outcome": ["maybe"]}, OutcomeColumns("outcome"), {}, "'maybe', which is none of won, lost"),
        ({"outcome": ["won"]}, OutcomeColumns("stage"), {}, "there is no column 'stage'"),
        ({"outcome": ["won"]}, OutcomeColumns("outcome"), {"attributes": ["size"]}, "there is no column 'size'"),
        ({"outcome": ["won", "lost"], "x": [1, "a"]}, OutcomeColumns("outcome"), {}, r"several kinds \(number, text\)"),
        ({"outcome": ["won"], "paid": ["5 EUR"]}, OutcomeColumns("outcome", value="paid"), {}, "use a number"),
        ({"outcome": ["won"], "day": ["soon"]}, OutcomeColumns("outcome", since="day"), {}, "use a date"),
        ({"outcome": []}, OutcomeColumns("outcome"), {}, "no customers"),
        ({"outcome": ["won"]}, OutcomeColumns("outcome", statuses={"won": "good"}), {}, "'good' is none of won"),
    ],
)
def test_customers_that_cannot_be_imported(
    model: Any, frame: Any, outcome: OutcomeColumns, options: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        model.import_accounts(pd.DataFrame(frame), outcome, **options)


def test_a_text_that_cannot_be_encoded_is_an_error(model: Any) -> None:
    dataset = f"d{uuid.uuid4().hex[:12]}"
    customers = [{"outcome": "won", "name": "a"}] * 3_000 + [{"outcome": "lost", "name": "\ud800"}]
    with pytest.raises(UnicodeEncodeError):
        model.import_accounts(customers, OutcomeColumns("outcome"), dataset=dataset)
    # What was sent before it is not an import.
    with pytest.raises(DatasetNotFound):
        model.call(datasets.GetDatasetRequest(name=f"workspaces/default/datasets/{dataset}"))


def test_the_server_checks_an_import(model: Any) -> None:
    frame = pd.DataFrame({"id": ["a", "a"], "outcome": "won", "size": [1, 2]})
    with pytest.raises(InvalidArgument, match="DUPLICATE_ACCOUNT_ID") as caught:
        model.import_accounts(frame, OutcomeColumns("outcome"))
    assert caught.value.violations[0].field


def test_a_training_that_fails_is_an_error(model: Any) -> None:
    dataset = f"d{uuid.uuid4().hex[:12]}"
    frame = pd.DataFrame({"outcome": "won", "size": range(20)})
    model.import_accounts(frame, OutcomeColumns("outcome"), dataset=dataset)
    with pytest.raises((TrainingFailed, TooFewCustomers)) as caught:
        model.wait(model.train(dataset=dataset, label="won"))
    cause = caught.value.__cause__ if isinstance(caught.value, TrainingFailed) else caught.value
    assert isinstance(cause, TooFewCustomers)
    with pytest.raises(UsageError, match="use one of ideal, won"):
        model.train(dataset=dataset, label="good")


def test_waiting_has_a_timeout(model: Any, every_kind: models.TrainingRun) -> None:
    run = model.train(dataset="kinds", label="won")
    with pytest.raises(TimeoutError, match="it continues"):
        model.wait(run, timeout=0)
    assert model.wait(run, timeout=300).model_version


def test_a_promotion_is_checked(model: Any, every_kind: models.TrainingRun) -> None:
    config = models.TrainingConfig(seed=3)
    run = model.wait(model.train(dataset="kinds", label="won", config=config))
    assert model.version("candidate").seed == 3
    settings = models.GetPromotionSettingsRequest(model=run.model_version.partition("/versions")[0])
    etag = model.call(settings).etag
    strict = models.UpdatePromotionSettingsRequest(model=settings.model, thresholds={"min_auc": 0.999}, etag=etag)
    model.call(strict)
    with pytest.raises(PromotionCheckFailed, match="min_auc") as caught:
        model.promote()
    assert [violation.field for violation in caught.value.violations] == ["min_auc"]
    assert model.promote(overrides={"min_auc": "a test"}).overrides[0].check == "min_auc"
    stale = models.PromoteModelVersionRequest(name=run.model_version, etag=etag)
    with pytest.raises(StaleEtag):
        model.call(stale)
