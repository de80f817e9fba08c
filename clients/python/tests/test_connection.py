"""Addresses, encryption and credentials."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from server import serve, sweetspot

from sweetspot import Client, Tls, UsageError
from sweetspot._connection import Endpoint
from sweetspot.errors import PermissionDenied, Unauthenticated, Unavailable

KEY = "swt_0123_45"


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and certificates of a server and of a client that it signed."""
    folder = tmp_path_factory.mktemp("certificates")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    openssl(
        "req",
        "-x509",
        *curve,
        "-days",
        "1",
        "-subj",
        "/CN=authority",
        "-keyout",
        folder / "ca.key",
        "-out",
        folder / "ca.pem",
    )
    names = folder / "names"
    names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("server", "client"):
        request = folder / f"{name}.csr"
        openssl("req", *curve, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", request)
        signing = (
            "-CA",
            folder / "ca.pem",
            "-CAkey",
            folder / "ca.key",
            "-CAcreateserial",
            "-days",
            "1",
            "-extfile",
            names,
        )
        openssl("x509", "-req", "-in", request, "-out", folder / f"{name}.pem", *signing)
    return folder


def tls_options(folder: Path) -> tuple[str | Path, ...]:
    return ("--tls-cert", folder / "server.pem", "--tls-key", folder / "server.key")


@pytest.fixture
def store(demo_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_store, tmp_path / "store"))


def key_for(store: Path, role: str) -> str:
    return sweetspot("key", "create", "--principal", "test", "--role", role, "--store", store).strip()


def test_calls_are_encrypted_and_authenticated(make: Any, store: Path, certificates: Path, monkeypatch: Any) -> None:
    scorer, owner = key_for(store, "scorer"), key_for(store, "owner")
    tls = Tls(ca=certificates / "ca.pem")
    with serve(store, "--require-auth", *tls_options(certificates)) as url:
        assert url.startswith("https://")
        with make(url, api_key=scorer, tls=tls) as client:
            assert client.score({"employees": 300}, reasons=0).score > 0
            with pytest.raises(PermissionDenied, match="SCOPE_MISSING"):
                client.score({"employees": 300})
        with make(url, tls=tls) as client, pytest.raises(Unauthenticated, match="CREDENTIAL_MISSING"):
            client.score({"employees": 300})
        with make(url, api_key=KEY, tls=tls) as client, pytest.raises(Unauthenticated, match="CREDENTIAL_INVALID"):
            client.score({"employees": 300})
        monkeypatch.setenv("SWEETSPOT__API_KEY", f"{owner}\n")
        with make(url, tls=tls) as client:
            assert client.score(pd.DataFrame({"employees": [300]}))["reasons"].iloc[0]
        with make(url, retries=0) as client, pytest.raises(Unavailable, match="connection failed"):
            client.score({"employees": 300})


def test_a_server_may_require_a_client_certificate(make: Any, store: Path, certificates: Path) -> None:
    options = (*tls_options(certificates), "--tls-client-ca", certificates / "ca.pem")
    own = Tls(certificates / "ca.pem", certificates / "client.pem", certificates / "client.key")
    with serve(store, *options) as url:
        with make(url, tls=own) as client:
            assert client.score({"employees": 300}).score > 0
        with make(url, tls=Tls(certificates / "ca.pem"), retries=0) as client, pytest.raises(Unavailable):
            client.score({"employees": 300})


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("http://localhost", "localhost:80"),
        ("https://scores.example", "scores.example:443"),
        ("https://scores.example:8443/", "scores.example:8443"),
        ("http://[::1]:5", "[::1]:5"),
    ],
)
def test_an_address_has_a_scheme_a_host_and_a_port(url: str, target: str) -> None:
    endpoint = Endpoint.parse(url, KEY, None)
    assert endpoint.target == target
    assert (endpoint.tls is not None) == url.startswith("https")
    assert endpoint.metadata == (("authorization", f"Bearer {KEY}"),)


@pytest.mark.parametrize(
    "url",
    ["", "http://", "ftp://localhost:1", "http://localhost:x", "http://localhost:1/path", "http://[::1", "http://a?b"],
)
def test_other_texts_are_not_addresses(url: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        Endpoint.parse(url, None, None)


@pytest.mark.parametrize("host", ["scores.example", "localhost.example", "127.evil.example", "10.0.0.1", "0.0.0.0"])
def test_a_key_is_sent_to_other_machines_with_encryption_only(host: str) -> None:
    for url in (f"http://{host}:1", f"{host}:1"):
        with pytest.raises(UsageError, match="without encryption: use https://"):
            Endpoint.parse(url, KEY, None)
        assert not Endpoint.parse(url, None, None).metadata
    assert Endpoint.parse(f"https://{host}:1", KEY, None).metadata
    for hidden in (f"http://localhost@{host}:1", f"http://localhost:x@{host}:1"):
        with pytest.raises(UsageError):
            Endpoint.parse(hidden, KEY, None)


@pytest.mark.parametrize("key", ["secret", "-----BEGIN PRIVATE KEY-----", "swt_1\n2", "swt_é"])
def test_other_texts_are_not_sent_as_keys(key: str) -> None:
    with pytest.raises(UsageError, match="neither of the form") as caught:
        Endpoint.parse("localhost:1", key, None)
    assert key not in str(caught.value)


def test_options_of_encryption_are_checked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not encrypted"):
        Endpoint.parse("http://localhost:1", None, Tls())
    with pytest.raises(UsageError, match="both a certificate and its key"):
        Tls(certificate="client.pem").credentials()
    with pytest.raises(FileNotFoundError):
        Tls(ca=tmp_path / "none.pem").credentials()


def test_a_closed_client_is_an_error(url: str) -> None:
    client = Client(url)
    client.close()
    client.close()
    with pytest.raises(UsageError, match="the client is closed"):
        client.score({"employees": 3})
