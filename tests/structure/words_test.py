# SPDX-License-Identifier: MIT
"""The words of the domain are written once, in core/model/words.c: no other
file of core or bindings has one of them as a literal. It asks for the value,
or for the value's name."""

import pathlib
import shutil
import tempfile
import unittest

import words

SOURCE = pathlib.Path(__file__).parent.parent.parent
TABLE = "core/model/words.c"
FOLDERS = ("core", "bindings")

# Words of something else that are spelled alike.
OTHERS = {
    "core/model/error.c": {"pending", "rejected", "unknown"},  # of errors
    "core/model/rules.c": {"unknown"},  # of rules
    "core/dialect/signs.c": {"signs"},  # the dialect
    "core/include/signet/job.h": {"run"},  # an initialiser must be constant
    "core/job/plan/carry.c": {"interrupted"},  # an error's sentence
    "bindings/lua/runtime.c": {"interrupted"},  # the same
    "bindings/lua/task.c": {"running", "waiting", "done", "failed"},  # tasks
    "bindings/lua/task_calls.c": {"pending"},  # a function
    "bindings/lua/report.c": {"done"},  # a function
    "bindings/host/command/commands.c": {"run", "apply", "undo"},  # names
    "bindings/host/session/job.c": {"done", "drift", "interrupted"},  # JSON
    "core/job/next.c": {"parked", "undo"},  # how to go on
    "bindings/host/command/repl.c": {"interrupted"},  # a sentence
    "bindings/host/output/har_entry.c": {"request", "wait"},  # HAR's
    "bindings/examples/jobs.c": {"list", "run", "apply", "undo"},  # its own
}


class WordsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.words = words.table(SOURCE / TABLE)
        cls.found = list(words.literals(SOURCE, FOLDERS, cls.words, TABLE))

    def test_the_table_has_them(self):
        self.assertLessEqual(
            {"create", "sign", "signature", "templates", "intent", "drift",
             "parked", "partly undone", "undo", "needs_review", "approved"},
            self.words)

    def test_each_is_written_once(self):
        self.assertEqual([], [
            f'{name}:{line}: "{word}": use signet/words.h'
            for name, line, word in self.found
            if word not in OTHERS.get(name, ())])

    def test_what_is_spelled_alike_is_there(self):
        used = {(name, word) for name, _, word in self.found}
        self.assertEqual([], [
            (name, word) for name, those in OTHERS.items() for word in those
            if (name, word) not in used])


class PlantedTest(unittest.TestCase):
    """That a literal is seen, and nothing else."""

    def look(self, text):
        work = pathlib.Path(tempfile.mkdtemp(prefix="signet-words-"))
        self.addCleanup(shutil.rmtree, work)
        (work / "core").mkdir()
        (work / "core/a.c").write_text(text)
        return list(words.literals(work, ["core"], {"create", "done"}, TABLE))

    def test_a_comparison_and_a_table(self):
        self.assertEqual(
            [("core/a.c", 1, "create"), ("core/a.c", 2, "done")],
            self.look('bool a = strcmp(b, "create") == 0;\n'
                      'const char *const c[] = {"intend", "done"};\n'))

    def test_a_literal_in_pieces(self):
        self.assertEqual([("core/a.c", 1, "create")],
                         self.look('f("cre"\n  /* so */ "ate");'))

    def test_comments_sentences_and_characters(self):
        self.assertEqual([], self.look(
            '/* "create" */ // "done"\n'
            'f("it is done", "can\'t " "create", \'"\', "done\\n", \'"\');'))


if __name__ == "__main__":
    unittest.main()
