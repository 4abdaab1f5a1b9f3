"""Starts a server and sees to it that it ends."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from .protocol import ZerogapError

_READY = "listening on "
#: npx looks in the project around the working directory, and says nothing that helps where it finds nothing
_NPX_REMEDY = (
    "\nRun in a folder whose project has zerogap installed, "
    "or give command=['node', '…/zerogap/launch/bin.js']"
)


def find_command() -> list[str]:
    """How to run zerogap: from the folder that this package lies in, or else as npx finds it."""
    folder = Path(__file__).resolve().parent.parent
    if folder.parts[-3:] == ("sim", "clients", "python"):
        return ["node", str(folder.parents[2] / "launch" / "bin.js")]
    return ["npx", "--no-install", "zerogap"]


class ServerProcess:
    """A server of one's own. It ends with `close`, and also when this process ends, however that happens."""

    #: as a client needs it
    address: str

    def __init__(self, arguments: Sequence[str], command: Sequence[str] | None = None) -> None:
        """
        :param arguments: of `zerogap episodes --env-server`, such as ['--task', 'crazyflie-track']
        :param command: what runs zerogap; default: see `find_command`
        :raises ZerogapError: with the server's own words where it does not start
        """
        whole = [*(command or find_command()), "episodes", "--env-server", "--exit-with-stdin", *arguments]
        self._errors = tempfile.TemporaryFile()
        try:
            # The server ends when its standard input does: it dies with us.
            self._process = subprocess.Popen(
                whole, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            self._errors.close()
            raise ZerogapError(
                f"'{whole[0]}' cannot be run ({error}). Install Node and zerogap, or give command=[…]"
            ) from error
        try:
            self.address = self._wait_for_address(whole)
        except BaseException:
            self.close()
            raise

    def _wait_for_address(self, command: list[str]) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith(_READY):
                return text[len(_READY) :]
        code = self._process.wait()
        remedy = _NPX_REMEDY if command[0] == "npx" else ""
        raise ZerogapError(
            f"the server ended with code {code}: {self.read_errors()}\n"
            f"It was started with: {' '.join(command)}{remedy}"
        )

    def read_errors(self) -> str:
        """What the server has said on its standard error; the last 4000 bytes of it."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4000))
        return self._errors.read().decode(errors="replace").strip()

    def close(self) -> None:
        """Ends the server and waits until it has ended."""
        process = self._process
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if not self._errors.closed:
            self._errors.close()

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
