"""The environment protocol, version 1, in nothing but Python's standard library.

sim/env-server/PROTOCOL.md is its description. Arrays are handed out as memoryviews, which numpy takes as they are.
"""

from __future__ import annotations

import enum
import json
import os
import re
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

VERSION = 1
CLIENT_NAME = "zerogap_env 0.1.0"
TOKEN_VARIABLE = "ZEROGAP_ENV_TOKEN"

#: 'ZG', version, kind, request, bytes of the block, bytes of the text
_HEADER = struct.Struct("<2sBBIII")
_MAGIC = b"ZG"
_FORMATS = {"float32": "f", "float64": "d", "uint8": "B"}


class Kind(enum.IntEnum):
    """What a frame is about; from 64 on: replies."""

    HELLO = 1
    RESET = 2
    STEP = 3
    GET = 4
    SET = 5
    PING = 6
    CLOSE = 7
    WELCOME = 65
    RESULT = 66
    VALUE = 67
    PONG = 68
    BYE = 69
    ERROR = 70


class ZerogapError(Exception):
    """Whatever goes wrong between client and server."""


class ConnectionLost(ZerogapError, ConnectionError):
    """The server is gone, or what came from it makes no sense."""


class RequestRefused(ZerogapError):
    """The server's answer was an error.

    `code` is 'input' (nothing has changed, go on), 'environment' (reset with a seed), 'protocol' or 'internal'
    (the connection has ended). `errors` has one dictionary for each problem: where, problem, expected, got, remedy.
    """

    def __init__(self, text: Mapping[str, Any]) -> None:
        super().__init__(str(text.get("message", text)))
        self.code: str = text.get("code", "internal")
        self.is_fatal: bool = bool(text.get("isFatal", True))
        self.errors: list[dict[str, str]] = list(text.get("errors", []))


@dataclass(frozen=True)
class ArrayPlace:
    """Where an array lies in a block."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    #: [bytes] from the start of the block
    offset: int

    @property
    def size(self) -> int:
        size = 1
        for length in self.shape:
            size *= length
        return size

    def view(self, block: memoryview) -> memoryview:
        """The array, in its shape (a single number: one of length 1), without a copy."""
        code = _FORMATS[self.dtype]
        end = self.offset + self.size * struct.calcsize(code)
        return block[self.offset : end].cast(code, self.shape or (1,))


@dataclass(frozen=True)
class Layout:
    """The arrays of a block."""

    num_bytes: int
    arrays: tuple[ArrayPlace, ...]

    @staticmethod
    def parse(value: Mapping[str, Any]) -> Layout:
        return Layout(
            value["bytes"],
            tuple(
                ArrayPlace(a["name"], a["dtype"], tuple(a["shape"]), a["offset"])
                for a in value["arrays"]
            ),
        )


@dataclass(frozen=True)
class Welcome:
    """What the server tells of itself, of the environments and of the blocks to come."""

    server: str
    #: as in the protocol: task, numEnvs, autoreset, rateHz, maxSteps, spaces, names, attributes, …
    env: Mapping[str, Any]
    action: Layout
    step: Layout
    tail: Layout


@dataclass(frozen=True)
class Result:
    """What a reset or a step has led to. It owns its memory: no later step changes it."""

    step: memoryview
    #: a record for each environment whose episode has begun or ended, or has drawn something anew
    tail: memoryview
    num_records: int
    #: of the episodes that have ended
    episodes: list[dict[str, Any]]
    welcome: Welcome

    def arrays(self) -> dict[str, memoryview]:
        """Every array of the step by name, without a copy."""
        return {place.name: place.view(self.step) for place in self.welcome.step.arrays}

    def records(self) -> list[dict[str, memoryview]]:
        """The records of the tail, each array by name, without a copy."""
        layout = self.welcome.tail
        starts = range(0, self.num_records * layout.num_bytes, layout.num_bytes)
        return [
            {p.name: p.view(self.tail[start : start + layout.num_bytes]) for p in layout.arrays}
            for start in starts
        ]


class Client:
    """A connection with a set of environments of its own. One thread at a time."""

    def __init__(self, address: str, *, token: str | None = None, timeout: float | None = None) -> None:
        """
        :param address: as the server prints it: unix:PATH or tcp:HOST:PORT
        :param token: where the server wants one; default: the variable ZEROGAP_ENV_TOKEN
        :param timeout: [s] how long to wait for a reply; default: for ever
        """
        if sys.byteorder != "little":
            raise ZerogapError("the protocol's arrays are little-endian; this machine is not")
        self.address = address
        self._token = token if token is not None else os.environ.get(TOKEN_VARIABLE)
        self._welcome: Welcome | None = None
        self._request = 0
        self._socket: socket.socket | None = _connect(address, timeout)

    @property
    def welcome(self) -> Welcome:
        if self._welcome is None:
            raise ZerogapError("say hello first")
        return self._welcome

    def hello(self, **env: Any) -> Welcome:
        """Makes the environments.

        :param env: numEnvs, autoreset, randomization, task: what is not given is as the server was started
        """
        request: dict[str, Any] = {"protocol": "zerogap.env", "client": CLIENT_NAME, "env": env}
        if self._token is not None:
            request["token"] = self._token
        text = self._ask(Kind.HELLO, Kind.WELCOME, text=request)[1]
        layout = text["layout"]
        self._welcome = Welcome(
            server=text["server"],
            env=text["env"],
            action=Layout.parse(layout["action"]),
            step=Layout.parse(layout["step"]),
            tail=Layout.parse(layout["tail"]),
        )
        return self._welcome

    def reset(
        self, seed: int | Sequence[int] | None = None, mask: bytes | Sequence[int] | None = None
    ) -> Result:
        """Starts episodes: all from a seed (or one per environment), or the next of all, or of those with mask 1."""
        text = {} if seed is None else {"seed": seed}
        flags = None if mask is None else bytes(mask)
        num_envs = self.welcome.env["numEnvs"]
        if flags is not None and (len(flags) != num_envs or any(flag > 1 for flag in flags)):
            raise ValueError(
                f"reset: mask must be {num_envs} numbers, 1 where an episode is to start and 0 elsewhere, got {list(flags)}"
            )
        block = b"" if flags is None else _pad(flags)
        return self._read_result(*self._ask(Kind.RESET, Kind.RESULT, block=block, text=text))

    def step(self, action: Any, adversary: Any = None) -> Result:
        """One control period.

        :param action: float32 [numEnvs, numActions], anything with the buffer protocol, row-major
        :param adversary: float32 [numEnvs, 6], force and torque as shares of their bounds, where the randomisation leaves
            an adversary any; default: it does nothing
        :raises ValueError: for an adversary where there is none
        """
        self.send_step(action, adversary)
        return self.receive_step()

    def send_step(self, action: Any, adversary: Any = None) -> None:
        """The first half of `step`; the policy can think of something else until `receive_step`."""
        block = _pad(_view_bytes(action))
        place = next((p for p in self.welcome.action.arrays if p.name == "adversary"), None)
        if place is not None:
            wrench = bytes(4 * place.size) if adversary is None else _view_bytes(adversary)
            block = b"".join((block, _pad(wrench)))
        elif adversary is not None:
            raise ValueError(
                "step: the randomisation leaves an adversary no force; "
                "give one with adversary.maxForceScale or adversary.maxTorqueScale above 0"
            )
        self._send(Kind.STEP, block)

    def receive_step(self) -> Result:
        """The second half of `step`."""
        return self._read_result(*self._receive(Kind.RESULT))

    def get(self, name: str) -> Any:
        """Reads one of the attributes that the welcome lists."""
        return self._ask(Kind.GET, Kind.VALUE, text={"name": name})[1]["value"]

    def set(self, name: str, value: Any) -> Any:
        """Sets an attribute; returns what is now so."""
        return self._ask(Kind.SET, Kind.VALUE, text={"name": name, "value": value})[1]["value"]

    def ping(self) -> None:
        """Does nothing but wait for the server to answer."""
        self._ask(Kind.PING, Kind.PONG)

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        try:
            if self._socket is not None:
                self._ask(Kind.CLOSE, Kind.BYE)
        except (ZerogapError, OSError):
            pass  # A server that is gone needs no goodbye.
        finally:
            self._drop()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self, kind: Kind, answer: Kind, block: Any = b"", text: Any = None
    ) -> tuple[memoryview, Any]:
        self._send(kind, block, text)
        return self._receive(answer)

    def _send(self, kind: Kind, block: Any, text: Any = None) -> None:
        if self._socket is None:
            raise ConnectionLost(f"the connection to {self.address} has ended")
        body = b"" if text is None else json.dumps(text, allow_nan=False).encode()
        self._request = (self._request + 1) & 0xFFFFFFFF
        header = _HEADER.pack(_MAGIC, VERSION, kind, self._request, len(block), len(body))
        try:
            self._socket.sendall(b"".join((header, block, body)))
        except ConnectionError:
            # Why it ended may still be on its way: the server says so before it closes.
            pass
        except BaseException:
            self._drop()
            raise

    def _receive(self, answer: Kind) -> tuple[memoryview, Any]:
        try:
            kind, request, block, text = self._read_frame()
        except BaseException:
            # Half a frame has been read: nobody could tell where the next one begins.
            self._drop()
            raise
        if kind == Kind.ERROR:
            error = RequestRefused(text)
            if error.is_fatal:
                self._drop()
            raise error
        if kind != answer or request != self._request:
            self._drop()
            raise ConnectionLost(
                f"request {self._request} was answered by frame {kind} for request {request}"
            )
        return block, text

    def _read_frame(self) -> tuple[int, int, memoryview, Any]:
        magic, version, kind, request, block_bytes, text_bytes = _HEADER.unpack(
            self._read(_HEADER.size)
        )
        if magic != _MAGIC or version != VERSION:
            raise ConnectionLost(
                f"{self.address} does not speak version {VERSION} of the environment protocol"
            )
        body = self._read(block_bytes + text_bytes)
        text = json.loads(bytes(body[block_bytes:])) if text_bytes else None
        return kind, request, body[:block_bytes], text

    def _read(self, count: int) -> memoryview:
        if self._socket is None:
            raise ConnectionLost(f"the connection to {self.address} has ended")
        whole = memoryview(bytearray(count))
        rest = whole
        while rest:
            try:
                got = self._socket.recv_into(rest)
            except ConnectionError as error:
                raise ConnectionLost(f"the connection to {self.address} broke: {error}") from error
            if got == 0:
                raise ConnectionLost(
                    f"the server at {self.address} ended the connection; its output says why"
                )
            rest = rest[got:]
        return whole

    def _read_result(self, block: memoryview, text: Any) -> Result:
        welcome = self.welcome
        end = welcome.step.num_bytes
        num_records, rest = divmod(len(block) - end, welcome.tail.num_bytes)
        if num_records < 0 or rest != 0:
            self._drop()
            raise ConnectionLost(f"a result of {len(block)} bytes does not fit the welcome's layout")
        episodes = text["episodes"] if text else []
        return Result(block[:end], block[end:], num_records, episodes, welcome)

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _view_bytes(numbers: Any) -> memoryview:
    view = memoryview(numbers)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def _pad(block: Any) -> Any:
    """Blocks are multiples of 8 bytes."""
    missing = -len(block) % 8
    return bytes(block) + bytes(missing) if missing else block


def _connect(address: str, timeout: float | None) -> socket.socket:
    tcp = re.fullmatch(r"(?:tcp:)?(?:\[(.+)\]|([^:/]+)):(\d+)", address)
    try:
        if tcp is not None:
            connection = socket.create_connection((tcp[1] or tcp[2], int(tcp[3])), timeout)
            # A step is one small message: it must not wait for the acknowledgement of the last.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        connection.connect(address[5:] if address.startswith("unix:") else address)
        return connection
    except OSError as error:
        raise ConnectionLost(
            f"no environment server answers at {address} ({error}). "
            "Start one: npx zerogap episodes --env-server --task TASK"
        ) from error
