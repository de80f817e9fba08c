"""A server that belongs to a Python process."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from server import BINARY, environment

import sweetspot
from sweetspot import LocalServer, SweetspotError, UsageError
from sweetspot.local import find_program
from sweetspot.v1 import model_pb2 as models


def connection(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def run(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), str(BINARY)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, env=environment())


@pytest.fixture
def store(demo_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(demo_store, tmp_path / "demo")


def test_a_server_scores_from_a_store_and_stops_at_the_end(store: Path) -> None:
    with LocalServer(store, program=BINARY) as server:
        client = server.client()
        score = client.score({"employees": 320, "industry": "Logistics"})
        assert score.model_version.startswith("workspaces/default/models/default/versions/")
        assert "listening on" in server.log
        assert repr(server) == f"LocalServer({str(store)!r}, url={server.url!r})"
        connection(server.url).close()
    with pytest.raises(ConnectionRefusedError):
        connection(server.url)
    server.close()
    assert repr(server) == f"LocalServer({str(store)!r}, stopped)"
    # The store is free again.
    with LocalServer(str(store), program=BINARY) as server, server.client(model="other") as client:
        assert client.call(models.ListModelsRequest(parent="workspaces/default")).models[0].name.endswith("/default")


def test_a_temporary_store_is_removed() -> None:
    with LocalServer(program=BINARY) as server:
        folder = server.store.parent
        assert server.store.is_dir()
        assert not server.client().call(models.ListModelsRequest(parent="workspaces/default")).models
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is not a child")
@pytest.mark.parametrize("end", ["kill", "exit"])
def test_the_server_ends_with_the_interpreter(end: str) -> None:
    script = """
        import sys
        from sweetspot import LocalServer
        server = LocalServer(program=sys.argv[1])
        print(server.url, server.store.parent, server._process.pid, flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(BINARY)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url, folder, supervisor = process.stdout.readline().split()
        descriptor = os.pidfd_open(int(supervisor))
        connection(url).close()
        if end == "kill":
            process.kill()
        else:
            process.stdin.close()
        process.wait()
    try:
        ended, _, _ = select.select([descriptor], [], [], 60)
        assert ended
    finally:
        os.close(descriptor)
    assert not Path(folder).exists()
    with pytest.raises(ConnectionRefusedError):
        connection(url)


def test_a_forked_process_does_not_keep_the_server() -> None:
    done = run("""
        import os, sys
        from sweetspot import LocalServer
        server = LocalServer(program=sys.argv[1])
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        server.close()
        print(server.store.parent.exists())
        os.close(writing)
        os.waitpid(child, 0)
    """)
    assert done.stdout == "False\n"


def test_a_server_that_does_not_start_shows_its_log(store: Path) -> None:
    with LocalServer(store, program=BINARY), pytest.raises(SweetspotError, match=r"did not start: it stopped\n.*store"):
        LocalServer(store, program=BINARY)
    with pytest.raises(SweetspotError, match=r"MAX_REQUESTS is not a known setting"):
        LocalServer(program=BINARY, settings={"server.max_requests": "4"})
    with pytest.raises(SweetspotError, match=r"did not accept calls within 1e-05 seconds"):
        LocalServer(program=BINARY, timeout=1e-5)


def test_settings_are_those_that_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweetspot.toml").write_text("[auth]\nrequired = true\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEETSPOT__AUTH__REQUIRED", "true")
    monkeypatch.setenv("SWEETSPOT__API_KEY", "swt_0123_4567")
    request = models.ListModelsRequest(parent="workspaces/default")
    with LocalServer(program=BINARY) as server:
        assert not server.client().call(request).models
    settings = {"auth.required": "true", "auth.owner_key_file": str(tmp_path / "key")}
    with LocalServer(program=BINARY, settings=settings) as server:
        with pytest.raises(sweetspot.ServerError) as error:
            server.client().call(request)
        assert error.value.reason == "CREDENTIAL_MISSING"
        assert not server.client(api_key=(tmp_path / "key").read_text()).call(request).models


def test_the_program_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / "scripts"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UsageError, match="the program sweetspot is neither in"):
        LocalServer()
    for folder in ("bin", "scripts"):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "sweetspot"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        assert find_program() == program
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="is not a program"):
            LocalServer(program=path)
