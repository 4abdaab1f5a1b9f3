"""What of gymnasium's spaces a vector environment needs: gymnasium's own, or as much where it is not installed."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np

try:
    from gymnasium.spaces import Box
    from gymnasium.vector import AutoresetMode, VectorEnv

    HAS_GYMNASIUM = True
except ImportError:
    HAS_GYMNASIUM = False

    class AutoresetMode(Enum):  # type: ignore[no-redef]
        """As gymnasium's: when an environment that is done starts its next episode."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"

    class Box:  # type: ignore[no-redef]
        """As gymnasium's: numbers between `low` and `high`, which may be infinite."""

        def __init__(self, low: np.ndarray, high: np.ndarray, dtype: Any = np.float32) -> None:
            self.low = np.asarray(low, dtype)
            self.high = np.asarray(high, dtype)
            self.shape = self.low.shape
            self.dtype = np.dtype(dtype)
            self._rng = np.random.default_rng()

        def seed(self, seed: int | None = None) -> None:
            self._rng = np.random.default_rng(seed)

        def sample(self) -> np.ndarray:
            """Uniform where both ends are there, normal where none is, else an exponential from the one."""
            low, high = self.low, self.high
            down, up = np.isfinite(low), np.isfinite(high)
            inner = self._rng.uniform(np.where(down, low, 0), np.where(up, high, 1))
            tail = self._rng.exponential(size=self.shape)
            out = np.where(down & up, inner, self._rng.normal(size=self.shape))
            out = np.where(down & ~up, low + tail, out)
            return np.where(up & ~down, high - tail, out).astype(self.dtype)

        def contains(self, x: Any) -> bool:
            return (
                isinstance(x, np.ndarray)
                and np.can_cast(x.dtype, self.dtype)
                and x.shape == self.shape
                and bool(np.all((x >= self.low) & (x <= self.high)))
            )

        def __contains__(self, x: Any) -> bool:
            return self.contains(x)

        def __repr__(self) -> str:
            return f"Box(shape={self.shape}, dtype={self.dtype})"

    class VectorEnv:  # type: ignore[no-redef]
        """As much of gymnasium's as the environment uses."""

        closed: bool = False

        def close(self, **kwargs: Any) -> None:
            if not self.closed:
                self.close_extras(**kwargs)
                self.closed = True

        def close_extras(self, **kwargs: Any) -> None:
            """What ends with the environment."""

        @property
        def unwrapped(self) -> VectorEnv:
            return self


def make_box(space: dict[str, Any], num_envs: int | None = None) -> Box:
    """A space of the protocol: of one environment, or of `num_envs`."""
    low = np.array([-np.inf if v is None else v for v in space["low"]], np.float32)
    high = np.array([np.inf if v is None else v for v in space["high"]], np.float32)
    if num_envs is not None:
        low, high = np.tile(low, (num_envs, 1)), np.tile(high, (num_envs, 1))
    return Box(low=low, high=high, dtype=np.float32)
