"""The page around a report: its style inside, no script, and a policy under which nothing else can load or run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from agentmem.pictures.page import escaped


def framed(title: str, body: str, rules: Mapping[str, str]) -> str:
    """The page with this body, which is HTML already, and the rules by class that its pictures need.

    It looks like the pages of the library: their common style, then the report's.
    """
    style = _styles() + "".join(f".{name} {{ {rule} }}\n" for name, rule in sorted(rules.items()))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(title)}</title>
<style>{style}</style>
</head>
<body class="report">
<main>
{body}
</main>
</body>
</html>
"""


@cache
def _styles() -> str:
    common, own = files("agentmem.pictures") / "page.css", files("agentmem_evals.reports.page") / "report.css"
    return common.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")
