# SPDX-License-Identifier: MIT
"""The judge of the storms can say no: a job that looks at nothing again writes
over a colleague's edits, and one that does look leaves them alone."""

import os
import sys
import tempfile

import second

SLEEPY = "    signet.sleep(1.8)\n    return list\n"


class Slow(second.Storm):
    """A job that lists, sleeps and writes, while a colleague edits."""

    trusts = False

    def choose(self, seed):
        self.name = "content"
        self.planned = self.undoes = False
        self.killed_after = None
        self.fresh = "0"
        self.options = self._base_options()
        if self.trusts:
            self.options[self.options.index("--fresh") + 1] = "never"
        self.switches = {"colleague": {"every": 0.02, "edits": 20,
                                       "review": False}}
        self.phases = [(0.1, [])]
        self.arguments = {"seed": seed, "signs": 1, "templates": 6}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        with open(self.script, "r+", encoding="utf-8") as file:
            text = file.read().replace("    return list\n", SLEEPY)
            file.seek(0)
            file.write(text)


class Trusting(Slow):
    trusts = True


def blamed(kind, signet, known):
    with tempfile.TemporaryDirectory() as folder:
        return [what for what, _ in kind(signet, 1, folder, known).go()]


def main():
    signet = os.path.abspath(sys.argv[1])
    known = second.known_options(signet)
    planted = blamed(Trusting, signet, known)
    clean = blamed(Slow, signet, known)
    print("planted:", *planted[:3], sep="\n  ")
    print("clean:", *clean[:3], sep="\n  ")
    return 0 if any("I11" in what for what in planted) and not clean else 1


if __name__ == "__main__":
    sys.exit(main())
