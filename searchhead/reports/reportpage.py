"""What the page of a report shows: a hunt's findings by severity, host, technique and detection, as plain values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from searchhead.findings import SEVERITIES
from searchhead.hunted import Hunted
from searchhead.rawevents import MOST_FINDINGS
from searchhead.reports.reportfindings import Findings, Shown, exact_time, shown_time

# How many hosts, channels and files that are no logs the page names in one place.
_MOST_HOSTS, _MOST_CHANNELS, _MOST_SKIPPED = 20, 50, 50

# How many columns the chart has, and its size in its own units.
_BARS, _WIDTH, _HEIGHT = 72, 720, 100

# A technique's id is made into a link only if it is one.
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?", re.ASCII)


def context(hunted: Hunted) -> dict[str, Any]:
    """The values that the template names."""
    page = Findings(hunted)
    stats = hunted.stats
    channels = stats.channels.most_common() if stats else []
    timed = [one for one in page.findings if one.seconds]
    first, last = (
        min((one.seconds for one in timed), default=0.0),
        max((one.last_seconds for one in timed), default=0.0),
    )
    return {
        "label": hunted.app.label,
        "version": hunted.app.version,
        "written": shown_time(hunted.now),
        "covered": (shown_time(first), shown_time(last)) if timed else (),
        "asked": _asked(hunted),
        "findings": page.findings,
        "hosts": page.hosts,
        "hosts_by_name": sorted(page.hosts, key=lambda host: host.name.lower()),
        "more_than_shown": MOST_FINDINGS if len(hunted.behind) == MOST_FINDINGS < len(page.findings) else 0,
        "has_events": any(host.events for host in page.hosts),
        "bands": [
            {"severity": severity, "findings": [one for one in page.findings if one.severity == severity]}
            for severity in reversed(SEVERITIES)
        ],
        "chart": _chart(page.findings),
        "techniques": list(_found_techniques(page)),
        "detections": list(_detections(hunted)),
        "below": hunted.below,
        "min_risk": hunted.min_risk,
        "inputs": hunted.inputs,
        "splunk": hunted.splunk,
        "options": hunted.options,
        "exceptions": dict(hunted.options).get("Exceptions", ""),
        "stats": stats,
        "channels": channels[:_MOST_CHANNELS],
        "more_channels": len(channels) - _MOST_CHANNELS if len(channels) > _MOST_CHANNELS else 0,
        "trouble": hunted.trouble,
        "warnings": hunted.warnings,
        "searched": hunted.searched,
        "most_hosts": _MOST_HOSTS,
        "most_skipped": _MOST_SKIPPED,
    }


def _asked(hunted: Hunted) -> str:
    earliest, latest = hunted.time_range.earliest, hunted.time_range.latest
    if earliest is None and latest is None:
        return "of each saved search itself" if hunted.splunk else "all"
    begins = "the first event" if earliest is None else exact_time(earliest)
    return f"{begins} to {'the last event' if latest is None else exact_time(latest)}"


def _detections(hunted: Hunted) -> Iterator[dict[str, Any]]:
    counts = Counter(one.detection for one in hunted.findings)
    highest: dict[str, float] = {}
    for one in hunted.findings:
        highest.setdefault(one.detection, one.risk_score)  # the worst stand first
    for number, saved in enumerate(hunted.detections, 1):
        risk = f"{highest[saved.slug]:g}" if saved.slug in highest else "-"
        yield {
            "number": number,
            "title": saved.title,
            "findings": counts[saved.slug],
            "highest": risk,
            "techniques": saved.mitre_attack,
        }


def _found_techniques(page: Findings) -> Iterator[dict[str, Any]]:
    counts: Counter[str] = Counter()
    titles: dict[str, dict[str, None]] = {}
    for one in page.hunted.findings:
        for technique in dict.fromkeys(one.mitre_attack):
            counts[technique] += 1
            titles.setdefault(technique, {})[one.title] = None
    for technique in sorted(counts):
        name, tactics = page.names.get(technique, ("", ""))
        path = technique.replace(".", "/")
        yield {
            "id": technique,
            "name": name,
            "tactics": tactics.split(),
            "findings": counts[technique],
            "detections": sorted(titles[technique]),
            "address": f"https://attack.mitre.org/techniques/{path}/" if _TECHNIQUE.fullmatch(technique) else "",
        }


def _chart(findings: Sequence[Shown]) -> dict[str, Any] | None:
    """Columns of how many findings began when, the worst at the bottom; None where they began at one time."""
    begun = [(one.seconds, one.severity) for one in findings if one.seconds]
    start, end = min(begun, default=(0.0, ""))[0], max(begun, default=(0.0, ""))[0]
    if start == end:
        return None
    step = (end - start) / _BARS
    counts = Counter((min(_BARS - 1, int((seconds - start) / step)), severity) for seconds, severity in begun)
    highest = max(Counter({at: sum(counts[at, name] for name in SEVERITIES) for at, _ in counts}).values())
    bars = []
    for at in sorted({at for at, _ in counts}):
        y = float(_HEIGHT)
        time = shown_time(start + at * step)
        for severity in reversed(SEVERITIES):
            count = counts[at, severity]
            height = (_HEIGHT - 4) * count / highest
            y -= height
            if count:
                bar = {"severity": severity, "x": at * _WIDTH / _BARS + 1, "y": f"{y:.2f}", "height": f"{height:.2f}"}
                bars.append({**bar, "width": _WIDTH / _BARS - 2, "told": f"from {time}: {count} {severity}"})
    return {"bars": bars, "width": _WIDTH, "height": _HEIGHT}
