"""Attacks the agent: see Tests/attack.sh."""

import argparse
import importlib
import os
import sys
import time

from attacked_agent import Agent, Broken

FAMILIES = ["floods", "http2", "descriptors", "names", "pve", "state", "clocks", "stops", "description"]


class Attack:
    """The parameters of a family: the program, its time limit, and the table."""

    def __init__(self, family, options):
        self.family, self.short, self.binary, self.rows = family, options.short, options.binary, []

    def agent(self, **files):
        return Agent(self.binary, **files)

    def expect(self, name, done, measured, holds, bound):
        """A row of the table; raises if the bound is exceeded."""
        self.rows.append((f"{self.family}: {name}", done, measured, bound))
        if not holds:
            raise Broken(f"{name}: {measured}, wanted {bound}")


def show(rows):
    rows = [("attack", "done", "measured", "bound"), *rows]
    widths = [max(len(str(row[column])) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(str(text).ljust(width) for text, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description="attacks the agent and holds it to its bounds")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"some of {', '.join(FAMILIES)}; by default all")
    parser.add_argument("--short", action="store_true", help="some four minutes at most")
    release = ".build/release/pvescout"
    parser.add_argument("--binary", default=release if os.path.exists(release) else ".build/debug/pvescout")
    options = parser.parse_args()
    if unknown := set(options.families) - set(FAMILIES):
        parser.error(f"no such family: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    options.binary = os.path.abspath(options.binary)
    rows, broken, start = [], None, time.monotonic()
    for family in options.families or FAMILIES:
        attack, begun = Attack(family, options), time.monotonic()
        try:
            importlib.import_module(f"attack_{family}").run(attack)
        except Broken as problem:
            broken = f"{family}: {problem}"
        rows += attack.rows
        print(f"{family}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        if broken:
            break
    show(rows)
    print(f"{len(rows)} attacks in {time.monotonic() - start:.0f} s")
    if broken:
        print(f"BROKEN: {broken}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
