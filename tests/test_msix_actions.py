import pytest
from hypothesis import given
from hypothesis import strategies as st
from msix.actions import PackageAction, is_list_name, parse_action_lists

BUNDLE = "Foo.Bar_2.0.0.0_neutral_~_8wekyb3d8bbwe"
X64 = "Foo.Bar_2.0.0.0_x64__8wekyb3d8bbwe"
SPLIT = "Foo.Bar_2.0.0.0_neutral_split.scale-100_8wekyb3d8bbwe"
OLD_BUNDLE = "Foo.Bar_1.0.0.0_neutral_~_8wekyb3d8bbwe"
OLD_X64 = "Foo.Bar_1.0.0.0_x64__8wekyb3d8bbwe"
OLD_SPLIT = "Foo.Bar_1.0.0.0_neutral_split.scale-100_8wekyb3d8bbwe"
OTHER = "Other.App_1.0.0.0_x64__cvpb331a1f8hw"

# The shapes of all event 855 values found in public, with names of our own.
SEEN = [
    pytest.param(
        f" addPackageList: {X64}",
        [("add", "", X64)],
        id="first logon: one package",
    ),
    pytest.param(
        f" addPackageList: {SPLIT} {BUNDLE} updateList: {OLD_X64} is updating to {X64}",
        [("add", "", SPLIT), ("add", "", BUNDLE), ("update", OLD_X64, X64)],
        id="the Store updates itself",
    ),
    pytest.param(
        f" updateList: {OLD_BUNDLE} is updating to {BUNDLE} {OLD_X64} is updating to {X64}",
        [("update", OLD_BUNDLE, BUNDLE), ("update", OLD_X64, X64)],
        id="deferred: two updates back to back",
    ),
    pytest.param(
        f" addPackageList: {BUNDLE} {X64}",
        [("add", "", BUNDLE), ("add", "", X64)],
        id="provisioned: bundle first",
    ),
    pytest.param(
        f" addPackageList: {BUNDLE} updateList: {OLD_X64} is updating to {X64} destagePackageList: {OLD_BUNDLE}",
        [("add", "", BUNDLE), ("update", OLD_X64, X64), ("destage", "", OLD_BUNDLE)],
        id="registered: three lists",
    ),
    pytest.param(
        f" addPackageList: {X64} {BUNDLE}",
        [("add", "", X64), ("add", "", BUNDLE)],
        id="registered: bundle last",
    ),
    pytest.param(
        f" addPackageList: {X64} {BUNDLE} updateList: {OLD_SPLIT} is updating to {SPLIT} {OLD_X64} is updating to F",
        [("add", "", X64), ("add", "", BUNDLE), ("update", OLD_SPLIT, SPLIT), ("update", OLD_X64, "F")],
        id="repaired, tail cut off",
    ),
    pytest.param(
        f"{OLD_X64} is updating to {X64}",
        [("", OLD_X64, X64)],
        id="update without a list name",
    ),
]

OTHER_SHAPES = [
    pytest.param("", [], id="nothing"),
    pytest.param(" \r\n\t ", [], id="only blanks"),
    pytest.param(f"{X64} {OTHER} ", [("", "", X64), ("", "", OTHER)], id="names alone, as in event 819"),
    pytest.param(f"addPackageList: {X64} updateList:", [("add", "", X64)], id="last list without items"),
    pytest.param(f"addPackageList: updateList: {X64}", [("update", "", X64)], id="first list without items"),
    pytest.param(
        f"  addPackageList:\t{X64} \r\n  {OTHER}\r\n", [("add", "", X64), ("add", "", OTHER)], id="blank runs"
    ),
    pytest.param(f"removePackageList: {X64}", [("remove", "", X64)], id="a list not seen yet"),
    pytest.param(f"STAGELIST: {X64} addpackagelist: {X64}", [("stage", "", X64), ("add", "", X64)], id="any case"),
    pytest.param(f"Failed: {X64}", [("failed", "", X64)], id="a list name without List"),
    pytest.param(f"PackageList: {X64} List: {X64}", [("package", "", X64), ("list", "", X64)], id="endings alone"),
    pytest.param(f"list2: {X64}", [("", "", "list2:"), ("", "", X64)], id="a digit: no list name"),
    pytest.param(f"addPackageList:{X64}", [("", "", f"addPackageList:{X64}")], id="no blank after the list name"),
    pytest.param(f"updateList: {OLD_X64} is updating to", [("update", OLD_X64, "")], id="cut before the new name"),
    pytest.param(f"updateList: {OLD_X64} is updating", [("update", OLD_X64, "")], id="cut before to"),
    pytest.param(f"updateList: {OLD_X64} is upd", [("update", OLD_X64, "")], id="cut inside updating"),
    pytest.param(f"updateList: {OLD_X64} i", [("update", OLD_X64, "")], id="cut inside is"),
    pytest.param("updateList: Foo.Bar_1.0", [("update", "", "Foo.Bar_1.0")], id="cut inside the old name"),
    pytest.param(
        f"updateList: {OLD_X64} is updating to addPackageList: {OTHER}",
        [("update", OLD_X64, ""), ("add", "", OTHER)],
        id="a list name in place of the new name",
    ),
    pytest.param(
        f"updateList: {OLD_X64} is updating addPackageList: {OTHER}",
        [("update", "", OLD_X64), ("update", "", "is"), ("update", "", "updating"), ("add", "", OTHER)],
        id="half a phrase that is not at the end",
    ),
    pytest.param(
        f"updateList: {OLD_X64} is updating t {OTHER}",
        [("update", "", token) for token in (OLD_X64, "is", "updating", "t", OTHER)],
        id="a phrase with a letter missing",
    ),
    pytest.param(
        f"updateList: is updating to {X64}",
        [("update", "", "is"), ("update", "", "updating"), ("update", "", "to"), ("update", "", X64)],
        id="no old name",
    ),
    pytest.param(
        f"{OLD_X64} is updating to {X64} is updating to {OTHER}",
        [("", OLD_X64, X64), ("", "", "is"), ("", "", "updating"), ("", "", "to"), ("", "", OTHER)],
        id="three names in a chain",
    ),
]

NAMES = st.text("AZaz09.-_~", min_size=1, max_size=12)
LISTS = st.lists(
    st.tuples(
        st.sampled_from(["addPackageList", "updateList", "destagePackageList", "removePackageList", "blocked"]),
        st.lists(st.tuples(st.one_of(st.just(""), NAMES), NAMES), min_size=1, max_size=4),
    ),
    max_size=4,
)
BLANKS = st.sampled_from([" ", "  ", "\r\n", "\t "])


def written(lists: list[tuple[str, list[tuple[str, str]]]]) -> str:
    """The text that Windows makes of named lists of (previous full name, full name)."""
    return "".join(
        f" {name}: " + " ".join(f"{old} is updating to {new}" if old else new for old, new in items)
        for name, items in lists
    )


@pytest.mark.parametrize(("text", "expected"), SEEN)
def test_a_value_seen_in_public_logs_is_read(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert parse_action_lists(text) == [PackageAction(*item) for item in expected]


@pytest.mark.parametrize(("text", "expected"), OTHER_SHAPES)
def test_any_other_value_is_read_without_loss(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert parse_action_lists(text) == [PackageAction(*item) for item in expected]


@pytest.mark.parametrize("token", ["addPackageList:", "a:", "LIST:"])
def test_letters_and_a_colon_are_a_list_name(token: str) -> None:
    assert is_list_name(token)


@pytest.mark.parametrize(
    "token",
    [
        ":",  # no letters
        "addPackageList",  # no colon
        "add List:",  # blank
        "list1:",  # digit
        "liste\u0301:",  # not ASCII
        "C:\\",  # path
        "addPackageList::",  # two colons
        "addPackageList:\n",  # newline
    ],
)
def test_nothing_else_is_a_list_name(token: str) -> None:
    assert not is_list_name(token)


@given(LISTS, BLANKS)
def test_lists_are_read_as_they_are_written(lists: list[tuple[str, list[tuple[str, str]]]], blank: str) -> None:
    actions = {"addPackageList": "add", "updateList": "update", "destagePackageList": "destage"}
    actions |= {"removePackageList": "remove", "blocked": "blocked"}
    text = written(lists).replace(" ", blank)
    assert parse_action_lists(text) == [
        PackageAction(actions[name], old, new) for name, items in lists for old, new in items
    ]


@given(st.lists(st.sampled_from([X64, "is", "updating", "to", "updat", "addList:", "x:", "junk", "\x00"])))
def test_no_token_is_lost_or_invented(tokens: list[str]) -> None:
    kept = [
        token
        for item in parse_action_lists(" ".join(tokens))
        for token in (item.previous_full_name, item.full_name)
        if token
    ]
    left = iter(token for token in tokens if not is_list_name(token))
    skipped = []
    for token in kept:
        for candidate in left:
            if candidate == token:
                break
            skipped.append(candidate)
        else:
            pytest.fail(f"{token!r} comes from nowhere")
    skipped.extend(left)
    assert set(skipped) <= {"is", "updating", "updat", "to"}


@given(st.integers(0, 200))
def test_a_value_may_be_cut_anywhere(length: int) -> None:
    whole = f"updateList: {OLD_BUNDLE} is updating to {BUNDLE} {OLD_X64} is updating to {X64}"
    items = parse_action_lists(whole[:length])
    assert all(item.action == "update" for item in items[1:])
    assert len(items) <= 2
    names = [name for item in items for name in (item.previous_full_name, item.full_name) if name]
    complete = [OLD_BUNDLE, BUNDLE, OLD_X64, X64][: max(len(names) - 1, 0)]
    assert names[: len(complete)] == complete
