import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msix.identity import (
    ARCHITECTURES,
    MICROSOFT_IDS,
    PLACEHOLDER_IDS,
    InvalidPackageFamilyName,
    InvalidPackageFullName,
    PackageFamilyName,
    PackageFullName,
    parse_family_name,
    parse_full_name,
    warnings,
)
from msix.publisher import publisher_id

DATA = Path(__file__).parent / "data"


def table(name: str) -> list[dict[str, str]]:
    """Rows of a table; column origin says whether the text was seen in public or built from Microsoft's grammar."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NAMES = table("package_names.csv")
FULL_NAMES = [row for row in NAMES if row["kind"] != "family"]
FAMILY_NAMES = [row for row in NAMES if row["kind"] == "family"]
INVALID_NAMES = table("invalid_package_names.csv")

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"
ID_CHARACTERS = "0123456789abcdefghjkmnpqrstvwxyz"

# The parts of name, version, architecture, resource ID, publisher ID that the public vectors leave open.
MORE_INVALID = [
    ("", "a package full name has 5 fields joined by '_', not 1"),
    ("____", "package name must have 3 to 50 characters, not 0"),  # five empty fields
    ("Foo.Bar_1.0.0.0_x64_8wekyb3d8bbwe", "a package full name has 5 fields joined by '_', not 4"),  # no resource ID
    ("Foo.Bar _1.0.0.0_x64__8wekyb3d8bbwe", "package name has the character U+0020"),
    (" Foo.Bar_1.0.0.0_x64__8wekyb3d8bbwe", "package name has the character U+0020"),  # blanks are not stripped
    ("Foo\\Bar_1.0.0.0_x64__8wekyb3d8bbwe", "package name has the character U+005C"),
    ("Foo~_1.0.0.0_x64__8wekyb3d8bbwe", "package name has the character U+007E"),  # only a resource ID may be ~
    ("COM1_1.0.0.0_x64__8wekyb3d8bbwe", "package name is reserved"),
    ("lpt9.driver_1.0.0.0_x64__8wekyb3d8bbwe", "package name is reserved"),  # device name before a dot
    ("Foo.XN--Bar_1.0.0.0_x64__8wekyb3d8bbwe", "package name is reserved"),  # encoded host name after a dot
    ("..._1.0.0.0_x64__8wekyb3d8bbwe", "package name is reserved"),
    ("Foo.Bar_1.0.0.65536_x64__8wekyb3d8bbwe", "version is not"),
    ("Foo.Bar_99999.0.0.0_x64__8wekyb3d8bbwe", "version is not"),
    ("Foo.Bar_1.0.0.0.0_x64__8wekyb3d8bbwe", "version is not"),  # five numbers
    ("Foo.Bar_-0.0.0.0_x64__8wekyb3d8bbwe", "version is not"),  # a helper of the SDK takes it, Windows' schema does not
    ("Foo.Bar_1.0.0.00_x64__8wekyb3d8bbwe", "version is not"),  # leading zero
    ("Foo.Bar_1.0.0.\u0663_x64__8wekyb3d8bbwe", "version is not"),  # Arabic digit
    ("Foo.Bar_1.0.0.0\n_x64__8wekyb3d8bbwe", "version is not"),  # newline
    ("Foo.Bar_1.0.0.0___8wekyb3d8bbwe", "architecture is none of"),  # empty
    ("Foo.Bar_1.0.0.0_x64 __8wekyb3d8bbwe", "architecture is none of"),  # blank
    ("Foo.Bar_1.0.0.0_un\u212anown__8wekyb3d8bbwe", "architecture is none of"),  # Kelvin sign for k
    ("Foo.Bar_1.0.0.0_x64_~~_8wekyb3d8bbwe", "resource ID has the character U+007E"),
    ("Foo.Bar_1.0.0.0_x64_split~_8wekyb3d8bbwe", "resource ID has the character U+007E"),
    ("Foo.Bar_1.0.0.0_x64_aux_8wekyb3d8bbwe", "resource ID is reserved"),
    ("Foo.Bar_1.0.0.0_x64_split._8wekyb3d8bbwe", "resource ID is reserved"),  # dot at the end
    ("Foo.Bar_1.0.0.0_x64__", "publisher ID is not"),  # empty
    ("Foo.Bar_1.0.0.0_x64__8we\u212ayb3d8bbwe", "publisher ID is not"),  # Kelvin sign for k
    ("Foo.Bar_1.0.0.0_x64__8wekyb3d8bbwe\n", "publisher ID is not"),  # newline at the end
    ("Foo.Bar_1.0.0.0_x64__\uff18wekyb3d8bbwe", "publisher ID is not"),  # full-width 8
]

INVALID_FAMILY_NAMES = [
    ("", "a package family name has 2 fields joined by '_', not 1"),
    ("NULL", "a package family name has 2 fields joined by '_', not 1"),
    ("Foo.Bar_1.0.0.0_x64__8wekyb3d8bbwe", "a package family name has 2 fields joined by '_', not 5"),
    ("Fo_8wekyb3d8bbwe", "package name must have 3 to 50 characters, not 2"),
    ("nul.x_8wekyb3d8bbwe", "package name is reserved"),
    ("Foo.Bar_8wekyb3d8bbwi", "publisher ID is not"),  # letter i
    ("Foo.Bar_cv1g1gnamjy7", "publisher ID is not"),  # 12 characters
    (" Foo.Bar_8wekyb3d8bbwe", "package name has the character U+0020"),  # blanks are not stripped
]

KINDS = [
    ("", "package"),
    ("neutral", "package"),
    ("Neutral", "package"),
    ("~", "bundle"),
    ("split.scale-100", "resource"),
    ("split.language-fr", "resource"),
    ("resources.language-af", "resource"),
    ("NorthAmerica", "resource"),
]

# CN=… of public project templates, and the ID that packages built from them carry.
DEVELOPMENT_PUBLISHERS = [
    ("CN=User Name", "9zz4h110yvjzm"),
    ("CN=ms", "my3dts62r7fp4"),
    ("CN=00000000-0000-0000-0000-000000000000", "m8z88z54g2w36"),
    ("CN=FilesDev", "dwm5abbcs5pn0"),
    ("CN=Contoso Software", "rv8ym4y7mg4aw"),
]

WARNINGS = [
    ("Foo.Bar_1.0.0.0_x64__zpdnekdrzrea0", ()),
    ("Foo.Bar_1.0.0.0_x64__zpdnekdrzrea1", ("id_parity",)),
    ("Foo.Bar_1.0.0.0_x64__zpdnekdrzreA0", ("id_case",)),
    ("Foo.Bar_1.0.0.0_X64__zpdnekdrzrea0", ()),  # Get-AppxPackage prints architectures in capitals
    ("Foo.8WEKYB3D8BBWE.Bar_1.0.0.0_x64__zpdnekdrzrea0", ("known_id_in_name",)),
    ("Foo.Bar_1.0.0.0_x64_cw5n1h2txyewy_zpdnekdrzrea0", ("known_id_in_name",)),  # in the resource ID
    ("Foo.Bar_1.0.0.0_x64_8wekyb3d8bbw_zpdnekdrzrea0", ()),  # one character short
    ("8wekyb3d8bbwe_8wekyb3d8bbwe", ("known_id_in_name",)),
    ("Foo.Bar_1.0.0.0_UNKNOWN__zpdnekdrzrea0", ("unknown_architecture",)),
    ("Foo.Bar_1234567890abc", ("placeholder_id",)),
    ("Foo.Bar_1.0.0.0_x64__RV8ym4y7mg4aw", ("id_case", "placeholder_id")),
    (
        "cw5n1h2txyewy_1.0.0.0_unknown__ZPDNEKDRZREAZ",
        ("id_parity", "id_case", "known_id_in_name", "unknown_architecture"),
    ),
]


def is_reserved(text: str) -> bool:
    """Microsoft's list of prohibited strings, spelled out: device names, xn-- and a dot at the end."""
    lower = text.lower()
    devices = ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))]
    return (
        lower.split(".")[0] in devices
        or lower.endswith(".")
        or any(part.startswith("xn--") for part in lower.split("."))
    )


def package_strings(shortest: int, longest: int) -> st.SearchStrategy[str]:
    text = st.text(CHARACTERS, min_size=shortest, max_size=longest)
    return text.filter(lambda made: not is_reserved(made))


VERSIONS = st.lists(st.integers(0, 65535), min_size=4, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
PUBLISHER_IDS = st.text(ID_CHARACTERS, min_size=13, max_size=13)
PACKAGES = st.builds(
    PackageFullName,
    name=package_strings(3, 50),
    version=VERSIONS,
    architecture=st.sampled_from([*ARCHITECTURES, "unknown"]),
    resource_id=st.one_of(st.just("~"), package_strings(0, 30)),
    publisher_id=PUBLISHER_IDS,
)
FAMILIES = st.builds(PackageFamilyName, name=package_strings(3, 50), publisher_id=PUBLISHER_IDS)
# Text that comes close: the grammar's own characters, and all others now and then.
NEAR_NAMES = st.one_of(st.text(CHARACTERS + "_~! \n\\", max_size=140), st.text(st.characters(), max_size=60))


@pytest.mark.parametrize("row", FULL_NAMES, ids=lambda row: row["why"])
def test_a_package_full_name_has_five_parts(row: dict[str, str]) -> None:
    package = parse_full_name(row["text"])
    assert package._asdict() == {part: row[part] for part in PackageFullName._fields}
    assert package.kind == row["kind"]
    assert package.family_name == f"{row['name']}_{row['publisher_id']}"
    assert " ".join(warnings(package, row["text"])) == row["warning"]


@pytest.mark.parametrize("row", FAMILY_NAMES, ids=lambda row: row["why"])
def test_a_package_family_name_has_two_parts(row: dict[str, str]) -> None:
    text = row["text"].partition("!")[0]
    family = parse_family_name(text)
    assert family == PackageFamilyName(row["name"], row["publisher_id"])
    assert " ".join(warnings(family, text)) == row["warning"]


@pytest.mark.parametrize("row", [row for row in INVALID_NAMES if row["form"] == "full"], ids=lambda row: row["why"])
def test_text_that_was_refused_as_a_package_full_name_is_refused_with_its_reason(row: dict[str, str]) -> None:
    with pytest.raises(InvalidPackageFullName) as caught:
        parse_full_name(row["text"])
    assert str(caught.value).startswith(row["reason"])
    assert str(caught.value).endswith(": " + repr(row["text"]))


@pytest.mark.parametrize(("text", "reason"), MORE_INVALID)
def test_an_invalid_package_full_name_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPackageFullName) as caught:
        parse_full_name(text)
    assert str(caught.value).startswith(reason)
    assert str(caught.value).endswith(": " + repr(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [*INVALID_FAMILY_NAMES, *((row["text"], row["reason"]) for row in INVALID_NAMES if row["form"] == "family")],
)
def test_an_invalid_package_family_name_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPackageFamilyName) as caught:
        parse_family_name(text)
    assert str(caught.value).startswith(reason)
    assert str(caught.value).endswith(": " + repr(text))


def test_a_huge_input_is_shortened_in_the_message() -> None:
    with pytest.raises(InvalidPackageFullName) as caught:
        parse_full_name("_" * 1_000_000)
    assert str(caught.value) == f"a package full name has 5 fields joined by '_', not 1000001: '{'_' * 76}..."


@pytest.mark.parametrize("word", ["X86", "x64", "Arm", "ARM64", "x86A64", "Neutral"])
def test_all_architectures_of_microsoft_are_known_in_any_case(word: str) -> None:
    assert parse_full_name(f"Foo.Bar_1.0.0.0_{word}__8wekyb3d8bbwe").architecture == word.lower()


def test_a_version_number_is_0_to_65535() -> None:
    accepted = []
    for number in range(70_000):
        try:
            parse_full_name(f"Foo.Bar_0.{number}.0.0_x64__8wekyb3d8bbwe")
        except InvalidPackageFullName:
            continue
        accepted.append(number)
    assert accepted == list(range(65_536))


@pytest.mark.parametrize(("resource_id", "kind"), KINDS)
def test_the_resource_id_tells_the_kind(resource_id: str, kind: str) -> None:
    assert parse_full_name(f"Foo.Bar_1.0.0.0_neutral_{resource_id}_8wekyb3d8bbwe").kind == kind


@pytest.mark.parametrize(("text", "expected"), WARNINGS)
def test_odd_but_legal_identities_are_named(text: str, expected: tuple[str, ...]) -> None:
    parse = parse_full_name if text.count("_") == 4 else parse_family_name
    identity: PackageFullName | PackageFamilyName = parse(text)
    assert warnings(identity, text) == expected


def test_other_well_known_ids_can_be_looked_for() -> None:
    text = "My.zpdnekdrzrea0_1.0.0.0_x64_8wekyb3d8bbwe_mcm4njqhnhss8"
    assert warnings(parse_full_name(text), text, {"zpdnekdrzrea0"}) == ("known_id_in_name",)
    assert warnings(parse_full_name(text), text, set()) == ()


def test_the_well_known_ids_are_those_of_microsoft() -> None:
    place = "O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
    assert {publisher_id(f"CN=Microsoft {name}, {place}") for name in ("Corporation", "Windows")} == MICROSOFT_IDS


@pytest.mark.parametrize(("publisher", "expected"), DEVELOPMENT_PUBLISHERS)
def test_publishers_of_project_templates_are_placeholders(publisher: str, expected: str) -> None:
    assert publisher_id(publisher) == expected
    assert expected in PLACEHOLDER_IDS


@given(PACKAGES)
def test_a_formatted_package_full_name_parses_to_the_same_parts(package: PackageFullName) -> None:
    assert parse_full_name(str(package)) == package
    assert 30 <= len(str(package)) <= 127


@given(FAMILIES)
def test_a_formatted_package_family_name_parses_to_the_same_parts(family: PackageFamilyName) -> None:
    assert parse_family_name(str(family)) == family
    assert 17 <= len(str(family)) <= 64


@given(PACKAGES)
def test_a_package_full_name_in_capitals_is_the_same_package(package: PackageFullName) -> None:
    text = str(package).upper()
    shouted = parse_full_name(text)
    assert str(shouted).lower() == str(package).lower()
    assert (shouted.architecture, shouted.publisher_id) == (package.architecture, package.publisher_id)


@given(PACKAGES, st.sampled_from(["prn", "Com1", "nul.txt", "xn--bar", "a.xn--b", "Foo.", "..."]))
def test_reserved_strings_are_refused_in_any_package(package: PackageFullName, reserved: str) -> None:
    with pytest.raises(InvalidPackageFullName, match="package name is reserved by Windows"):
        parse_full_name(str(package._replace(name=reserved)))
    with pytest.raises(InvalidPackageFullName, match="resource ID is reserved by Windows"):
        parse_full_name(str(package._replace(resource_id=reserved)))


@given(PACKAGES, st.integers(0, 126), st.characters())
def test_one_changed_character_gives_another_name_or_is_refused(
    package: PackageFullName, place: int, character: str
) -> None:
    text = str(package)
    assume(place < len(text) and character != text[place])
    changed = text[:place] + character + text[place + 1 :]
    try:
        parsed = parse_full_name(changed)
    except InvalidPackageFullName:
        return
    assert str(parsed).lower() == changed.lower()
    assert changed.isascii()


@given(NEAR_NAMES)
def test_any_text_is_parsed_without_loss_or_refused_with_the_documented_error(text: str) -> None:
    with suppress(InvalidPackageFullName):
        assert str(parse_full_name(text)).lower() == text.lower()
    with suppress(InvalidPackageFamilyName):
        assert str(parse_family_name(text)).lower() == text.lower()
