"""The package, and its two clients."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import platform
import sys
import tomllib
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import fake
import pytest
from server import ROOT

import sweetspot
from sweetspot import AsyncClient, Client, errors
from sweetspot.v1 import model_service_pb2 as models


def methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and (not name.startswith("_") or name == "__init__")
    }


def test_both_clients_have_the_same_methods_and_texts() -> None:
    assert methods(Client) == methods(AsyncClient)
    for name in methods(Client):
        assert inspect.iscoroutinefunction(getattr(AsyncClient, name)) == (name != "__init__")
        text = getattr(AsyncClient, name).__doc__
        assert text
        assert text == getattr(Client, name).__doc__


def test_the_version_is_that_of_the_program() -> None:
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert sweetspot.__version__ == version("sweetspot") == cargo["workspace"]["package"]["version"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the symbols of Linux programs")
def test_the_tag_of_a_wheel_with_the_program_is_that_of_its_c_library(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "clients/python/hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    program = tmp_path / "program"
    machine = platform.machine()
    program.write_bytes(b"\x7fELF\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.9\0")
    assert build.platform_tag(program) == f"manylinux_2_17_{machine}"
    program.write_bytes(b"\x7fELF\0")
    assert build.platform_tag(program) == f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"


def test_the_package_has_type_hints_and_messages() -> None:
    files = resources.files(sweetspot)
    assert (files / "py.typed").is_file()
    protos = {file.stem for file in (ROOT / "proto/sweetspot/v1").glob("*.proto")}
    generated = {file.name.removesuffix("_pb2.pyi") for file in (files / "v1").iterdir() if file.name.endswith(".pyi")}
    assert generated == protos


async def test_a_cancelled_task_ends_its_call() -> None:
    with fake.fake_server() as (server, url):
        async with AsyncClient(url, retries=1_000_000) as client:
            # The client would wait for an hour before its next attempt.
            server.unary = [fake.status(14, "OVERLOADED", retry_after=3600)]
            task = asyncio.ensure_future(client.call(models.PromoteModelVersionRequest(name=fake.VERSION)))
            await asyncio.to_thread(server.arrived.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The thread has ended: closing waits for it.
            client._threads.shutdown(wait=True)
            assert len(server.calls) == 1


async def test_a_cancelled_task_ends_its_stream() -> None:
    with fake.fake_server() as (server, url):
        server.blocks = True
        async with AsyncClient(url) as client:
            task = asyncio.ensure_future(client.score([{"employees": 1}, {"employees": 2}]))
            await asyncio.to_thread(server.arrived.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            client._threads.shutdown(wait=True)
        server.released.set()


async def test_many_tasks_share_a_client(url: str) -> None:
    async with AsyncClient(url) as client:
        sizes = range(1, 200)
        scores = await asyncio.gather(*(client.score({"employees": size}) for size in sizes))
        together = await client.score([{"employees": size} for size in sizes])
    assert scores == together


def test_every_error_can_be_caught() -> None:
    for kind in (errors.UsageError, errors.RowErrors, errors.TrainingFailed, errors.ServerError, errors.StaleEtag):
        assert issubclass(kind, sweetspot.SweetspotError)
    assert issubclass(errors.UsageError, ValueError)
