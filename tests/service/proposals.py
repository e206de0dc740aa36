# SPDX-License-Identifier: MIT
"""The commands that a message of signet proposes."""

import re
import shlex

PROPOSAL = re.compile(
    r"(?:^|[ `:(])(signet (?:run|plan|apply|resume|undo|show|jobs|doctor|"
    r"repl|help|report|list|get)\b[^`\n;,)]*)", re.MULTILINE)
SENTENCE = re.compile(
    r"  | (?:lists|carries|tells|goes|shows|takes|sends|to|for|when|and|or|"
    r"once|later|again|then|if|with a|as soon|is|does|has|makes|needs)\b")
PLACEHOLDERS = {"JOB", "FILE", "SCRIPT", "COMMAND"}


def proposals(text):
    """As words; commands that are only named, without arguments, are none."""
    found = []
    for match in PROPOSAL.finditer(text):
        command = SENTENCE.split(match[1].strip().rstrip(".:"))[0]
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if len(words) > 2 and not PLACEHOLDERS & set(words) and \
                words not in found:
            found.append(words)
    return found
