"""What all tests share: a clock that stands still, a store in a temporary folder, and no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing import FakeClock, FakeEmbedder

# The same examples on every machine and in every run: what breaks is what was changed. `make fuzz` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile("same")

_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _refuse_beyond_this_machine(address: object) -> None:
    if not isinstance(address, tuple):  # a Unix socket's path
        return
    host = str(address[0])
    try:
        allowed = ipaddress.ip_address(host).is_loopback
    except ValueError:
        allowed = host == "localhost"
    if not allowed:
        raise AssertionError(f"A test tried to reach {host}: tests run without a network.")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self, address):
        _refuse_beyond_this_machine(address)
        return _connect(self, address)

    def connect_ex(self, address):
        _refuse_beyond_this_machine(address)
        return _connect_ex(self, address)

    def look_up(host, *args, **kwargs):
        if host not in (None, "", "localhost", "127.0.0.1", "::1"):
            raise AssertionError(f"A test tried to look up {host}: tests run without a network.")
        return _getaddrinfo(host, *args, **kwargs)

    _getaddrinfo = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "memory.db"


@pytest.fixture
def store(database: Path, clock: FakeClock) -> Iterator[AgentMemory]:
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as opened:
        yield opened


@pytest.fixture
def handle(store: AgentMemory) -> ScopeHandle:
    return store.scope("acme", "ana")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The evaluation data: ``$AGENTMEM_DATA``, or a folder beside the project."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    for folder in (os.environ.get("AGENTMEM_DATA"), beside):
        if folder and Path(folder).is_dir():
            return Path(folder)
    pytest.skip("no evaluation data: set AGENTMEM_DATA to its folder")
