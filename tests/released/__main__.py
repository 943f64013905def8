"""``python -m tests.released``: what became of the released names; ``--write`` keeps those of this checkout.

Exit status 1 if a released name is gone that may not go yet.
"""

from __future__ import annotations

import sys

from tests.released import stanzas


def main(arguments: list[str]) -> int:
    """Say what is new and what is gone, or write the list at a release."""
    if arguments not in ([], ["--write"]):
        sys.stderr.write("usage: python -m tests.released [--write]\n")
        return 2
    now, tables, version = stanzas.names(), stanzas.tables(), stanzas.version()
    if arguments:
        stanzas.LIST.write_text(stanzas.written(stanzas.Release(version, now, tables)), encoding="utf-8")
        sys.stdout.write(f"{stanzas.LIST.name}: {version}: {stanzas.summary(now)}\n")
        return 0
    last = stanzas.released()
    for what in stanzas.added(last.names, now):
        sys.stdout.write(f"new     {what}\n")
    wrong = stanzas.faults(last.names, now, stanzas.deprecations(), last_release=last.version, current=version)
    wrong += [
        f"{name} was released with other rows: give it today's date" for name in stanzas.changed(last, tables, version)
    ]
    for fault in wrong:
        sys.stdout.write(f"WRONG   {fault}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
