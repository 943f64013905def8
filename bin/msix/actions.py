"""The package lists of AppXDeployment-Server event 855 (its field PackageMoniker).

The value is lists one after the other, each a name, a colon and package full names, all joined by blanks::

    addPackageList: A B updateList: C is updating to D E is updating to F destagePackageList: G

Nothing but the next list name ends a list, and nothing but a blank ends an item. Seen are addPackageList,
updateList and destagePackageList; a name not seen yet is read the same way. The shapes are those of public event
logs (splunk/security_content data sources, NextronSystems/evtx-baseline, issues of microsoft/winget-cli).
"""

import re
from typing import NamedTuple

_LIST_NAME = re.compile(r"[A-Za-z]+:")
_BECOMES = ["is", "updating", "to"]


class PackageAction(NamedTuple):
    """One item of a list.

    ``action`` is the list's name in lower case without ``PackageList`` or ``List`` (``add``, ``update``,
    ``destage``), empty before the first list name. ``previous_full_name`` is filled for ``OLD is updating to NEW``.
    Both names are as in the text, unchecked; ``full_name`` is empty where the text was cut before the new one.
    """

    action: str
    previous_full_name: str
    full_name: str


def is_list_name(token: str) -> bool:
    """Tell whether a token without blanks is a list's name: letters and a colon."""
    return token.endswith(":") and _LIST_NAME.fullmatch(token) is not None


def parse_action_lists(text: str) -> list[PackageAction]:
    """Take a list value apart, in order. Nothing is refused and nothing is lost.

    Every token that is neither a list name nor part of ``OLD is updating to NEW`` is an item of its own. Where the
    value ends inside ``is updating to`` (event logs and indexers cut long values), OLD is an item without a new name.
    """
    tokens = text.split()
    actions: list[PackageAction] = []
    action = ""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        # Most tokens are names followed by names: one look at the next token's first letter saves them the rest.
        follows = at < len(tokens) and tokens[at][0] == _BECOMES[0][0]
        if is_list_name(token):
            action = _action(token)
        elif follows and tokens[at : at + 3] == _BECOMES:
            at += 3
            new = "" if at == len(tokens) or is_list_name(tokens[at]) else tokens[at]
            at += bool(new)
            actions.append(PackageAction(action, token, new))
        elif follows and _is_cut_phrase(tokens[at : at + 4]):
            at = len(tokens)
            actions.append(PackageAction(action, token, ""))
        else:
            actions.append(PackageAction(action, "", token))
    return actions


def _action(list_name: str) -> str:
    name = list_name[:-1].lower()
    for ending in ("packagelist", "list"):
        if name.endswith(ending) and name != ending:
            return name[: -len(ending)]
    return name


def _is_cut_phrase(rest: list[str]) -> bool:
    return 0 < len(rest) <= len(_BECOMES) and " ".join(_BECOMES).startswith(" ".join(rest))
