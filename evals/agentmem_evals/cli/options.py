"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.datasets.catalog import CATALOG
from agentmem_evals.errors import EvalError

DatasetName = Annotated[str, typer.Option(help=f"Data set: {', '.join(CATALOG)}.")]
Data = Annotated[
    Path | None, typer.Option(help="The data set's file, or a folder that holds it. Default: in $AGENTMEM_DATA.")
]
Embedder = Annotated[str, typer.Option(help="Embedding model, as agentmem names it.")]
Cache = Annotated[Path | None, typer.Option(help="Folder that keeps vectors between runs. Default: none.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="Where the language models are served. Default: $OPENAI_BASE_URL, else OpenAI.")
]
Concurrency = Annotated[int, typer.Option(min=1, help="Questions dealt with at once; 1 keeps times honest.")]
MaxCalls = Annotated[int | None, typer.Option(help="Stop after so many calls of language models, all starts together.")]
MaxTokens = Annotated[int | None, typer.Option(help="Stop after so many tokens of prompts and replies.")]
MaxUsd = Annotated[float | None, typer.Option(help="Stop after so many US dollars; needs both prices.")]
PromptPrice = Annotated[float | None, typer.Option(help="US dollars for a million tokens of prompts.")]
CompletionPrice = Annotated[float | None, typer.Option(help="US dollars for a million tokens of replies.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Write Markdown.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def depths(text: str) -> tuple[int, ...]:
    """The numbers of a list such as ``5,10,20``, ascending, each once.

    Raises:
        EvalError: it is none.
    """
    try:
        return tuple(sorted({int(piece) for piece in split(text)}))
    except ValueError as error:
        raise EvalError(f"--k is a list of numbers such as 5,10,20,50, not {text!r}.") from error


def split(text: str) -> list[str]:
    """The pieces between commas, without those that are empty."""
    return [piece.strip() for piece in text.split(",") if piece.strip()]
