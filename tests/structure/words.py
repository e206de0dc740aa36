# SPDX-License-Identifier: MIT
"""The words of the domain as they stand in C sources."""

import pathlib
import re

# A comment, a character, a text.
TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\])+'|\"((?:\\.|[^\"\\])*)\"", re.DOTALL
)


def texts(source):
    """(line, text) of every literal; those that stand side by side are one."""
    found, end = [], None
    for token in TOKEN.finditer(source):
        if token[1] is None:
            continue
        between = "" if end is None else source[end : token.start()]
        line = source.count("\n", 0, token.start()) + 1
        if end is not None and not TOKEN.sub("", between).strip():
            found[-1] = (found[-1][0], found[-1][1] + token[1])
        else:
            found.append((line, token[1]))
        end = token.end()
    return found


def table(path):
    """The words of a file that has nothing but includes beside them."""
    return {
        text
        for _, text in texts(path.read_text())
        if text and not text.endswith(".h")
    }


def literals(top, folders, words, but):
    """(file, line, word) wherever one is written as a literal; of headers and
    sources below the folders, but for the table itself."""
    for folder in folders:
        for path in sorted(pathlib.Path(top, folder).rglob("*.[ch]")):
            name = str(path.relative_to(top))
            if name == but:
                continue
            for line, text in texts(path.read_text()):
                if text in words:
                    yield name, line, text
