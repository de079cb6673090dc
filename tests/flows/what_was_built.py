"""Counting what ``consolidate`` built, and a language model that can be ill."""

from __future__ import annotations

from small_world import extraction, in_all

KINDS = ("fact", "triple", "entity", "summary")


def counted(handle):
    return {kind: len(in_all(handle, kind, state=None)) for kind in KINDS}


class Unwell:
    """Answers the second session badly as long as ``ill`` says how."""

    def __init__(self, ill):
        self.ill = ill

    def __call__(self, request):
        if self.ill is not None and "pottery" in request.prompt.variables["text"]:
            return self.ill
        return extraction(request)
