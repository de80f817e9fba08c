"""A server with the demonstration, and clients of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import customers
import pandas as pd
import pytest
from server import serve, sweetspot

from sweetspot import AsyncClient, Client
from sweetspot.v1 import model_service_pb2 as models

ATTRIBUTES = (
    "industry employees revenue_eur growth_percent country region technologies use_case skilled_staff_percent "
    "decision_makers situation pain impact critical_event decision"
).split()


class Awaited:
    """The asynchronous client with the methods of the other one, so that one test covers both."""

    def __init__(self, *arguments: Any, **options: Any):
        self._runner = asyncio.Runner()
        self._client = self._runner.run(self._open(*arguments, **options))

    async def _open(self, *arguments: Any, **options: Any) -> AsyncClient:
        return AsyncClient(*arguments, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments, **options: self._runner.run(getattr(self._client, name)(*arguments, **options))

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *exception: object) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


@pytest.fixture(params=[Client, Awaited], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Any:
    """Both clients."""
    return request.param


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of the demonstration, which no server has open, and its files next to it."""
    store = tmp_path_factory.mktemp("demo") / "demo"
    sweetspot("demo", "--quiet", "--store", store)
    return store


@pytest.fixture(scope="session")
def demo_files(demo_store: Path) -> Path:
    return demo_store.with_name("demo.files")


@pytest.fixture(scope="session")
def url(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the demonstration."""
    store = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(demo_store, store)
    with serve(store) as address:
        yield address


@pytest.fixture
def client(make: Any, url: str) -> Iterator[Any]:
    with make(url) as client:
        yield client


@pytest.fixture(scope="session")
def prospects(demo_files: Path) -> pd.DataFrame:
    """The prospects of the demonstration, with an index that is not a range."""
    frame = pd.read_csv(demo_files / "prospects.csv")[["company_id", *ATTRIBUTES]]
    frame.index = pd.Index(range(1000, 1000 + 7 * len(frame), 7))
    return frame


@pytest.fixture(scope="session")
def accounts(demo_files: Path) -> pd.DataFrame:
    """The 1,200 customers of the demonstration, as accounts to score."""
    return pd.read_csv(demo_files / "customers.csv")[["company_id", *ATTRIBUTES]]


@pytest.fixture(scope="session")
def every_kind(url: str) -> models.TrainingRun:
    """A model `kinds` with attributes of every kind, hypotheses, exclusion rules, segments and an interaction."""
    with Client(url, model="kinds") as client:
        client.import_accounts(customers.frame(1600), customers.OUTCOME, dataset="kinds")
        run = client.wait(client.train(dataset="kinds", label="won", config=customers.config()))
        client.promote(run.model_version, overrides={"signal": "a test"}, reason="a test")
        return run
