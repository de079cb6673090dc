"""Language models behind any server that speaks OpenAI's protocol: OpenAI, Ollama, vLLM, LM Studio, ..."""

from __future__ import annotations

import importlib.util
import json
import threading
import weakref
from typing import TYPE_CHECKING, Any, NoReturn

from agentmem import clock
from agentmem.config import settings
from agentmem.errors import LLMError, LLMRefused, LLMUnavailable, MissingExtra
from agentmem.llm import ChatReply, ChatRequest
from agentmem.models.chat.dialect import Dialect, Format, next_dialect
from agentmem.models.chat.retry_after import retry_after
from agentmem.models.chat.schemas import constraining
from agentmem.models.endpoint import address_errors
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage

if TYPE_CHECKING:
    from openai import APIError, APIStatusError, OpenAI

_CHECK = "Check OPENAI_BASE_URL (it mostly ends in /v1), OPENAI_API_KEY and the model's name"
_PASSING = frozenset({408, 409, 425, 429})


class OpenAIChat:
    """A language model behind an OpenAI-compatible endpoint.

    Replies are constrained to the schema where the server can do that. One that refuses is asked for any JSON, and then
    for plain text, with the schema in words; the same goes for a temperature and for the name of the longest length.
    What was found out about the server is remembered by this object.

    A request is made once: wrap it in :class:`~agentmem.models.chat.retrying.RetryingChat`.

    Args:
        model: the server's name for it.
        base_url: the endpoint; default ``OPENAI_BASE_URL``, else OpenAI's own.
        api_key: default ``OPENAI_API_KEY``; servers that need none take any.
        timeout: seconds to wait for the connection, and for the next part of an answer. A server that keeps sending
            may take longer in all.

    Raises:
        MissingExtra: the package ``openai`` is not installed.
    """

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None, timeout: float = 60.0
    ) -> None:
        if importlib.util.find_spec("openai") is None:
            raise MissingExtra("openai", "openai", "An OpenAI-compatible language model")
        self._model = model
        self._base_url = base_url or settings().openai_base_url
        self._api_key = api_key or settings().openai_api_key
        self._timeout = timeout
        self._dialect = Dialect()
        self._client: OpenAI | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name; which server answers is taken not to matter."""
        return f"openai:{self._model}"

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`.

        Raises:
            LLMUnavailable: no answer, one that came too late or is no protocol of OpenAI's, or a plea to slow down.
            LLMRefused: a wrong key, an unknown model, a prompt too long, no credit, filtered content.
        """
        from openai import APIError, BadRequestError, OpenAIError, UnprocessableEntityError

        dialect = self._dialect
        while True:
            try:
                answer = self._connected().chat.completions.create(**self._arguments(request, dialect))
            except (BadRequestError, UnprocessableEntityError) as error:
                simpler = next_dialect(dialect, _said(error))
                if simpler is None:
                    self._raise(error)
                dialect = simpler
            except APIError as error:
                self._raise(error)
            except OpenAIError as error:
                raise self._refused(type(error).__name__) from error
            except UnicodeEncodeError as error:
                raise self._refused("a key that no header can carry") from error
            except (ValueError, RecursionError) as error:
                raise self._nonsense("is not JSON") from error
            else:
                self._dialect = dialect  # only now: a refusal may have been about something else
                return self._read(answer, request)

    def _connected(self) -> OpenAI:
        from openai import OpenAI

        with self._lock:
            if self._client is None:
                try:
                    self._client = OpenAI(
                        base_url=self._base_url, api_key=self._api_key or "none", timeout=self._timeout, max_retries=0
                    )
                except address_errors() as error:
                    raise self._refused(f"the address {self._base_url!r} is none: {error}") from error
                weakref.finalize(self, self._client.close)  # connections are kept open as long as this, and no longer
            return self._client

    def _arguments(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        messages = request.messages()
        found: dict[str, Any] = {"model": self._model, "messages": messages}
        if dialect.format is Format.SCHEMA:
            schema = {"name": request.schema_name, "schema": constraining(request.schema), "strict": True}
            found["response_format"] = {"type": "json_schema", "json_schema": schema}
        else:
            told = json.dumps(request.schema, ensure_ascii=False)
            messages[0]["content"] += f"\n\nReply with one JSON object of this schema and nothing else:\n{told}"
        if dialect.format is Format.OBJECT:
            found["response_format"] = {"type": "json_object"}
        if dialect.temperature:
            found["temperature"] = request.temperature
        if request.max_tokens is not None:
            found[dialect.length] = request.max_tokens
        return found

    def _read(self, answer: Any, request: ChatRequest) -> ChatReply:
        try:
            choice = answer.choices[0]
            text, reason = choice.message.content or "", choice.finish_reason
            refusal = getattr(choice.message, "refusal", None)
        except (AttributeError, TypeError, IndexError, KeyError) as error:
            raise self._nonsense("holds no message") from error
        if not isinstance(text, str):
            raise self._nonsense("holds no text")
        if refusal or reason == "content_filter":
            raise LLMRefused(
                f"The model {self._model!r} declined to answer the prompt {request.prompt.id!r} because of its "
                "content. Use another model for it."
            )
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair could not be sent back for a repair
        return ChatReply(text, _usage(answer, request, text), truncated=reason == "length")

    def _raise(self, error: APIError) -> NoReturn:
        raise self._translated(error) from error

    def _translated(self, error: APIError) -> LLMError:
        from openai import APIConnectionError, APIStatusError

        kind = type(error).__name__
        if isinstance(error, APIConnectionError):
            return LLMUnavailable(f"The model's server does not answer ({kind}). {_CHECK} {self._model!r}.")
        if not isinstance(error, APIStatusError):
            return self._nonsense("is not what was asked for")
        status = error.status_code
        if (status in _PASSING or status >= 500) and error.code != "insufficient_quota":
            return LLMUnavailable(
                f"The model's server cannot answer now (HTTP {status}). Try again later.", _waiting_time(error)
            )
        return self._refused(f"HTTP {status}, {error.code or kind}")

    def _refused(self, why: str) -> LLMRefused:
        return LLMRefused(
            f"The model's server refuses the request ({why}). {_CHECK} {self._model!r}; the prompt may be too long for "
            "it, or the account without credit."
        )

    def _nonsense(self, what: str) -> LLMUnavailable:
        return LLMUnavailable(f"The server's answer {what}. {_CHECK} {self._model!r}.")


def _said(error: APIStatusError) -> str:
    return f"{error.message} {error.param or ''} {json.dumps(error.body, default=str)}"


def _waiting_time(error: APIStatusError) -> float | None:
    return retry_after(error.response.headers, clock.now())


def _usage(answer: Any, request: ChatRequest, text: str) -> Usage:
    """As the server says; estimated where it says nothing, so that a budget of tokens comes to its end."""
    stated = getattr(answer, "usage", None)
    prompt, completion = (getattr(stated, name, None) for name in ("prompt_tokens", "completion_tokens"))
    if not isinstance(prompt, int):
        prompt = sum(estimate_tokens(message["content"]) for message in request.messages())
    if not isinstance(completion, int):
        completion = estimate_tokens(text)
    return Usage(llm_calls=1, prompt_tokens=prompt, completion_tokens=completion)
