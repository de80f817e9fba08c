"""How the client reaches a server: its address, encryption, and the credential."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import grpc

from sweetspot.errors import UsageError

API_KEY_VARIABLE = "SWEETSPOT__API_KEY"
_CHANNEL_OPTIONS = [
    # The server bounds its messages by settings.
    ("grpc.max_receive_message_length", -1),
    # The client repeats calls as the server permits it.
    ("grpc.enable_retries", 0),
    # A connection whose other end is gone ends after 80 seconds.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]


@dataclass(frozen=True)
class Tls:
    """Encryption: files in PEM.

    `ca` has the certificates that sign the server's (default: those of the system); `certificate` and `key` are the
    client's own certificate and its private key, for servers that require one.
    """

    ca: str | os.PathLike[str] | None = None
    certificate: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files."""
        if (self.certificate is None) != (self.key is None):
            raise UsageError("Tls needs both a certificate and its key, or neither of them")
        return grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.certificate))


def _read(path: str | os.PathLike[str] | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


@dataclass(frozen=True)
class Endpoint:
    """The address of a server, and the credential for it."""

    target: str
    tls: Tls | None
    metadata: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, url: str, api_key: str | None, tls: Tls | None) -> Endpoint:
        """Check an address and a credential. Without a credential, the one of the environment is used, if any."""
        scheme, host, port = _parse(url if "://" in url else f"http://{url}")
        if scheme not in ("http", "https") or not host:
            raise UsageError(f"{url!r} is not the address of a server: use http[s]://HOST:PORT")
        encrypted = scheme == "https"
        if tls is not None and not encrypted:
            raise UsageError(f"{url} is not encrypted: use https://, or omit tls")
        key = _checked_key(api_key if api_key is not None else os.environ.get(API_KEY_VARIABLE, ""))
        if key and not encrypted and not _is_loopback(host):
            raise UsageError(f"the API key would be sent to {url} without encryption: use https://")
        name = f"[{host}]" if ":" in host else host
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        default_port = 443 if encrypted else 80
        return cls(f"{name}:{port or default_port}", (tls or Tls()) if encrypted else None, metadata)

    def channel(self) -> grpc.Channel:
        """Open a channel; it connects with the first call."""
        if self.tls is None:
            return grpc.insecure_channel(self.target, options=_CHANNEL_OPTIONS)
        return grpc.secure_channel(self.target, self.tls.credentials(), options=_CHANNEL_OPTIONS)


def _parse(url: str) -> tuple[str, str, int | None]:
    """Return the scheme, the host and the port of an address; without a host, it is not one."""
    try:
        parts = urlsplit(url)
        # A user before the host is not supported, and could hide it.
        unexpected = "@" in parts.netloc or parts.path not in ("", "/") or parts.query or parts.fragment
        return parts.scheme, "" if unexpected else parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def _checked_key(key: str) -> str:
    """Return a key without white space. Any other text, such as a private key, is not sent."""
    key = key.strip()
    if key and (not key.startswith(("swt_", "eyJ")) or not key.isascii() or not key.isprintable()):
        raise UsageError("the API key is neither of the form swt_ID_SECRET nor a token (eyJ…)")
    return key


def _is_loopback(host: str) -> bool:
    """Whether a host is certainly this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
