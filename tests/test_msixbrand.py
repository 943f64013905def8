from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.search_command import ROOT, VERSIONS, Cell, Record, SearchCommand, app_copy, encode, python_or_skip

FIELDS = ["package_brand", "package_brand_match"]
SYNTAX = "msixbrand [display=<field>] <package name field> <publisher ID field>"
SCRIPT = ROOT / "bin" / "msixbrand.py"

STRANGER = "c2yjt6za8ar62"
TABLES = {
    "package_brands_20240101.csv": "brand,publisher_ids,package_names,aliases,ordinary_aliases,other_words\n",
    "package_brands_20250101.csv": (
        "brand,publisher_ids,package_names,aliases,ordinary_aliases,other_words\n"
        "Zoom,,,zoom zoom-meetings,zoom,\n"
        "Microsoft Teams,8wekyb3d8bbwe,MSTeams,microsoft-teams ms-teams,,\n"
        "Telegram,t4vj0pshhgkwm,,telegram,,telegraf\n"
    ),
    "package_confusables_20250101.csv": "character,latin\nU+043E,o\n",
    "package_publishers_20250101.csv": (
        "publisher_id,publisher_class,publisher_name,example_package\n"
        "cv1g1gvanyjgm,store,WhatsApp,5319275A.WhatsAppDesktop\n"
    ),
}


def copied(target: Path, tables: dict[str, str]) -> Path:
    return app_copy(target, tables).with_name("msixbrand.py")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("app"), TABLES)


@pytest.fixture(scope="module")
def command(script: Path) -> Iterator[SearchCommand]:
    with SearchCommand("name", "id", script=script) as command:
        yield command
        assert command.stderr() == []


@pytest.fixture(scope="module")
def reading(script: Path) -> Iterator[SearchCommand]:
    """The command that reads the display name too."""
    with SearchCommand("display=title", "name", "id", script=script) as command:
        yield command
        assert command.stderr() == []


def answer(record: Record) -> tuple[Cell, Cell]:
    return record["package_brand"], record["package_brand_match"]


def test_it_asks_for_its_fields_only(command: SearchCommand, reading: SearchCommand) -> None:
    assert command.info == {"type": "streaming", "required_fields": ["name", "id"]}
    assert reading.info == {"type": "streaming", "required_fields": ["name", "id", "title"]}


def test_the_output_fields_follow_the_input_with_multivalue_columns(command: SearchCommand) -> None:
    header = command.execute("name,id,_chunked_idx\nx,y,0\n").body.split(b"\n")[0]
    assert header.decode().split(",") == ["name", "id", "_chunked_idx", *FIELDS, *map("__mv_{}".format, FIELDS)]


@pytest.mark.parametrize(
    ("name", "publisher_id", "expected"),
    [
        ("Contoso.Zoom", STRANGER, ("Zoom", "name")),
        ("Microsoft.Teams", STRANGER, ("Microsoft Teams", "name")),
        ("Microsoft.Teams", "8wekyb3d8bbwe", ("Microsoft Teams", "own")),
        ("Contoso.Telegran", STRANGER, ("Telegram", "lookalike")),
        ("5319275A.Setup", STRANGER, ("WhatsApp", "known_name")),
        ("Northwind.Viewer", STRANGER, ("", "")),
        ("Contoso.Zoom", "", ("", "")),
        ("Contoso.Zoom", "-", ("", "")),
        ("", STRANGER, ("", "")),
        ("-", STRANGER, ("", "")),
    ],
)
def test_one_record_gets_one_answer(
    command: SearchCommand, name: str, publisher_id: str, expected: tuple[str, str]
) -> None:
    record = command.record(name=name, id=publisher_id)
    assert (record["name"], record["id"]) == (name, publisher_id)
    assert answer(record) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Zoom", ("Zoom", "name")),
        ("Zo\u043em", ("Zoom", "lookalike")),
        ("\u202eZo\u200bom", ("Zoom", "name")),
        ("Micros0ft Teams", ("Microsoft Teams", "lookalike")),
        ("ms-resource:Zoom", ("", "")),
        ("-", ("", "")),
        ("", ("", "")),
        (["Zoom", "Contoso"], (["Zoom", ""], ["name", ""])),
    ],
)
def test_the_display_name_counts_too(reading: SearchCommand, title: Cell, expected: tuple[Cell, Cell]) -> None:
    assert answer(reading.record(name="Contoso.Setup", id=STRANGER, title=title)) == expected


def test_columns_that_are_missing_are_empty(reading: SearchCommand) -> None:
    assert answer(reading.record(name="Contoso.Zoom", id=STRANGER)) == ("Zoom", "name")
    assert answer(reading.record(title="Zoom", id=STRANGER)) == ("Zoom", "name")
    assert answer(reading.record(name="Contoso.Zoom", title="Zoom")) == ("", "")


def test_multivalues_are_aligned_by_position(reading: SearchCommand) -> None:
    names: Cell = ["Contoso.Zoom", "Microsoft.Teams", "Northwind.Viewer"]
    ids: Cell = [STRANGER, "8wekyb3d8bbwe", "-"]
    record = reading.record(name=names, id=ids, title="-")
    assert answer(record) == (["Zoom", "Microsoft Teams", ""], ["name", "own", ""])
    assert record["name"] == names


def test_a_single_value_goes_with_all_values_of_the_other_fields(command: SearchCommand) -> None:
    record = command.record(name=["Contoso.Zoom", "Contoso.Telegram"], id=STRANGER)
    assert answer(record) == (["Zoom", "Telegram"], ["name", "name"])
    record = command.record(name="Contoso.Telegram", id=[STRANGER, "t4vj0pshhgkwm"])
    assert answer(record) == (["Telegram", "Telegram"], ["name", "own"])


def test_a_value_without_its_partner_is_not_judged(command: SearchCommand) -> None:
    record = command.record(name=["Contoso.Zoom", "Contoso.Telegram", "Contoso.Zoom"], id=[STRANGER, "t4vj0pshhgkwm"])
    assert answer(record) == (["Zoom", "Telegram", ""], ["name", "own", ""])


def test_each_record_is_judged_on_its_own(command: SearchCommand) -> None:
    ids = [STRANGER, "t4vj0pshhgkwm", "", STRANGER]
    records = command.records(encode([{"name": "Contoso.Telegram", "id": one} for one in ids]))
    assert [record["package_brand_match"] for record in records] == ["name", "own", "", "name"]


def test_fields_that_are_already_there_are_replaced(command: SearchCommand) -> None:
    before: Record = {"package_brand": ["a", "b"], "name": "Contoso.Zoom", "id": STRANGER, "package_brand_match": "own"}
    expected = {"name": "Contoso.Zoom", "id": STRANGER, "package_brand": "Zoom", "package_brand_match": "name"}
    assert command.records(encode([before])) == [expected]


def test_hostile_values_are_judged_by_their_beginning_and_come_back_unchanged(reading: SearchCommand) -> None:
    for unit in ("x", "aB", "a ", "\u0301", "\u202e", "\ufdfa", "\U0001f600", "-", ".", "tElEgRaM ", "\0"):
        title = unit * (1_000_000 // len(unit))
        record = reading.record(name="Contoso.Zoom", id=STRANGER, title=title)
        assert record["title"] == title
        assert answer(record) in [("Zoom", "name"), ("Telegram", "name")]


def test_bytes_that_are_not_utf_8_are_no_letters_and_are_kept(reading: SearchCommand) -> None:
    [record] = reading.records(b"name,id,title\nContoso.Setup,c2yjt6za8ar62,Zo\xffom\n")
    assert record["title"] == "Zo\udcffom"
    assert answer(record) == ("Zoom", "name")
    surrogate = b"name,id,title\nContoso.Setup,c2yjt6za8ar62,Zo\xed\xa0\x80om\n"  # half a pair, written as UTF-8
    assert answer(reading.records(surrogate)[0]) == ("Zoom", "name")


def test_many_values_are_judged_one_by_one(reading: SearchCommand) -> None:
    names = [f"Contoso{number}.Zoom" for number in range(3000)]
    record = reading.record(name=names, id=STRANGER, title="-")
    assert record["package_brand_match"] == ["name"] * 3000


WRONG = [
    ([], "two fields are needed, the package name's and the publisher ID's."),
    (["a"], 'not 1: "a"'),
    (["a", "b", "c"], 'not 3: "a", "b", "c"'),
    (["display=x"], "two fields are needed"),
    (["display=", "a", "b"], "display names no field"),
    (["display=x*", "a", "b"], '"x*"'),
    (["display=x", "display=y", "a", "b"], "given twice"),
    (["nosuch={x}", "a", "b"], '"nosuch={x}"'),
    (["record=true", "a", "b"], '"record"'),  # an option of the SDK, which writes files
    (["a", "*"], '"*"'),
    (["a", ""], '""'),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG)
def test_wrong_usage_is_one_clear_message_before_any_record(arguments: list[str], named: str) -> None:
    with SearchCommand(*arguments, script=SCRIPT) as command:
        assert list(command.info) == ["inspector", "finished", "error"]
        assert command.info["finished"] is True
        assert named in command.info["error"]
        assert command.info["error"].endswith(f". Syntax: {SYNTAX}")
        assert command.close() == 1
        assert command.stderr() == []


def test_the_tables_that_ship_judge_without_a_message() -> None:
    with SearchCommand("name", "id", script=SCRIPT) as command:
        reply = command.execute(encode([{"name": "CiscoSystems.Webex", "id": "cvpb331a1f8hw"}]))
        assert reply.metadata == {"finished": False}
        assert answer(command.record(name="CiscoSystems.Webex", id="cvpb331a1f8hw")) == ("Cisco Webex", "name")
        assert command.stderr() == []


def test_a_broken_table_is_one_warning_and_judging_goes_on(tmp_path: Path) -> None:
    script = copied(tmp_path, {**TABLES, "package_confusables_20250101.csv": "char\n"})
    with SearchCommand("name", "id", script=script) as command:
        first = command.execute(encode([{"name": "Contoso.Zoom", "id": STRANGER}]))
        second = command.execute(encode([{"name": "Contoso.Telegram", "id": STRANGER}]))
        assert command.stderr() == []
    ((level, text),) = first.metadata["inspector"]["messages"]
    assert level == "WARN"
    assert text.startswith("msixbrand: lookups/package_confusables_20250101.csv has no column character, latin")
    assert second.metadata == {"finished": False}
    assert b'"Zoom","name"' in first.body


@pytest.mark.parametrize("version", VERSIONS)
def test_the_command_does_the_same_on_every_python_of_splunk(version: str, script: Path) -> None:
    python = python_or_skip(version)
    with SearchCommand("display=title", "name", "id", script=script, python=python) as command:
        assert answer(command.record(name="Contoso.Zoom", id=STRANGER, title="")) == ("Zoom", "name")
        assert answer(command.record(name="-", id=STRANGER, title="T\u00e9l\u00e9gram\0")) == ("Telegram", "lookalike")
        record = command.record(name=["A.Telegram", "a$;$b"], id=["t4vj0pshhgkwm", STRANGER], title="Zo\u043em")
        assert answer(record) == (["Telegram", "Zoom"], ["own", "lookalike"])
        assert command.execute("", finished=True).metadata == {"finished": True}
        assert (command.close(), command.stderr()) == (0, [])
    with SearchCommand("nosuch=1", "a", "b", script=script, python=python) as command:
        assert '"nosuch"' in command.info["error"]
        assert (command.close(), command.stderr()) == (1, [])
