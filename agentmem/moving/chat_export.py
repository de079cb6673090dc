"""Origin ``chat-export``: the conversations of a ChatGPT or a Claude data export, from its zip file or from the JSON.

Which of the two it is shows in each conversation. Files are read a conversation at a time, so that large ones do not
have to fit in memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import IO, Any

from agentmem.errors import InvalidInput
from agentmem.moving.chatgpt import chatgpt_turns, is_chatgpt
from agentmem.moving.claude import claude_turns, is_claude
from agentmem.moving.item import Found, Item, Skipped
from agentmem.moving.json_stream import elements
from agentmem.moving.placing import Placing, placing
from agentmem.types import Scope

_FILES = "conversations*.json"
_MALFORMED = "the conversation cannot be read"


def read_chat_export(
    path: str | PathLike[str], *, scope: Scope | None = None, scope_by: Sequence[str] = ()
) -> Iterator[Found]:
    """The turns of all conversations, each conversation a session.

    Args:
        path: the export as it was downloaded (a zip file), or ``conversations.json`` out of it.
        scope: where everything goes.
        scope_by: fields that name the scope, below ``scope`` if that is given too: ``"vendor"`` (``chatgpt`` or
            ``claude``), ``"conversation"`` (its id), ``"account"`` (Claude's).

    Raises:
        InvalidInput: the file cannot be read, or holds no conversations.
    """
    where = placing(scope, scope_by)
    if not Path(path).is_file():
        raise InvalidInput(f"There is no file {path}. Give the zip file that was downloaded, or conversations.json.")
    return _items(Path(path), where)


def _items(path: Path, where: Placing) -> Iterator[Found]:
    for name, open_text in _files(path):
        number = 0
        try:
            with open_text() as file:
                for number, record in enumerate(elements(file), 1):
                    yield from _conversation(record, f"{name}, conversation {number}", where)
        except (InvalidInput, UnicodeDecodeError) as error:
            detail = f"after conversation {number}: {error}. The rest of the file was not read."
            yield Skipped(name, "the file breaks off", detail, malformed=True)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise InvalidInput(f"{name} cannot be read after conversation {number} ({error}).") from error


def _conversation(record: Any, place: str, where: Placing) -> Iterator[Found]:
    try:
        if not isinstance(record, Mapping) or not (is_chatgpt(record) or is_claude(record)):
            raise InvalidInput("it is neither a conversation of ChatGPT's (mapping) nor of Claude's (chat_messages)")
        vendor = "chatgpt" if is_chatgpt(record) else "claude"
        id = _text(record, "conversation_id") or _text(record, "uuid") or _text(record, "id")
        if id is None:
            raise InvalidInput("it has no id")
        title = _text(record, "title") or _text(record, "name")
        account = record.get("account")
        values = {
            "vendor": vendor,
            "conversation": id,
            "account": account.get("uuid") if isinstance(account, Mapping) else None,
        }
        scope = where.scope(values)
        metadata = {"vendor": vendor, **({"title": title} if title else {})}
        turns = chatgpt_turns if vendor == "chatgpt" else claude_turns
        for turn in turns(record, id, metadata):
            yield turn if isinstance(turn, Skipped) else Item(scope, turn, f"message {turn.ref}")
    except InvalidInput as error:
        yield Skipped(place, _MALFORMED, str(error), malformed=True)


def _text(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value else None


def _files(path: Path) -> Iterator[tuple[str, Any]]:
    """The names of the files with conversations, and what opens each."""
    if not zipfile.is_zipfile(path):
        yield path.name, lambda: path.open(encoding="utf-8-sig")
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if PurePosixPath(name).match(_FILES))
        if not names:
            raise InvalidInput(f"{path} holds no conversations.json. Give a data export of ChatGPT or Claude.")
        for name in names:
            yield name, lambda name=name: _decoded(archive, name)


@contextmanager
def _decoded(archive: zipfile.ZipFile, name: str) -> Iterator[IO[str]]:
    with archive.open(name) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig") as text:
        yield text
