"""A page that stands alone: its style and script inside, and a policy under which nothing else can load or run."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


def page(title: str, body: str, part: str) -> str:
    """The page with this body, which is HTML already.

    Args:
        title: plain text, escaped here.
        body: HTML.
        part: which style and script it gets beside the common style: ``"graph"`` or ``"tree"``.
    """
    style, script = _asset("page.css") + _asset(f"{part}.css"), _asset(f"{part}.js")
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(title)}</title>
<style>{style}</style>
</head>
<body class="{part}">
{body}
<script>{script}</script>
</body>
</html>
"""


def escaped(text: str) -> str:
    """Text that means nothing in HTML, in an attribute or outside of one; control characters become visible."""
    return html.escape("".join(c if c >= " " or c in "\t\n" else "\N{REPLACEMENT CHARACTER}" for c in text))


@cache
def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """How a policy names an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
