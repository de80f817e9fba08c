"""Repeated calls and resumed streams, with a server that fails as a test says."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fake
import numpy as np
import pandas as pd
import pytest
from server import serve

from sweetspot import RowErrors, SweetspotError, UsageError
from sweetspot import _stream as stream_module
from sweetspot.errors import InternalError, Overloaded, ServerError, StaleEtag, TooLarge, Unavailable
from sweetspot.v1 import model_service_pb2 as models

FRAME = pd.DataFrame({"employees": np.arange(1, 1_000)}, index=range(5, 1_004))
REQUEST = models.PromoteModelVersionRequest(name=fake.VERSION, request_id="12345678-1234-4234-8234-123456789abc")


@pytest.fixture
def server() -> Iterator[tuple[fake.FakeServer, str]]:
    with fake.fake_server() as server:
        yield server


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "_MAX_ACCOUNTS", 100)


def check_complete(scores: pd.DataFrame) -> None:
    assert (scores["probability"] * 1_000).round().tolist() == FRAME["employees"].tolist()
    assert scores.index.tolist() == FRAME.index.tolist()
    assert set(scores["model_version"]) == {fake.VERSION}


def test_a_broken_stream_continues_with_the_first_account_without_an_answer(make: Any, server: Any) -> None:
    failing, url = server
    failing.plan = [(3, fake.DRAINING), (2, fake.CONNECTION_LOST), (0, fake.OVERLOADED)]
    with make(url) as client:
        check_complete(client.score(FRAME))
    sizes = [sum(sizes) for _, sizes in failing.streams]
    assert sizes == [300, 200, 0, 499]
    # The first answer decides the version of the rest.
    assert [version for version, _ in failing.streams] == [
        "workspaces/default/models/default/versions/live",
        *[fake.VERSION] * 3,
    ]


def test_each_progress_permits_all_attempts_again(make: Any, server: Any) -> None:
    failing, url = server
    failing.plan = [(1, fake.DRAINING)] * 6
    with make(url, retries=1) as client:
        check_complete(client.score(FRAME))


def test_a_stream_that_makes_no_progress_fails(make: Any, server: Any) -> None:
    failing, url = server
    failing.plan = [(2, fake.OVERLOADED)] + [(0, fake.OVERLOADED)] * 3
    with make(url, retries=3) as client, pytest.raises(Overloaded) as caught:
        client.score(FRAME)
    assert caught.value.retry_after == pytest.approx(0.001)
    assert len(failing.streams) == 4


@pytest.mark.parametrize(("error", "kind"), [(fake.INTERNAL, InternalError), (fake.STALE, StaleEtag)])
def test_other_errors_of_a_stream_are_not_repeated(make: Any, server: Any, error: Any, kind: Any) -> None:
    failing, url = server
    failing.plan = [(1, error)]
    with make(url) as client, pytest.raises(kind):
        client.score(FRAME)
    assert len(failing.streams) == 1


def test_chunks_that_are_too_large_are_halved(make: Any, server: Any) -> None:
    failing, url = server
    failing.plan = [(0, fake.TOO_LARGE), (0, fake.TOO_LARGE)]
    with make(url) as client:
        check_complete(client.score(FRAME))
    assert max(failing.streams[-1][1]) == 25
    failing.plan = [(0, fake.TOO_LARGE)] * 20
    with make(url) as client, pytest.raises(TooLarge):
        client.score(FRAME)


def test_an_incomplete_or_wrong_answer_is_an_error(make: Any, server: Any) -> None:
    failing, url = server
    failing.silent_after = 2
    with make(url) as client, pytest.raises(SweetspotError, match="before it had answered"):
        client.score(FRAME)
    failing.silent_after, failing.wrong_sequence = None, True
    with make(url) as client, pytest.raises(SweetspotError, match="is not the next one"):
        client.score(FRAME)


def test_an_error_of_a_row_ends_the_stream(make: Any, server: Any) -> None:
    failing, url = server
    failing.refuses_rows = True
    with make(url) as client:
        with pytest.raises(RowErrors) as caught:
            client.score(FRAME)
        # Also while the error is kept.
        assert failing.ended.wait(30)
        assert len(caught.value.errors) == 1


def test_an_error_in_the_input_ends_the_stream(make: Any, server: Any) -> None:
    _, url = server
    cells = [*range(450), object()]
    with make(url) as client, pytest.raises(UsageError, match="type object"):
        client.score(pd.DataFrame({"employees": cells}, dtype=object))


def test_a_call_is_repeated_with_its_request_id(make: Any, server: Any) -> None:
    failing, url = server
    failing.unary = [fake.OVERLOADED, fake.CONNECTION_LOST]
    with make(url) as client:
        assert client.call(REQUEST).promotion.to_version == fake.VERSION
    assert failing.calls == [REQUEST] * 3


def test_other_errors_of_a_call_are_not_repeated(make: Any, server: Any) -> None:
    failing, url = server
    failing.unary = [fake.STALE, fake.OVERLOADED, fake.OVERLOADED]
    with make(url, retries=0) as client:
        for kind in (StaleEtag, Overloaded):
            with pytest.raises(kind):
                client.call(REQUEST)
    assert len(failing.calls) == 2


def test_the_server_decides_how_long_to_wait(make: Any, server: Any) -> None:
    failing, url = server
    failing.unary = [fake.status(14, "OVERLOADED", retry_after=0.3)]
    began = time.monotonic()
    with make(url) as client:
        client.call(REQUEST)
    assert time.monotonic() - began >= 0.3


def test_a_server_that_is_not_there_is_unavailable(make: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with make(f"127.0.0.1:{port}", retries=1) as client:
        for accounts in ({"employees": 3}, [{"employees": 3}]):
            with pytest.raises(Unavailable, match="connection failed"):
                client.score(accounts)


def test_a_method_that_the_server_lacks_is_an_error(make: Any, server: Any) -> None:
    _, url = server
    with make(url) as client, pytest.raises(ServerError) as caught:
        client.version()
    assert type(caught.value).__name__ == "Unimplemented"


def test_a_server_with_small_responses_scores_everything(
    make: Any, demo_store: Path, tmp_path: Path, accounts: pd.DataFrame, url: str
) -> None:
    store = tmp_path / "store"
    shutil.copytree(demo_store, store)
    with make(url) as client:
        expected = client.score(accounts)
    with serve(store, settings={"SWEETSPOT__SERVER__MAX_RESPONSE_SIZE": "8KiB"}) as small, make(small) as client:
        pd.testing.assert_frame_equal(client.score(accounts), expected)
        assert len(client.explain(accounts.head(30))) == 30


def test_a_server_that_stops_and_starts_does_not_end_the_scores(
    make: Any, demo_store: Path, tmp_path: Path, accounts: pd.DataFrame
) -> None:
    store = tmp_path / "store"
    shutil.copytree(demo_store, store)
    with serve(store) as first, make(first) as client:
        expected = client.score(accounts)
    address = first.removeprefix("http://")
    with make(first, retries=20) as client:
        with serve(store, listen=address):
            assert client.score(accounts)["log_odds"].tolist() == expected["log_odds"].tolist()
        with serve(store, listen=address):
            assert client.score(accounts)["log_odds"].tolist() == expected["log_odds"].tolist()
