"""The command ``agentmem-mcp``."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from agentmem.errors import AgentMemError
from agentmem_mcp.settings import HTTP, Settings, read

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDED = {"mcp": "mcp>=2.0,<3", "uvicorn": "uvicorn>=0.31", "starlette": "starlette>=0.27", "anyio": "anyio>=4.9"}
"""What this package builds on, as its metadata say; that of an optional embedder or model says so itself."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve, as flags and environment say; what goes wrong before is said on standard error, and the status is 1."""
    settings = read(arguments)
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        if settings.new_token is not None:
            _tell_token(settings.new_token)
        else:
            _serve(settings)
    except AgentMemError as error:
        sys.exit(f"agentmem-mcp: {error}")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _NEEDED:
            raise
        sys.exit(
            f"agentmem-mcp: the package {package!r} is not installed, or in another version. Install it with: "
            f"pip install '{_NEEDED[package]}'"
        )


def _tell_token(path: str) -> None:
    from agentmem import Scope
    from agentmem_mcp.tokens import new_token, told

    sys.stdout.write(told(new_token(), Scope.from_path(path)) + "\n")


def _serve(settings: Settings) -> None:
    import asyncio

    from agentmem import Scope
    from agentmem_mcp.opening import open_store
    from agentmem_mcp.serving import Service
    from agentmem_mcp.tokens import read_tokens
    from agentmem_mcp.tools import TOOLS
    from agentmem_mcp.transports import serve_http, serve_stdio

    tokens = None if settings.tokens is None else read_tokens(settings.tokens)
    scope = None if settings.scope is None else Scope.from_path(settings.scope)
    tools = [tool for tool in TOOLS if tool.name not in settings.without]
    service = Service(open_store(settings), tools, max_calls=settings.max_calls)
    if settings.transport == HTTP:
        asyncio.run(serve_http(service, settings, tokens))
    elif scope is not None:
        asyncio.run(serve_stdio(service, scope))
