"""What the way over the socket costs: python3 tests/bench.py [TASK [NUM_ENVS]]. Needs nothing but Python and Node."""

from __future__ import annotations

import array
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from zerogap_env import Client, ServerProcess

TASK = sys.argv[1] if len(sys.argv) > 1 else "crazyflie-track"
NUM_ENVS = int(sys.argv[2]) if len(sys.argv) > 2 else 64


def measure(call: Callable[[], object], count: int) -> list[float]:
    """[µs] how long each of `count` calls takes."""
    durations = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        durations.append(1e6 * (time.perf_counter() - start))
    return durations


with ServerProcess(["--task", TASK, "--num-envs", str(NUM_ENVS)]) as server, Client(server.address) as client:
    welcome = client.hello()
    action = welcome.env["spaces"]["action"]
    rng = random.Random(1)
    numbers = [
        array.array("f", [rng.uniform(low, high) for _ in range(NUM_ENVS) for low, high in zip(action["low"], action["high"])])
        for _ in range(50)
    ]
    client.reset(1)
    measure(lambda: client.step(numbers[0]), 300)
    pings = measure(client.ping, 2000)
    print(f"ping: {statistics.median(pings):.0f} µs, 99 %: {statistics.quantiles(pings, n=100)[98]:.0f} µs")
    rates = []
    for _ in range(7):
        turn = iter(numbers * 6)
        durations = measure(lambda: client.step(next(turn)), 300)
        rates.append(1e6 * NUM_ENVS * len(durations) / sum(durations))
    print(
        f"{TASK}, {NUM_ENVS} environments: {statistics.median(rates):.0f} steps/s "
        f"(best of 7: {max(rates):.0f}), {welcome.step.num_bytes} bytes per step"
    )
