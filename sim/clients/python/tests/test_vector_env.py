"""The numpy environment, gymnasium's where it is installed, against a server of cartpoles (4 of them, short episodes)."""

from __future__ import annotations

import os
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from zerogap_env import AlreadyPendingCallError, NoAsyncCallError, RequestRefused, ZerogapVectorEnv
from zerogap_env.spaces import HAS_GYMNASIUM, AutoresetMode

ADDRESS = os.environ["ZEROGAP_ENV_ADDRESS"]
#: of a server of as many quadrotors
FLYING = os.environ["ZEROGAP_FLYING_ADDRESS"]
NUM_ENVS = 4


class VectorEnvTest(unittest.TestCase):
    def make(self, **more: object) -> ZerogapVectorEnv:
        env = ZerogapVectorEnv("cartpole-balance", NUM_ENVS, address=ADDRESS, **more)
        self.addCleanup(env.close)
        return env

    def fall(self, env: ZerogapVectorEnv) -> tuple:
        """Steps until an episode ends; returns that step and the one before."""
        push = np.ones(env.action_space.shape, np.float32)
        before = env.step(push)
        for _ in range(2000):
            now = env.step(push)
            if (now[2] | now[3]).any():
                return now, before
            before = now
        raise AssertionError("nothing fell over")

    def test_spaces(self) -> None:
        env = self.make()
        self.assertEqual(env.num_envs, NUM_ENVS)
        self.assertEqual(env.observation_space.shape, (NUM_ENVS, len(env.observation_names)))
        self.assertEqual(env.single_action_space.shape, (len(env.action_names),))
        self.assertEqual(env.metadata["autoreset_mode"], AutoresetMode.SAME_STEP)
        observation, info = env.reset(seed=3)
        self.assertTrue(env.observation_space.contains(observation))
        self.assertEqual(observation.dtype, np.float32)
        self.assertEqual(info["critic"].shape, (NUM_ENVS, len(env.critic_names)))
        self.assertEqual(info["context"].shape, (NUM_ENVS, len(env.context_names)))
        self.assertTrue(info["_critic"].all())

    def test_is_a_gymnasium_vector_env_where_that_is_installed(self) -> None:
        env = self.make()
        if HAS_GYMNASIUM:
            import gymnasium as gym

            self.assertIsInstance(env, gym.vector.VectorEnv)
            self.assertIsInstance(env.observation_space, gym.spaces.Box)
        env.action_space.seed(1)
        self.assertTrue(env.action_space.contains(env.action_space.sample()))

    def test_same_seed_same_bits(self) -> None:
        def run() -> bytes:
            env = self.make()
            out = [env.reset(seed=5)[0]]
            for k in range(30):
                action = np.full(env.action_space.shape, (k % 9 - 4) / 4, np.float32)
                out += env.step(action)[:4]
            return b"".join(array.tobytes() for array in out)

        self.assertEqual(run(), run())

    def test_the_step_that_ends_an_episode_starts_the_next(self) -> None:
        env = self.make()
        env.reset(seed=1)
        (observation, _, terminated, truncated, info), _ = self.fall(env)
        done = terminated | truncated
        self.assertEqual(terminated.dtype, np.bool_)
        np.testing.assert_array_equal(info["_final_obs"], done)
        row = int(np.flatnonzero(done)[0])
        self.assertEqual(info["final_obs"][row].shape, observation[row].shape)
        self.assertFalse(np.array_equal(info["final_obs"][row], observation[row]))
        final = info["final_info"]
        self.assertEqual(final["seed"][row], 1)
        self.assertGreater(final["episode"]["l"][row], 1)
        self.assertIn(final["end"][row], ("terminated", "truncated"))
        self.assertFalse(final["success"][row])
        np.testing.assert_array_equal(final["_context"], done)

    def test_reward_terms_add_up(self) -> None:
        env = self.make()
        env.reset(seed=1)
        _, reward, _, _, info = env.step(np.zeros(env.action_space.shape))
        self.assertEqual(info["reward_terms"].shape, (NUM_ENVS, len(env.reward_names)))
        np.testing.assert_allclose(info["reward_terms"].sum(axis=1), reward, rtol=1e-5)

    def test_what_was_returned_stays(self) -> None:
        env = self.make()
        kept, _ = env.reset(seed=1)
        copy = kept.copy()
        env.step(np.ones(env.action_space.shape, np.float32))
        np.testing.assert_array_equal(kept, copy)

    def test_what_was_returned_may_be_written_into(self) -> None:
        env, other = self.make(), self.make()
        for one in (env, other):
            one.reset(seed=1)
        (*_, spoilt), _ = self.fall(env)
        (*_, whole), _ = self.fall(other)

        def list_arrays(info: dict) -> list[tuple[str, np.ndarray]]:
            inner = [pair for value in info.values() if isinstance(value, dict) for pair in list_arrays(value)]
            return inner + [(k, v) for k, v in info.items() if isinstance(v, np.ndarray) and v.dtype != object]

        for name, array in list_arrays(spoilt):
            others = [(k, v, v.copy()) for k, v in list_arrays(spoilt) if v is not array]
            array[...] = 0
            for k, v, before in others:
                np.testing.assert_array_equal(v, before, f"{k} after a change of {name}")
        push = np.ones(env.action_space.shape, np.float32)
        for (name, array), (_, expected) in zip(
            list_arrays(env.step(push)[4]), list_arrays(other.step(push)[4])
        ):
            np.testing.assert_array_equal(array, expected, name)
        self.assertTrue(whole["_context"].all())

    def test_an_adversary_pushes(self) -> None:
        # Cartpoles stand on rails, where nothing pushes.
        env = ZerogapVectorEnv(
            "crazyflie-hover", NUM_ENVS, address=FLYING, randomization={"adversary": {"maxForceScale": 0.5}}
        )
        self.addCleanup(env.close)
        env.reset(seed=1)
        still = np.zeros(env.action_space.shape)
        push = np.zeros(env.adversary_space.shape)
        push[:, env.adversary_names.index("force.x")] = 0.5
        column = env.critic_names.index("adversaryForceB.x")
        # Over the weight: half of 0.5.
        np.testing.assert_array_equal(env.step(still, push)[4]["critic"][:, column], 0.25)
        np.testing.assert_array_equal(env.step(still)[4]["critic"][:, column], 0)
        with self.assertRaisesRegex(ValueError, "adversary must be"):
            env.step(still, push[:1])
        other = self.make()
        self.assertIsNone(other.adversary_space)
        other.reset(seed=1)
        with self.assertRaisesRegex(ValueError, "adversary.maxForceScale"):
            other.step(np.zeros(other.action_space.shape), push)

    def test_next_step(self) -> None:
        env = self.make(autoreset=AutoresetMode.NEXT_STEP)
        self.assertEqual(env.metadata["autoreset_mode"], AutoresetMode.NEXT_STEP)
        env.reset(seed=1)
        (_, _, terminated, truncated, info), _ = self.fall(env)
        row = int(np.flatnonzero(terminated | truncated)[0])
        self.assertNotIn("final_obs", info)
        self.assertIn("final_info", info)
        _, reward, terminated, truncated, _ = env.step(np.ones(env.action_space.shape, np.float32))
        self.assertEqual((reward[row], terminated[row], truncated[row]), (0, False, False))

    def test_disabled_and_reset_mask(self) -> None:
        env = self.make(autoreset="disabled")
        env.reset(seed=1)
        (last, _, terminated, truncated, _), _ = self.fall(env)
        done = terminated | truncated
        still, reward, *_ = env.step(np.ones(env.action_space.shape, np.float32))
        np.testing.assert_array_equal(still[done], last[done])
        self.assertEqual(reward[done].tolist(), [0] * int(done.sum()))
        fresh, _ = env.reset(options={"reset_mask": done})
        np.testing.assert_array_equal(fresh[~done], still[~done])
        self.assertFalse(np.array_equal(fresh[done], still[done]))

    def test_halves_of_a_step_come_in_pairs(self) -> None:
        env = self.make()
        env.reset(seed=1)
        with self.assertRaises(NoAsyncCallError):
            env.step_wait()
        push = np.zeros(env.action_space.shape, np.float32)
        env.step_async(push)
        for call in (lambda: env.step_async(push), env.reset, lambda: env.get_attr("difficulty")):
            with self.assertRaises(AlreadyPendingCallError):
                call()
        env.step_wait()
        with self.assertRaises(NoAsyncCallError):
            env.step_wait()
        # A step that was refused is over too.
        with self.assertRaises(RequestRefused):
            env.step(push * np.nan)
        env.step(push)

    def test_seeds_below_zero_are_refused(self) -> None:
        env = self.make()
        for seed in (-1, [1, 2, 3, -1]):
            with self.assertRaises(ValueError):
                env.reset(seed=seed)

    def test_resets_without_a_seed_go_on(self) -> None:
        env = self.make()
        first, _ = env.reset()
        self.assertIsNotNone(env.seed)
        second, _ = env.reset()
        self.assertFalse(np.array_equal(first, second))
        again = self.make()
        np.testing.assert_array_equal(again.reset(seed=env.seed)[0], first)
        np.testing.assert_array_equal(again.reset()[0], second)

    def test_mistakes(self) -> None:
        env = self.make()
        env.reset(seed=1)
        with self.assertRaisesRegex(ValueError, "actions must be"):
            env.step(np.zeros((NUM_ENVS + 1, len(env.action_names))))
        with self.assertRaisesRegex(RequestRefused, "not finite"):
            env.step(np.full(env.action_space.shape, np.nan))
        with self.assertRaisesRegex(ValueError, "reset_mask must be bool"):
            env.reset(options={"reset_mask": np.ones(NUM_ENVS)})
        with self.assertRaisesRegex(ValueError, "options are reset_mask, got mask"):
            env.reset(options={"mask": 1})
        with self.assertRaisesRegex(ValueError, "whole number"):
            env.reset(seed=2**60)
        with self.assertRaisesRegex(RequestRefused, "another task"):
            ZerogapVectorEnv("go2-stand", address=ADDRESS)
        with self.assertRaisesRegex(ValueError, "needs a task"):
            ZerogapVectorEnv()
        env.step(np.zeros(env.action_space.shape))


if __name__ == "__main__":
    unittest.main()
