"""The stdlib core against a server of three counting environments; test/sim/clients/python.test.ts starts it.

The observation is (seed, episode, step), the reward the sum of the two actions less
that of the adversary's; environment k's episodes last 3 + k
steps, and the step that ends one starts the next.
"""

from __future__ import annotations

import array
import math
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from zerogap_env import Client, ConnectionLost, RequestRefused, ServerProcess, ZerogapError

ADDRESS = os.environ["ZEROGAP_ENV_ADDRESS"]
ZEROS = array.array("f", [0] * 6)


class CoreTest(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Client(ADDRESS)
        self.addCleanup(self.client.close)

    def play(self) -> None:
        self.client.hello()
        self.client.reset(7)

    def test_welcome_has_spaces_and_layouts(self) -> None:
        welcome = self.client.hello()
        self.assertEqual(welcome.env["spaces"]["observation"]["names"], ["seed", "episode", "step"])
        self.assertEqual(welcome.step.num_bytes, 64)
        self.assertEqual([a.name for a in welcome.tail.arrays], ["row", "context", "finalObservation"])

    def test_reset_and_step(self) -> None:
        self.client.hello()
        first = self.client.reset(7)
        self.assertEqual(first.arrays()["observation"].tolist(), [[7, 0, 0]] * 3)
        self.assertEqual([r["context"].tolist() for r in first.records()], [[1.0]] * 3)
        result = self.client.step(array.array("f", [1, 2, 3, 4, 0.5, -0.25]))
        self.assertEqual(result.records(), [])
        self.assertEqual(result.arrays()["reward"].tolist(), [3, 7, 0.25])
        self.client.step(ZEROS)
        end = self.client.step(ZEROS)
        self.assertEqual(end.arrays()["terminated"].tolist(), [1, 0, 0])
        (record,) = end.records()
        self.assertEqual(record["row"].tolist(), [0])
        self.assertEqual(record["context"].tolist(), [1.1])
        self.assertEqual(record["finalObservation"].tolist(), [7, 0, 3])
        self.assertEqual([(e["env"], e["steps"]) for e in end.episodes], [(0, 3)])
        # What an earlier step returned is still what it was.
        self.assertEqual(result.arrays()["observation"].tolist(), [[7, 0, 1]] * 3)

    def test_seeds_and_masks(self) -> None:
        self.client.hello()
        own = self.client.reset([1, 2, -3]).arrays()["observation"].tolist()
        self.assertEqual(own, [[1, 0, 0], [2, 0, 0], [-3, 0, 0]])
        some = self.client.reset(mask=[0, 1, 0]).arrays()["observation"].tolist()
        self.assertEqual(some, [[1, 0, 0], [2, 1, 0], [-3, 0, 0]])
        for mask in (b"\1", [0, 1], [0, 255, 0], bytes(4)):
            with self.assertRaisesRegex(ValueError, "mask must be 3 numbers"):
                self.client.reset(mask=mask)

    def test_halves_of_a_step(self) -> None:
        self.play()
        self.client.send_step(ZEROS)
        self.assertEqual(self.client.receive_step().arrays()["observation"].tolist(), [[7, 0, 1]] * 3)

    def test_an_adversary(self) -> None:
        self.client.hello(numEnvs=1, randomization={"adversary": {"maxForceScale": 0.1}})
        self.client.reset(7)
        act = array.array("f", [1, 2])
        pushed = self.client.step(act, array.array("f", [0.25, 0, 0, 0, 0, 0.5]))
        # 1 + 2, less 0.25 + 0.5
        self.assertEqual(pushed.arrays()["reward"].tolist(), [2.25])
        self.assertEqual(self.client.step(act).arrays()["reward"].tolist(), [3])

    def test_an_adversary_without_force(self) -> None:
        self.play()
        with self.assertRaisesRegex(ValueError, "adversary.maxForceScale"):
            self.client.step(ZEROS, array.array("f", [0] * 18))
        self.client.step(ZEROS)

    def test_attributes_and_ping(self) -> None:
        self.play()
        self.client.ping()
        self.assertEqual(self.client.get("episode"), [0, 0, 0])
        self.assertEqual(self.client.set("difficulty", 0.5), 0.5)
        with self.assertRaisesRegex(RequestRefused, "from 0 to 1"):
            self.client.set("difficulty", 2)

    def test_a_refused_action_leaves_everything_as_it_was(self) -> None:
        self.play()
        with self.assertRaisesRegex(RequestRefused, "action of environment 2, right") as refused:
            self.client.step(array.array("f", [0, 0, 0, 0, 0, math.nan]))
        self.assertEqual(refused.exception.code, "input")
        self.assertEqual(refused.exception.errors[0]["expected"], "finite numbers")
        with self.assertRaisesRegex(RequestRefused, r"\[3, 2\] float32, 24 bytes, got 16 bytes"):
            self.client.step(array.array("f", [0] * 4))
        self.assertEqual(self.client.step(ZEROS).arrays()["observation"].tolist(), [[7, 0, 1]] * 3)

    def test_an_unknown_wish_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(RequestRefused, "numEnvironments"):
            self.client.hello(numEnvironments=3)
        self.client.hello(numEnvs=2)
        self.assertEqual(len(self.client.reset(1).arrays()["observation"].tolist()), 2)

    def test_what_is_over_is_over(self) -> None:
        self.client.hello()
        self.client.close()
        with self.assertRaisesRegex(ConnectionLost, "has ended"):
            self.client.ping()
        self.client.close()

    def test_nobody_there(self) -> None:
        with self.assertRaisesRegex(ConnectionLost, "Start one: npx zerogap"):
            Client("unix:/nowhere/env.sock")
        with self.assertRaisesRegex(ConnectionLost, "no environment server answers"):
            Client("tcp:127.0.0.1:1")

    def test_a_server_that_does_not_start_says_why(self) -> None:
        script = "import sys; sys.exit('error: no such task')"
        with self.assertRaisesRegex(ZerogapError, "code 1: error: no such task"):
            ServerProcess([], [sys.executable, "-c", script])
        with self.assertRaisesRegex(ZerogapError, "Install Node"):
            ServerProcess([], ["/nowhere/zerogap"])

    def test_an_npx_that_does_not_find_zerogap_says_what_to_do(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            npx = Path(folder) / "npx"
            npx.write_text("#!/bin/sh\necho 'npm error code E404' >&2; exit 1\n")
            npx.chmod(0o755)
            with mock.patch.dict(os.environ, {"PATH": f"{folder}:{os.environ['PATH']}"}):
                with self.assertRaisesRegex(ZerogapError, r"E404[\s\S]*command=\['node', '…/zerogap/launch/bin.js'\]"):
                    ServerProcess([], ["npx", "--no-install", "zerogap"])

    def test_a_server_that_is_killed(self) -> None:
        """Half a frame, then nothing."""
        script = (
            "import socket; s = socket.create_server(('127.0.0.1', 0));"
            "print('listening on tcp:127.0.0.1:%d' % s.getsockname()[1], flush=True);"
            "c, _ = s.accept(); c.recv(10); c.sendall(b'ZG'); c.close()"
        )
        with ServerProcess([], [sys.executable, "-c", script]) as server:
            client = Client(server.address)
            with self.assertRaises(ConnectionLost):
                client.hello()
            with self.assertRaisesRegex(ConnectionLost, "has ended"):
                client.ping()


if __name__ == "__main__":
    unittest.main()
