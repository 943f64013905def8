"""Texts that attackers put where a report shows them, and findings made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from searchhead.conf import App
from searchhead.findings import Finding, by_severity
from searchhead.hunted import Fields, Hunted
from searchhead.inputs import Stats
from searchhead.rawevents import Behind, RawEvent
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place

TEXTS = (
    "<script>window.hurt = 1</script>",
    "</script><script>window.hurt = 2</script>",
    "</noscript><img src=x onerror='window.hurt = 3'>",
    "</style><svg onload='window.hurt = 4'>",
    "\"><img src=x onerror='window.hurt = 5'>",
    "' onmouseover='window.hurt = 6' x='",
    "--><iframe srcdoc='<script>parent.hurt = 7</script>'></iframe><!--",
    "</pre></details></section></template><base href='https://evil.example/'>",
    "javascript:window.hurt=8",
    "https://evil.example/<b>x</b>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "&lt;script&gt;window.hurt = 9&lt;/script&gt; &amp;amp;",
    "]]><?xml x?><!DOCTYPE html><meta http-equiv=refresh content=0>",
    "= HYPERLINK(1) \\u0041 %3Cscript%3E",
    "שלום עולם (123) photo_gpj.exe",
)
"""Each is shown as it is, and does nothing."""

UNSEEN = {
    "photo\u202egpj.exe": "photo\\u202egpj.exe",
    "a\x00b\x1b]0;owned\x07": "a\\u0000b\\u001b]0;owned\\u0007",
    "pay\u200bpal\u2066x\u2069": "pay\\u200bpal\\u2066x\\u2069",
    "half \ud800 pair": "half \\ud800 pair",
    "one\u2028two\rthree": "one\\u2028two\\u000dthree",
}
"""Characters that are not seen, or act on what is: how each text is shown."""

FIELDS = Fields(events=("process",), groups=(("Process", ("process",)),))


def hunted(*rows: Mapping[str, object], **more: object) -> Hunted:
    """A hunt of one detection that gave these rows."""
    detection = SavedSearch(
        "A Detection",
        "x",
        "A Detection",
        "a_detection",
        ("T1553.005",),
        Place("default/savedsearches.conf", 1, "A Detection"),
    )
    findings = [Finding("a_detection", "A Detection", ("T1553.005", "T9<b>"), row) for row in rows]  # type: ignore[arg-type]  # any row
    given = {
        "app": App(Path("none")),
        "fields": FIELDS,
        "detections": [detection],
        "findings": by_severity(findings),
        "now": 1_772_600_000.0,
    }
    return Hunted(**{**given, **more})  # type: ignore[arg-type]  # as the dataclass has them


def hostile() -> Hunted:
    """A hunt in which every value is such a text: fields and their names, hosts, events, files and channels."""
    texts = [*TEXTS, *UNSEEN, "long " * 100_000]
    rows = [
        {
            "first_time": 1_772_600_000.5 + at,
            "last_time": 1_772_600_010.5 + at,
            "risk_score": 20 * (at % 6),
            **dict.fromkeys(("dest", "user", "why", "process", "count", text), text),
            "evidence": [text, "second"],
            "risk_points": [f"{text} 20", text],
        }
        for at, text in enumerate(texts)
    ]
    stats = Stats(files=1, channels=Counter(texts))
    for text in texts:
        stats.damage(text, text, text)
    behind = [
        Behind([RawEvent(1_772_600_000.0, text, f"<EventID>1</EventID>{text}"[:4000], len(text))]) for text in texts
    ]
    lines = {"inputs": texts, "searched": texts, "trouble": texts, "warnings": texts}
    return hunted(*rows, behind=behind, stats=stats, **lines)
