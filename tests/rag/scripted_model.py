"""A language model's server on loopback that says what a script tells it to, in the formats of three providers."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Script:
    """What the server does next. `text` may be a function of the request's JSON; pieces are of `size` characters."""

    text: str | Callable[[dict[str, Any]], str] = "Nothing. [1]"
    status: int = 200
    body: str = ""
    size: int = 7
    usage: tuple[int, int] | None = (1000, 50)
    finish: str | None = "stop"
    cut_after: int | None = None  # pieces, then the connection closes
    stall_after: int | None = None  # pieces, then silence until the test is over
    drip: float = 0.0  # seconds between pieces
    malformed: str = ""  # sent as an event in the middle


@dataclass
class ScriptedModel:
    """The running server: its address, its script, and every request that it got."""

    url: str
    script: Script = field(default_factory=Script)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def _pieces(script: Script, request: dict[str, Any]) -> list[str]:
    text = script.text(request) if callable(script.text) else script.text
    return [text[at : at + script.size] for at in range(0, len(text), script.size)]


def _openai_events(script: Script, request: dict[str, Any]) -> Iterator[str]:
    def chunk(**parts: Any) -> str:
        row = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": request["model"], **parts}
        return f"data: {json.dumps(row)}\n\n"

    for piece in _pieces(script, request):
        yield chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}])
    yield chunk(choices=[{"index": 0, "delta": {}, "finish_reason": script.finish}])
    if script.usage:
        read, written = script.usage
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
        yield chunk(choices=[], usage=usage)
    yield "data: [DONE]\n\n"


def _anthropic_events(script: Script, request: dict[str, Any]) -> Iterator[str]:
    read, written = script.usage or (0, 0)

    def event(kind: str, **parts: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **parts})}\n\n"

    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": request["model"]}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": read, "output_tokens": 1}}
    yield event("message_start", message=message)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in _pieces(script, request):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    stop = {"stop": "end_turn", "length": "max_tokens"}.get(script.finish or "")
    yield event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": written})
    yield event("message_stop")


def _ollama_events(script: Script, request: dict[str, Any]) -> Iterator[str]:
    for piece in _pieces(script, request):
        row = {"model": request["model"], "message": {"role": "assistant", "content": piece}, "done": False}
        yield json.dumps(row) + "\n"
    read, written = script.usage or (0, 0)
    end = {"model": request["model"], "message": {"role": "assistant", "content": ""}, "done": True}
    yield json.dumps({**end, "done_reason": script.finish, "prompt_eval_count": read, "eval_count": written}) + "\n"


_FORMATS = {
    "/v1/chat/completions": ("text/event-stream", _openai_events),
    "/v1/messages": ("text/event-stream", _anthropic_events),
    "/api/chat": ("application/x-ndjson", _ollama_events),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ScriptedModel

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client has had enough
            super().handle()

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.model.requests.append(request)
        self.model.headers.append(dict(self.headers))
        script = self.model.script
        if script.status != 200:
            self._refuse(script)
            return
        kind, events = _FORMATS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._stream(script, events(script, request))

    def _refuse(self, script: Script) -> None:
        body = (script.body or json.dumps({"error": {"message": "no", "type": "e", "code": "c"}})).encode()
        self.send_response(script.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, script: Script, events: Iterator[str]) -> None:
        for number, event in enumerate(events):
            if number == 2 and script.malformed:
                self._write(script.malformed)
            if number in {script.cut_after, script.stall_after}:
                if number == script.stall_after:
                    self.model.released.wait(60)
                self.close_connection = True
                return
            self._write(event)
            time.sleep(script.drip)
        self.wfile.write(b"0\r\n\r\n")

    def _write(self, event: str) -> None:
        data = event.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


@contextmanager
def scripted_model() -> Iterator[ScriptedModel]:
    """Runs the server for as long as the context."""
    model = ScriptedModel("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": model}))
    server.daemon_threads = False
    model.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield model
    finally:
        model.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def passage_number(request: dict[str, Any], words: str) -> int:
    """The number that a prompt gives the passage with these words; 99 when it has none."""
    text = request["messages"][-1]["content"]
    found = re.finditer(r"^--- \w+ passage (\d+): .*?\n(.*?)\n--- ", text, re.DOTALL | re.MULTILINE)
    return next((int(match[1]) for match in found if words in match[2]), 99)
