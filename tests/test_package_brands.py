from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from msix.brands import Brands
from package_brands import read_brands

LOOKUPS = Path(__file__).resolve().parent.parent / "lookups"

BRANDS = "package_brands_20250101.csv"
PUBLISHERS = "package_publishers_20250101.csv"
CONFUSABLES = "package_confusables_20250101.csv"
BRANDS_HEADER = "brand,publisher_ids,package_names,aliases,source,ordinary_aliases,other_words\n"
PUBLISHERS_HEADER = "publisher_id,publisher_class,publisher_name,example_package\n"
CONFUSABLES_HEADER = "character,latin,source\n"
TABLES = {
    BRANDS: BRANDS_HEADER + "Telegram,T4VJ0PSHHGKWM,A.Unigram,telegram tele-app,x,tele-app,telegraf\n",
    PUBLISHERS: PUBLISHERS_HEADER
    + "CV1G1GVANYJGM,Store,WhatsApp,5319275A.WhatsAppDesktop; 5319275B.Other\n"
    + "cvpb331a1f8hw,malicious,IMPERIOUS,CiscoSystems.Webex\n"
    + "my3dts62r7fp4,development,CN=ms,ElectronApplication.X\n"
    + "6mqt6hf9g46tw,store,Fitbit,\n",
    CONFUSABLES: CONFUSABLES_HEADER + "U+043E,o,x\nU+1D04,c,x\n",
}
STRANGER = "c2yjt6za8ar62"


def read(folder: Path, files: dict[str, str]) -> tuple[Brands, str]:
    lookups = folder / "lookups"
    lookups.mkdir()
    for name, content in files.items():
        (lookups / name).write_bytes(content.encode())
    return read_brands(lookups)


@pytest.mark.parametrize(
    ("name", "publisher_id", "display_name", "expected"),
    [
        ("Contoso.Telegram", STRANGER, "", ("Telegram", "name")),
        ("Contoso.Telegram", "t4vj0pshhgkwm", "", ("Telegram", "own")),
        ("A.Unigram", STRANGER, "", ("Telegram", "name")),
        ("Contoso.TeleApp", STRANGER, "", ("Telegram", "name")),
        ("Contoso.TeleApp.Remote", STRANGER, "", ("", "")),  # an ordinary alias
        ("Contoso.Telegraf", STRANGER, "", ("", "")),  # another word
        ("Contoso.Telegran", STRANGER, "", ("Telegram", "lookalike")),
        ("Contoso.Setup", STRANGER, "Teleg\u043eam", ("Telegram", "lookalike")),
        ("5319275A.Setup", STRANGER, "", ("WhatsApp", "known_name")),
        ("5319275B.Setup", STRANGER, "", ("WhatsApp", "known_name")),
        ("5319275B.Setup", "cv1g1gvanyjgm", "", ("", "")),
        ("CiscoSystems.Webex", STRANGER, "", ("", "")),  # nobody's good name
        ("ElectronApplication.X", STRANGER, "", ("", "")),
    ],
)
def test_the_three_tables_are_used(
    tmp_path: Path, name: str, publisher_id: str, display_name: str, expected: tuple[str, str]
) -> None:
    brands, trouble = read(tmp_path, TABLES)
    assert trouble == ""
    assert brands.judge(name, publisher_id, display_name) == expected


@pytest.mark.parametrize(
    ("file", "row", "problem"),
    [
        (BRANDS, "Zoom,8wekyb3d8bbwo,,zoom,x,,", "'8wekyb3d8bbwo' is not a publisher ID"),
        (BRANDS, "Zoom,,,zoom -meetings,x,,", "'-meetings' is not an alias: words of letters a to z and digits"),
        (BRANDS, "Zoom,,,zo--om,x,,", "'zo--om' is not an alias"),
        (BRANDS, "Zoom,,,a-b-c-d-e-f,x,,", "'a-b-c-d-e-f' is not an alias"),
        (BRANDS, f"Zoom,,,{'z' * 31},x,,", f"'{'z' * 31}' is not an alias"),
        (BRANDS, "Zoom,,,z\u043eom,x,,", "'z\u043eom' is not an alias"),
        (BRANDS, "Zoom,,,zoom,x,meetings,", "'meetings' is an ordinary alias, but not an alias"),
        (BRANDS, "Zoom,,,,x,,", "has no brand or no alias"),
        (BRANDS, ",,,zoom,x,,", "has no brand or no alias"),
        (BRANDS, "Zoom,,,zoom", "has too few cells"),
        (CONFUSABLES, "043E,o,x", "'043E' is not a character written as U+XXXX"),
        (CONFUSABLES, "U+43e,o,x", "'U+43e' is not a character written as U+XXXX"),
        (CONFUSABLES, "U+0430,\u0430,x", "'\u0430' is not a letter A to Z"),
        (CONFUSABLES, "U+0430,ae,x", "'ae' is not a letter A to Z"),
    ],
)
def test_a_wrong_row_is_skipped_and_named(tmp_path: Path, file: str, row: str, problem: str) -> None:
    brands, trouble = read(tmp_path, {**TABLES, file: TABLES[file] + row + "\n"})
    line = TABLES[file].count("\n") + 1
    assert trouble.startswith(f"lookups/{file} has 1 rows that were skipped: correct them; the first is line {line}: ")
    assert problem in trouble
    assert brands.judge("Contoso.Setup", STRANGER, "Telegram") == ("Telegram", "name")


def test_without_any_table_nobody_is_found_and_each_is_named(tmp_path: Path) -> None:
    brands, trouble = read(tmp_path, {})
    assert brands.judge("CiscoSystems.Webex", STRANGER, "Zoom") == ("", "")
    files = [text.partition(" ")[0] for text in trouble.split("; ")]
    names = ("package_brands", "package_publishers", "package_confusables")
    assert files == [f"lookups/{name}_<yyyymmdd>.csv" for name in names]


# ---------------------------------------------------------------- the tables that ship


def shipped(table: str) -> list[dict[str, str]]:
    [path] = LOOKUPS.glob(f"{table}_2*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ours() -> Brands:
    brands, trouble = read_brands(LOOKUPS)
    assert trouble == ""
    return brands


def test_every_row_that_ships_says_where_it_is_from() -> None:
    for table in ("package_brands", "package_confusables"):
        rows = shipped(table)
        assert all(row["source"] for row in rows)
    assert len({row["brand"] for row in shipped("package_brands")}) == len(shipped("package_brands"))


def test_a_confusable_is_listed_only_where_normalisation_does_not_help() -> None:
    rows = shipped("package_confusables")
    characters = [chr(int(row["character"][2:], 16)) for row in rows]
    assert characters == sorted(set(characters))
    assert all(unicodedata.normalize("NFKD", character) == character for character in characters)


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("Z\u043e\u043em", "Zoom"),  # Cyrillic o
        ("\u0405lack", "Slack"),  # Cyrillic dze
        ("\u0399Tunes", "Apple"),  # Greek iota
        ("Te\u04cfegram", "Telegram"),  # Cyrillic palochka
        ("Ado\u0184e", "Adobe"),  # Latin tone six
        ("Dr\u00f8pbox", "Dropbox"),  # struck o
        ("W\u0131nRAR", "WinRAR"),  # dotless i
        ("\u0422\u0435\u0430m\u0455", "Microsoft Teams"),
        ("\uff34\uff45\uff41\uff4d\uff53", "Microsoft Teams"),
        ("\u0137eepass", "KeePass"),  # seen in a lure's host name
        ("Gr\u0430mmarly", "Grammarly"),
    ],
)
def test_characters_that_look_like_latin_letters(ours: Brands, text: str, brand: str) -> None:
    assert ours.judge("Contoso.Setup", STRANGER, text) == (brand, "lookalike")


# Every known package with the row of its publisher.
KNOWN = [
    (name, row)
    for row in shipped("package_publishers")
    for name in row["example_package"].split("; ")
    if name and row["publisher_class"] not in ("malicious", "development")
]


@pytest.mark.parametrize(("name", "row"), KNOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_no_known_package_is_held_against_its_own_publisher(ours: Brands, name: str, row: dict[str, str]) -> None:
    assert ours.judge(name, row["publisher_id"]).match in ("own", "")
    assert ours.judge(name, STRANGER).match in ("name", "known_name", "")


def test_the_packages_of_every_brand_are_its_own_and_nobody_elses(ours: Brands) -> None:
    for row in shipped("package_brands"):
        for name in row["package_names"].split():
            for publisher_id in row["publisher_ids"].split():
                assert ours.judge(name, publisher_id).match == "own", name
            assert ours.judge(name, STRANGER).match == "name", name
        # Alone, every alias is the brand's name; as a run of words unless it is an ordinary word or short.
        for alias in row["aliases"].split():
            assert ours.judge("-", STRANGER, alias.replace("-", " ")) == (row["brand"], "name"), alias
            found = ours.judge("-", STRANGER, f"Contoso {alias.replace('-', ' ')} quilt")
            ordinary = alias in row["ordinary_aliases"].split() or len(alias.replace("-", "")) < 5
            assert (found.brand == row["brand"]) != ordinary, alias


# Names of Store applications and words of everyday language near which a brand lies. No list can be complete; these are
# from the app's own table of publishers, the search for look-alikes in the words of manual pages, and known confusions.
INNOCENT = [
    *(
        "ZoomIt",
        "Zoomable",
        "Photo Zoom Pro 8",
        "Brave New World",
        "Notions",
        "Motion",
        "Dream Teams",
        "ArcGIS",
        "Arcade",
    ),
    *("OpenGL Viewer", "OpenCL", "OpenAPI Editor", "OpenAL", "Telegraf", "Firebox", "Notepads", "Cropbox", "WinSup"),
    *(
        "Cloud Drive",
        "Tunes",
        "Nation",
        "Putty Knife Shop",
        "Slack Line",
        "Black Desktop",
        "Dark Browser",
        "Edge",
        "Vic",
    ),
    *("Learn Python", "Amazon Rainforest", "Shopify", "Citric Acid", "Tableaux", "Weather Outlook", "Claudia", "Adore"),
    *(
        "Stream Viewer",
        "TreeViewer",
        "Any Desk Booking",
        "Tik Tok Clock",
        "Twister",
        "Winship",
        "App Installer",
        "Store",
    ),
    *("Defender of the Crown", "Messenger", "Trellis", "Acrobatics", "Chromatic", "Android App Installer", "Net file"),
    *("Hyper for YouTube", "News Reader for CNN", "WinBar", "Keep Notes", "X", "PC Cleaner", "Screenshot Tool"),
    *(
        "BraveNewWorld",
        "DreamTeams",
        "SlackLine",
        "StreamViewer",
        "ItemViewer",
        "BlackTechnologies",
        "AndroidAppInstaller",
    ),
]


@pytest.mark.parametrize("name", INNOCENT)
def test_ordinary_names_bear_nobodys_name(ours: Brands, name: str) -> None:
    assert ours.judge(f"Litware.{name.replace(' ', '-')}", STRANGER, name) == ("", "")


# The lures of public reports (files, packages and display names) that the list of brands comes from.
@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("CiscoSystems.Webex", "Cisco Webex"),
        ("Chrome-x64", "Google Chrome"),
        ("Brave-x64", "Brave"),
        ("Webex-x64", "Cisco Webex"),
        ("CPU-Z-x86", "CPU-Z"),
        ("Citrix-x64", "Citrix Workspace"),
        ("RealVNC-x64", "RealVNC"),
        ("TurboTax-x64", "TurboTax"),
        ("Adobe", "Adobe"),
        ("8wekyb3d8bbwe.Zoom", "Zoom"),
    ],
)
def test_the_lures_of_public_reports_bear_a_brands_name(ours: Brands, name: str, brand: str) -> None:
    assert ours.judge(name, STRANGER) == (brand, "name")
    assert ours.judge("Contoso.Setup", STRANGER, name) == (brand, "name")
