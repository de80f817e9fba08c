"""What a type checker finds out about the clients: mypy checks this file, and nothing runs it."""

from typing import assert_type

import numpy as np
import numpy.typing as npt
import polars as pl

from sweetspot import AsyncClient, Client, Explanation, RowError, Score, Scorecard
from sweetspot.v1 import model_service_pb2 as models


def check(client: Client, frame: pl.DataFrame) -> None:
    assert_type(client.score({"employees": 3}), Score)
    assert_type(client.score([{"employees": 3}], reasons=0), list[Score])
    assert_type(client.score([{"employees": 3}], errors="coerce"), list[Score | RowError])
    assert_type(client.score(frame, version=2), pl.DataFrame)
    assert_type(client.explain({"employees": 3}), Explanation)
    assert_type(client.explain(frame), list[Explanation])
    assert_type(client.wait(client.train(label="won")), models.TrainingRun)
    assert_type(client.scorecard().decision_function(frame), npt.NDArray[np.float64])
    client.score(frame, version=2, unknown="never")  # type: ignore[call-overload]
    client.train(label="good")  # type: ignore[arg-type]


async def check_async(client: AsyncClient, frame: pl.DataFrame) -> None:
    assert_type(await client.score({"employees": 3}), Score)
    assert_type(await client.score([{"employees": 3}], errors="coerce"), list[Score | RowError])
    assert_type(await client.score(frame), pl.DataFrame)
    assert_type(await client.report(), str)
    assert_type(await client.scorecard(), Scorecard)
    assert_type(await client.wait(await client.train(label="won"), timeout=3.0), models.TrainingRun)
    await client.train(label="good")  # type: ignore[arg-type]
    await client.report(heading="x")  # type: ignore[call-arg]
