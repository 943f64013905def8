"""docs/live-checks.md: what only a live Splunk can prove, from tests/live_checks.toml."""

from __future__ import annotations

from tests.live_checks import Point, Points, read

_INTRODUCTION = """\
The app is tested by its own embedded search head, which is an interpreter of ours. Each point below relies on how
Splunk, an add-on or an operating system behaves where no public document settles it, or where we could not run it.
Until somebody has run the check and seen the result, the README does not claim the point."""

_HOW = """\
One command runs every point that a machine can decide, {machine} of the {all}:

```
export SPLUNK_URL=https://splunk.example.com:8089 SPLUNK_TOKEN=…
.venv/bin/python -m tests.live_checks --index scratch
```

It says of each `passed`, `failed: expected …, got …`, `skipped: needs …` or `by hand`, counts them, and ends with
status 1 if one failed, 2 if the Splunk cannot be used. `--only 12 24` runs these alone, `--splunk-ca FILE` names the
authority of the certificate, `--hours 1` looks less far back for events (24 hours otherwise: some checks read a day of
process telemetry, so choose a quiet hour or a Splunk for tests), and `--by-hand` lists the steps of the other {hand}
points. The machine needs the set-up of the tests (`python3 tests/run` makes `.venv`); the
Splunk needs the app, and the token's user the rights to use it, to write its collections and, for `--index`, to send
events (`edit_tcp`).

What a check writes are records of its own in the collection `package_state`, kind and key of which begin with
`live check`; they are removed at its end, also when it fails. Records and rows of the site are only read. Events for
tests go only into the index that `--index` names, a few for each check, and stay there; without it these points are
skipped.

The same checks run in our tests against the embedded search head, behind a stand-in for Splunk's REST API, so that a
check which could never pass does not hide; that says nothing of Splunk."""


def page() -> str:
    """The text of docs/live-checks.md."""
    found = read()
    hand = sum(one.by_hand for one in found.points)
    counts = {"all": len(found.points), "hand": hand, "machine": len(found.points) - hand}
    parts = [
        "# What only a live Splunk can prove",
        "Generated from tests/live_checks.toml by `docs/generate.py`; do not edit.",
        _INTRODUCTION,
        _HOW.format(**counts),
    ]
    for area in dict.fromkeys(one.area for one in found.points):
        parts += [f"## {area}", *(_point(one, found) for one in found.points if one.area == area)]
    parts += [
        "## Open, and not relied on",
        "What our references could not settle either, and the app does not rely on:",
        "\n".join(f"- {point}: {reason}." for point, reason in found.aside),
    ]
    return "\n\n".join(parts) + "\n"


def _point(one: Point, found: Points) -> str:
    lines = [f"### {one.number}. {one.point}", "", f"Relied on by {one.where}."]
    needs = [found.needs[name].what for name in one.needs]
    if one.events:
        needs.append(
            "`--index`, to which it sends " + ("an event" if len(one.events) == 1 else f"{len(one.events)} events")
        )
    if needs:
        lines[-1] += f" Needs {'; '.join(needs)}."
    lines.append("")
    if one.by_hand:
        lines += [*(f"{number}. {step}" for number, step in enumerate(one.steps, start=1)), ""]
    else:
        before = [f"{prepare}\n" for prepare in one.prepares]
        lines += ["```", *before, f"{one.search} {one.passes}".strip(), "```", ""]
    lines.append(f"Expect: {one.expect}.{_decided(one)}")
    return "\n".join(lines)


def _decided(one: Point) -> str:
    if one.by_hand:
        return ""
    told = []
    if one.refused:
        told.append(f"It passes if the search is refused with a message that holds `{one.refused}`")
    if one.shows:
        told.append("It passes if the first row shows it")
    if one.passes:
        told.append("It passes if the search gives a row")
    if one.silent:
        told.append("no message may speak of it" if told else "It passes if no message speaks of it")
    return f" {', and '.join(told)}."
