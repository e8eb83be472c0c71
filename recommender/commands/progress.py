"""What commands say on stderr while they work: bars and seconds by stage."""

import sys
import time
from typing import Any

import click
from tqdm import tqdm


class Bars:
    """Progress on stderr: one bar a stage, shown after a second, none where stderr is no terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._stage = ""

    def show(self, stage: str, done: int, size: int) -> None:
        """Bring the bar of a stage to what is done."""
        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(total=size, desc=stage, delay=1, disable=None, file=sys.stderr, leave=False)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._stage = None, ""


class Clock:
    """Seconds by stage, said on stderr where asked to."""

    def __init__(self, *, tell: bool) -> None:
        self._tell = tell
        self._since = time.perf_counter()
        self._stage: str | None = None

    def enter(self, stage: str | None) -> None:
        """End the stage that runs, if it is another one, and begin the next."""
        if stage != self._stage:
            if self._stage is not None:
                self.lap(self._stage)
            self._stage = stage

    def lap(self, stage: str, note: str = "") -> None:
        """Say how long a stage took."""
        now = time.perf_counter()
        self.say(f"{stage:<10} {now - self._since:7.1f} s  {note}".rstrip())
        self._since = now

    def say(self, line: str) -> None:
        """Say something else."""
        if self._tell:
            click.echo(line, err=True)
