import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msix.publisher import InvalidPublisher, publisher_id

# Publishers and family names that public sources name independently of each other (column source); "match-preimage"
# is a publisher that was found by trying likely names until the 64 bits agreed.
with (Path(__file__).parent / "data" / "publisher_pairs.csv").open(encoding="utf-8", newline="") as file:
    PAIRS = list(csv.DictReader(file))

MICROSOFT = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"

# What a publisher must not be changed into before the ID is computed. All computed outside this project.
NOTHING_IS_NORMALISED = [
    (MICROSOFT, "8wekyb3d8bbwe"),
    (MICROSOFT.replace("Corporation", "Windows", 1), "cw5n1h2txyewy"),
    (MICROSOFT.lower(), "z51akpfq560k2"),
    (MICROSOFT.upper(), "5c9t91p2hh7nm"),  # as AppLocker policies print it
    (MICROSOFT.replace(", ", ","), "1svtxmm3985m4"),
    (MICROSOFT + " ", "c8txjm940nrc4"),
    (MICROSOFT.replace("S=", "ST="), "gxmfxk2k1sqgm"),  # as OpenSSL prints it
    (", ".join(reversed(MICROSOFT.split(", "))), "mc4wj1f4h8fhj"),
    ('CN="Slack Technologies, LLC", O="Slack Technologies, LLC", L=San Francisco, S=California, C=US', "8yrtsj140pw4g"),
    ("CN=Slack Technologies, LLC, O=Slack Technologies, LLC, L=San Francisco, S=California, C=US", "07mcw7j6gv2jm"),
    ("CN=MyPublisherCommonName, O=MyOrganization, C=MyCountry, L=MyCity2", "0rxggyxen88sc"),
    ("CN=AppModelSamples, OID.2.25.311729368913984317654407730594956997722=1", "enwe9x4v0qrtw"),  # unsigned package
    ("CN=A & B", "nhrx2ax5fge3a"),
    ("CN=A &amp; B", "aa4bswdxpbgj6"),  # an XML entity that was not undone
    ("CN=453637b3-4e12-4cdf-b0d3-2a3c863bf6ef", "jdb09btx2re24"),
    ("CN=453637B3-4E12-4CDF-B0D3-2A3C863BF6EF", "zpdnekdrzrea0"),
]

INVALID = [
    ("", "publisher is empty: ''"),  # its hash, werc8gmrzge18, would be the ID of every package without a publisher
    ("a" * 8193, f"publisher must have 1 to 8192 characters, not 8193: '{'a' * 76}..."),
    ("CN=\ud800", r"publisher has half a surrogate pair at character 4: 'CN=\ud800'"),
    ("\udc00CN=A", r"publisher has half a surrogate pair at character 1: '\udc00CN=A'"),
]


def test_the_table_has_all_independent_pairs() -> None:
    assert len(PAIRS) == 72
    assert {pair["verified"] for pair in PAIRS} == {"match", "match-preimage"}
    families = [(pair["example_family"], pair["publisher_id"]) for pair in PAIRS if pair["example_family"]]
    assert len(families) == 58
    assert all(family.endswith("_" + expected) for family, expected in families)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["publisher_id"])
def test_a_publisher_gives_the_id_that_was_seen_in_family_names(pair: dict[str, str]) -> None:
    assert publisher_id(pair["publisher"]) == pair["publisher_id"]


@pytest.mark.parametrize(("publisher", "expected"), NOTHING_IS_NORMALISED)
def test_every_character_of_a_publisher_counts(publisher: str, expected: str) -> None:
    assert publisher_id(publisher) == expected


@pytest.mark.parametrize(("publisher", "message"), INVALID)
def test_what_cannot_be_a_publisher_is_refused(publisher: str, message: str) -> None:
    with pytest.raises(InvalidPublisher) as caught:
        publisher_id(publisher)
    assert str(caught.value) == message


def test_a_publisher_may_have_8192_characters() -> None:
    assert len(publisher_id("a" * 8192)) == 13


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_gives_an_id_of_64_bits_or_is_refused(text: str) -> None:
    try:
        made = publisher_id(text)
    except InvalidPublisher:
        assert not text or any("\ud800" <= character <= "\udfff" for character in text)
    else:
        assert len(made) == 13
        assert set(made) <= set("0123456789abcdefghjkmnpqrstvwxyz")
        assert made[-1] in "02468acegjmprtwy"
