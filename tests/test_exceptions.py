"""Exceptions: what a row hides and for how long, what is counted of it, what the review says of it, and the draft."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.savedsearches import SavedSearch, others
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import run
from searchhead.spl.values import Row, number, texts
from tests.apps import NOW, ROOT, STAND_INS, addons, copy_with_lookups, package_abuse

# 2026-03-03 is today; what ends today still counts.
TODAY, YESTERDAY = "2026-03-03", "2026-03-02"
DAY = 86400
DETECTION = "windows_msiexec_dll_execution"
ANY = dict.fromkeys(
    ("detection", "dest", "user", "package_family_name", "package_publisher_id", "process", "source"), "*"
)
ROW = {**ANY, "expires": "never", "owner": "soc", "reason": "CHG-1"}
COLUMNS = [*ROW]

# What a log may hold that could be taken for the text around it.
HOSTILE = 'C:\\a|b\\"c" | delete $dest$ `x` %41, \\'


def finding(**fields: str | float) -> Row:
    """A result row of a detection over processes, as it comes to its exceptions."""
    told: Row = {"first_time": NOW - 3000, "last_time": NOW - 2900, "count": 1, "dest": "ws-1.corp.example"}
    return {**told, "user": "jdoe", "process": "msiexec /y c:\\a.dll", "risk_score": 40, **fields}


class Site:
    """A Splunk with these exceptions; its KV store stays from run to run."""

    def __init__(self, folder: Path, rows: Sequence[Mapping[str, str]], **macros: str) -> None:
        self._scratch = folder / "scratch"
        self._scratch.mkdir()
        self.app = copy_with_lookups(folder / "app", {"package_exceptions_site": rows})
        if macros:
            local = self.app.path / "local"
            local.mkdir()
            texts_ = [f"[{name}]\ndefinition = {value}\n" for name, value in macros.items()]
            (local / "macros.conf").write_text("".join(texts_), encoding="utf-8")
            self.app = App(self.app.path)

    def search(self, spl: str, rows: Sequence[Row] = (), *, sid: str = "admin_1", end: float = NOW) -> list[Row]:
        """The rows of a search whose time range ends at ``end``."""
        head = SearchHead(
            self.app, addons(*STAND_INS), now=NOW, time_range=TimeRange(end - 5400, end), sid=sid, scratch=self._scratch
        )
        return run(head.compile(SavedSearch("test", spl, "test", "test", (), Place("test", 1, "test"))), rows)

    def scheduled(self, *findings: Row, detection: str = DETECTION, end: float = NOW) -> list[Row]:
        """What a scheduled run of a detection reports of these findings."""
        return self.search(
            f"search * | `package_exceptions({detection})`", findings, sid="scheduler__nobody_x", end=end
        )

    def excepted(self, *findings: Row) -> list[Row]:
        """What a drilldown shows of them."""
        return self.search(f"search * | `package_excepted({DETECTION})`", findings)

    def hits(self) -> list[dict[str, Any]]:
        """The records of hits without their keys, by exception and detection."""
        rows = self.search("| inputlookup package_exception_hits | sort 0 hit_exception, hit_detection")
        return [{name: plain(value) for name, value in row.items() if name != "_key"} for row in rows]

    def hit(self, exception: Mapping[str, str], **fields: Any) -> None:
        """Let a row of exceptions have hits."""
        head = SearchHead(self.app, addons(*STAND_INS), now=NOW, scratch=self._scratch)
        identity = "|".join(exception[name] for name in ANY)
        record = {"_key": f"{identity}|{fields}", "hit_exception": identity, "hit_detection": DETECTION, **fields}
        assert head.lookups.get("package_exception_hits").write([record], append=True) == []

    def review(self) -> list[dict[str, Any]]:
        """The rows of the review, without the columns of the table."""
        [saved] = [one for one in others(package_abuse()) if one.name == "Package Abuse - Package Exceptions - Review"]
        keep = ("status", "problems", "hits", "first_hit", "last_hit", "hosts", "hit_detections", "next_action")
        return [{name: plain(row.get(name)) for name in keep} for row in self.search(saved.search)]


def plain(value: Any) -> Any:
    """A value as a test writes it: a number for what is one, a list for several values."""
    found = number(value) if value is not None else None
    return found if found is not None else value


def problems(row: Mapping[str, Any]) -> list[str]:
    return texts(row["problems"])


# ---------------------------------------------------------------- what a row hides


@pytest.mark.parametrize(
    ("row", "hidden"),
    [
        ({}, True),
        ({"expires": TODAY}, True),
        ({"expires": YESTERDAY}, False),
        ({"expires": "NEVER"}, True),
        ({"expires": ""}, False),
        ({"expires": "31.12.2026"}, False),
        ({"expires": "2027-31-12"}, False),
        ({"expires": "9999-99-99"}, False),
        ({"detection": DETECTION.upper()}, True),
        ({"detection": "windows_msi*"}, True),
        ({"detection": "windows_msi_elevation_abuse"}, False),
        ({"dest": "WS-1.*"}, True),
        ({"dest": "ws-1"}, False),
        ({"dest": ""}, False),
        ({"user": "JDOE", "process": "MSIEXEC /y *"}, True),
        ({"user": "jdoe", "process": "rundll32*"}, False),
        ({"package_family_name": "-", "package_publisher_id": "-", "source": "-"}, True),
        ({"package_family_name": "Contoso.*"}, False),
    ],
    ids=str,
)
def test_a_row_hides_what_all_its_patterns_match_while_it_counts(
    row: dict[str, str], hidden: bool, tmp_path: Path
) -> None:
    site = Site(tmp_path, [{**ROW, **row}])
    kept = [] if hidden else [finding()]
    assert site.scheduled(finding()) == kept
    assert site.excepted(finding()) == kept
    assert [one["hits"] for one in site.hits()] == ([1] if hidden else [])


def test_a_finding_below_the_least_risk_is_neither_reported_nor_counted(tmp_path: Path) -> None:
    site = Site(tmp_path, [{**ROW, "dest": "ws-2*"}], package_minimum_risk="40")
    rows = [finding(risk_score=39), finding(risk_score=40), finding(dest="ws-2", risk_score=39)]
    assert site.scheduled(*rows) == [rows[1]]
    assert site.excepted(*rows) == [rows[1]]
    assert site.hits() == []


@pytest.mark.parametrize("least", ["high", "24h", "null()"])
def test_a_least_risk_that_is_no_number_hides_nothing(least: str, tmp_path: Path) -> None:
    site = Site(tmp_path, [], package_minimum_risk=least)
    assert site.scheduled(finding(risk_score=5)) == [finding(risk_score=5)]


# ---------------------------------------------------------------- what is counted


def test_hits_are_counted_once_a_run_and_row_of_exceptions(tmp_path: Path) -> None:
    narrow, wide = {**ROW, "dest": "ws-1*"}, {**ROW, "user": "j*", "expires": TODAY}
    site = Site(tmp_path, [narrow, wide, {**ROW, "expires": YESTERDAY}])
    rows = [
        finding(),
        finding(first_time=NOW - 2000, last_time=NOW - 1990),
        finding(dest="WS-2.corp.example", first_time=NOW - 2500),
        finding(dest="ws-3", user="-"),
    ]
    assert site.scheduled(*rows) == [rows[3]]
    first = {"hit_detection": DETECTION, "first_hit": NOW - 3000, "last_hit": NOW - 1990, "last_run": NOW}
    expected = [
        {**first, "hit_exception": "*|*|j*|*|*|*|*", "hits": 3, "hosts": 2, "host_list": "ws-1 ws-2"},
        {**first, "hit_exception": "*|ws-1*|*|*|*|*|*", "hits": 2, "hosts": 1, "host_list": "ws-1"},
    ]
    assert site.hits() == expected
    # The same run again, an earlier one, and what a person runs change nothing.
    site.scheduled(*rows)
    site.scheduled(*rows, end=NOW - 3600)
    site.search(f"search * | `package_exceptions({DETECTION})`", rows, end=NOW + 3600)
    site.search(f"search * | `package_excepted({DETECTION})`", rows, sid="scheduler__nobody_x", end=NOW + 3600)
    assert site.hits() == expected
    # The next run adds, and another detection has a record of its own.
    site.scheduled(finding(dest="ws-0", first_time=NOW, last_time=NOW + 60), end=NOW + 3600)
    site.scheduled(finding(), detection="windows_msi_elevation_abuse")
    wide_again = {"hits": 4, "hosts": 3, "host_list": "ws-1 ws-2 ws-0", "last_hit": NOW + 60, "last_run": NOW + 3600}
    other = {"hit_detection": "windows_msi_elevation_abuse", "hits": 1, "hosts": 1, "host_list": "ws-1"}
    other |= {"last_hit": NOW - 2900}
    assert site.hits() == [
        {**first, **expected[0], **other},
        {**expected[0], **wide_again},
        {**first, **expected[1], **other},
        expected[1],
    ]


def test_at_most_twenty_hosts_are_known_by_name(tmp_path: Path) -> None:
    site = Site(tmp_path, [ROW])
    site.scheduled(*(finding(dest=f"ws-{number:02d}.corp") for number in range(19)))
    site.scheduled(finding(dest="a b\tc"), finding(dest="ws-18"), finding(dest="x" * 5000), end=NOW + 3600)
    [hits] = site.hits()
    # The names are in the order in which they came; one has no blanks and at most 255 characters.
    assert (hits["hosts"], hits["host_list"].split(" ")) == (21, [*(f"ws-{n:02d}" for n in range(19)), "a_b_c"])
    site.scheduled(finding(dest="ws-01"), end=NOW + 7200)
    [hits] = site.hits()
    assert (hits["hits"], hits["hosts"], len(hits["host_list"].split(" "))) == (23, 21, 20)


def test_a_row_without_a_date_hides_nothing_beside_one_that_counts(tmp_path: Path) -> None:
    # The table's values come as lists beside each other, in which a missing date leaves no gap.
    site = Site(tmp_path, [{**ROW, "user": "jdoe", "expires": ""}, {**ROW, "dest": "ws-1*"}])
    assert site.scheduled(finding(), finding(dest="ws-2")) == [finding(dest="ws-2")]
    assert "*|ws-1*|*|*|*|*|*" in [one["hit_exception"] for one in site.hits()]


def test_hostile_values_match_themselves_and_nothing_else(tmp_path: Path) -> None:
    row = {**ROW, "dest": "a|b", "user": 'c"|\\', "process": HOSTILE, "source": "https://files.example/?a=%22|x"}
    hostile = finding(dest="a|b", user='c"|\\', process=HOSTILE, source="https://files.example/?a=%22|x")
    site = Site(tmp_path, [row])
    assert site.scheduled(hostile, finding()) == [finding()]
    [hit] = site.hits()
    assert hit["hit_exception"] == "|".join(row[name] for name in ANY)
    [reviewed] = site.review()
    assert (reviewed["hits"], reviewed["problems"]) == (1, None)


def test_old_hits_are_forgotten(tmp_path: Path) -> None:
    site = Site(tmp_path, [])
    site.hit({**ROW, "dest": "old"}, last_hit=NOW - 181 * DAY)
    site.hit({**ROW, "dest": "new"}, last_hit=NOW - 179 * DAY)
    [prune] = [one for one in others(package_abuse()) if one.name == "Package Abuse - Package Exceptions - Prune Hits"]
    site.search(prune.search)
    assert [one["hit_exception"] for one in site.hits()] == ["*|new|*|*|*|*|*"]


# ---------------------------------------------------------------- the review

REVIEW = [
    ({"dest": "ws-*"}, "live", [], "Nothing."),
    ({"dest": "d1", "expires": "2026-03-17"}, "live", ["expires_soon"], "Ask soc whether the row is still needed"),
    ({"dest": "d2", "expires": "2026-03-18"}, "live", [], "Nothing."),
    ({"dest": "d3", "expires": TODAY}, "live", ["expires_soon"], "Ask soc"),
    ({"dest": "d4", "expires": YESTERDAY}, "expired", ["expired"], "Remove the row, or write a later date"),
    ({"dest": "d5", "expires": ""}, "invalid", ["no_date"], "Write the last day"),
    ({"dest": "d6", "expires": "3.3.2027"}, "invalid", ["no_date"], "Write the last day"),
    ({"dest": "d7", "expires": "2027-02-30"}, "live", ["no_date"], "Write the last day"),  # as text it is not past
    ({"dest": "d15", "expires": "2027-31-12"}, "invalid", ["no_date"], "Write the last day"),
    ({"dest": "d8", "owner": "", "reason": "?"}, "live", ["no_owner", "no_reason"], "Write who answers"),
    ({"dest": "", "user": "  "}, "invalid", ["empty_dest", "empty_user"], "Write * into every empty cell (dest, user)"),
    (
        {"dest": "d12", "process": "?"},
        "invalid",
        ["unusable_process"],
        "Write what must be the same, or *, into process",
    ),
    ({"dest": " d13", "user": "x\t"}, "invalid", ["unusable_dest", "unusable_user"], "Write what must be the same"),
    ({"dest": "d14", "process": "cmd.exe ", "source": "https://a/?b"}, "live", [], "Nothing."),
    ({"detection": "windows_msi", "dest": "d9"}, "live", ["unknown_detection"], "Correct the name of the detection"),
    ({"detection": "WINDOWS_msi*ABUSE", "dest": "d10"}, "live", [], "Nothing."),
    ({"detection": "*msi*nobody*", "dest": "d11"}, "live", ["unknown_detection"], "Correct the name"),
    ({}, "live", ["matches_everything"], "Remove the row or narrow it at once"),
    ({"detection": "windows_msiexec_dll_execution"}, "live", ["whole_detection"], "Narrow the row, or disable"),
    ({"dest": "twice"}, "live", ["duplicate"], "Keep one of the 2 rows"),
    ({"dest": "TWICE", "owner": "other"}, "live", ["duplicate"], "Keep one of the 2 rows"),
]


def test_the_review_says_of_every_row_what_is_wrong_with_it(tmp_path: Path) -> None:
    site = Site(tmp_path, [{**ROW, **row} for row, *_ in REVIEW])
    found = site.review()
    assert [(row["status"], problems(row)) for row in found] == [(status, names) for _, status, names, _ in REVIEW]
    assert [row["next_action"][: len(begins)] for row, (*_, begins) in zip(found, REVIEW, strict=True)] == [
        begins for *_, begins in REVIEW
    ]
    assert all(row["hits"] == 0 and row["next_action"].endswith(".") for row in found)


def test_the_review_shows_every_column_of_the_table_in_its_order(tmp_path: Path) -> None:
    rows = [{**ROW, "dest": HOSTILE}, {**ROW, "user": "b"}, {**ROW, "user": "a"}]
    shown = Site(tmp_path, rows).search("| `package_exception_review`")
    assert [{name: row[name] for name in COLUMNS} for row in shown] == rows
    assert [row["exception_row"] for row in shown] == [1, 2, 3]


def test_the_review_tells_unused_and_too_wide_rows(tmp_path: Path) -> None:
    rows = {
        name: {**ROW, "dest": name}
        for name in ("never", "lately", "long ago", "hits", "hosts", "edge", "split", "expired")
    }
    rows["expired"]["expires"] = YESTERDAY
    site = Site(tmp_path, [*rows.values()])
    seen = {"first_hit": NOW - 100 * DAY, "last_hit": NOW - DAY, "hits": 1, "hosts": 1}
    site.hit(rows["lately"], **seen)
    site.hit(rows["long ago"], **{**seen, "last_hit": NOW - 61 * DAY})
    site.hit(rows["hits"], **{**seen, "hits": 60})
    site.hit(rows["hits"], **{**seen, "hits": 41})
    site.hit(rows["hosts"], **{**seen, "hosts": 21, "host_list": "a b"})
    site.hit(rows["edge"], **{**seen, "hits": 100, "hosts": 20})
    site.hit(rows["split"], **{**seen, "host_list": " ".join(f"a{n}" for n in range(11))})
    site.hit(rows["split"], **{**seen, "host_list": " ".join(f"b{n}" for n in range(10)), "last_hit": NOW})
    found = dict(zip(rows, site.review(), strict=True))
    assert {name: problems(row) for name, row in found.items()} == {
        "never": ["never_hit"],
        "lately": [],
        "long ago": ["not_hit_lately"],
        "hits": ["too_many_hits"],
        "hosts": ["too_many_hosts"],
        "edge": [],
        "split": ["too_many_hosts"],
        "expired": ["expired"],
    }
    assert found["hits"]["hits"] == 101
    assert found["hits"]["next_action"] == "Narrow the row: it has hidden 101 findings on at least 1 hosts."
    split = found["split"]
    assert (split["hosts"], split["first_hit"], split["last_hit"]) == (21, NOW - 100 * DAY, NOW)
    assert split["hit_detections"] == DETECTION
    assert "since 2025-11-23, when counting began" in found["never"]["next_action"]


def test_nothing_is_called_unused_before_hits_have_been_counted_for_as_long(tmp_path: Path) -> None:
    site = Site(tmp_path, [{**ROW, "dest": "never"}, {**ROW, "dest": "hit"}])
    assert [problems(row) for row in site.review()] == [[], []]
    site.hit({**ROW, "dest": "hit"}, first_hit=NOW - 59 * DAY, last_hit=NOW, hits=1, hosts=1)
    assert [problems(row) for row in site.review()] == [[], []]


def test_an_empty_table_has_no_problems(tmp_path: Path) -> None:
    assert Site(tmp_path, []).review() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", [["empty_" + name for name in ANY] + ["no_date", "no_owner", "no_reason"]]),
        ("detection,dest\n*,x\n", [["empty_" + name for name in [*ANY][2:]] + ["no_date", "no_owner", "no_reason"]]),
        (",".join(COLUMNS) + ",hits,status\n" + "*," * 7 + "never,a,b,9,x\n", [["matches_everything"]]),
        (",".join(COLUMNS) + "\n" + "(a+)+$[*.\\Q,x,*,*,*,*,*,never,a,b\n", [["unknown_detection"]]),
        (",".join(COLUMNS) + "\n" + "*a" * 400 + ",x,*,*,*,*,*,never,a,b\n", [["unknown_detection"]]),
    ],
    ids=["other columns", "too few columns", "too many columns", "a pattern", "many stars"],
)
def test_the_review_takes_any_table(text: str, expected: list[list[str]], tmp_path: Path) -> None:
    site = Site(tmp_path, [])
    (site.app.path / "lookups" / "package_exceptions_site.csv").write_text(text, encoding="utf-8")
    found = site.review()
    assert [problems(row) for row in found] == expected
    assert all(row["hits"] == 0 for row in found)


def test_without_the_list_of_detections_none_is_called_unknown(tmp_path: Path) -> None:
    site = Site(tmp_path, [{**ROW, "detection": "x", "dest": "d"}])
    [path] = (site.app.path / "lookups").glob("package_detections_*.csv")
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert [problems(row) for row in site.review()] == [[]]


def test_the_alert_of_the_review_is_for_rows_with_problems(tmp_path: Path) -> None:
    stanza = package_abuse().conf("savedsearches").stanzas["Package Abuse - Package Exceptions - Review"]
    site = Site(tmp_path, [{**ROW, "dest": "fine"}, {**ROW, "dest": "bad", "expires": YESTERDAY}])
    found = site.search(f"{stanza['search']} | {stanza['alert_condition']}")
    assert [row["dest"] for row in found] == ["bad"]


# ---------------------------------------------------------------- the draft


def draft(site: Site, **fields: str) -> list[Row]:
    return site.search("search * | `package_exception_draft`", [dict(fields)])


def test_a_draft_allows_the_finding_and_leaves_the_rest_to_a_person(tmp_path: Path) -> None:
    [row] = draft(Site(tmp_path, []), detection=DETECTION, dest="ws-1", user="-", process=HOSTILE, source="")
    expected = {**ANY, "detection": DETECTION, "dest": "ws-1", "process": HOSTILE}
    expected |= {"expires": "2026-06-01", "owner": "?", "reason": "?", "status": "draft"}  # 90 days later
    action = "Replace every ?, write * for what need not be the same, and enter the row into package_exceptions_site."
    assert row == {**expected, "next_action": action}
    (tmp_path / "second").mkdir()
    site = Site(tmp_path / "second", [{name: str(row[name]) for name in COLUMNS}])
    assert site.scheduled(finding(dest="ws-1", process=HOSTILE), finding()) == [finding()]
    assert problems(site.review()[0]) == ["no_owner", "no_reason"]


def test_a_draft_leaves_to_a_person_what_would_be_wider_than_the_finding(tmp_path: Path) -> None:
    # Who starts a process chooses its command line: taken as a pattern, this one would allow every msiexec.
    found = {"detection": DETECTION, "dest": "ws-1", "user": "*", "process": "*msiexec*", "source": "https://a/?b=*"}
    [row] = draft(Site(tmp_path, []), **found)
    assert [row[name] for name in ("dest", "user", "process", "source")] == ["ws-1", "?", "?", "?"]
    assert str(row["next_action"]).startswith("Write what must be the same into user, process, source:")
    (tmp_path / "second").mkdir()
    site = Site(tmp_path / "second", [{name: str(row[name]) for name in COLUMNS}])
    assert site.scheduled(finding(dest="ws-1")) == [finding(dest="ws-1")]
    assert "unusable_process" in problems(site.review()[0])


def test_a_draft_for_a_finding_that_names_nothing_allows_only_such_findings(tmp_path: Path) -> None:
    # An MSI of unknown source, or a package whose name cannot be read: with * the draft would allow all others as well.
    nothing = {"package_family_name": "-", "package_publisher_id": "-", "process": "-", "package_source_uri": "-"}
    [row] = draft(Site(tmp_path, []), detection=DETECTION, dest="ws-1", user="jdoe", source="-")
    assert str(row["next_action"]).startswith("Ask whether this is narrow enough")
    (tmp_path / "second").mkdir()
    site = Site(tmp_path / "second", [{name: str(row[name]) for name in COLUMNS}])
    others_ = [finding(dest="ws-1", **{**nothing, name: "x"}) for name in ("package_family_name", "package_source_uri")]
    assert site.scheduled(finding(dest="ws-1", **nothing), *others_) == others_


@pytest.mark.parametrize(
    "name",
    [
        DETECTION,
        "Package Abuse - Windows Msiexec DLL Execution - Rule",
        "Package Abuse - Windows Msiexec DLL Execution",
    ],
)
def test_a_draft_takes_the_name_of_a_saved_search(name: str, tmp_path: Path) -> None:
    assert [row["detection"] for row in draft(Site(tmp_path, []), detection=name)] == [DETECTION]


def test_what_a_link_did_not_know_is_not_taken_for_a_value(tmp_path: Path) -> None:
    [row] = draft(Site(tmp_path, []), detection="$search_name$", dest="$dest$", user="jdoe", process="?")
    assert [row[name] for name in COLUMNS[:7]] == ["?", "*", "jdoe", "*", "*", "?", "*"]


def test_a_draft_lists_the_rows_that_match_already(tmp_path: Path) -> None:
    live, late = {**ROW, "dest": "WS-*"}, {**ROW, "user": "jdoe", "expires": YESTERDAY}
    rows = [live, late, {**ROW, "dest": "other"}]
    first, *rest = draft(Site(tmp_path, rows), detection=DETECTION, dest="ws-1", user="jdoe")
    assert first["next_action"] == "Enter nothing: a live row below allows this already."
    assert [{name: row[name] for name in COLUMNS} for row in rest] == [live, late]
    assert [row["status"] for row in rest] == ["live", "expired"]


# ---------------------------------------------------------------- the table as shipped


def test_the_shipped_table_has_the_columns_of_the_contract_and_no_rows() -> None:
    with (ROOT / "lookups" / "package_exceptions_site.csv.default").open(encoding="ascii", newline="") as file:
        assert list(csv.reader(file)) == [COLUMNS]


def test_a_runs_exceptions_do_not_touch_the_apps_own_file(tmp_path: Path) -> None:
    shipped = ROOT / "lookups" / "package_exceptions_site.csv.default"
    before = shipped.read_bytes()
    shutil.copy(shipped, tmp_path / "copy")
    Site(tmp_path, [ROW]).scheduled(finding())
    assert shipped.read_bytes() == before
