"""Configuration: flags and environment, read here and nowhere else. Imports nothing heavy: ``--help`` must be quick."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from agentmem.config import settings as library_settings
from agentmem_mcp import __version__

STDIO, HTTP = "stdio", "http"
TOOL_NAMES = ("add", "retrieve", "context", "update", "forget", "history", "consolidate", "memory")
"""All tools there are."""
LOG_LEVELS = ("debug", "info", "warning", "error")

_EPILOGUE = """\
Whose memory it is stands here and nowhere else: no tool takes a scope, so that no model and no text that a model has
read can choose another one. Over HTTP, --tokens gives each bearer token a scope of its own.

environment: AGENTMEM_DB, AGENTMEM_SCOPE, AGENTMEM_EMBEDDER, AGENTMEM_RECIPE, AGENTMEM_LLM, AGENTMEM_REDACT (as for
the command agentmem), OPENAI_BASE_URL, OPENAI_API_KEY; AGENTMEM_MCP_TRANSPORT, AGENTMEM_MCP_HOST, AGENTMEM_MCP_PORT,
AGENTMEM_MCP_TOKENS. A flag goes before its variable.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What flags and environment say.

    Attributes:
        database: the file.
        scope: whose memory, names separated by ``/``; ``None`` where each token has its own.
        embedder: ``"default"``, ``"none"``, or the name of a model.
        recipe: what ``consolidate`` builds and ``retrieve`` answers by.
        llm: the language model; ``"none"``: without one.
        redact: whether personal data is taken out of what is stored.
        transport: ``"stdio"`` or ``"http"``.
        host: the address to listen on.
        port: the port to listen on; 0 lets the system choose.
        tokens: the file of bearer tokens.
        allowed_hosts: further names that a request's ``Host`` may have.
        allowed_origins: further origins that a browser's request may come from.
        without: tools that are not offered.
        max_calls: how often one call of a tool may ask the language model.
        log_level: what goes to standard error.
        new_token: the scope to make a token for, instead of serving.
    """

    database: Path
    scope: str | None
    embedder: str
    recipe: str
    llm: str
    redact: bool
    transport: str
    host: str
    port: int
    tokens: Path | None
    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    without: tuple[str, ...]
    max_calls: int
    log_level: str
    new_token: str | None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the address."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of this moment. Ends the process, with a message, where they make no sense.

    Args:
        arguments: the command line without the command; default: this process's.
    """
    parser = _parser()
    said = parser.parse_args(arguments)
    env, library = os.environ, library_settings()
    tokens = said.tokens or env.get("AGENTMEM_MCP_TOKENS")
    settings = Settings(
        database=Path(said.db) if said.db else library.database,
        scope=said.scope or (None if tokens else library.scope),
        embedder=said.embedder or library.embedder,
        recipe=said.recipe or library.recipe,
        llm=said.llm or library.llm,
        redact=said.redact or library.redact,
        transport=said.transport or env.get("AGENTMEM_MCP_TRANSPORT", STDIO),
        host=said.host or env.get("AGENTMEM_MCP_HOST", "127.0.0.1"),
        port=_port(parser, env) if said.port is None else said.port,
        tokens=None if tokens is None else Path(tokens),
        allowed_hosts=tuple(said.allow_host),
        allowed_origins=tuple(said.allow_origin),
        without=tuple(said.without),
        max_calls=said.max_calls,
        log_level=said.log_level,
        new_token=said.new_token,
    )
    if settings.new_token is None and (wrong := _wrong(settings)):
        parser.error(wrong)
    return settings


def _wrong(settings: Settings) -> str | None:
    """Why these settings cannot be served, and what to do; ``None``: they can."""
    if settings.transport not in (STDIO, HTTP):
        return f"AGENTMEM_MCP_TRANSPORT is {settings.transport!r}: say stdio or http."
    if settings.tokens is not None and settings.transport == STDIO:
        return "--tokens are for --transport http. Over stdio there is one user: say whose memory with --scope."
    if settings.tokens is not None and settings.scope is not None:
        return "--scope and --tokens exclude each other: with tokens, the file says each one's scope."
    if settings.tokens is None and settings.scope is None:
        return "whose memory is it? Say --scope acme/ana, or set AGENTMEM_SCOPE."
    if settings.transport == HTTP and not settings.is_local:
        if settings.tokens is None:
            return (
                f"{settings.host} can be reached from other machines, and without --tokens whoever reaches it reads "
                "everything. Give --tokens FILE, or listen on 127.0.0.1."
            )
        if settings.host in ("0.0.0.0", "::") and not settings.allowed_hosts:  # noqa: S104 - it is what is refused
            return (
                f"listening on {settings.host} needs --allow-host NAME: the name by which clients reach this server, "
                "so that requests under other names (DNS rebinding) are refused."
            )
    if not 0 <= settings.port <= 65535:
        return f"--port is {settings.port}: it is a number from 0 to 65535."
    if settings.max_calls < 0:
        return f"--max-calls is {settings.max_calls}: it is 0 or more."
    return None


def _port(parser: argparse.ArgumentParser, env: os._Environ[str]) -> int:
    said = env.get("AGENTMEM_MCP_PORT", "8765")
    if not said.isdecimal():
        parser.error(f"AGENTMEM_MCP_PORT is {said!r}: it is a number from 0 to 65535.")
    return int(said)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agentmem-mcp",
        description="Serve one person's long-term memory to MCP clients, from one SQLite file.",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"agentmem-mcp {__version__}")
    whose = parser.add_argument_group("whose memory, and where it is")
    whose.add_argument("--db", metavar="PATH", help="the database file (default: agentmem.db)")
    whose.add_argument("--scope", metavar="NAMES", help="names separated by '/', e.g. acme/ana; no tool can change it")
    whose.add_argument("--redact", action="store_true", help="take personal data out of what is stored")
    thinks = parser.add_argument_group("how it searches and thinks")
    thinks.add_argument("--embedder", metavar="NAME", help="'default', 'none' (words only), 'openai:MODEL', ...")
    thinks.add_argument("--recipe", metavar="NAME", help="one that 'agentmem recipes' lists")
    thinks.add_argument("--llm", metavar="NAME", help="'none' or 'openai:MODEL', for recipes that ask a language model")
    thinks.add_argument(
        "--max-calls", metavar="N", type=int, default=200, help="calls of the language model for one tool call (200)"
    )
    served = parser.add_argument_group("how it is served")
    served.add_argument("--transport", choices=(STDIO, HTTP), help="stdio (default), or streamable HTTP at /mcp")
    served.add_argument("--host", metavar="ADDRESS", help="for http (default: 127.0.0.1; others only with --tokens)")
    served.add_argument("--port", metavar="N", type=int, help="for http (default: 8765; 0: any that is free)")
    served.add_argument("--tokens", metavar="FILE", help="for http: bearer tokens and their scopes, in TOML")
    served.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="for http: a further Host, as a proxy has"
    )
    served.add_argument(
        "--allow-origin", metavar="URL", action="append", default=[], help="for http: a further Origin of browsers"
    )
    served.add_argument(
        "--without", metavar="TOOL", action="append", default=[], choices=TOOL_NAMES, help="do not offer this tool"
    )
    served.add_argument("--log-level", choices=LOG_LEVELS, default="warning", help="to standard error (warning)")
    other = parser.add_argument_group("instead of serving")
    other.add_argument("--new-token", metavar="NAMES", help="print a new token for a scope, and its lines for --tokens")
    return parser
