"""What is a path below /memories, and everything that only pretends to be one."""

from __future__ import annotations

import posixpath
import unicodedata
from pathlib import PureWindowsPath
from urllib.parse import unquote

import pytest
from agentmem_mcp.files import ROOT, FileRefused, MemoryPath
from agentmem_mcp.files.paths import MAX_DEPTH, MAX_NAME
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("/memories", ()),
        ("/memories/", ()),
        ("/memories/notes.md", ("notes.md",)),
        ("/memories/projects/a b/todo.txt", ("projects", "a b", "todo.txt")),
        ("/memories/folder/", ("folder",)),
        ("/memories/.hidden", (".hidden",)),
        ("/memories/caf\u00e9.md", ("caf\u00e9.md",)),
        ("/memories/cafe\u0301.md", ("caf\u00e9.md",)),  # composed and decomposed are one file
        ("/memories/\u65e5\u672c\u8a9e.md", ("\u65e5\u672c\u8a9e.md",)),
        ("/memories/a..b", ("a..b",)),
        ("/memories/100%", ("100%",)),
    ],
)
def test_paths_that_are_paths(text, names):
    assert MemoryPath.parse(text).names == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "notes.md",
        "./memories/notes.md",
        "/etc/passwd",
        "/memoriesx/notes.md",
        "/MEMORIES/notes.md",
        "//memories/notes.md",
        "/memories/../etc/passwd",
        "/memories/a/../../etc/passwd",
        "/memories/..",
        "/memories/.",
        "/memories/./a",
        "/memories/...",
        "/memories/. .",
        "/memories/a//b",
        "/memories//",
        "/memories/%2e%2e/a",
        "/memories/%2E%2E%2Fa",
        "/memories/%252e%252e/a",
        "/memories/a%00b",
        "/memories/%u002e%u002e/a",
        "/memories/&#46;&#46;/a",
        "/memories/..\\a",
        "/memories/a\\..\\..\\b",
        "C:\\memories\\a",
        "/memories/a\x00.md",
        "/memories/a\n.md",
        "/memories/\x7f",
        "/memories/\uff0e\uff0e/a",  # full-width dots
        "/memories/\u2025/a",  # one character that is two dots
        "/memories/\u2024\u2024/a",  # one-dot leaders
        "/memories/a\uff0fb",  # a full-width slash
        "/memories/a\u2215b",  # a division slash
        "/memories/a\u2044b",  # a fraction slash
        "/memories/a\uff3cb",  # a full-width backslash
        "/memories/\uff05\uff12\uff45\uff05\uff12\uff45/a",  # full-width %2e%2e
        "/memories/a\u202egpj.md",  # right-to-left override
        "/memories/a\u200b.md",  # a space of no width
        "/memories/.\u200d./a",
        "/memories/\ufeffa",
        "/memories/\ud800",
        "/memories/ a",
        "/memories/a ",
        "/memories/a.",
        '/memories/a" version="9',
        "/memories/<file>",
        "/memories/" + "a" * (MAX_NAME + 1),
        "/memories" + "/a" * (MAX_DEPTH + 1),
    ],
)
def test_what_only_pretends_to_be_a_path_is_refused(text):
    with pytest.raises(FileRefused) as refused:
        MemoryPath.parse(text)
    assert "/memories" in str(refused.value), "it says what to do instead"


parts = st.sampled_from(
    [
        "..",
        ".",
        "",
        "a",
        "b.md",
        "%2e%2e",
        "%2f",
        "\\",
        "\uff0e",
        "\u2025",
        "\u2215",
        "\x00",
        " ",
        "~",
        "memories",
        "\u202e",
    ]
)
pieces = st.one_of(
    st.text(max_size=30),
    st.lists(parts, max_size=6).map("/".join),
    st.lists(parts, max_size=6).map("".join),
    st.lists(st.one_of(parts, st.text(max_size=5)), max_size=5).map("/".join),
)


@given(pieces, st.sampled_from(["", ROOT, f"{ROOT}/", f"{ROOT}/a/"]))
def test_whatever_is_accepted_stays_below_the_root_however_it_is_read(rest, start):
    try:
        path = MemoryPath.parse(start + rest)
    except FileRefused:
        return
    text = str(path)
    assert MemoryPath.parse(text) == path, "what is accepted is accepted as it is written"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        read = unquote(unquote(unicodedata.normalize(form, text)))
        assert posixpath.normpath(read) == read and (read == ROOT or read.startswith(f"{ROOT}/"))
        assert ".." not in PureWindowsPath(read).parts and "\x00" not in read
        assert len(read.split("/")) == len(path.names) + 2
    assert not any(unicodedata.category(character).startswith("C") for character in text)


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=4),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2),
)
def test_moving_a_folder_moves_what_is_in_it(inside, folder):
    old, new = MemoryPath(tuple(folder)), MemoryPath(("x", "y"))
    path = MemoryPath((*folder, *inside))
    assert path.is_in(old) == bool(inside)
    assert path.moved(old, new) == MemoryPath(("x", "y", *inside))
