"""The options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

COMMON = "Common options"

DATABASE = typer.Option(
    "--db", metavar="PATH", help="The database file. Default: $AGENTMEM_DB, else agentmem.db.", rich_help_panel=COMMON
)
SCOPE = typer.Option(
    "--scope",
    metavar="NAMES",
    help="Whose memory: names separated by '/', e.g. acme/user-7. Default: $AGENTMEM_SCOPE.",
    rich_help_panel=COMMON,
)
EMBEDDER = typer.Option(
    "--embedder",
    metavar="NAME",
    help="'default' (all-MiniLM-L6-v2), 'none' (words only), 'openai:MODEL', or a sentence-transformers model. "
    "Default: $AGENTMEM_EMBEDDER.",
    rich_help_panel=COMMON,
)
JSON = typer.Option("--json", help="One JSON document instead of tables.", rich_help_panel=COMMON)

Recipe = Annotated[
    str | None,
    typer.Option("--recipe", metavar="NAME", help="One that 'agentmem recipes' lists. Default: $AGENTMEM_RECIPE."),
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="NAME",
        help="The language model: 'openai:MODEL' (any compatible endpoint), or 'none'. Default: $AGENTMEM_LLM.",
    ),
]
MaxCalls = Annotated[
    int | None,
    typer.Option(
        "--max-calls",
        metavar="N",
        min=0,
        help="Do without the language model before it is asked more often. For recipes that ask it about a question.",
    ),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="The memory's id (mem_...).", show_default=False)]
Query = Annotated[str, typer.Argument(metavar="QUERY", help="A question, or any text.", show_default=False)]

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="Only memories of this kind. Can be repeated.")
]
InSession = Annotated[str | None, typer.Option("--session", metavar="NAME", help="Only from this conversation.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only what happened at this moment or later.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only what happened before this moment.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="What was true at this moment, instead of now.")
]
Where = Annotated[
    str | None,
    typer.Option("--where", metavar="JSON", help='Conditions on metadata: {"topic": "travel", "stars": {"gte": 4}}.'),
]
MetadataText = Annotated[str | None, typer.Option("--metadata", metavar="JSON", help="A JSON object to keep with it.")]
Redact = Annotated[
    bool,
    typer.Option("--redact", help="Take addresses, numbers and keys of persons out first. Default: $AGENTMEM_REDACT."),
]
ExpectedVersion = Annotated[
    int | None,
    typer.Option("--expected-version", metavar="N", help="Refuse if the memory is at another version meanwhile."),
]
InputFile = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE", help="The file.", show_default=False),
]
