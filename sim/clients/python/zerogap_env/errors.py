"""Calls in the wrong order: gymnasium's own errors where it is installed."""

from __future__ import annotations

try:
    from gymnasium.error import AlreadyPendingCallError, NoAsyncCallError
except ImportError:

    class AlreadyPendingCallError(RuntimeError):  # type: ignore[no-redef]
        """Something was asked while a step was under way."""

        def __init__(self, message: str, name: str) -> None:
            super().__init__(message)
            #: of the call that is under way
            self.name = name

    class NoAsyncCallError(RuntimeError):  # type: ignore[no-redef]
        """A step was waited for that nobody had begun."""

        def __init__(self, message: str, name: str) -> None:
            super().__init__(message)
            self.name = name


__all__ = ["AlreadyPendingCallError", "NoAsyncCallError"]
