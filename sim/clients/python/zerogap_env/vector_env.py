"""The environment that a trainer sees."""

from __future__ import annotations

import secrets
from typing import Any, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import AlreadyPendingCallError, NoAsyncCallError
from .protocol import Client, Layout, Result
from .server import ServerProcess
from .spaces import HAS_GYMNASIUM, AutoresetMode, VectorEnv, make_box

#: the protocol's names for gymnasium's modes
_MODES = {
    "same_step": AutoresetMode.SAME_STEP,
    "next_step": AutoresetMode.NEXT_STEP,
    "disabled": AutoresetMode.DISABLED,
}
_MODE_NAMES = {mode.value: name for name, mode in _MODES.items()}
_DTYPES = {"float32": np.float32, "float64": np.float64, "uint8": np.uint8}
#: exactly representable in the server's numbers
_MAX_SEED = 2**53 - 1

Info = dict[str, Any]
StepReturn = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Info]


class ZerogapVectorEnv(VectorEnv):  # type: ignore[misc]
    """N environments of a zerogap task, with the interface of gymnasium 1.x's `VectorEnv`.

    Starts a server of its own, or connects to one at `address`. Same seed and same actions: the same bits.

    Actions are what a policy's network says, before clip, scale and offset. Every array that is returned is the
    caller's own: no later step changes it.

    `info` holds, each as [num_envs, …] with its mask `_name` as gymnasium has it: `critic` (what is true, and what was
    drawn), `reward_terms` (weighted; a row adds up to the reward), `cost_terms`, `achieved_goal`, `desired_goal`,
    `context` (what the running episode has drawn); a task that has none of something has no such key. Columns are named
    by `critic_names`, `reward_names`, `cost_names`, `goal_names`, `context_names`. In the step that ends episodes there
    are also `final_obs` (autoreset 'same_step' only: elsewhere the observation is the last one) and `final_info`:
    the above at the end of the episode, `episode` with return `r` and length `l`, `success`, `end`, `reason`, `metrics`.
    """

    def __init__(
        self,
        task: str | None = None,
        num_envs: int | None = None,
        *,
        address: str | None = None,
        workers: int | None = None,
        autoreset: str | AutoresetMode | None = None,
        randomization: Mapping[str, Any] | None = None,
        difficulty: float | None = None,
        command: Sequence[str] | None = None,
        server_arguments: Sequence[str] = (),
        token: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """
        :param task: such as 'crazyflie-track'; with an address: must be what is served there
        :param num_envs: default: what the server was started with, 64 for one of our own
        :param address: of a running server; default: start one
        :param workers: threads of a server of our own; default: one per core and 64 environments, none for a single 64
        :param autoreset: 'same_step', 'next_step', 'disabled', or gymnasium's AutoresetMode; default: 'same_step'
        :param randomization: replaces the task's own as a whole, see sim/randomize/config.ts
        :param difficulty: of all episodes, 0 to 1, where the randomisation has schedules; default: its curriculum
        :param command: what runs zerogap, for a server of our own; default: see `find_command`
        :param server_arguments: more of `zerogap episodes --env-server`, such as ['--engine', 'mujoco']
        :param token: where the server wants one; default: the variable ZEROGAP_ENV_TOKEN
        :param timeout: [s] how long to wait for any reply; default: for ever
        :raises ZerogapError: where the server does not start or answer, or refuses what it was asked for
        """
        self._server: ServerProcess | None = None
        if address is None:
            if task is None:
                raise ValueError("ZerogapVectorEnv: needs a task, or the address of a server")
            arguments = ["--task", task, *server_arguments]
            if workers is not None:
                arguments += ["--workers", str(workers)]
            self._server = ServerProcess(arguments, command)
            address = self._server.address
        elif workers is not None or command is not None or server_arguments:
            raise ValueError("ZerogapVectorEnv: the server at `address` was started with options of its own")
        try:
            self._client = Client(address, token=token, timeout=timeout)
            env: dict[str, Any] = {
                "task": task,
                "numEnvs": None if num_envs is None else int(num_envs),
                "autoreset": _name_mode(autoreset),
                "randomization": randomization,
                "difficulty": difficulty,
            }
            welcome = self._client.hello(**{k: v for k, v in env.items() if v is not None})
        except BaseException:
            self.close_extras()
            raise
        self._describe(welcome.env)
        self._record = _make_record(welcome.tail)
        self._context = np.zeros((self.num_envs, len(self.context_names)))
        self._seed: int | None = None

    def _describe(self, env: Mapping[str, Any]) -> None:
        spaces = env["spaces"]
        self.task: str = env["task"]
        self.num_envs: int = env["numEnvs"]
        self.single_observation_space = make_box(spaces["observation"])
        self.single_action_space = make_box(spaces["action"])
        self.observation_space = make_box(spaces["observation"], self.num_envs)
        self.action_space = make_box(spaces["action"], self.num_envs)
        #: a force, then a torque in base_link, each as a share of its bound (what is longer than 1 counts as 1);
        #: None where the randomisation leaves an adversary no force
        self.adversary_space = make_box(spaces["adversary"], self.num_envs) if spaces["adversary"]["names"] else None
        self.adversary_names: list[str] = spaces["adversary"]["names"]
        #: [Hz] steps per second of simulated time
        self.rate_hz: float = env["rateHz"]
        #: steps after which an episode is truncated
        self.max_steps: int = env["maxSteps"]
        self.observation_names: list[str] = spaces["observation"]["names"]
        self.action_names: list[str] = spaces["action"]["names"]
        self.critic_names: list[str] = spaces["critic"]["names"]
        self.goal_names: list[str] = spaces["goal"]["names"]
        self.reward_names: list[str] = env["rewardNames"]
        self.cost_names: list[str] = env["costNames"]
        self.context_names: list[str] = env["contextNames"]
        self._is_same_step = env["autoreset"] == "same_step"
        self.metadata = {"autoreset_mode": _MODES[env["autoreset"]], "render_modes": []}

    @property
    def seed(self) -> int | None:
        """The seed of the run, also where nobody gave one; None where each environment has its own."""
        return self._seed

    def reset(
        self,
        *,
        seed: int | Sequence[int] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[np.float32], Info]:
        """Starts episodes.

        :param seed: starts episode 0 of every environment; one per environment: each as environment 0 of its own.
            Without: the next episode of each. The very first reset without one draws a seed (see `seed`)
        :param options: `reset_mask`, bool [num_envs]: only these start their next episode
        """
        self._assert_idle("reset")
        mask = self._read_options(options, seed)
        if seed is None:
            if self._seed is None and mask is None and not self._was_reset:
                seed = secrets.randbelow(2**32)
        elif not isinstance(seed, (int, np.integer)):
            seed = [_check_seed(one) for one in seed]
        if isinstance(seed, (int, np.integer)):
            seed = _check_seed(seed)
            if HAS_GYMNASIUM:
                super().reset(seed=seed)
        result = self._client.reset(seed, mask)
        self._was_reset = True
        if seed is not None:
            self._seed = seed if isinstance(seed, int) else None
        arrays = self._read_arrays(result)
        return arrays["observation"], self._make_info(arrays, self._read_records(result))

    _was_reset = False
    _is_stepping = False

    def _assert_idle(self, call: str) -> None:
        if self._is_stepping:
            raise AlreadyPendingCallError(f"{call}: a step is under way; call step_wait first", "step")

    def step(self, actions: Any, adversary: Any = None) -> StepReturn:
        """One control period of every environment.

        :param actions: [num_envs, num_actions], what numpy can make float32 of
        :param adversary: [num_envs, 6] what pushes against the policy, see `adversary_space`; default: nothing does
        :returns: observation, reward, terminated, truncated, info
        :raises RequestRefused: for an action that is not finite (nothing has moved: go on), or where the simulation
            broke off (reset with a seed)
        """
        self.step_async(actions, adversary)
        return self.step_wait()

    def step_async(self, actions: Any, adversary: Any = None) -> None:
        """The first half of `step`: while the server simulates, this process can compute.

        :raises AlreadyPendingCallError: before `step_wait` has fetched the step that is under way, as `reset` and the
            attributes do
        """
        array = _read_numbers("actions", actions, self.action_space)
        # Without a space the client says why there is none.
        if adversary is not None and self.adversary_space is not None:
            adversary = _read_numbers("adversary", adversary, self.adversary_space)
        self._assert_idle("step_async")
        self._client.send_step(array, adversary)
        self._is_stepping = True

    def step_wait(self) -> StepReturn:
        """The second half of `step`.

        :raises NoAsyncCallError: without a `step_async` before it
        """
        if not self._is_stepping:
            raise NoAsyncCallError("step_wait: there is no step to wait for; call step_async first", "step")
        # Whatever the answer is, there is no second one.
        self._is_stepping = False
        result = self._client.receive_step()
        arrays = self._read_arrays(result)
        records = self._read_records(result)
        info = self._make_info(arrays, records)
        if result.episodes:
            self._add_final(info, records, result.episodes)
        terminated = arrays["terminated"].view(np.bool_)
        truncated = arrays["truncated"].view(np.bool_)
        return arrays["observation"], arrays["reward"], terminated, truncated, info

    def get_attr(self, name: str) -> Any:
        """An attribute of the server's environments, see `attributes` of its welcome."""
        self._assert_idle("get_attr")
        return self._client.get(name)

    def set_attr(self, name: str, value: Any) -> None:
        """Sets an attribute of the server's environments."""
        self._assert_idle("set_attr")
        self._client.set(name, value)

    @property
    def client(self) -> Client:
        """The connection, for what this class does not do."""
        return self._client

    def close_extras(self, **_: Any) -> None:
        """Ends the connection, and the server where it is our own."""
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()
        if self._server is not None:
            self._server.close()

    def _read_options(self, options: dict[str, Any] | None, seed: Any) -> bytes | None:
        options = options or {}
        unknown = set(options) - {"reset_mask"}
        if unknown:
            raise ValueError(f"reset: options are reset_mask, got {', '.join(sorted(unknown))}")
        mask = options.get("reset_mask")
        if mask is None:
            return None
        mask = np.asarray(mask)
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_ or not mask.any():
            raise ValueError(
                f"reset: reset_mask must be bool [{self.num_envs}] with at least one True, "
                f"got {mask.dtype} {list(mask.shape)}"
            )
        if seed is not None:
            raise ValueError("reset: a seed starts all environments, a reset_mask some: give one of them")
        return mask.tobytes()

    def _read_arrays(self, result: Result) -> dict[str, NDArray[Any]]:
        return {
            place.name: np.frombuffer(
                result.step, _DTYPES[place.dtype], place.size, place.offset
            ).reshape(place.shape)
            for place in result.welcome.step.arrays
        }

    def _read_records(self, result: Result) -> NDArray[Any] | None:
        if result.num_records == 0:
            return None
        return np.frombuffer(result.tail, self._record, result.num_records)

    def _make_info(self, arrays: dict[str, NDArray[Any]], records: NDArray[Any] | None) -> Info:
        if records is not None:
            self._context[records["row"].astype(np.intp)] = records["context"]
        found = {
            "critic": arrays.get("critic"),
            "reward_terms": arrays.get("rewardTerms"),
            "cost_terms": arrays.get("costTerms"),
            "achieved_goal": arrays.get("achievedGoal"),
            "desired_goal": arrays.get("desiredGoal"),
            # A copy: whoever has an info may keep it and write into it.
            "context": self._context.copy(),
        }
        info: Info = {}
        for name, array in found.items():
            if array is not None:
                info[name], info[f"_{name}"] = array, np.ones(self.num_envs, np.bool_)
        return info

    def _add_final(self, info: Info, records: NDArray[Any], episodes: list[dict[str, Any]]) -> None:
        rows = [episode["env"] for episode in episodes]
        ended = np.zeros(self.num_envs, np.bool_)
        ended[rows] = True
        # In the order of the rows, as the episodes are.
        last = records[ended[records["row"].astype(np.intp)]]
        if self._is_same_step:
            final = np.full(self.num_envs, None, dtype=object)
            for k, row in enumerate(rows):
                final[row] = last["finalObservation"][k]
            info["final_obs"], info["_final_obs"] = final, ended.copy()
        columns = _Columns(self.num_envs, rows, ended)
        for name, source in _FINAL_ARRAYS.items():
            if source in last.dtype.names:
                columns.add(name, last[source])
        for name in ("seed", "success", "end", "reason"):
            columns.add(name, [episode[name] for episode in episodes])
        columns.add("episode_index", [episode["episode"] for episode in episodes])
        episode_columns = _Columns(self.num_envs, rows, ended)
        episode_columns.add("r", [float(e["return"]) for e in episodes])
        episode_columns.add("l", [int(e["steps"]) for e in episodes])
        columns.add_group("episode", episode_columns)
        metrics = _Columns(self.num_envs, rows, ended)
        # An episode that ended early may have nothing to measure.
        for name in dict.fromkeys(name for e in episodes for name in e["metrics"]):
            metrics.add(name, [_number(e["metrics"].get(name)) for e in episodes])
        columns.add_group("metrics", metrics)
        info["final_info"], info["_final_info"] = columns.values, ended


_FINAL_ARRAYS = {
    "critic": "finalCritic",
    "achieved_goal": "finalAchievedGoal",
    "desired_goal": "finalDesiredGoal",
    "context": "finalContext",
}


def _make_record(layout: Layout) -> np.dtype[Any]:
    """A record of the tail as numpy reads it."""
    return np.dtype(
        {
            "names": [place.name for place in layout.arrays],
            "formats": [(_DTYPES[place.dtype], place.shape) for place in layout.arrays],
            "offsets": [place.offset for place in layout.arrays],
            "itemsize": layout.num_bytes,
        }
    )


class _Columns:
    """Values of some environments as gymnasium's infos hold them: arrays over all, with masks."""

    def __init__(self, num_envs: int, rows: list[int], ended: NDArray[np.bool_]) -> None:
        self.values: Info = {}
        self._num_envs = num_envs
        self._rows = rows
        self._ended = ended

    def add(self, name: str, values: Any) -> None:
        kept: Any = list(values) if isinstance(values[0], str) else np.asarray(values)
        if isinstance(kept, list):
            array = np.full(self._num_envs, None, dtype=object)
        else:
            array = np.zeros((self._num_envs, *kept.shape[1:]), kept.dtype)
        array[self._rows] = kept
        self.values[name], self.values[f"_{name}"] = array, self._ended.copy()

    def add_group(self, name: str, group: _Columns) -> None:
        self.values[name], self.values[f"_{name}"] = group.values, self._ended.copy()


def _read_numbers(name: str, values: Any, space: Any) -> NDArray[np.float32]:
    array = np.ascontiguousarray(values, np.dtype("<f4"))
    if array.shape != space.shape:
        raise ValueError(f"{name} must be {space.shape}, got {array.shape}")
    return array


def _number(value: float | None) -> float:
    """JSON has no NaN: what is not a number comes as null."""
    return float("nan") if value is None else float(value)


def _name_mode(mode: str | AutoresetMode | None) -> str | None:
    name = mode.value if isinstance(mode, AutoresetMode) else mode
    return _MODE_NAMES.get(name, name) if name is not None else None


def _check_seed(seed: Any) -> int:
    if not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) <= _MAX_SEED:
        raise ValueError(f"seed must be a whole number from 0 to {_MAX_SEED}, got {seed!r}")
    return int(seed)
