from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.search_command import VERSIONS, Cell, Record, SearchCommand, app_copy, encode, python_or_skip

FIELDS = [
    "package_action",
    "package_previous_full_name",
    "package_full_name",
    "package_name",
    "package_version",
    "package_architecture",
    "package_resource_id",
    "package_publisher_id",
    "package_family_name",
    "package_kind",
    "publisher_class",
    "publisher_name",
    "publisher_verified",
    "msixdecode_warning",
    "msixdecode_error",
]
NOTHING = dict.fromkeys(FIELDS, "")
SYNTAX = "msixdecode [expand=<bool>] [publisher=<field>] <field>"

WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
WEBEX_PUBLISHER = "CN=IMPERIOUS TECHNOLOGIES LIMITED, O=IMPERIOUS TECHNOLOGIES LIMITED, L=Ringwood, C=GB"
TERMINAL = "Microsoft.WindowsTerminal_1.23.12371.0_x64__8wekyb3d8bbwe"
NEWER_TERMINAL = "Microsoft.WindowsTerminal_1.24.1.0_x64__8wekyb3d8bbwe"
MICROSOFT = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"

TABLES = {
    "package_publishers_20240101.csv": "publisher_id,publisher_class,publisher_name\ncvpb331a1f8hw,store,Old table\n",
    "package_publishers_20250101.csv": (
        "publisher_id,publisher_class,publisher_name\n"
        "cvpb331a1f8hw,malicious,IMPERIOUS\n8wekyb3d8bbwe,microsoft,Microsoft Corporation\n"
        "fg3qp2cw01ypp,vendor,Hydraulic\n"
    ),
    "package_publishers_site.csv": "publisher_id,publisher_class,publisher_name\nfg3qp2cw01ypp,oem,Our own\n",
}

WEBEX_ROW = {
    **NOTHING,
    "package_full_name": WEBEX,
    "package_name": "CiscoSystems.Webex",
    "package_version": "2.10.1.26171",
    "package_architecture": "x64",
    "package_publisher_id": "cvpb331a1f8hw",
    "package_family_name": "CiscoSystems.Webex_cvpb331a1f8hw",
    "package_kind": "package",
    "publisher_class": "malicious",
    "publisher_name": "IMPERIOUS",
}
TERMINAL_ROW = {
    **NOTHING,
    "package_full_name": TERMINAL,
    "package_name": "Microsoft.WindowsTerminal",
    "package_version": "1.23.12371.0",
    "package_architecture": "x64",
    "package_publisher_id": "8wekyb3d8bbwe",
    "package_family_name": "Microsoft.WindowsTerminal_8wekyb3d8bbwe",
    "package_kind": "package",
    "publisher_class": "microsoft",
    "publisher_name": "Microsoft Corporation",
}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return app_copy(tmp_path_factory.mktemp("app"), TABLES)


@pytest.fixture(scope="module")
def command(script: Path) -> Iterator[SearchCommand]:
    with SearchCommand("Packages", script=script) as command:
        yield command
        assert command.stderr() == []


@pytest.fixture(scope="module")
def expanding(script: Path) -> Iterator[SearchCommand]:
    with SearchCommand("expand=true", "Packages", script=script) as command:
        yield command
        assert command.stderr() == []


@pytest.fixture(scope="module")
def verifying(script: Path) -> Iterator[SearchCommand]:
    with SearchCommand("publisher=Publisher", "Packages", script=script) as command:
        yield command
        assert command.stderr() == []


def added(record: Record) -> Record:
    return {field: record[field] for field in FIELDS}


def filled(record: Record) -> Record:
    return {field: value for field, value in added(record).items() if value}


def test_it_asks_for_the_input_field_only(command: SearchCommand) -> None:
    assert command.info == {"type": "streaming", "required_fields": ["Packages"]}


def test_it_asks_for_the_publisher_field_too(verifying: SearchCommand) -> None:
    assert verifying.info == {"type": "streaming", "required_fields": ["Packages", "Publisher"]}


def test_expanding_asks_for_all_fields(expanding: SearchCommand) -> None:
    assert expanding.info == {"type": "streaming"}


def test_the_output_fields_follow_the_input_in_their_order_with_multivalue_columns(command: SearchCommand) -> None:
    header = command.execute("Packages,_chunked_idx,__mv_Packages,__mv__chunked_idx\nx,0,,\n").body.split(b"\n")[0]
    expected = ["Packages", "_chunked_idx", "__mv_Packages", "__mv__chunked_idx", *FIELDS]
    assert header.decode().split(",") == expected + [f"__mv_{field}" for field in FIELDS]


def test_the_row_number_comes_back_unchanged(command: SearchCommand) -> None:
    body = f'Packages,_chunked_idx\n"{WEBEX}",7\nx,3\n'
    assert [record["_chunked_idx"] for record in command.records(body)] == ["7", "3"]


def test_a_package_full_name_fills_the_fields(command: SearchCommand) -> None:
    assert command.record(Packages=WEBEX) == {"Packages": WEBEX, **WEBEX_ROW}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SpotifyAB.SpotifyMusic_zpdnekdrzrea0",
            {
                "package_name": "SpotifyAB.SpotifyMusic",
                "package_publisher_id": "zpdnekdrzrea0",
                "package_family_name": "SpotifyAB.SpotifyMusic_zpdnekdrzrea0",
                "package_kind": "family",
                "publisher_class": "unknown",
            },
        ),
        (
            "Microsoft.ZuneVideo_2019.6.25071.0_neutral_~_8wekyb3d8bbwe",
            {
                "package_full_name": "Microsoft.ZuneVideo_2019.6.25071.0_neutral_~_8wekyb3d8bbwe",
                "package_name": "Microsoft.ZuneVideo",
                "package_version": "2019.6.25071.0",
                "package_architecture": "neutral",
                "package_resource_id": "~",
                "package_publisher_id": "8wekyb3d8bbwe",
                "package_family_name": "Microsoft.ZuneVideo_8wekyb3d8bbwe",
                "package_kind": "bundle",
                "publisher_class": "microsoft",
                "publisher_name": "Microsoft Corporation",
            },
        ),
    ],
)
def test_other_identities_fill_the_fields_they_have(
    command: SearchCommand, text: str, expected: dict[str, str]
) -> None:
    assert added(command.record(Packages=text)) == {**NOTHING, **expected}


@pytest.mark.parametrize("text", ["", " ", "NULL", "-", " - "])
def test_nothing_is_no_error(command: SearchCommand, text: str) -> None:
    assert command.record(Packages=text) == {"Packages": text, **NOTHING}


UNDECODABLE = [
    ("setup.exe", "5 fields"),  # no identity at all
    ("TestPackage_1.2.3.4_amd64__0abcdefghjkme", "architecture"),  # not a word of Microsoft's
    ("Microsoft.WindowsTerminal_1.6.10571.0_8wekyb3d8bbwe", "file name"),  # the stem of an .msixbundle
    ("Microsoft.App_1.0.0.0_x64__8wekyb3d8bbwo", "publisher ID"),  # the letter o
]


@pytest.mark.parametrize(("text", "reason"), UNDECODABLE)
def test_what_cannot_be_decoded_says_why_and_has_no_class(command: SearchCommand, text: str, reason: str) -> None:
    (field, error), *others = filled(command.record(Packages=text)).items()
    assert (field, others) == ("msixdecode_error", [])
    assert reason in error
    assert repr(text) in error


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("TestPackage_1.2.3.4_Unknown__0abcdefghjkme", "unknown_architecture"),
        ("Microsoft.WindowsTerminal_1.0.0.0_x64__8WEKYB3D8BBWE", "id_case"),
        ("8wekyb3d8bbwe.Zoom_1.0.0.0_x64__cvpb331a1f8hw", "known_id_in_name"),
        ("Foo_123456789abcd", "id_parity"),
        ("Wine.NoSuch.Contract_1.0.0.0_neutral__0000000000000", "placeholder_id"),
        (WEBEX, ""),
    ],
)
def test_what_is_odd_is_a_warning(command: SearchCommand, text: str, warning: str) -> None:
    record = command.record(Packages=text)
    assert (record["msixdecode_warning"], record["msixdecode_error"]) == (warning, "")


def test_packages_of_a_list_are_multivalues_aligned_by_position(command: SearchCommand) -> None:
    text = f" addPackageList: {WEBEX} broken updateList: {TERMINAL} is updating to {NEWER_TERMINAL}"
    record = added(command.record(Packages=text))
    errors = record.pop("msixdecode_error")
    assert isinstance(errors, list)
    assert (errors[0], "'broken'" in errors[1], errors[2]) == ("", True, "")
    assert record == {
        "package_action": ["add", "add", "update"],
        "package_previous_full_name": ["", "", TERMINAL],
        "package_full_name": [WEBEX, "", NEWER_TERMINAL],
        "package_name": ["CiscoSystems.Webex", "", "Microsoft.WindowsTerminal"],
        "package_version": ["2.10.1.26171", "", "1.24.1.0"],
        "package_architecture": ["x64", "", "x64"],
        "package_resource_id": "",
        "package_publisher_id": ["cvpb331a1f8hw", "", "8wekyb3d8bbwe"],
        "package_family_name": ["CiscoSystems.Webex_cvpb331a1f8hw", "", "Microsoft.WindowsTerminal_8wekyb3d8bbwe"],
        "package_kind": ["package", "", "package"],
        "publisher_class": ["malicious", "", "microsoft"],
        "publisher_name": ["IMPERIOUS", "", "Microsoft Corporation"],
        "publisher_verified": "",
        "msixdecode_warning": "",
    }


def test_a_list_of_one_package_gives_plain_values(command: SearchCommand) -> None:
    record = added(command.record(Packages=f" addPackageList: {WEBEX}"))
    assert record == {**WEBEX_ROW, "package_action": "add"}


def test_all_values_of_a_multivalue_are_decoded_in_order(command: SearchCommand) -> None:
    record = command.record(Packages=[TERMINAL, f" addPackageList: {WEBEX} {TERMINAL}", "NULL", WEBEX])
    assert record["package_full_name"] == [TERMINAL, WEBEX, TERMINAL, WEBEX]
    assert record["package_action"] == ["", "add", "add", ""]


def test_a_multivalue_with_one_package_gives_plain_values(command: SearchCommand) -> None:
    record = command.record(Packages=["-", WEBEX])
    assert record == {"Packages": ["-", WEBEX], **WEBEX_ROW}


def test_a_list_longer_than_any_cache_key_is_decoded_to_its_end(command: SearchCommand) -> None:
    text = " addPackageList: " + " ".join([WEBEX, TERMINAL] * 2000)
    assert command.record(Packages=text)["package_full_name"] == [WEBEX, TERMINAL] * 2000


@pytest.mark.parametrize(
    ("package", "publisher", "verified"),
    [
        (WEBEX, WEBEX_PUBLISHER, "true"),
        (TERMINAL, MICROSOFT, "true"),
        ("Microsoft.WindowsTerminal_1.0.0.0_x64__8WEKYB3D8BBWE", MICROSOFT, "true"),  # IDs compare without case
        ("Microsoft.WindowsTerminal_8wekyb3d8bbwe", MICROSOFT, "true"),
        (TERMINAL, WEBEX_PUBLISHER, "false"),
        (TERMINAL, MICROSOFT.lower(), "false"),  # the name is hashed as it is: with its case,
        (TERMINAL, MICROSOFT.replace(", ", ","), "false"),  # its blanks,
        (TERMINAL, MICROSOFT + " ", "false"),  # and the one at the end
        (TERMINAL, "C" * 8193, "false"),  # longer than any publisher
        (TERMINAL, [WEBEX_PUBLISHER, MICROSOFT], "true"),  # one of several
        (TERMINAL, [WEBEX_PUBLISHER, ""], "false"),
        (TERMINAL, "", ""),
        (TERMINAL, "-", ""),
        ("setup.exe", MICROSOFT, ""),
        ("", MICROSOFT, ""),
    ],
)
def test_the_publisher_is_verified_by_computing_its_id(
    verifying: SearchCommand, package: str, publisher: Cell, verified: str
) -> None:
    record = verifying.record(Packages=package, Publisher=publisher)
    assert (record["publisher_verified"], record["Publisher"]) == (verified, publisher)


def test_each_package_is_verified_on_its_own(verifying: SearchCommand) -> None:
    record = verifying.record(Packages=f" addPackageList: {WEBEX} broken {TERMINAL}", Publisher=WEBEX_PUBLISHER)
    assert record["publisher_verified"] == ["true", "", "false"]


def test_the_answer_belongs_to_the_record_not_to_the_package(verifying: SearchCommand) -> None:
    publishers = [WEBEX_PUBLISHER, "", MICROSOFT, WEBEX_PUBLISHER]
    records = verifying.records(encode([{"Packages": WEBEX, "Publisher": publisher} for publisher in publishers]))
    assert [record["publisher_verified"] for record in records] == ["true", "", "false", "true"]


def test_without_the_publisher_column_nothing_is_verified(verifying: SearchCommand) -> None:
    assert verifying.record(Packages=WEBEX) == {"Packages": WEBEX, **WEBEX_ROW}


def test_expanding_gives_one_record_a_package_and_leaves_the_others_once(expanding: SearchCommand) -> None:
    several: Cell = [f" addPackageList: {WEBEX} {TERMINAL}", "broken"]
    records = expanding.records(
        encode(
            [
                {"_time": "1", "Packages": several},
                {"_time": "2", "Packages": "NULL"},
                {"_time": "3", "Packages": TERMINAL},
            ]
        )
    )
    error = records[2].pop("msixdecode_error")
    assert "'broken'" in error
    expected = [
        {"_time": "1", "Packages": several, **WEBEX_ROW, "package_action": "add"},
        {"_time": "1", "Packages": several, **TERMINAL_ROW, "package_action": "add"},
        {"_time": "1", "Packages": several, **{field: "" for field in FIELDS if field != "msixdecode_error"}},
        {"_time": "2", "Packages": "NULL", **NOTHING},
        {"_time": "3", "Packages": TERMINAL, **TERMINAL_ROW},
    ]
    assert records == expected


@pytest.mark.parametrize("arguments", [["Packages"], ["expand=1", "Packages"]])
def test_fields_that_are_already_there_are_replaced(script: Path, arguments: list[str]) -> None:
    before: Record = {
        "package_name": ["old", "older"],
        "Packages": WEBEX,
        "msixdecode_error": "old",
        "package_action": "old",
    }
    with SearchCommand(*arguments, script=script) as command:
        assert command.records(encode([before])) == [{"Packages": WEBEX, **WEBEX_ROW}]


@pytest.mark.parametrize("arguments", [["package_full_name"], ["expand=1", "package_full_name"]])
def test_the_input_field_may_be_an_output_field(script: Path, arguments: list[str]) -> None:
    with SearchCommand(*arguments, script=script) as command:
        assert command.records(encode([{"package_full_name": WEBEX}])) == [WEBEX_ROW]
        assert command.records(encode([{"package_full_name": WEBEX, "n": "1"}])) == [{"n": "1", **WEBEX_ROW}]


@pytest.mark.parametrize("value", ["t", "true", "TRUE", "1", "yes"])
def test_expand_takes_the_booleans_of_splunk(value: str) -> None:
    with SearchCommand(f"expand={value}", "x") as command:
        assert command.info == {"type": "streaming"}


WRONG = [
    ([], "the field to decode is missing"),
    (["expand=true"], "the field to decode is missing"),
    (["a", "b"], 'not 2: "a", "b"'),
    (["nosuch=1", "a"], '"nosuch"'),
    (["nosuch={x}{0}", "a"], '"nosuch={x}{0}"'),  # braces, which the SDK's own messages fail on
    (["a{b}", "c%s"], '"a{b}", "c%s"'),
    (["expand=maybe", "a"], '"maybe"'),
    (["expand=", "a"], "option expand"),
    (["Expand=true", "a"], '"Expand"'),  # options are lower-case in SPL
    (["expand=true", "expand=false", "a"], "given twice"),
    (["publisher=", "a"], "publisher names no field"),
    (["record=true", "a"], '"record"'),  # an option of the SDK, which writes files
    (["logging_level=DEBUG", "a"], '"logging_level"'),
    (["*"], '"*"'),
    ([""], '""'),
    (["a\ud800=1"], "there is no option"),  # half a character
]


@pytest.mark.parametrize(("arguments", "named"), WRONG)
def test_wrong_usage_is_one_clear_message_before_any_record(arguments: list[str], named: str) -> None:
    with SearchCommand(*arguments) as command:
        assert list(command.info) == ["inspector", "finished", "error"]  # the order that splunkd wants
        assert command.info["inspector"] == {"messages": [["ERROR", command.info["error"]]]}
        assert command.info["finished"] is True
        assert named in command.info["error"]
        assert command.info["error"].endswith(f". Syntax: {SYNTAX}")
        assert command.close() == 1
        assert command.stderr() == []


def test_the_site_wins_and_the_newest_of_our_tables_counts(command: SearchCommand) -> None:
    record = command.record(Packages=["Conveyor_1.0.0.0_x64__fg3qp2cw01ypp", WEBEX])
    assert record["publisher_class"] == ["oem", "malicious"]
    assert record["publisher_name"] == ["Our own", "IMPERIOUS"]


def test_an_unknown_publisher_has_the_class_unknown_and_no_name(command: SearchCommand) -> None:
    record = command.record(Packages="Conveyor_1.0.0.0_x64__r94jb655n6kcp")
    assert (record["publisher_class"], record["publisher_name"]) == ("unknown", "")


def test_the_tables_that_ship_classify_without_a_message() -> None:
    packages = [WEBEX, TERMINAL, "Microsoft.LockApp_cw5n1h2txyewy", "MyApp_1.0.0.0_x64__9zz4h110yvjzm"]
    with SearchCommand("Packages") as command:
        reply = command.execute(encode([{"Packages": packages}]))
        assert reply.metadata == {"finished": False}
        assert command.record(Packages=packages)["publisher_class"] == [
            "malicious",
            "microsoft",
            "system",
            "development",
        ]


def test_a_broken_table_is_one_warning_and_decoding_goes_on(tmp_path: Path) -> None:
    script = app_copy(tmp_path, {"package_publishers_20250101.csv": "id,class\n8wekyb3d8bbwe,microsoft\n"})
    with SearchCommand("Packages", script=script) as command:
        nothing = command.execute(encode([{"Packages": "NULL"}]))
        first = command.execute(encode([{"Packages": WEBEX}]))
        second = command.execute(encode([{"Packages": TERMINAL}]))
        assert command.stderr() == []
    ((level, text),) = first.metadata["inspector"]["messages"]
    assert level == "WARN"
    assert "lookups/package_publishers_20250101.csv" in text
    assert "publisher_id" in text
    assert "correct" in text
    assert (nothing.metadata, second.metadata) == ({"finished": False}, {"finished": False})
    assert b"unknown" in first.body


@pytest.mark.parametrize("version", VERSIONS)
def test_the_command_does_the_same_on_every_python_of_splunk(version: str, script: Path) -> None:
    python = python_or_skip(version)
    text = f" addPackageList: {WEBEX} br\u00f6ken\0 {TERMINAL}"
    with SearchCommand("publisher=Publisher", "Packages", script=script, python=python) as command:
        assert command.record(Packages=WEBEX, Publisher=WEBEX_PUBLISHER)["publisher_verified"] == "true"
        record = command.record(Packages=text, Publisher="")
        assert record["Packages"] == text
        assert record["package_full_name"] == [WEBEX, "", TERMINAL]
        assert record["publisher_class"] == ["malicious", "", "microsoft"]
        assert command.record(Packages=[TERMINAL, "a$;$b"], Publisher="")["package_full_name"] == [TERMINAL, ""]
        assert command.records(b"Packages\n\xff\n")[0]["Packages"] == "\udcff"
        assert len(command.record(Packages="x" * (11 << 20))["Packages"]) == 11 << 20
        assert command.execute("", finished=True).metadata == {"finished": True}
        assert (command.close(), command.stderr()) == (0, [])
    with SearchCommand("expand=true", "Packages", script=script, python=python) as command:
        assert [added(record) for record in command.records(encode([{"Packages": [WEBEX, TERMINAL]}]))] == [
            WEBEX_ROW,
            TERMINAL_ROW,
        ]
    with SearchCommand("expand={x}", "Packages", script=script, python=python) as command:
        assert '"{x}"' in command.info["error"]
        assert (command.close(), command.stderr()) == (1, [])
