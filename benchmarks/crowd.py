"""Many browsers in one process: plain HTTP/1.1, so that the client takes little of the machine."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.web import HOST, Web

PATIENCE = 30.0  # seconds; then it counts as an error
NO_ANSWER = 0  # the status of a time-out or of a connection that broke
_CSRF = "b" * 32


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    seconds: float
    length: int

    @property
    def is_error(self) -> bool:
        return self.status == NO_ANSWER or self.status >= 500


class Browser:
    """One kept connection. `session` of each request says who is signed in."""

    def __init__(self, web: Web, *, patience: float = PATIENCE) -> None:
        self._web, self._patience = web, patience
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, session: str = "", *, htmx: bool = False) -> Answer:
        return await self._answer(_request("GET", path, session, htmx=htmx))

    async def post(self, path: str, session: str = "", **fields: object) -> Answer:
        return await self._answer(_request("POST", path, session, urlencode(fields)))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _answer(self, request: bytes) -> Answer:
        begun = time.perf_counter()
        status, location, length = NO_ANSWER, "", 0
        try:
            async with asyncio.timeout(self._patience):
                status, location, length = await self._exchange(request)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.close()
        return Answer(status, location, time.perf_counter() - begun, length)

    async def _exchange(self, request: bytes) -> tuple[int, str, int]:
        head = b""
        if self._writer is not None:
            head = await self._sent(request)  # nothing when the server closed it meanwhile
        if not head:
            self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._web.port)
            head = await self._sent(request)
        if not head:
            raise ConnectionResetError
        status, headers = _parsed(head)
        length = int(headers.get("content-length", "0"))
        if length and self._reader is not None:
            await self._reader.readexactly(length)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers.get("location", ""), length

    async def _sent(self, request: bytes) -> bytes:
        assert self._reader is not None
        assert self._writer is not None
        try:
            self._writer.write(request)
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if getattr(error, "partial", b""):
                raise
            return b""


def _request(
    method: str, path: str, session: str, body: str | None = None, *, htmx: bool = False
) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.7",
        "Accept: text/html",
        "Accept-Language: en",
        f"Cookie: __Host-session={session}; __Host-csrf={_CSRF}",
    ]
    if htmx:
        lines.append("HX-Request: true")
    if body is not None:
        lines += [
            f"Origin: https://{HOST}",
            f"X-CSRFToken: {_CSRF}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    return ("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode()


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = head.decode("latin-1").strip().split("\r\n")
    pairs = (line.partition(":") for line in rest)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
