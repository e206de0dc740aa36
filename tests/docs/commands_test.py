# SPDX-License-Identifier: MIT
"""Help, completion and the man page against the table of commands
(bindings/host/command/commands.c): each has every row with the row's options,
and no more. TABLE prints the table, SIGNET is the executable."""

import os
import pathlib
import re
import subprocess
import typing
import unittest

SOURCE = pathlib.Path(__file__).parent.parent.parent
SHELLS = ("bash", "zsh", "fish")
OPTION = re.compile(r"--[a-z0-9-]+")


class Row(typing.NamedTuple):
    name: str  # "": -e
    arguments: str
    options: set


def output(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout


def table():
    rows = []
    for line in output(os.environ["TABLE"]).splitlines():
        name, arguments, options = line.split("\t")
        rows.append(Row(name, arguments, set(options.split())))
    return rows


def differs(what, wanted, found):
    """A line for each that is missing, and for each that is too much."""
    return [f"{what} lacks {one}" for one in sorted(wanted - found)] + [
        f"{what} has {one}, which no row has"
        for one in sorted(found - wanted)]


def names(rows):
    return {row.name for row in rows if row.name}


def all_options(rows):
    return set().union(*(row.options for row in rows))


def shown(text):
    """The options that a help explains."""
    return {OPTION.search(line)[0] for line in text.splitlines()
            if re.match(r" +(-., )?--", line)}


def of_help(rows, whole, helps):
    """What is wrong with `signet help` and `signet help COMMAND`."""
    usage = whole[whole.index("\nUsage\n"):whole.index("\nOptions\n")]
    wrong = differs(
        "help", {f"signet {row.name} {row.arguments}".replace("  ", " ").strip()
                 for row in rows},
        {re.split(r"  +", line.strip())[0].strip()
         for line in usage.splitlines()[2:] if line})
    for row in rows:
        if row.name:
            text = helps.get(row.name, "")
            if not text.startswith(f"signet {row.name} [options]"):
                wrong.append(f"help lacks a page on {row.name}")
            wrong += differs(f"help {row.name}", row.options, shown(text))
    return wrong


def of_bash(rows, text):
    found = dict(re.findall(r"^    ([a-z]+)\) options='(.*)' ;;$", text,
                            re.MULTILINE))
    wrong = differs("bash", names(rows), set(found))
    for row in rows:
        wrong += differs(f"bash {row.name}", row.options,
                         set(OPTION.findall(found.get(row.name, "")))
                         ) if row.name in found else []
    return wrong


def of_zsh(rows, text):
    offered = set(re.findall(r"^    '([a-z]+):", text, re.MULTILINE))
    found = dict(re.findall(r"^    ([a-z]+)\) _arguments(.*?) ;;$", text,
                            re.MULTILINE | re.DOTALL))
    wrong = differs("zsh's list", names(rows), offered)
    wrong += differs("zsh", names(rows), set(found))
    for row in rows:
        if row.name in found:
            wrong += differs(
                f"zsh {row.name}", row.options,
                set(re.findall(r"'(--[a-z0-9-]+)\[", found[row.name])))
    return wrong


def of_fish(rows, text):
    offered = set(re.findall(r"__fish_use_subcommand -a ([a-z]+) ", text))
    wrong = differs("fish", names(rows), offered)
    options = {}
    for line in text.splitlines():
        option = re.search(r" -l ([a-z0-9-]+)", line)
        if option:
            after = re.search(r"__fish_seen_subcommand_from ([a-z ]+)'", line)
            options[f"--{option[1]}"] = after and set(after[1].split())
    wrong += differs("fish", all_options(rows), set(options))
    for option, after in options.items():
        if after is not None:  # else it is offered always
            wrong += differs(
                f"fish {option}",
                {row.name for row in rows if option in row.options}, after)
    return wrong


def of_man(rows, text):
    text = text.replace("\\-", "-")
    synopsis = text[text.index(".SH SYNOPSIS"):text.index(".SH DESCRIPTION")]
    commands = text[text.index(".SH COMMANDS"):text.index(".SH OPTIONS")]
    wrong = differs("the man page's synopsis", names(rows),
                    set(re.findall(r"\\fBsignet ([a-z]+)\\fR", synopsis)))
    headings = re.findall(r"^\.TP\n\.B ([a-z]+)$", commands, re.MULTILINE)
    wrong += differs("the man page", names(rows), set(headings) - {"sms"})
    explained = re.findall(r"^\.(?:B|BI|BR) .*--.*$", text, re.MULTILINE)
    return wrong + differs(
        "the man page", all_options(rows),
        {option for line in explained for option in OPTION.findall(line)})


class Texts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        signet = os.environ["SIGNET"]
        cls.rows = table()
        cls.whole = output(signet, "--help")
        cls.helps = {name: output(signet, "help", name)
                     for name in names(cls.rows)}
        cls.shells = {shell: output(signet, "completion", shell)
                      for shell in SHELLS}
        cls.man = (SOURCE / "bindings/host/signet.1").read_text()


class CommandsTest(Texts):
    maxDiff = None

    def test_the_table(self):
        self.assertLessEqual({"run", "jobs", "show", "help"},
                             names(self.rows))

    def test_help(self):
        self.assertEqual([], of_help(self.rows, self.whole, self.helps))

    def test_help_of_a_command_is_its_option_too(self):
        for name, text in self.helps.items():
            self.assertEqual(
                text, output(os.environ["SIGNET"], name, "--help"))

    def test_completion(self):
        for shell, judge in zip(SHELLS, (of_bash, of_zsh, of_fish)):
            with self.subTest(shell):
                self.assertEqual([], judge(self.rows, self.shells[shell]))

    def test_the_man_page(self):
        self.assertEqual([], of_man(self.rows, self.man))

    def test_the_man_page_has_every_exit_status(self):
        for status in (0, 1, 2, 3, 4, 5, 75, 130):
            self.assertRegex(self.man, rf"(?m)^\.B {status}$")


class PlantedTest(Texts):
    """That a row which is nowhere else is missed everywhere."""

    def lacks(self, wrong, *what):
        for one in what:
            self.assertTrue(any(one in line for line in wrong), (one, wrong))

    def planted(self):
        return self.rows + [Row("tidy", "JOB", {"--help", "--tidily"})]

    def test_help(self):
        self.lacks(of_help(self.planted(), self.whole, self.helps),
                   "help lacks signet tidy JOB", "lacks a page on tidy",
                   "help tidy lacks --tidily")

    def test_completion(self):
        for shell, judge in zip(SHELLS, (of_bash, of_zsh, of_fish)):
            self.lacks(judge(self.planted(), self.shells[shell]),
                       f"{shell} lacks tidy")
        self.lacks(of_fish(self.planted(), self.shells["fish"]),
                   "fish lacks --tidily")

    def test_the_man_page(self):
        self.lacks(of_man(self.planted(), self.man), "synopsis lacks tidy",
                   "the man page lacks tidy", "the man page lacks --tidily")

    def test_an_option_that_a_row_lost(self):
        rows = [row._replace(options=row.options - {"--check"})
                for row in self.rows]
        self.lacks(of_help(rows, self.whole, self.helps),
                   "help apply has --check")
        self.lacks(of_bash(rows, self.shells["bash"]), "bash apply has --check")
        self.lacks(of_zsh(rows, self.shells["zsh"]), "zsh apply has --check")
        self.lacks(of_fish(rows, self.shells["fish"]), "fish has --check")
        self.lacks(of_man(rows, self.man), "the man page has --check")


if __name__ == "__main__":
    unittest.main()
