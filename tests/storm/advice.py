# SPDX-License-Identifier: MIT
"""I12: every command that a message proposes works when it is typed.

What a run said is typed as a person would: on a terminal, where questions are
answered with yes. None may be a mistake in usage, name a setting that is
missing, or go on for ever. Advice to go on that changed nothing is wrong if it
is given once more: who follows it would go round in circles. Only a command
that says what it waits for may propose itself.
"""

import json
import os
import pty
import re
import select
import subprocess
import time

from proposals import proposals

MOST = 24  # commands typed for one run
ROUNDS = 4  # of one command, each of which must get further
GOING_ON = ("run", "apply", "plan", "resume", "undo")
WAITS = (75, 130)
TIMES = re.compile(r'"[a-z_]*(?:_ms|_at|attempts|time)": ?[^,}]*')
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Typed:
    """A command that was typed on a terminal, to its end."""

    def __init__(self, words, environment, folder, patience):
        terminal, side = pty.openpty()
        with subprocess.Popen(
                words, cwd=folder, env={**environment, "TERM": "xterm"},
                stdin=side, stdout=subprocess.PIPE, stderr=side) as process:
            os.close(side)
            self.out, self.err = bytearray(), bytearray()
            self.ended = self._talk(process, terminal, patience)
            if not self.ended:
                process.kill()
            process.wait()
        os.close(terminal)
        self.status = process.returncode
        self.out = self.out.decode("utf-8", "replace")
        self.err = CONTROLS.sub("", self.err.decode("utf-8", "replace"))

    def _talk(self, process, terminal, patience):
        """Answers questions. Returns whether it ended by itself."""
        until = time.monotonic() + patience
        into = {process.stdout.fileno(): self.out, terminal: self.err}
        answered = 0
        while into and time.monotonic() < until:
            for file in select.select(list(into), [], [], 0.1)[0]:
                try:
                    data = os.read(file, 65536)
                except OSError:  # a terminal that nobody has open
                    data = b""
                if not data:
                    del into[file]
                    continue
                into[file] += data
            asked = self.err.count(b"[y/N]")
            if asked > answered:
                answered = asked
                os.write(terminal, b"y\n")
        return not into


class Advice:
    """Types what one run proposed, and what that proposes in turn."""

    def __init__(self, storm, state):
        self.storm = storm
        self.state = state  # tells what the account and the journal hold
        self.left = []
        self.times = {}
        self.idle = set()
        self.typed = 0

    def type_all(self, texts):
        for text in texts:
            self._hear(text, "the run")
        while self.left and self.typed < MOST:
            self._type(self.left.pop(0))
        return self.typed

    def _hear(self, text, of):
        for words in proposals(text):
            key = tuple(words)
            if key in self.idle:
                self._blame(f"{of} proposes '{' '.join(words)}', which has "
                            "changed nothing")
            elif key not in self.left and (
                    key not in self.times or key[1] in GOING_ON):
                self.left.append(key)

    def _type(self, words):
        command = " ".join(words)
        before = self.state()
        typed = Typed([self.storm.signet, *words[1:]], self.storm.environment,
                      self.storm.folder, self.storm.patience)
        self.typed += 1
        self.times[words] = self.times.get(words, 0) + 1
        self.storm.said += (f"$ {command} (typed)\n{typed.err[-900:]}"
                            f"(exit {typed.status})\n")
        if not typed.ended:
            self._blame(f"'{command}' did not end")
        elif typed.status in (2, 3) or typed.status < 0:
            self._blame(f"'{command}' ends with {typed.status}: "
                        f"{typed.err[-300:]}")
        waits = typed.status in WAITS or "can be decided at" in typed.err
        if words[1] in GOING_ON and words[1] != "plan" and not waits and \
                self.state() == before:
            self.idle.add(words)
        if self.times[words] > ROUNDS:
            self._blame(f"'{command}' was proposed {ROUNDS} times in a row")
        else:
            self._hear(typed.out + typed.err, f"'{command}'")

    def _blame(self, what):
        self.storm.require(False, what + " (I12)")


def told(events):
    """What stands in a journal, without the moments."""
    return TIMES.sub("", json.dumps(events, sort_keys=True))
