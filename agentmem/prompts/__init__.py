"""What language models are asked: one versioned Markdown file for each prompt, rendered strictly."""

from agentmem.prompts.library import names, render

__all__ = ["names", "render"]
