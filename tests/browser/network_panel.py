# SPDX-License-Identifier: MIT
"""The Network panel of Chromium's developer tools, used as a person uses it."""

import re

from chromium import BrowserError

TOOLS = "devtools://devtools/bundled/devtools_app.html?panel=network"
UNITS = {"μs": 0.001, "ms": 1, "s": 1000, "min": 60000}


def number(text):
    """(3339.0, "kB") of "3,339 kB"."""
    value, unit = text.split()
    return float(value.replace(",", "")), unit


def milliseconds(text):
    value, unit = number(text)
    return value * UNITS[unit]


def plain(text):
    return text.replace("\xa0", " ").strip()


class NetworkPanel:
    """Developer tools of their own, in a page. close() closes them."""

    def __init__(self, chromium):
        # So high that every row is shown at once.
        self.page = chromium.open(TOOLS, width=1500, height=1400)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.close()

    def load(self, path):
        """Imports a HAR file; BrowserError in the tools' words if they can't.
        Returns how many requests they say there are."""
        self.page.choose_file("input[type=file]", path)

        def outcome():
            text = plain(self.page.tree().text())
            pattern = r"^(\d+) requests$|Failed to load HAR.*"
            return re.search(pattern, text, re.M)

        found = self.page.wait_for(outcome, "the requests of a HAR file")
        if found[1] is None:
            raise BrowserError(found[0])
        return int(found[1])

    def rows(self):
        """The table: for each request what stands in which column; `icon` is
        what its picture says."""
        tree = self.page.tree()
        rows = []
        heads = [head.name for head in tree.all("columnheader")]
        heads = [head.split(" - ")[0] for head in heads]
        for row in tree.all("row"):
            cells = list(row.all("cell"))
            if not cells:
                continue
            shown = {
                head: plain(cell.name) for head, cell in zip(heads, cells)
            }
            shown["Name"] = plain(cells[0].text())
            shown["icon"] = shown_icon(cells[0])
            rows.append(shown)
        return rows

    def details(self, row, tab, wanted):
        """Opens a request, by the number of its row, and a tab of it, and waits
        until that has every wanted text. Returns all of its text."""
        table = [row for row in self.page.tree().all("row") if row.children]
        table = [row for row in table if any(row.all("cell"))]
        self.page.click(next(table[row].all("cell")))
        self.page.click(self.page.find("tab", tab))
        seen = ""

        def complete():
            nonlocal seen
            seen = plain(self.page.tree().text()).rpartition("\nTiming\n")[2]
            return all(text in seen for text in wanted) and seen

        try:
            return self.page.wait_for(complete)
        except BrowserError:
            missing = [text for text in wanted if text not in seen]
            raise BrowserError(f"{tab} lacks {missing}:\n{seen}") from None

    def timing(self, row):
        """How long each part of a request took, in milliseconds, as the tab
        tells it."""
        text = self.details(row, "Timing", ["Waiting for server response"])
        parts = re.findall(
            r"^([A-Z][\w /]+)\n\u200b\n([\d.,]+ \S+)$", text, re.M
        )
        return {name: milliseconds(time) for name, time in parts}


def shown_icon(cell):
    return ", ".join(image.name for image in cell.all("image"))
