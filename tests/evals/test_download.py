"""Downloads from a server on the loopback: what is asked, what is checked, and what is left behind."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from agentmem_evals.datasets.declarations import DECLARATIONS, Declaration, declaration_of
from agentmem_evals.datasets.download import (
    DownloadFailed,
    HashMismatch,
    HashNotPinned,
    LicenceNotAccepted,
    fetch,
    open_address,
)
from agentmem_evals.datasets.licences import Licence
from agentmem_evals.datasets.unpacking import unpack
from agentmem_evals.errors import DataFormatError, UnknownName

CONTENT = b"[]\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves ``content``, and counts how often it was asked; ``promised`` is the length that it announces."""

    def __init__(self) -> None:
        self.content: bytes | None = CONTENT
        self.promised: int | None = None
        self.asked = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                if server.content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                length = len(server.content) if server.promised is None else server.promised
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(server.content)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/data.json"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def declared(server: Server) -> Declaration:
    licence = Licence("CC BY-NC 4.0", "https://example.org/licence", "Not for sale.")
    return Declaration("mine", "folder", "data.json", server.url, licence, SHA256, len(CONTENT))


def test_a_good_file_lands_in_its_folder(declared: Declaration, tmp_path: Path) -> None:
    told: list[str] = []
    path = fetch(declared, tmp_path, accept=True, tell=told.append)
    assert path == tmp_path / "folder" / "data.json" and path.read_bytes() == CONTENT
    assert [one.name for one in path.parent.iterdir()] == ["data.json"]
    assert all(word in told[0] for word in ("CC BY-NC 4.0", "https://example.org/licence", "Not for sale.", SHA256))


def test_nothing_is_asked_of_the_server_before_the_licence_is_accepted(
    declared: Declaration, server: Server, tmp_path: Path
) -> None:
    told: list[str] = []
    with pytest.raises(LicenceNotAccepted, match="agentmem-evals data fetch mine --accept-licence"):
        fetch(declared, tmp_path, accept=False, tell=told.append)
    assert server.asked == 0 and told and not list(tmp_path.iterdir())


def test_what_is_there_and_right_is_not_downloaded_again(declared: Declaration, server: Server, tmp_path: Path) -> None:
    fetch(declared, tmp_path, accept=True, tell=str)
    path = fetch(declared, tmp_path, accept=True, tell=str)
    assert server.asked == 1
    path.write_bytes(b"damaged")
    assert fetch(declared, tmp_path, accept=True, tell=str).read_bytes() == CONTENT
    assert server.asked == 2


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"!", CONTENT + b"more", b""])
def test_what_is_wrong_is_thrown_away_and_what_was_there_stays(
    declared: Declaration, server: Server, tmp_path: Path, content: bytes
) -> None:
    old = tmp_path / "folder" / "data.json"
    old.parent.mkdir()
    old.write_bytes(b"old")
    server.content = content
    with pytest.raises((HashMismatch, DownloadFailed), match=r"thrown away|stopped after 0 of 3,000 bytes"):
        fetch(declared, tmp_path, accept=True, tell=str)
    assert old.read_bytes() == b"old" and list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("known", [True, False])
def test_a_connection_that_breaks_off_is_no_file(
    declared: Declaration, server: Server, tmp_path: Path, known: bool
) -> None:
    server.content, server.promised = CONTENT[:1234], len(CONTENT)
    asked = declared if known else replace(declared, bytes=None)
    with pytest.raises(DownloadFailed, match="stopped after 1,234 of 3,000 bytes"):
        fetch(asked, tmp_path, accept=True, tell=str)
    assert not list((tmp_path / "folder").iterdir())


def test_an_address_that_does_not_answer_is_a_typed_failure(
    declared: Declaration, server: Server, tmp_path: Path
) -> None:
    server.content = None
    with pytest.raises(DownloadFailed, match=r"404.*put it to folder/data\.json"):
        fetch(declared, tmp_path, accept=True, tell=str)
    with pytest.raises(DownloadFailed, match="no address of the web"):
        fetch(replace(declared, url="file:///etc/passwd"), tmp_path, accept=True, tell=str)
    with pytest.raises(OSError, match="no address of the web"):
        open_address("ftp://example.org/x")


def test_without_a_known_hash_the_first_download_tells_it_and_the_second_keeps_the_file(
    declared: Declaration, server: Server, tmp_path: Path
) -> None:
    unpinned = replace(declared, sha256=None, bytes=None)
    command = f"agentmem-evals data fetch mine --accept-licence --sha256 {SHA256}"
    with pytest.raises(HashNotPinned, match=command):
        fetch(unpinned, tmp_path, accept=True, tell=str)
    assert not list((tmp_path / "folder").iterdir())
    path = fetch(unpinned, tmp_path, accept=True, sha256=SHA256.upper(), tell=str)
    assert path.read_bytes() == CONTENT
    server.content = b"changed"
    path.unlink()
    with pytest.raises(HashMismatch, match="thrown away"):
        fetch(unpinned, tmp_path, accept=True, sha256=SHA256, tell=str)


def test_a_pinned_hash_cannot_be_overruled(declared: Declaration, server: Server, tmp_path: Path) -> None:
    with pytest.raises(HashMismatch, match="leave --sha256 out"):
        fetch(declared, tmp_path, accept=True, sha256="0" * 64, tell=str)
    assert server.asked == 0


def archive(*members: tuple[str, bytes], link: str | None = None) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        if link is not None:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
    return file.getvalue()


def test_an_archive_is_unpacked_after_it_was_checked(declared: Declaration, server: Server, tmp_path: Path) -> None:
    server.content = archive(("v1/en/qa1_test.txt", b"one"), ("v1/hn/qa1_test.txt", b"two"), ("v1/README", b"three"))
    asked = replace(
        declared,
        file_name="v1.tar.gz",
        sha256=hashlib.sha256(server.content).hexdigest(),
        bytes=None,
        members=("*/en/qa*.txt",),
    )
    path = fetch(asked, tmp_path, accept=True, tell=str)
    assert sorted(one.name for one in path.parent.iterdir()) == ["qa1_test.txt", "v1.tar.gz"]
    assert (path.parent / "qa1_test.txt").read_bytes() == b"one"


def test_members_keep_the_end_of_their_paths_and_stay_in_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "in" / "x.tar.gz"
    path.parent.mkdir()
    path.write_bytes(archive(("a/b/c/one.txt", b"1"), ("/tmp/../d/two.txt", b"2"), link="a/b/c/link.txt"))
    found = unpack(path, ("*.txt",), path.parent, keep=2)
    assert [one.relative_to(path.parent).as_posix() for one in found] == ["c/one.txt", "d/two.txt"]
    path.write_bytes(archive(("a/../one.txt", b"1")))
    with pytest.raises(DataFormatError, match="outside itself"):
        unpack(path, ("*.txt",), path.parent, keep=2)
    assert not (tmp_path / "one.txt").exists()


def test_an_archive_that_cannot_be_used_is_a_typed_refusal(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"no archive")
    with pytest.raises(DataFormatError, match="no archive"):
        unpack(path, ("*",), tmp_path)
    path.write_bytes(archive(("a/x.txt", b"1"), ("b/x.txt", b"2")))
    with pytest.raises(DataFormatError, match="twice"):
        unpack(path, ("*.txt",), tmp_path)
    with pytest.raises(DataFormatError, match="another archive"):
        unpack(path, ("*.csv",), tmp_path)


def test_every_declaration_is_whole() -> None:
    for name, declaration in DECLARATIONS.items():
        assert declaration.name == name and declaration_of(name) is declaration
        assert declaration.licence.name and declaration.licence.url.startswith("https://")
        assert "/" not in declaration.file_name and ".." not in declaration.folder
        assert declaration.sha256 is None or (len(declaration.sha256) == 64 and int(declaration.sha256, 16))
        # An address that cannot prove who answers is only for what a hash proves.
        assert declaration.url.startswith("https://") or declaration.sha256 is not None
    pinned = {name for name, declaration in DECLARATIONS.items() if declaration.sha256 is not None}
    assert {"locomo", "longmemeval-oracle", "longmemeval-s", "longmemeval-m", "babi", "msc"} <= pinned
    with pytest.raises(UnknownName, match="Known are: locomo"):
        declaration_of("nope")
