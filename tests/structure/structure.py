# SPDX-License-Identifier: MIT
"""Who calls whom, by the symbols of a build's objects."""

import collections
import os
import re
import subprocess

# A folder calls those before it, and those of its own line.
LAYERS = [
    ["core/model"],
    ["core/wire", "core/net"],
    ["core/dialect"],
    ["core/world"],
    ["core/account"],
    ["core/overlay"],
    ["core/job/store/sqlite"],
    ["core/job/store"],
    ["core/job"],
    ["core/job/plan"],
    ["core/settings", "core/sandbox"],
    ["bindings/lua"],
    ["bindings/engine"],
    ["bindings/host/system"],
    ["bindings/host/arguments"],
    ["bindings/host/output"],
    ["bindings/host/session", "bindings/host/repl"],
    ["bindings/host/command"],
    ["bindings/host"],
]
LEVELS = {
    folder: level for level, line in enumerate(LAYERS) for folder in line
}
OBJECT = re.compile(r"^(.*?)/?CMakeFiles/[^/]+\.dir/(.*)\.c\.o$")


def objects(build, source=None):
    """{"core/net/loop": the path of its object, …} of the libraries and the
    command; with the folder of the source, those of files that moved away are
    left out."""
    found = {}
    for part in ("core", "bindings"):
        for folder, _, names in os.walk(os.path.join(build, part)):
            for name in names:
                path = os.path.join(folder, name)
                match = OBJECT.match(os.path.relpath(path, build))
                # CMake writes ".." as "__": a copy of another folder's file.
                if not match or "__" in match[2] or match[2][0] == "/":
                    continue
                place = f"{match[1]}/{match[2]}"
                if source is None or any(
                    os.path.exists(os.path.join(top, place + ".c"))
                    for top in (source, build)
                ):
                    found[place] = path
    return found


def symbols(paths):
    """{name: (what it defines for others, what it needs of them)}"""
    names = {path: name for name, path in paths.items()}
    found = {name: (set(), set()) for name in paths}
    listing = subprocess.run(
        ["nm", "--print-file-name", *names],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in listing.splitlines():
        path, _, rest = line.partition(":")
        *_, kind, symbol = rest.split()
        defined, needed = found[names[path]]
        if kind == "U":
            needed.add(symbol)
        elif kind.isupper():
            defined.add(symbol)
    return found


def calls(paths):
    """{caller: {called: [symbol, …]}} between files."""
    found = symbols(paths)
    owner = {
        symbol: name
        for name, (defined, _) in found.items()
        for symbol in defined
    }
    graph = collections.defaultdict(lambda: collections.defaultdict(list))
    for name, (_, needed) in found.items():
        for symbol in sorted(needed):
            called = owner.get(symbol, name)
            if called != name:
                graph[name][called].append(symbol)
    return graph


def reaches(graph, start):
    """All files that a file calls, straight or through others."""
    seen, left = set(), [start]
    while left:
        for name in graph[left.pop()]:
            if name not in seen:
                seen.add(name)
                left.append(name)
    return seen


def circles(graph):
    """Sets of files that call each other, straight or through others."""
    reached = {name: reaches(graph, name) for name in list(graph)}
    found = set()
    for name, others in reached.items():
        if name in others:
            circle = {
                other for other in others if name in reached.get(other, ())
            }
            found.add(frozenset(circle))
    return found


def calls_up(graph):
    """(caller, called, symbols) where a folder calls one above or beside it."""
    for caller, called in graph.items():
        level = LEVELS.get(os.path.dirname(caller))
        for name, names in called.items():
            folder = os.path.dirname(name)
            if level is None or folder not in LEVELS:
                continue
            other = LEVELS[folder]
            beside = other == level and folder != os.path.dirname(caller)
            if other > level or beside:
                yield caller, name, names
