"""How the server is reached: standard input and output, or streamable HTTP."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator

import anyio
import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.settings import AuthSettings
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.applications import Starlette

from agentmem import Scope
from agentmem.errors import InvalidInput
from agentmem_mcp.serving import Service, server_of
from agentmem_mcp.settings import Settings
from agentmem_mcp.tokens import Tokens

PATH = "/mcp"
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_SHUTDOWN_SECONDS = 5
"""How long open streams may delay the end of an HTTP server."""


async def serve_stdio(service: Service, scope: Scope) -> None:
    """Serve the one who started this process, until standard input ends or a signal comes."""
    server = server_of(service, scope)
    async with stdio_server() as (read, write), anyio.create_task_group() as group:
        group.start_soon(_until_signal, service)
        await server.run(read, write, server.create_initialization_options())
        group.cancel_scope.cancel()


async def _until_signal(service: Service) -> None:
    """Close the store when a signal comes, then die of it: a thread that waits for standard input cannot be ended."""
    if sys.platform == "win32":
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            await service.close()
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


def http_app(service: Service, settings: Settings, tokens: Tokens | None) -> Starlette:
    """The server as an ASGI application, at ``/mcp``; it closes the service when its lifespan ends.

    Requests under a foreign ``Host`` or from a foreign ``Origin`` are refused, and with tokens those without one.
    """
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*_hosts(settings)],
        allowed_origins=[*_origins(settings)],
    )
    if tokens is None:
        if settings.scope is None:
            raise InvalidInput("Without tokens the server needs a scope: --scope acme/ana.")
        server = server_of(service, Scope.from_path(settings.scope))
        return server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    server = server_of(service, lambda: tokens.scope_of(get_access_token()))
    # There is no authorization server: the operator hands the tokens out. So nothing about one is announced.
    auth = AuthSettings(issuer_url=AnyHttpUrl("http://localhost"), resource_server_url=None)
    return server.streamable_http_app(
        streamable_http_path=PATH, transport_security=security, auth=auth, token_verifier=tokens
    )


async def serve_http(service: Service, settings: Settings, tokens: Tokens | None) -> None:
    """Serve over HTTP until a signal comes; says on standard error where."""
    bound = _bound(settings.host, settings.port)
    config = uvicorn.Config(
        http_app(service, settings, tokens),
        log_level=settings.log_level,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    port = bound.getsockname()[1]
    sys.stderr.write(f"agentmem-mcp: listening on http://{_bracketed(settings.host)}:{port}{PATH}\n")
    sys.stderr.flush()
    await uvicorn.Server(config).serve(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises InvalidInput where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InvalidInput(
            f"{host}, port {port}: it cannot be listened on ({error.strerror}). Choose another --port."
        ) from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _hosts(settings: Settings) -> Iterator[str]:
    own = _LOCAL if settings.is_local else (_bracketed(settings.host),)
    for host in (*own, *settings.allowed_hosts):
        yield host
        yield f"{host}:*"


def _origins(settings: Settings) -> Iterator[str]:
    if settings.is_local:
        yield from (f"http://{host}:*" for host in _LOCAL)
    yield from settings.allowed_origins
