# SPDX-License-Identifier: MIT
"""A real terminal for tests: a tmux server of the test's own.

One client in tmux's control mode stays with it. It gives commands without
starting a program for each, and hears when something new is on the screen.
"""

import os
import pathlib
import re
import select
import shlex
import signal
import subprocess
import tempfile
import time

from sandbox import FOLDER, PATIENCE


class Terminal:
    """A shell on a terminal of this size, for a test of a sandbox."""

    def __init__(self, case, columns=100, lines=40):
        self.case = case
        self.socket = os.path.join(tempfile.mkdtemp(dir=FOLDER), "tmux")
        # It begins as a shell does that knows nothing of its user.
        subprocess.run(
            [*self._tmux(), "new-session", "-d", "-x", str(columns),
             "-y", str(lines), "PS1='$ ' exec bash --norc --noprofile", ";",
             "set", "-g", "window-size", "manual"],
            cwd=case.home, check=True, timeout=PATIENCE,
            env={**case.environment, "TERM": "xterm-256color"})
        case.addCleanup(self.close)
        self.client = subprocess.Popen(
            [*self._tmux(), "-C", "attach"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=case.environment)
        self.unread = b""
        self._answer()  # of the attachment itself
        self.wait_for(r"^\$")

    def _tmux(self):
        return ["tmux", "-u", "-f", "/dev/null", "-S", self.socket]

    def _line(self, until):
        """What the client says next; None when it is too late for that."""
        while b"\n" not in self.unread:
            left = max(until - time.monotonic(), 0)
            if not select.select([self.client.stdout], [], [], left)[0]:
                return None
            more = os.read(self.client.stdout.fileno(), 65536)
            if not more:
                return None
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def _answer(self):
        """The lines of the next answer to a command."""
        until = time.monotonic() + PATIENCE
        lines = None
        while True:
            line = self._line(until)
            assert line is not None, "tmux doesn't answer"
            if line.startswith("%begin "):
                lines = []
            elif line.startswith("%error "):
                raise AssertionError(lines)
            elif line.startswith("%end "):
                return lines
            elif lines is not None:
                lines.append(line)

    def command(self, *words):
        self.client.stdin.write((shlex.join(words) + "\n").encode())
        self.client.stdin.flush()
        return self._answer()

    def wait_for_output(self, until):
        """Until the terminal was written to, or it is late."""
        while True:
            line = self._line(until)
            if line is None or line.startswith("%output "):
                break
        while b"\n" in self.unread:  # and what was written at once
            self._line(until)

    # --- as a person ---

    def type(self, text):
        self.command("send-keys", "-l", "--", text)

    def type_line(self, text):
        self.type(text)
        self.press("Enter")

    def press(self, *keys):
        """By tmux's names: Tab, C-c, Up."""
        self.command("send-keys", *keys)

    def screen(self, *options):
        """The lines to be seen, with "-e" in their colors."""
        return [line.rstrip(" ")
                for line in self.command("capture-pane", "-p", *options)]

    def wait_for(self, pattern):
        """Until a line matches."""
        self._wait(lambda lines: any(re.search(pattern, line)
                                     for line in lines), pattern)

    def clear(self, first=""):
        """What was asked before is not taken for what is asked next."""
        self.type_line(first + "clear")
        self._wait(lambda lines: sum(map(bool, lines)) <= 1, "clear")

    def _wait(self, condition, what):
        until = time.monotonic() + PATIENCE
        while not condition(lines := self.screen()):
            if time.monotonic() > until:
                raise AssertionError(f"{what} is not to be seen on\n"
                                     + "\n".join(lines))
            self.wait_for_output(min(until, time.monotonic() + 1))

    def shows(self, text):
        return text in "\n".join(self.screen())

    # --- what runs on it ---

    def program(self):
        """The name of what has the terminal."""
        return self.command("display-message", "-p",
                            "#{pane_current_command}")[0]

    def children(self, name):
        """The processes of this name that the shell has started."""
        shell = self.command("display-message", "-p", "#{pane_pid}")[0]
        below = pathlib.Path(f"/proc/{shell}/task/{shell}/children")
        return [int(child) for child in below.read_text().split()
                if pathlib.Path(f"/proc/{child}/comm").read_text().strip()
                == name]

    def close(self):
        """A signet that still runs is left as a person would, not killed."""
        try:
            if self.client.poll() is None:
                self._leave()
        finally:
            self.client.stdin.close()
            subprocess.run([*self._tmux(), "kill-server"], check=False,
                           timeout=PATIENCE, capture_output=True,
                           env=self.case.environment)
            self.client.send_signal(signal.SIGTERM)
            self.client.wait(timeout=PATIENCE)
            self.client.stdout.close()

    def _leave(self):
        for key in ("C-c", "C-d") * 10:
            if self.program() != "signet":
                break
            self.press(key)
            self.wait_for_output(time.monotonic() + 0.2)
