# SPDX-License-Identifier: MIT
"""A real browser for tests: Debian's chromium, without a display.

    with Chromium() as chromium:
        page = chromium.open("http://127.0.0.1:8080/")
        page.wait_for("document.title == 'Done'")
        page.click(page.find("button", "Next"))
        page.screenshot("page.png")

It is spoken to over a pipe in the DevTools Protocol
(https://chromedevtools.github.io/devtools-protocol/), so that it listens
nowhere and ends with the test, however that ends. What it writes stands in a
directory that is removed after it; names other than this machine's lead
nowhere.
"""

import base64
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PATIENCE = 60  # seconds until a browser that doesn't answer fails a test

FLAGS = [
    "--headless=new",
    "--no-sandbox",  # of a page against the machine: root can't have it
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-extensions",
    "--disable-dev-shm-usage",  # small in containers
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-default-apps",
    "--no-first-run",
    "--no-startup-window",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=en-US",
    "--password-store=basic",
    "--remote-debugging-pipe",
]


class BrowserError(Exception):
    """The browser is missing, doesn't answer, or can't do what it should."""


def find_chromium():
    """Where it is; BrowserError: nowhere."""
    executable = shutil.which("chromium")
    if executable is None:
        raise BrowserError(
            "there is no chromium: `scripts/dev setup test` installs it"
        )
    return executable


def run_tests():
    """A file's tests, or one sentence where there is no browser for them."""
    try:
        find_chromium()
    except BrowserError as error:
        sys.exit(str(error))
    unittest.main()


class Chromium:
    """One browser with an empty profile. close() ends it."""

    def __init__(self):
        executable = find_chromium()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="signet-web-"))
        self._buffer = b""
        self._number = 0
        self._start(executable)
        try:
            self.version = self.call("Browser.getVersion")["product"]
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, executable):
        reader, commands = os.pipe()
        answers, writer = os.pipe()
        home = str(self.directory)
        # Nothing of the caller's settings, nothing left in its home.
        environment = {
            "HOME": home,
            "TMPDIR": home,
            "XDG_RUNTIME_DIR": home,
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__, executable]
            + [home, str(reader), str(writer)],
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(reader, writer),
            start_new_session=True,
        )
        os.close(reader)
        os.close(writer)
        self._commands = commands
        self._answers = answers

    def close(self):
        """Ends the browser with all its processes, and removes its files."""
        for end in (self._commands, self._answers):
            os.close(end)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _log(self):
        try:
            text = (self.directory / "log").read_text("utf-8", "replace")
        except OSError:
            text = ""
        return "".join(f"\n  {line}" for line in text.splitlines()[-10:])

    def _receive(self, until):
        while b"\0" not in self._buffer:
            left = max(until - time.monotonic(), 0)
            if not select.select([self._answers], [], [], left)[0]:
                raise BrowserError(f"chromium doesn't answer{self._log()}")
            data = os.read(self._answers, 1 << 20)
            if not data:
                raise BrowserError(f"chromium has ended{self._log()}")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, /, **parameters):
        """One command of the protocol. Events are not kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        try:
            os.write(self._commands, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise BrowserError(f"chromium has ended{self._log()}") from None
        until = time.monotonic() + PATIENCE
        while True:
            answer = self._receive(until)
            if answer.get("id") != self._number:
                continue
            if "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            return answer["result"]

    def open(self, url, width=1280, height=900):
        """A new page, of that size in pixels. It may still be loading."""
        target = self.call("Target.createTarget", url="about:blank")
        session = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        page = Page(self, target["targetId"], session)
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        page.call("Page.navigate", url=url)
        return page


class Page:
    """One page, read as assistive technology reads it: what a page calls its
    parts changes less than what they are made of."""

    def __init__(self, chromium, target, session):
        self.chromium = chromium
        self.target = target
        self.session = session
        self.patience = PATIENCE

    def call(self, method, **parameters):
        """One command of the protocol to this page."""
        return self.chromium.call(method, self.session, **parameters)

    def close(self):
        self.chromium.call("Target.closeTarget", targetId=self.target)

    def evaluate(self, expression):
        """The value of an expression in JavaScript, awaited if need be."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            thrown = details.get("exception", {}).get("description")
            raise BrowserError(f"{expression}: {thrown or details['text']}")
        return answer["result"].get("value")

    def wait_for(self, what, name=None):
        """Asks, a function or an expression in JavaScript, until it is told
        something true, and returns that."""
        until = time.monotonic() + self.patience
        while True:
            asked = time.monotonic()
            value = what() if callable(what) else self.evaluate(what)
            if value:
                return value
            now = time.monotonic()
            if now > until:
                raise BrowserError(f"never came: {name or what}")
            # Most of the time is the browser's own, to get on with it.
            time.sleep(max(0.1, 3 * (now - asked)))

    def tree(self):
        """What the page shows now."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        root = next(node for node in nodes if "parentId" not in node)
        return Node(root, by_id)

    def find(self, role, name):
        """The first part of that role and name, once it is there."""
        return self.wait_for(
            lambda: next(self.tree().all(role, name), None), f"{role} {name!r}"
        )

    def click(self, node):
        """As the left button of a mouse does."""
        self.call("DOM.scrollIntoViewIfNeeded", backendNodeId=node.dom)
        quad = self.call("DOM.getContentQuads", backendNodeId=node.dom)
        corners = quad["quads"][0]
        place = {"x": sum(corners[::2]) / 4, "y": sum(corners[1::2]) / 4}
        for event in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=event,
                button="left",
                clickCount=1,
                **place,
            )

    def choose_file(self, selector, path):
        """Gives a file to an input of the page, shadow trees included."""
        self.call("DOM.enable")

        def search():
            self.call("DOM.getDocument")
            found = self.call(
                "DOM.performSearch",
                query=selector,
                includeUserAgentShadowDOM=True,
            )
            return found if found["resultCount"] else None

        found = self.wait_for(search, selector)
        node = self.call(
            "DOM.getSearchResults",
            searchId=found["searchId"],
            fromIndex=0,
            toIndex=1,
        )["nodeIds"][0]
        self.call(
            "DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(path)]
        )

    def screenshot(self, path):
        """What is seen now, as PNG."""
        answer = self.call("Page.captureScreenshot", format="png")
        pathlib.Path(path).write_bytes(base64.b64decode(answer["data"]))


class Node:
    """A part of what a page shows, with the parts that it consists of."""

    def __init__(self, node, by_id):
        self.role = node.get("role", {}).get("value", "")
        self.name = node.get("name", {}).get("value", "")
        self.shown = not node.get("ignored", False)
        self.dom = node.get("backendDOMNodeId")
        children = (by_id.get(name) for name in node.get("childIds", ()))
        self.children = [Node(child, by_id) for child in children if child]

    def all(self, role, name=None):
        """Every shown part of that role, and of that name if one is given."""
        if self.shown and self.role == role and name in (None, self.name):
            yield self
        for child in self.children:
            yield from child.all(role, name)

    def text(self):
        """All of its text, a piece a line."""
        return "\n".join(part.name for part in self.all("StaticText"))


# --- who cleans up ---


def end_all(*_):
    """Kills this process's children, and theirs, which become its own."""
    children = pathlib.Path("/proc/thread-self/children")
    while names := children.read_text().split():
        for name in names:
            os.kill(int(name), signal.SIGKILL)
        os.wait()


def wait_for(browser):
    """Until it has ended, or has been alone for too long."""
    parent = os.getppid()
    left = 10
    while left > 0:
        try:
            browser.wait(1)
            return
        except subprocess.TimeoutExpired:
            left -= os.getppid() != parent


def wait_for_all():
    """What the browser has started ends soon after it, or is ended."""
    signal.alarm(5)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def keep(executable, directory, reader, writer):
    """Runs the browser. It ends when its pipe does; then its files go. Whoever
    asked for it may be dead by then."""
    pr_set_child_subreaper = 36  # orphans become this process's children
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, end_all)
    os.dup2(int(reader), 3)
    os.dup2(int(writer), 4)
    for end in {int(reader), int(writer)} - {3, 4}:
        os.close(end)
    with open(f"{directory}/log", "wb") as log:
        browser = subprocess.Popen(
            [executable, *FLAGS, f"--user-data-dir={directory}/profile"],
            pass_fds=(3, 4),
            stdout=log,
            stderr=log,
        )
    os.close(3)
    os.close(4)
    wait_for(browser)
    wait_for_all()
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    keep(*sys.argv[1:])
