"""Vector environments that a zerogap server simulates.

`ZerogapVectorEnv` needs numpy, and is a `gymnasium.vector.VectorEnv` where gymnasium is installed. `Client`,
what it is built on, needs nothing but Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import AlreadyPendingCallError, NoAsyncCallError
from .protocol import Client, ConnectionLost, RequestRefused, ZerogapError
from .server import ServerProcess

if TYPE_CHECKING:
    from .vector_env import ZerogapVectorEnv

__all__ = [
    "AlreadyPendingCallError",
    "Client",
    "ConnectionLost",
    "NoAsyncCallError",
    "RequestRefused",
    "ServerProcess",
    "ZerogapError",
    "ZerogapVectorEnv",
]


def __getattr__(name: str) -> Any:
    # Only whoever asks for it needs numpy.
    if name == "ZerogapVectorEnv":
        from .vector_env import ZerogapVectorEnv

        return ZerogapVectorEnv
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
