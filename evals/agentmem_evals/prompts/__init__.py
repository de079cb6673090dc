"""What readers and judges are asked: one versioned Markdown file for each prompt, in the library's format."""

from __future__ import annotations

from agentmem_evals.prompts.library import names, render, template

__all__ = ["names", "render", "template"]
