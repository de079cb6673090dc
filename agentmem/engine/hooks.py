"""What the user of a store put before writing and before prompts: see :data:`agentmem.protocols.BeforeWrite`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agentmem.engine.intake import clean_metadata, clean_text
from agentmem.errors import InvalidInput
from agentmem.protocols import BeforePrompt, BeforeWrite
from agentmem.types import Episode, Hit


@dataclass(frozen=True, slots=True)
class Hooks:
    """They run in their order, each on what the one before returned."""

    before_write: tuple[BeforeWrite, ...] = ()
    before_prompt: tuple[BeforePrompt, ...] = ()

    def written(self, episode: Episode) -> Episode | None:
        """The episode as it is stored; ``None``: not at all.

        Raises:
            InvalidInput: a hook returned something else than an episode, changed what is not its to change, or left no
                text.
        """
        for hook in self.before_write:
            found = hook(episode)
            if found is None:
                return None
            episode = _checked(hook, episode, found)
        return episode

    def shown(self, text: str) -> str:
        """The text as a prompt shows it."""
        for hook in self.before_prompt:
            found = hook(text)
            if not isinstance(found, str):
                raise InvalidInput(f"{_name(hook)} must return a string, not {type(found).__name__}.")
            text = found
        return text

    def shown_hit(self, hit: Hit) -> Hit:
        """The hit as a block of ``context`` shows it."""
        if not self.before_prompt:
            return hit
        return replace(
            hit,
            text=self.shown(hit.text),
            speaker=None if hit.speaker is None else self.shown(hit.speaker),
            title=None if hit.title is None else self.shown(hit.title),
        )


def _checked(hook: BeforeWrite, before: Episode, after: Episode) -> Episode:
    if not isinstance(after, Episode):
        raise InvalidInput(f"{_name(hook)} must return an Episode or None, not {type(after).__name__}.")
    fixed = ("id", "kind", "at", "recorded_at", "session", "role")
    if changed := [name for name in fixed if getattr(before, name) != getattr(after, name)]:
        raise InvalidInput(
            f"{_name(hook)} changed {', '.join(changed)} of an episode. A hook may change its text, title, speaker, "
            "metadata, ref and indexed; give the rest to add()."
        )
    return replace(after, text=clean_text(after.text), metadata=clean_metadata(after.metadata))


def _name(hook: object) -> str:
    return f"The hook {getattr(hook, '__qualname__', type(hook).__qualname__)}"
