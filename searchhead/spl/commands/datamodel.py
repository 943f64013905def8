"""``datamodel <model> <dataset> search|flat [<option>=<bool>] …``: the rows of a dataset of a data model.

Options are strict_fields, allow_old_summaries and summariesonly.
"""

from __future__ import annotations

from searchhead.spl.arguments import at_option, boolean, end, options, value
from searchhead.spl.commands.from_ import dataset_plan, one_dataset
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token


def _strict(cursor: Cursor, token: Token) -> bool:
    if not boolean(cursor, token):
        cursor.unsupported("only strict_fields=true is supported: rows have the fields of the model", token)
    return True


# Search Reference, datamodel: the other two are about summaries, which there are none of here.
_OPTIONS = {"allow_old_summaries": boolean, "strict_fields": _strict, "summariesonly": boolean}


def compile_datamodel(cursor: Cursor, compilation: Compilation) -> Plan:
    """With search a field has the name of the dataset before it, with flat it has not.

    The forms that describe data models instead of searching them are refused.
    """
    words: list[Token] = []
    while cursor.peek().kind != "end" and not at_option(cursor):
        words.append(value(cursor))
    options(cursor, "datamodel", _OPTIONS)
    end(cursor)
    if len(words) != 3 or words[2].text not in ("search", "flat"):
        cursor.unsupported("datamodel needs <model> <dataset> search, or flat", words[-1] if words else None)
    model, dataset, mode = words
    return dataset_plan(
        one_dataset(cursor, dataset, compilation, f"{model.text}.{dataset.text}"), flat=mode.text == "flat"
    )
