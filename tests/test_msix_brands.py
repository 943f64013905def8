from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msix.brands import MATCHES, Brand, Brands, Judgement, KnownPackage

ZOOM = Brand("Zoom", frozenset(), aliases=("zoom", "zoom-meetings"), ordinary=frozenset({"zoom"}))
TEAMS = Brand(
    "Microsoft Teams",
    frozenset({"8wekyb3d8bbwe"}),
    frozenset({"msteams"}),
    ("microsoft-teams", "ms-teams", "teams"),
    frozenset({"teams"}),
)
MICROSOFT = Brand("Microsoft", frozenset({"8wekyb3d8bbwe", "cw5n1h2txyewy"}), aliases=("microsoft",))
TRELLO = Brand("Trello", frozenset({"7pb5ddty8z1pa"}), aliases=("trello",))
BRAVE = Brand("Brave", frozenset(), aliases=("brave", "brave-browser"), ordinary=frozenset({"brave"}))
NOTION = Brand("Notion", frozenset(), aliases=("notion",), ordinary=frozenset({"notion"}))
ARC = Brand("Arc", frozenset({"ttt1ap7aakyb4"}), aliases=("arc", "arc-browser"))
WEBEX = Brand("Cisco Webex", frozenset(), aliases=("webex",))
ANYDESK = Brand("AnyDesk", frozenset(), aliases=("anydesk",))
TEAMVIEWER = Brand("TeamViewer", frozenset(), aliases=("teamviewer",), other_words=frozenset({"streamviewer"}))
TELEGRAM = Brand("Telegram", frozenset({"t4vj0pshhgkwm"}), aliases=("telegram",), other_words=frozenset({"telegraf"}))
SLACK = Brand("Slack", frozenset(), aliases=("slack", "slack-technologies"), ordinary=frozenset({"slack"}))
CHROME = Brand("Google Chrome", frozenset(), aliases=("chrome", "google-chrome"), ordinary=frozenset({"chrome"}))
NOTEPAD = Brand("Notepad++", frozenset({"7njy0v32s6xk6"}), aliases=("notepad-plus-plus",))

KNOWN = [
    KnownPackage("5319275A.WhatsAppDesktop", "cv1g1gvanyjgm", "WhatsApp"),
    KnownPackage("DellInc.DellDigitalDelivery", "htrsf667h5kn2", "Dell Inc"),
    KnownPackage("king.com.CandyCrushSaga", "kgqvnymyfvs32", "King"),
    KnownPackage("Conveyor", "fg3qp2cw01ypp", "Hydraulic"),
    KnownPackage("11560RaynetGmbH.RayPack", "n395tecb6fd4t", "Raynet GmbH"),
    KnownPackage("11560RaynetGmbH.RayPack", "whm4wqzjy81pg", "Raynet GmbH"),
    KnownPackage("7pb5ddty.Trello", "kgqvnymyfvs32", "Somebody"),
]
# By Unicode Technical Standard 39, confusables.txt.
CONFUSABLES = {"\u043e": "o", "\u0435": "e", "\u0430": "a"}

BRANDS = Brands(
    [
        *(ZOOM, TEAMS, MICROSOFT, TRELLO, BRAVE, NOTION, ARC, WEBEX, ANYDESK, TEAMVIEWER, TELEGRAM, SLACK, CHROME),
        NOTEPAD,
    ],
    KNOWN,
    CONFUSABLES,
)
STRANGER = "c2yjt6za8ar62"
NOBODY = Judgement("", "")


def judge(package_name: str, publisher_id: str = STRANGER, display_name: str = "") -> tuple[str, str]:
    return BRANDS.judge(package_name, publisher_id, display_name)


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("CiscoSystems.Webex", "Cisco Webex"),
        ("CiscoSystems.WEBEX", "Cisco Webex"),
        ("8wekyb3d8bbwe.Zoom", "Zoom"),
        ("Zoom-x64", "Zoom"),
        ("ZoomInstaller", "Zoom"),
        ("Contoso.ZoomMeetingsForYou", "Zoom"),
        ("Microsoft.Teams.Update", "Microsoft Teams"),  # the longest name that is found
        ("Contoso.MicrosoftTeamsBackgrounds", "Microsoft Teams"),
        ("MSTeams", "Microsoft Teams"),
        ("Microsoft.Viewer", "Microsoft"),
        ("Brave.Setup", "Brave"),
        ("BraveBrowser", "Brave"),
        ("Contoso.MyTelegramClient", "Telegram"),
        ("45273LiamForsyth.PawsforTrello", "Trello"),
        ("Arc", "Arc"),
        ("NotepadPlusPlus", "Notepad++"),
    ],
)
def test_a_brands_name_under_another_publisher_id(name: str, brand: str) -> None:
    assert judge(name) == (brand, "name")


@pytest.mark.parametrize(
    "name",
    [
        *("Contoso.ZoomIt", "Contoso.zoomable", "PhotoZoom.App", "BraveNewWorld", "Litware.BraveNewWorld"),
        *(
            "JackieLiu.Notions",
            "Litware.DreamTeams",
            "Contoso.Teams.Helper",
            "ArcGIS.Pro",
            "Esri.ArcMap",
            "March.Arcade",
        ),
        *("Contoso.Telegraf", "Litware.StreamViewer", "BlackTechnologies.App", "Dark.Browser", "Contoso.Slacker"),
        *("Northwind.Viewer", "3669e262-ec02-4e9d-bcb4-3d008b4afac9", "x", ""),
    ],
)
def test_names_that_only_hold_a_brands_word(name: str) -> None:
    assert judge(name) == NOBODY


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("Contoso.TelegrarnApp", "Telegram"),  # rn for m
        ("Te1egram", "Telegram"),
        ("TeIegram", "Telegram"),  # a capital i
        ("Mlcrosoft.Viewer", "Microsoft"),
        ("Micros0ft.Viewer", "Microsoft"),
        ("VVebex", "Cisco Webex"),
        ("Z00m", "Zoom"),
        ("Contoso.Chrorne", "Google Chrome"),
        ("Any-Desk", "AnyDesk"),
        ("Any.Desk.Client", "AnyDesk"),
        ("Contoso.Tele.Gram", "Telegram"),
        ("Z-o-o-m", "Zoom"),
        ("Trelo.App", "Trello"),
        ("Micorsoft.Viewer", "Microsoft"),
        ("Contoso.TaemViewr", "TeamViewer"),  # two edits, ten letters
        ("GogleChrome", "Google Chrome"),
    ],
)
def test_a_name_that_looks_like_a_brands(name: str, brand: str) -> None:
    assert judge(name) == (brand, "lookalike")


@pytest.mark.parametrize(
    "name",
    [
        *("Zoon", "Vebex", "Contoso.Wbex", "Motion", "Notiom", "Brove", "Chromo"),  # short, or ordinary words
        *("Telegrxx", "Contoso.Terlol"),  # two edits in words of eight and six letters
        *("Zo-om", "A-rc"),  # separators inside short names
        *("Book.Any.Desk.Now.Or.Later", "Contoso.Any.Desk.Booking"),
    ],
)
def test_what_is_too_far_from_a_brands_name(name: str) -> None:
    assert judge(name) == NOBODY


@pytest.mark.parametrize(
    ("display_name", "expected"),
    [
        ("Zoom", ("Zoom", "name")),
        ("Zoom\u2122 Installer 5.17", ("Zoom", "name")),
        ("Zo\u200bom", ("Zoom", "name")),
        ("\u202eZoom", ("Zoom", "name")),
        ("Brave \u2013 private browsing", ("Brave", "name")),
        ("Slack for Windows", ("Slack", "name")),
        ("Paws for Trello", ("Trello", "name")),
        ("Notepad++", ("Notepad++", "name")),
        ("\u0412\u0430\u0448 Telegram", ("Telegram", "name")),  # other letters beside it do not matter
        ("Micros0ft Teams", ("Microsoft Teams", "lookalike")),
        ("Micr\u043esoft Teams", ("Microsoft Teams", "lookalike")),
        ("Micros\u043eft Te\u0430ms", ("Microsoft Teams", "lookalike")),
        ("T\u00e9l\u00e9gram", ("Telegram", "lookalike")),
        ("\uff3a\uff4f\uff4f\uff4d", ("Zoom", "lookalike")),
        ("Any Desk", ("AnyDesk", "lookalike")),
        ("Any Desk - remote control", ("AnyDesk", "lookalike")),
        ("Any Desk Booking", NOBODY),
        ("Zoom In Magnifier", NOBODY),
        ("Brave New World", NOBODY),
        ("Notions of Time", NOBODY),
        ("Dream Teams", NOBODY),
        ("\u00e9zoom", NOBODY),
        ("ms-resource:Zoom", NOBODY),
        ("MS-Resource:AppDisplayName", NOBODY),
        ("-", NOBODY),
        ("NULL", NOBODY),
        (" ", NOBODY),
        ("x" * 1_000_000 + " Zoom", NOBODY),  # no display name is so long
        ("\ud800", NOBODY),
    ],
)
def test_the_display_name_is_looked_at_too(display_name: str, expected: tuple[str, str]) -> None:
    assert judge("Contoso.Setup", display_name=display_name) == expected
    assert judge("-", display_name=display_name) == expected


@pytest.mark.parametrize(
    ("name", "publisher_id", "display_name", "brand"),
    [
        ("Microsoft.Teams", "8wekyb3d8bbwe", "", "Microsoft Teams"),
        ("Microsoft.Teams", "8WEKYB3D8BBWE", "", "Microsoft Teams"),  # IDs compare without case
        (
            "Microsoft.Teams",
            "cw5n1h2txyewy",
            "",
            "Microsoft",
        ),  # not of the more specific brand, but of a brand it bears
        ("45273LiamForsyth.PawsforTrello", "7pb5ddty8z1pa", "Trello for Zoom Meetings", "Trello"),
        ("Telegrarn", "t4vj0pshhgkwm", "", "Telegram"),
        ("Contoso.Setup", "t4vj0pshhgkwm", "Telegram", "Telegram"),
        ("7pb5ddty.Trello", "7pb5ddty8z1pa", "", "Trello"),
    ],
)
def test_a_brands_own_publisher_id_wins(name: str, publisher_id: str, display_name: str, brand: str) -> None:
    assert judge(name, publisher_id, display_name) == (brand, "own")


@pytest.mark.parametrize("publisher_id", ["", " ", "-", "NULL", "null"])
def test_without_a_publisher_id_nothing_is_said(publisher_id: str) -> None:
    assert judge("CiscoSystems.Webex", publisher_id, "Zoom") == NOBODY


@pytest.mark.parametrize(
    ("name", "publisher_id", "expected"),
    [
        ("5319275A.Setup", STRANGER, ("WhatsApp", "known_name")),  # the Store account's first part
        ("5319275a.whatsappdesktop", STRANGER, ("WhatsApp", "known_name")),
        ("5319275A.Setup", "cv1g1gvanyjgm", NOBODY),
        ("DellInc.Anything", STRANGER, ("Dell Inc", "known_name")),
        ("DellIncorporated.Anything", STRANGER, NOBODY),
        ("DellInc", STRANGER, NOBODY),
        ("king.com.CandyCrushSaga", STRANGER, ("King", "known_name")),
        ("king.com.Anything", STRANGER, NOBODY),  # "king" is too short to be somebody's
        ("Conveyor", STRANGER, NOBODY),  # no name of an account: anybody's to choose
        ("Conveyor.Belt", STRANGER, NOBODY),
        ("11560RaynetGmbH.Other", "n395tecb6fd4t", NOBODY),
        ("11560RaynetGmbH.Other", "whm4wqzjy81pg", NOBODY),  # the account's other ID
        ("11560RaynetGmbH.Other", STRANGER, ("Raynet GmbH", "known_name")),
    ],
)
def test_a_known_packages_name_under_another_publisher_id(
    name: str, publisher_id: str, expected: tuple[str, str]
) -> None:
    assert judge(name, publisher_id) == expected


@pytest.mark.parametrize(
    ("name", "display_name", "expected"),
    [
        ("5319275A.Zoom", "", ("Zoom", "name")),
        ("5319275A.Setup", "Zoom", ("Zoom", "name")),
        ("5319275A.Setup", "Micros0ft", ("WhatsApp", "known_name")),
        ("Contoso.Setup", "Telegrarn for Trello", ("Trello", "name")),
    ],
)
def test_a_name_comes_before_a_known_name_and_that_before_a_lookalike(
    name: str, display_name: str, expected: tuple[str, str]
) -> None:
    assert judge(name, display_name=display_name) == expected


def test_without_brands_nobody_is_found() -> None:
    assert Brands([]).judge("Microsoft.Teams", STRANGER, "Zoom") == NOBODY


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=300))
def test_any_text_is_judged(name: str, display_name: str) -> None:
    assert judge(name, display_name=display_name)[1] in {*MATCHES, ""}


@given(st.text("ZoOm0. -Te\u043eams1lI\u200b", max_size=40))
def test_a_judgement_names_a_brand_exactly_where_it_has_a_match(display_name: str) -> None:
    brand, match = judge("-", display_name=display_name)
    assert bool(brand) == bool(match)
