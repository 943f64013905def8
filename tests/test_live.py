"""Searches on a Splunk: the stand-in of tests/splunkd.py answers, over TLS, as Splunk's REST API does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchhead.head import TimeRange
from searchhead.inputs import Reader
from searchhead.live import LiveFailed, SearchFailed, Splunk
from searchhead.savedsearches import detections
from searchhead.spl.values import Row
from tests.apps import ROOT, package_abuse
from tests.splunkd import TOKEN, Certificates, Splunkd, make_certificates

NOW = 1_772_668_800.0  # 2026-03-05T00:00:00Z, after the logs of the demo
DEMO = ROOT / "tests" / "demo"
[DETECTION] = [
    one for one in detections(package_abuse()) if one.slug == "windows_developer_signed_msix_package_installation"
]
NAME = DETECTION.name
SEARCH = f"saved/searches/{NAME}"
ALWAYS = TimeRange(0.0, NOW)
ALL_TIME = ("--earliest", "0", "--latest", str(int(NOW)))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def events() -> list[Row]:
    return list(Reader().read([DEMO]))


@pytest.fixture
def splunkd(certificates: Certificates, events: list[Row]) -> Iterator[Splunkd]:
    """A Splunk with the app, whose index holds the logs of the demo."""
    with Splunkd(package_abuse(), certificates.server, events, now=NOW).running() as running:
        yield running


class Connected:
    """A Splunk object, and what it has warned of."""

    def __init__(self, splunkd: Splunkd, authority: Path, *, token: str = TOKEN, timeout: float = 20.0) -> None:
        self.warnings: list[str] = []
        self.splunk = Splunk(
            splunkd.url, token, "package_abuse", authority=authority, timeout=timeout, warn=self.warnings.append
        )


@pytest.fixture
def connected(splunkd: Splunkd, certificates: Certificates) -> Connected:
    return Connected(splunkd, certificates.authority)


def hunt(*arguments: str | Path, token: str | None = TOKEN) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "SPLUNK_TOKEN"}
    if token is not None:
        environment["SPLUNK_TOKEN"] = token
    command = [sys.executable, str(ROOT / "hunt"), *map(str, arguments)]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


def comparable(report: str) -> list[dict[str, object]]:
    """The findings of a JSON Lines report: a Splunk's rows are all text, and shown times have no fraction.

    Other times than the first and the last come from a Splunk as they are shown.
    """
    found = [json.loads(line) for line in report.splitlines()]
    for one in found:
        for field in ("first_time", "last_time"):
            one[field] = one[field][:19]
            one["row"][field] = int(float(one["row"][field]))
        for field in {"package_deployed_time", "package_egress_time"} & one["row"].keys():
            if "T" not in str(one["row"][field]):
                one["row"][field] = datetime.fromtimestamp(int(float(one["row"][field])), UTC).isoformat()
        one["row"] = {name: value if isinstance(value, list) else str(value) for name, value in one["row"].items()}
    return found


@pytest.mark.parametrize(("disabled", "chosen"), [(False, "*"), (True, "windows_*_publisher*")])
def test_a_hunt_on_a_splunk_reports_the_findings_of_the_same_logs_as_files(
    splunkd: Splunkd, certificates: Certificates, disabled: bool, chosen: str
) -> None:
    splunkd.disabled = disabled
    options = ("--format", "jsonl", "--detection", chosen, *ALL_TIME)
    live = hunt("--splunk", splunkd.url, "--splunk-ca", certificates.authority, *options)
    files = hunt(DEMO, *options)
    assert (live.returncode, files.returncode) == (0, 0), live.stderr
    assert comparable(live.stdout) == comparable(files.stdout)
    assert len(comparable(live.stdout)) >= 2
    assert f"searched: {splunkd.url}" in live.stderr
    assert TOKEN not in live.stdout + live.stderr
    assert splunkd.jobs == {}


def test_findings_on_a_splunk_can_set_the_status(splunkd: Splunkd, certificates: Certificates) -> None:
    options = ("--splunk", splunkd.url, "--splunk-ca", certificates.authority, "--detection", DETECTION.slug, *ALL_TIME)
    assert hunt(*options, "--fail-on-findings").returncode == 1
    assert hunt(*options, "--fail-on-findings", "--min-risk", "56").returncode == 0


@pytest.mark.parametrize(
    ("time_range", "sent"),
    [
        (TimeRange(1772442840.5, NOW), {"earliest_time": "1772442840.5", "latest_time": "1772668800"}),
        (TimeRange(earliest=60.0), {"earliest_time": "60", "latest_time": "now"}),
        (TimeRange(latest=60.0), {"earliest_time": "0", "latest_time": "60"}),
    ],
)
@pytest.mark.parametrize("disabled", [False, True])
def test_a_time_range_replaces_that_of_the_saved_search(
    splunkd: Splunkd, connected: Connected, disabled: bool, time_range: TimeRange, sent: dict[str, str]
) -> None:
    splunkd.disabled = disabled
    connected.splunk.run([DETECTION], time_range)
    prefix, path = ("", "search/v2/jobs/") if disabled else ("dispatch.", f"{SEARCH}/dispatch")
    [asked] = splunkd.asked("POST", path)
    assert {name: value for name, value in asked.items() if "est_time" in name} == {
        prefix + name: value for name, value in sent.items()
    }


def test_without_a_time_range_the_saved_search_has_its_own(splunkd: Splunkd, connected: Connected) -> None:
    connected.splunk.run([DETECTION], TimeRange())
    assert splunkd.asked("POST", f"{SEARCH}/dispatch") == [{"trigger_actions": "0", "force_dispatch": "1"}]
    splunkd.disabled = True
    connected.splunk.run([DETECTION], TimeRange())
    [asked] = splunkd.asked("POST", "search/v2/jobs/")
    assert asked["search"] == f"search {DETECTION.search}"
    assert (asked["earliest_time"], asked["latest_time"]) == ("-100m@m", "-10m@m")


def test_a_job_that_waits_and_runs_is_asked_again_until_it_is_done(splunkd: Splunkd, connected: Connected) -> None:
    splunkd.states = ["204", "QUEUED", "PARSING", "RUNNING", "FINALIZING"]
    [rows] = connected.splunk.run([DETECTION], ALWAYS)
    assert len(rows) == 3
    assert (connected.warnings, connected.splunk.failures) == ([], [])


@pytest.mark.parametrize(("page", "offsets"), [(2, ["0", "2"]), (1, ["0", "1", "2"]), (3, ["0"]), (50_000, ["0"])])
def test_all_pages_of_the_results_are_read(
    splunkd: Splunkd, connected: Connected, page: int, offsets: list[str]
) -> None:
    splunkd.page = page
    [rows] = connected.splunk.run([DETECTION], ALWAYS)
    assert sorted((row["package_name"], row["package_outcome"]) for row in rows) == [
        ("CiscoSystems.Webex", "installed"),
        ("Northwind.Viewer", "failed"),
        ("Northwind.Viewer", "installed"),
    ]
    asked = [found for _, path, found in splunkd.requests if path.endswith("/results")]
    assert [one["offset"] for one in asked] == offsets
    assert {(one["count"], one["output_mode"]) for one in asked} == {("0", "json")}


def test_rows_that_are_promised_and_not_given_are_told(splunkd: Splunkd, connected: Connected) -> None:
    splunkd.withheld = 1
    [rows] = connected.splunk.run([DETECTION], ALWAYS)
    assert len(rows) == 2
    assert connected.splunk.failures == [f"{NAME}: incomplete: {splunkd.url} gave 2 of 3 result rows"]


def test_values_come_back_as_text_multivalues_and_null(connected: Connected) -> None:
    spl = '| makeresults | eval a=1.5, b=mvappend("x","y"), c="", d=null(), e="grün" | fields - _time'
    assert connected.splunk.search(spl) == [{"a": "1.5", "b": ["x", "y"], "c": "", "e": "grün"}]


def test_an_event_is_sent_and_a_record_is_removed(splunkd: Splunkd, connected: Connected, tmp_path: Path) -> None:
    connected.splunk.send("a=1 grün", index="scratch", host="h", source="s", sourcetype="t")
    [*_, sent] = splunkd.events
    assert (sent["_raw"], sent["index"], sent["host"], sent["sourcetype"]) == ("a=1 grün", "scratch", "h", "t")
    splunkd.scratch = tmp_path
    records = [{"_key": "a/b c%41+ü"}, {"_key": "of the site"}]
    (tmp_path / "package_state.json").write_text(json.dumps(records), encoding="utf-8")
    for _ in range(2):  # the second time there is none
        connected.splunk.delete_record("package_state", "a/b c%41+ü")
    assert json.loads((tmp_path / "package_state.json").read_text(encoding="utf-8")) == records[1:]
    splunkd.answer = 403, "text/xml", b"<response><messages><msg>not allowed</msg></messages></response>"
    with pytest.raises(SearchFailed, match=r"the record of the site of package_state: .* HTTP 403: not allowed"):
        connected.splunk.delete_record("package_state", "of the site")
    with pytest.raises(SearchFailed, match=r"an event: .* HTTP 403"):
        connected.splunk.send("x", index="scratch")


def test_a_search_without_results_gives_none(connected: Connected) -> None:
    assert connected.splunk.search("index=nosuchindex") == []


def test_what_splunk_says_about_a_search_is_a_warning_or_makes_it_incomplete(
    splunkd: Splunkd, connected: Connected
) -> None:
    splunkd.messages = [("info", "the range was changed"), ("debug", "x"), ("warn", "slow"), ("error", "peer down")]
    [rows] = connected.splunk.run([DETECTION], ALWAYS)
    assert len(rows) == 3
    assert connected.warnings == [f"{NAME}: the range was changed", f"{NAME}: slow"]
    assert connected.splunk.failures == [f"{NAME}: perhaps incomplete: peer down"]


def test_a_job_that_was_stopped_there_is_perhaps_incomplete(splunkd: Splunkd, connected: Connected) -> None:
    splunkd.flags = {"isFinalized": "1"}
    connected.splunk.run([DETECTION], ALWAYS)
    assert connected.splunk.failures == [f"{NAME}: perhaps incomplete: the job was stopped there before its end"]


@pytest.mark.parametrize(
    ("states", "flags", "messages", "told"),
    [
        (["FAILED"], {"isFailed": "1"}, [("fatal", "no disk"), ("error", "no memory")], "no disk; no memory"),
        (["FAILED"], {}, [], "it ended without a message"),
        ([], {"isFailed": "1"}, [("error", "killed")], "killed"),
        (["DONE"], {"isZombie": "1"}, [], "it ended without a message"),
    ],
)
def test_a_job_that_fails_is_told_with_its_messages_and_removed(
    splunkd: Splunkd,
    connected: Connected,
    states: list[str],
    flags: dict[str, str],
    messages: list[tuple[str, str]],
    told: str,
) -> None:
    splunkd.states, splunkd.flags, splunkd.messages = states, flags, messages
    assert connected.splunk.run([DETECTION], ALWAYS) == [[]]
    assert connected.splunk.failures == [f"{NAME}: failed on {splunkd.url}: {told}"]
    assert splunkd.jobs == {}


def test_an_unknown_saved_search_is_told_and_the_others_run(splunkd: Splunkd, connected: Connected) -> None:
    unknown = replace(DETECTION, name="Package Abuse - No Such/Thing? - Rule")
    results = connected.splunk.run([unknown, DETECTION], ALWAYS)
    assert [len(rows) for rows in results] == [0, 3]
    [failure] = connected.splunk.failures
    assert failure.startswith(f"{unknown.name}: {splunkd.url} has no such saved search in the app package_abuse")
    assert splunkd.asked("GET", f"saved/searches/{unknown.name}") == [{}]


def test_a_search_that_differs_from_the_one_here_is_a_warning(splunkd: Splunkd, connected: Connected) -> None:
    splunkd.installed[NAME] = DETECTION.search.replace("\n", "  \n")
    connected.splunk.run([DETECTION], ALWAYS)
    assert connected.warnings == []
    splunkd.installed[NAME] = "index=* | stats count"
    [rows] = connected.splunk.run([DETECTION], ALWAYS)
    assert rows == [{"count": "116"}]
    assert connected.warnings == [f"{NAME}: the search that is installed there differs from the one here"]


def test_a_search_that_splunk_refuses_is_told_in_its_words(splunkd: Splunkd, connected: Connected) -> None:
    with pytest.raises(SearchFailed) as caught:
        connected.splunk.search("index=* | nosuchcommand <x>")
    assert str(caught.value).startswith(
        f"the search: {splunkd.url} answers HTTP 400: Error in the search: unknown command"
    )


def test_a_job_that_vanishes_is_told(splunkd: Splunkd, connected: Connected) -> None:
    splunkd.states = ["RUNNING"] * 50

    class Forgetful(dict[str, object]):
        def __setitem__(self, _sid: str, _job: object) -> None:
            pass

    splunkd.jobs = Forgetful()  # type: ignore[assignment]  # it keeps nothing, as if somebody removed the job at once
    assert connected.splunk.run([DETECTION], ALWAYS) == [[]]
    assert connected.splunk.failures == [f"{NAME}: {splunkd.url} answers HTTP 404: Unknown sid."]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so would the processes that a test starts there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(os.name == "nt", reason="skipped: Windows has no SIGINT for another process")
def test_a_hunt_that_is_interrupted_leaves_no_job_behind(splunkd: Splunkd, certificates: Certificates) -> None:
    splunkd.states = ["RUNNING"] * 1000
    command = [sys.executable, str(ROOT / "hunt"), "--splunk", splunkd.url, "--splunk-ca", str(certificates.authority)]
    with subprocess.Popen(command, env={**os.environ, "SPLUNK_TOKEN": TOKEN}, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 60
            while not splunkd.jobs and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(splunkd.jobs) == 1
            time.sleep(0.5)  # until it waits for the job
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()  # leaving the block waits for its end
    assert (process.returncode, told.strip()) == (1, b"Aborted!")
    assert splunkd.jobs == {}


def test_progress_counts_the_searches(connected: Connected) -> None:
    told: list[tuple[int, int | None]] = []
    connected.splunk.on_progress = lambda done, total: told.append((done, total))
    connected.splunk.run([DETECTION, DETECTION], ALWAYS)
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_wrong_token_is_refused_and_nothing_else_is_tried(splunkd: Splunkd, certificates: Certificates) -> None:
    done = hunt("--splunk", splunkd.url, "--splunk-ca", certificates.authority, token="not-the-token")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"hunt: {splunkd.url} refuses the token (HTTP 401)")
    assert "not-the-token" not in done.stderr
    assert len(splunkd.requests) == 1


def test_an_untrusted_certificate_gets_no_token(splunkd: Splunkd, certificates: Certificates) -> None:
    for options in ((), ("--splunk-ca", certificates.stranger)):
        done = hunt("--splunk", splunkd.url, *options)
        assert done.returncode == 2
        assert done.stderr.startswith(f"hunt: the certificate of {splunkd.url} is not trusted: ")
        assert "--splunk-ca" in done.stderr
    assert splunkd.requests == []


def test_a_certificate_for_another_host_gets_no_token(certificates: Certificates) -> None:
    with Splunkd(package_abuse(), certificates.misnamed).running() as misnamed:
        splunk = Connected(misnamed, certificates.authority).splunk
        with pytest.raises(LiveFailed, match=r"is not trusted: .*localhost") as caught:
            splunk.run([DETECTION], ALWAYS)
    assert not isinstance(caught.value, SearchFailed)
    assert misnamed.requests == []


def test_an_answer_that_does_not_come_is_not_waited_for(splunkd: Splunkd, certificates: Certificates) -> None:
    splunkd.delay = 3.0
    splunk = Connected(splunkd, certificates.authority, timeout=0.5).splunk
    started = time.monotonic()
    with pytest.raises(LiveFailed, match=r"gave no answer within 0\.5 seconds"):
        splunk.run([DETECTION], ALWAYS)
    assert time.monotonic() - started < 2.5


def test_nobody_who_listens_is_told() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    splunk = Splunk(f"https://localhost:{port}", TOKEN, "package_abuse")
    with pytest.raises(LiveFailed, match="cannot be reached: "):
        splunk.run([DETECTION], ALWAYS)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", b"<!doctype html><title>Login</title>"),  # the port of Splunk Web
        (303, "text/html", b""),  # a redirection, which is never followed
        (200, "application/json", b"{}"),
        (200, "text/xml", b""),
    ],
)
def test_something_that_is_not_the_rest_api_is_told(
    splunkd: Splunkd, connected: Connected, status: int, kind: str, body: bytes
) -> None:
    splunkd.answer = status, kind, body
    with pytest.raises(LiveFailed, match="does not answer as Splunk's REST API does"):
        connected.splunk.run([DETECTION], ALWAYS)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (403, b"<response><messages><msg>not allowed</msg></messages></response>", "HTTP 403: not allowed"),
        (503, b"<html>busy", "HTTP 503: Service Unavailable"),
    ],
)
def test_an_error_of_one_search_is_told(
    splunkd: Splunkd, connected: Connected, status: int, body: bytes, told: str
) -> None:
    splunkd.answer = status, "text/xml", body
    connected.splunk.run([DETECTION], ALWAYS)
    assert connected.splunk.failures == [f"{NAME}: {splunkd.url} answers {told}"]


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8089",  # the token would travel in the clear
        "localhost:8089",
        "https://",
        "https://localhost:port",
        "https://localhost:99999",
        "https://localhost:8089/services",
        "https://localhost:8089?app=x",
        "https://[::1",
    ],
)
def test_an_address_that_cannot_be_right_is_refused(address: str) -> None:
    with pytest.raises(LiveFailed) as caught:
        Splunk(address, TOKEN, "package_abuse")
    assert (
        str(caught.value) == f"{address!r} is no address of a Splunk: it must look like https://splunk.example.com:8089"
    )


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(LiveFailed) as caught:
        Splunk("https://admin:hunter2@localhost:8089", TOKEN, "package_abuse")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://splunk.example.com", "https://splunk.example.com:8089"),
        ("https://Splunk.example.com:443/", "https://splunk.example.com:443"),
        ("https://[::1]:8089", "https://[::1]:8089"),
    ],
)
def test_an_address_may_leave_out_what_is_usual(address: str, place: str) -> None:
    assert Splunk(address, TOKEN, "package_abuse").place == place


@pytest.mark.parametrize(
    ("token", "told"), [("", "no token"), (" \n", "no token"), ("a b", "no token has"), ("ä", "no")]
)
def test_a_token_that_cannot_be_right_is_refused_and_not_shown(token: str, told: str) -> None:
    with pytest.raises(LiveFailed, match=told) as caught:
        Splunk("https://localhost", token, "package_abuse")
    assert "a b" not in str(caught.value)


def test_an_authority_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name, told in (("missing.pem", "No such file"), ("empty.pem", "it holds no certificate")):
        with pytest.raises(LiveFailed, match=rf"--splunk-ca: .*{name} cannot be used: {told}"):
            Splunk("https://localhost", TOKEN, "package_abuse", authority=tmp_path / name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--splunk", "https://localhost", str(DEMO)], "one of the three"),
        (["--splunk", "https://localhost", "--demo"], "one of the three"),
        (["--splunk", "https://localhost", "--exceptions", "x.csv"], "--exceptions: with --splunk"),
        (["--demo", "--splunk-ca", "x.pem"], "--splunk-ca: this says whom to trust for --splunk"),
        (["--splunk", ""], "'' is no address of a Splunk"),
        (["--splunk", "https://localhost"], "put an authentication token of the Splunk into SPLUNK_TOKEN"),
        (["--splunk", "https://localhost", "--splunk-ca", "missing.pem"], "missing.pem cannot be used"),
    ],
)
def test_wrong_usage_is_one_message_and_status_2(arguments: list[str], message: str) -> None:
    done = hunt(*arguments, token=None if "SPLUNK_TOKEN" in message else TOKEN)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
