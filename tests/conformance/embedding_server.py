"""A server on this machine that speaks OpenAI's embeddings protocol, well or badly."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from agentmem.testing import FakeEmbedder

DIMENSION = 64
_NONSENSE = {
    "malformed": (200, b'{"data": [{"index": 0, "embedd'),
    "another reply": (200, b'{"object": "list", "data": null}'),
    "not JSON": (200, b"<html>It works!</html>"),
    "nested": (200, b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
}


class EmbeddingServer:
    """``mode`` says how it behaves; ``requests`` holds what it was asked; ``failures`` counts down bad answers.

    Texts of more than ``longest`` characters are refused with 400, more than ``most`` texts at once with 413.
    """

    def __init__(self) -> None:
        self.mode = "good"
        self.failures = 0
        self.longest = self.most = 10**9
        self.requests: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: dict) -> tuple[int, bytes]:
        without_vectors = self._refusal(request["input"]) or _NONSENSE.get(self.mode)
        if without_vectors is not None:
            return without_vectors
        if self.mode == "slow":
            time.sleep(0.3)
        if self.mode == "hanging":
            self.released.wait(30)
        vectors = FakeEmbedder(DIMENSION).embed_documents(request["input"])
        if self.mode == "wrong dimension":
            vectors = vectors[:, :-3]
        if self.mode == "NaN":
            vectors = np.full_like(vectors, np.nan)
        if self.mode == "too few":
            vectors = vectors[:-1]
        data = [
            {"object": "embedding", "index": index, "embedding": self._encoded(vector, request)}
            for index, vector in enumerate(vectors)
        ]
        if self.mode == "ragged":
            data[0]["embedding"] = data[0]["embedding"][:-1]
        if self.mode == "shuffled":
            data.reverse()
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return 200, json.dumps({"object": "list", "model": request["model"], "data": data, "usage": usage}).encode()

    def _refusal(self, texts: list[str]) -> tuple[int, bytes] | None:
        if self.failures > 0:
            self.failures -= 1
            return {"429": 429, "500": 500}[self.mode], b'{"error": {"message": "not now"}}'
        if len(texts) > self.most:
            return 413, b'{"error": "batch size too large", "error_type": "Validation"}'
        if max(map(len, texts)) > self.longest:
            return 400, b'{"error": {"message": "This model\'s maximum context length is 8192 tokens"}}'
        if self.mode == "echoing":
            return 422, json.dumps({"error": {"message": f"not taken: {texts[0]}"}}).encode()
        return None

    @staticmethod
    def _encoded(vector: np.ndarray, request: dict) -> list[float] | str:
        if request.get("encoding_format") == "base64":
            return base64.b64encode(vector.astype("<f4").tobytes()).decode()
        return [float(number) for number in vector]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(request)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                status, body = server.answer(request)
                try:
                    self.send_response(status if self.path == "/v1/embeddings" else 404)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    if status == 429:
                        self.send_header("Retry-After-Ms", "5")
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client gave up waiting

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
