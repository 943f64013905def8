import csv
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msix.decode import DecodedPackage, decode
from msix.identity import ARCHITECTURES, PackageFullName

DATA = Path(__file__).parent / "data"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BUNDLE = "Foo.Bar_2.0.0.0_neutral_~_8wekyb3d8bbwe"
X64 = "Foo.Bar_2.0.0.0_x64__8wekyb3d8bbwe"
OLD_BUNDLE = "Foo.Bar_1.0.0.0_neutral_~_8wekyb3d8bbwe"
OLD_X64 = "Foo.Bar_1.0.0.0_x64__8wekyb3d8bbwe"
WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
RUNTIME = "Microsoft.VCLibs.140.00_14.0.33519.0_x64__8wekyb3d8bbwe"

WEBEX_ROW = DecodedPackage(
    action="",
    previous_full_name="",
    full_name=WEBEX,
    name="CiscoSystems.Webex",
    version="2.10.1.26171",
    architecture="x64",
    resource_id="",
    publisher_id="cvpb331a1f8hw",
    family_name="CiscoSystems.Webex_cvpb331a1f8hw",
    kind="package",
    warning="",
    error="",
)
SPOTIFY_ROW = DecodedPackage(
    name="SpotifyAB.SpotifyMusic",
    publisher_id="zpdnekdrzrea0",
    family_name="SpotifyAB.SpotifyMusic_zpdnekdrzrea0",
    kind="family",
)

NOTHING = ["", " ", "\r\n\t", "NULL", " NULL ", "-", " - "]

FORMS = [
    (WEBEX, WEBEX_ROW),
    (f"  {WEBEX}\r\n", WEBEX_ROW),
    (f"C:\\Program Files\\WindowsApps\\{WEBEX}", WEBEX_ROW),
    (f"MSIX\\{WEBEX}", WEBEX_ROW),
    (f"\\\\?\\C:\\Program Files\\WindowsApps\\{WEBEX}", WEBEX_ROW),
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0", SPOTIFY_ROW),
    ("C:\\Windows\\SystemApps\\SpotifyAB.SpotifyMusic_zpdnekdrzrea0", SPOTIFY_ROW),
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!Spotify", SPOTIFY_ROW),
    ("shell:AppsFolder\\SpotifyAB.SpotifyMusic_zpdnekdrzrea0!Spotify.App2", SPOTIFY_ROW),
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!" + "a" * 64, SPOTIFY_ROW),
    (" addPackageList: " + WEBEX, WEBEX_ROW._replace(action="add")),
]

UNDECODABLE = [
    ("NULL_", "publisher ID is not 13 digits and letters"),  # more than a placeholder
    ("null", "a package full name has 5 fields joined by '_', not 1: 'null'"),
    (" (Webex-x64.msix) ", "a package full name has 5 fields"),  # event 400, Path
    ("Microsoft.WindowsTerminal_1.6.10571.0_8wekyb3d8bbwe.msixbundle", "a file name (name_version_publisherid)"),
    ("Some words about nothing", "a package full name has 5 fields"),
    (f"C:\\Program Files\\WindowsApps\\{WEBEX}\\", "package name has the character U+003A"),  # no last part
    (f"C:\\Program Files\\WindowsApps\\{WEBEX}\\app.exe", "a package full name has 5 fields joined by '_', not 1"),
    (f"file:///C:/Temp/{WEBEX}", "package name has the character U+003A"),  # a URI is no path
    ("\\", "a package full name has 5 fields"),
    ("!", "a package family name has 2 fields"),
    (f"{WEBEX}!App", "a package family name has 2 fields joined by '_', not 5"),  # an application belongs to a family
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!", "application ID is not"),  # empty
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!App!App", "application ID is not"),  # two of them
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!App_1", "application ID is not"),  # underscore
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!App.", "application ID is not"),  # dot at the end
    ("SpotifyAB.SpotifyMusic_zpdnekdrzrea0!" + "a" * 65, "application ID is not"),  # too long
    ("addPackageList:", "a package list without a package full name: 'addPackageList:'"),
    ("\x00", "a package full name has 5 fields"),
    ("\ud800_\udfff", "package name must have 3 to 50 characters, not 1"),
]


def packages(text: str) -> list[tuple[str, str, str, str]]:
    return [(row.action, row.previous_full_name, row.full_name, row.error) for row in decode(text)]


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_not_an_error(text: str) -> None:
    assert decode(text) == []


@pytest.mark.parametrize("row", table("package_names.csv"), ids=lambda row: row["why"])
def test_a_name_gives_one_row(row: dict[str, str]) -> None:
    parts = {part: row[part] for part in PackageFullName._fields}
    full_name = "" if row["kind"] == "family" else "_".join(parts.values())
    family_name = f"{row['name']}_{row['publisher_id']}"
    assert decode(row["text"]) == [
        DecodedPackage(full_name=full_name, **parts, family_name=family_name, kind=row["kind"], warning=row["warning"])
    ]


# Blanks around a value and lists are read here; only the parsers refuse them.
INVALID_VALUES = [row for row in table("invalid_package_names.csv") if row["text"] == row["text"].strip()]


@pytest.mark.parametrize("row", INVALID_VALUES, ids=lambda row: row["why"])
def test_text_that_was_refused_gives_one_row_with_the_reason(row: dict[str, str]) -> None:
    (decoded,) = decode(row["text"])
    assert decoded.error.startswith(row["reason"])
    assert decoded == DecodedPackage(error=decoded.error)


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_one_value_may_have_several_forms(text: str, expected: DecodedPackage) -> None:
    assert decode(text) == [expected]


@pytest.mark.parametrize(("text", "reason"), UNDECODABLE)
def test_what_cannot_be_decoded_gives_one_row_that_says_why(text: str, reason: str) -> None:
    (decoded,) = decode(text)
    assert decoded.error.startswith(reason)
    assert decoded == DecodedPackage(error=decoded.error)


def test_a_malicious_package_beside_a_runtime_of_microsoft_keeps_its_own_row() -> None:
    assert [(row.action, row.name, row.publisher_id) for row in decode(f" addPackageList: {RUNTIME} {WEBEX}")] == [
        ("add", "Microsoft.VCLibs.140.00", "8wekyb3d8bbwe"),
        ("add", "CiscoSystems.Webex", "cvpb331a1f8hw"),
    ]


def test_three_lists_give_a_row_for_each_item_in_order() -> None:
    text = f" addPackageList: {BUNDLE} updateList: {OLD_X64} is updating to {X64} destagePackageList: {OLD_BUNDLE}"
    assert packages(text) == [
        ("add", "", BUNDLE, ""),
        ("update", OLD_X64, X64, ""),
        ("destage", "", OLD_BUNDLE, ""),
    ]
    assert [row.kind for row in decode(text)] == ["bundle", "package", "bundle"]


def test_an_update_without_a_list_name_is_a_list() -> None:
    assert packages(f"{OLD_X64} is updating to {X64}") == [("", OLD_X64, X64, "")]


def test_full_names_without_a_list_name_are_a_list() -> None:
    assert packages(f"{X64} {WEBEX} ") == [("", "", X64, ""), ("", "", WEBEX, "")]


def test_a_full_name_among_other_words_is_not_lost() -> None:
    first, second = decode(f"junk {WEBEX}")
    assert first == DecodedPackage(error="a package full name has 5 fields joined by '_', not 1: 'junk'")
    assert second == WEBEX_ROW


def test_full_names_in_lists_are_printed_in_one_form() -> None:
    text = f"updateList: {OLD_X64.replace('x64', 'X64')} is updating to {X64.replace('8wekyb', '8WEKYB')}"
    (row,) = decode(text)
    assert (row.previous_full_name, row.full_name, row.warning) == (OLD_X64, X64, "id_case")


def test_in_a_list_only_package_full_names_are_decoded() -> None:
    (row,) = decode("addPackageList: SpotifyAB.SpotifyMusic_zpdnekdrzrea0")
    assert row == DecodedPackage(
        action="add",
        error="a package full name has 5 fields joined by '_', not 2: 'SpotifyAB.SpotifyMusic_zpdnekdrzrea0'",
    )


def test_an_undecodable_item_keeps_its_action_and_its_place() -> None:
    assert packages(f"addPackageList: {X64} Foo_1.0 updateList: {OLD_X64} is updating to Foo.B") == [
        ("add", "", X64, ""),
        ("add", "", "", "a package full name has 5 fields joined by '_', not 2: 'Foo_1.0'"),
        ("update", OLD_X64, "", "a package full name has 5 fields joined by '_', not 1: 'Foo.B'"),
    ]


def test_an_update_that_was_cut_off_says_so() -> None:
    assert packages(f"updateList: {OLD_X64} is updating to") == [
        ("update", OLD_X64, "", f"an update without its new package full name: '{OLD_X64}'")
    ]


def test_a_wrong_previous_name_does_not_hide_the_new_one() -> None:
    (row,) = decode(f"updateList: Foo is updating to {WEBEX}")
    error = "previous package full name: a package full name has 5 fields joined by '_', not 1: 'Foo'"
    assert row == WEBEX_ROW._replace(action="update", previous_full_name="Foo", error=error)


def test_two_wrong_names_give_both_reasons() -> None:
    one_field = "a package full name has 5 fields joined by '_', not 1"
    assert packages("updateList: Foo is updating to Bar") == [
        (
            "update",
            "Foo",
            "",
            f"{one_field}: 'Bar'; previous package full name: {one_field}: 'Foo'",
        )
    ]


def test_a_huge_value_gives_a_short_message() -> None:
    assert decode("a" * 1_000_000) == [
        DecodedPackage(error=f"a package full name has 5 fields joined by '_', not 1: '{'a' * 76}...")
    ]


FULL_NAMES = st.builds(
    PackageFullName,
    name=st.from_regex(r"[A-Z][a-z]{3,20}\.[A-Z][a-z]{3,20}", fullmatch=True),
    version=st.lists(st.integers(0, 65535), min_size=4, max_size=4).map(lambda numbers: ".".join(map(str, numbers))),
    architecture=st.sampled_from(ARCHITECTURES),
    resource_id=st.sampled_from(["", "~", "neutral", "split.scale-100", "NorthAmerica"]),
    publisher_id=st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=13, max_size=13),
)
HOSTILE = [
    "_",
    ".",
    ":",
    "a",
    "\\",
    "!",
    "a:",
    "a: ",
    "x ",
    "A_",
    "1.",
    "_1.",
    "xn--",
    "com1.",
    "is ",
    "is updating to ",
    f"{X64} ",
    f"{X64} is updating to ",
    "a_b_c_d_e ",
    "Foo.Bar_1.0.0.0_x64__",
    "\u0131",
]


@given(FULL_NAMES)
def test_a_formatted_full_name_decodes_to_its_parts(package: PackageFullName) -> None:
    (row,) = decode(str(package))
    assert (row.name, row.version, row.architecture, row.resource_id, row.publisher_id) == tuple(package)
    assert (row.full_name, row.family_name, row.kind) == (str(package), package.family_name, package.kind)
    assert row.error == ""


@given(st.lists(st.tuples(st.booleans(), FULL_NAMES, FULL_NAMES), min_size=1, max_size=5))
def test_a_formatted_list_decodes_to_its_items(items: list[tuple[bool, PackageFullName, PackageFullName]]) -> None:
    text = " ".join(f"{old} is updating to {new}" if updates else str(new) for updates, old, new in items)
    assert packages(f" updateList: {text}") == [
        ("update", str(old) if updates else "", str(new), "") for updates, old, new in items
    ]


@given(
    st.one_of(
        st.text(st.characters(), max_size=80),
        st.lists(st.sampled_from([*HOSTILE, X64, WEBEX, " ", "NULL"]), max_size=12).map("".join),
    )
)
def test_every_text_gives_complete_rows(text: str) -> None:
    for row in decode(text):
        assert all(isinstance(value, str) for value in row)
        if row.full_name:
            assert decode(row.full_name)[0].full_name == row.full_name
            assert row.kind in ("package", "bundle", "resource")
        elif row.family_name:
            assert row.kind == "family"
        else:
            assert row.error
            assert row == DecodedPackage(row.action, row.previous_full_name, error=row.error)


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """It would count as time of what runs at that moment."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collection")
@pytest.mark.parametrize("start", ["", "addPackageList: ", f"{X64} "])
@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_values_take_time_in_proportion_to_their_length(unit: str, start: str) -> None:
    def seconds(length: int) -> float:
        text = start + (unit * length)[:length]
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            decode(text)
            best = min(best, time.process_time() - begin)
        return best

    # Eight times the length: eight times the time if linear, 64 times if quadratic. Below a millisecond is noise.
    assert seconds(80_000) < 24 * max(seconds(10_000), 0.001)


def test_a_value_that_no_event_could_hold_is_one_error_and_not_a_million_rows() -> None:
    full_name = "Microsoft.WindowsTerminal_1.23.12371.0_x64__8wekyb3d8bbwe"
    [row] = decode("addPackageList: " + "x " * 600_000 + full_name)
    assert row.error.startswith(
        "a value of 1200073 characters, more than the 1000000 that are decoded: 'addPackageList: x"
    )
    assert row == DecodedPackage(error=row.error)
