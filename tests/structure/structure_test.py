# SPDX-License-Identifier: MIT
"""Calls go down only: no two files call each other in a circle, and no folder
calls into one above it. What is left of either stands in `known`, and may only
become less. BUILD is the build's folder."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import structure

HERE = pathlib.Path(__file__).parent
SOURCE = HERE.parent.parent
BUILD = os.environ["BUILD"]


def known():
    """The files that may stand in a circle, and the pairs that call up."""
    files, pairs = set(), set()
    for line in (HERE / "known").read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if len(words) == 1:
            files.add(words[0])
        else:
            pairs.add((words[0], words[2]))
    return files, pairs


def circle_text(graph, circle):
    lines = []
    for caller in sorted(circle):
        for called in sorted(circle & graph[caller].keys()):
            names = ", ".join(graph[caller][called])
            lines.append(f"  {caller} -> {called}: {names}")
    return "\n".join(lines)


class StructureTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.graph = structure.calls(structure.objects(BUILD, SOURCE))
        cls.files, cls.pairs = known()

    def test_everything_was_looked_at(self):
        folders = {os.path.dirname(name) for name in self.graph}
        self.assertLessEqual(set(structure.LEVELS), folders)

    def test_no_two_files_call_each_other_in_a_circle(self):
        standing = set()
        for circle in structure.circles(self.graph):
            standing |= circle
            new = circle - self.files
            self.assertFalse(
                new,
                f"{sorted(new)} stand in a circle:\n"
                + circle_text(self.graph, circle),
            )
        self.assertFalse(
            self.files - standing, "these stand in none: take them out of known"
        )

    def test_no_folder_calls_up(self):
        found = set()
        for caller, called, names in structure.calls_up(self.graph):
            found.add((caller, called))
            self.assertIn(
                (caller, called), self.pairs, f"through {', '.join(names)}"
            )
        self.assertFalse(
            self.pairs - found, "these don't call up: take them out of known"
        )


class GuideTest(unittest.TestCase):
    """core/README.md, which shows the way through the house."""

    def test_it_names_files_that_exist(self):
        guide = (SOURCE / "core/README.md").read_text()
        names = re.findall(r"`([a-z_]+/[a-z_/]+\.(?:c|h|lua))`", guide)
        self.assertGreater(len(names), 20)
        tops = (SOURCE, SOURCE / "core", SOURCE / "core/include")
        self.assertEqual([], [
            name for name in names
            if not any((top / name).is_file() for top in tops)])

    def test_it_draws_every_folder(self):
        guide = (SOURCE / "core/README.md").read_text()
        folders = [folder for folder in structure.LEVELS
                   if not folder.startswith("bindings/host/")]
        self.assertEqual(
            [], [folder for folder in folders if folder not in guide])


class NamesTest(unittest.TestCase):
    """A second class or function of a name would hide the first one's tests."""

    def test_no_test_hides_another(self):
        for file in (SOURCE / "tests").rglob("*_test.py"):
            tree = ast.parse(file.read_text())
            scopes = [tree] + [node for node in tree.body
                               if isinstance(node, ast.ClassDef)]
            for scope in scopes:
                names = [node.name for node in scope.body if isinstance(
                    node, (ast.ClassDef, ast.FunctionDef))]
                twice = {name for name in names if names.count(name) > 1}
                self.assertFalse(twice, f"{file} has these twice")


class PlantedTest(unittest.TestCase):
    """That a circle and a call upwards are seen."""

    def build(self, **files):
        work = pathlib.Path(tempfile.mkdtemp(prefix="signet-structure-"))
        self.addCleanup(shutil.rmtree, work)
        for name, text in files.items():
            folder, _, stem = name.rpartition("_")
            place = work / folder.replace("_", "/") / "CMakeFiles/signet.dir"
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [os.environ.get("CC", "cc"), "-x", "c", "-c", "-"]
                + ["-o", place / f"{stem}.c.o"],
                input=text.encode(),
                check=True,
            )
        return structure.calls(structure.objects(work))

    def test_a_circle_of_three(self):
        graph = self.build(
            core_net_a="void b(void); void a(void) { b(); }",
            core_net_b="void c(void); void b(void) { c(); }",
            core_net_c="void a(void); void c(void) { a(); }",
            core_net_d="void a(void); void d(void) { a(); }",
        )
        names = {"core/net/a", "core/net/b", "core/net/c"}
        self.assertEqual(structure.circles(graph), {frozenset(names)})

    def test_calls_up_and_beside(self):
        graph = self.build(
            core_model_a="void b(void); void a(void) { b(); }",
            core_net_b="void c(void); void b(void) { c(); }",
            core_wire_c="void c(void) { }",
        )
        self.assertEqual(
            sorted(structure.calls_up(graph)),
            [
                ("core/model/a", "core/net/b", ["b"]),
                ("core/net/b", "core/wire/c", ["c"]),
            ],
        )


if __name__ == "__main__":
    unittest.main()
