"""The functions of eval: one table, by name. To add one, write it in the module of its kind and add its line here."""

from __future__ import annotations

import math

from searchhead.spl.functions import conditions, dates, json_values, mathematics, multivalues, texts
from searchhead.spl.functions.calls import MANY, Function, on_numbers, on_text, on_values

FUNCTIONS: dict[str, Function] = {
    # conditions
    "case": Function(conditions.case, 2, MANY),
    "cidrmatch": Function(conditions.cidrmatch, 2, 2),
    "coalesce": Function(conditions.coalesce, 1, MANY),
    "false": Function(conditions.constant(False, "truth"), 0, 0),
    "if": Function(conditions.choose, 3, 3),
    "in": Function(conditions.is_in, 2, MANY),
    "like": Function(conditions.like, 2, 2),
    "match": Function(conditions.match, 2, 2),
    "null": Function(conditions.constant(None, "null"), 0, 0),
    "nullif": Function(conditions.nullif, 2, 2),
    "true": Function(conditions.constant(True, "truth"), 0, 0),
    "validate": Function(conditions.validate, 2, MANY),
    # types
    "isbool": Function(conditions.isbool, 1, 1),
    "isint": Function(conditions.isint, 1, 1),
    "isnotnull": Function(conditions.isnotnull, 1, 1),
    "isnull": Function(conditions.isnull, 1, 1),
    "isnum": Function(conditions.isnum, 1, 1),
    "isstr": Function(conditions.isstr, 1, 1),
    "typeof": Function(conditions.typeof, 1, 1),
    # conversion
    "ipmask": Function(on_values(conditions.ipmask), 2, 2),
    "printf": Function(texts.printf, 1, MANY),
    "tonumber": Function(on_values(texts.tonumber), 1, 2),
    "tostring": Function(texts.tostring, 1, 2),
    # numbers
    "abs": Function(on_numbers(abs), 1, 1),
    "bit_and": Function(mathematics.bit_and, 2, MANY),
    "bit_not": Function(on_numbers(mathematics.inverted), 1, 2),
    "bit_or": Function(mathematics.bit_or, 2, MANY),
    "bit_shift_left": Function(on_numbers(mathematics.shifted_left), 2, 2),
    "bit_shift_right": Function(on_numbers(mathematics.shifted_right), 2, 2),
    "bit_xor": Function(mathematics.bit_xor, 2, MANY),
    "ceil": Function(on_numbers(math.ceil), 1, 1),
    "ceiling": Function(on_numbers(math.ceil), 1, 1),
    "exact": Function(on_numbers(float), 1, 1),
    "exp": Function(on_numbers(math.exp), 1, 1),
    "floor": Function(on_numbers(math.floor), 1, 1),
    "ln": Function(on_numbers(math.log), 1, 1),
    "log": Function(on_numbers(mathematics.logarithm), 1, 2),
    "max": Function(mathematics.extreme(greatest=True), 1, MANY),
    "min": Function(mathematics.extreme(greatest=False), 1, MANY),
    "pi": Function(conditions.constant(math.pi, "value"), 0, 0),
    "pow": Function(on_numbers(math.pow), 2, 2),
    "random": Function(mathematics.chance, 0, 0),
    "round": Function(on_numbers(mathematics.rounded), 1, 2),
    "sqrt": Function(on_numbers(math.sqrt), 1, 1),
    # text
    "len": Function(on_text(len), 1, 1),
    "lower": Function(on_text(str.lower), 1, 1),
    "ltrim": Function(texts.trim(str.lstrip), 1, 2),
    "md5": Function(texts.digest("md5"), 1, 1),
    "replace": Function(texts.replace, 3, 3),
    "rtrim": Function(texts.trim(str.rstrip), 1, 2),
    "sha1": Function(texts.digest("sha1"), 1, 1),
    "sha256": Function(texts.digest("sha256"), 1, 1),
    "sha512": Function(texts.digest("sha512"), 1, 1),
    "split": Function(on_values(texts.split), 2, 2),
    "substr": Function(on_text(texts.substr), 2, 3),
    "trim": Function(texts.trim(str.strip), 1, 2),
    "upper": Function(on_text(str.upper), 1, 1),
    "urldecode": Function(on_text(texts.urldecode), 1, 1),
    # multivalues
    "mvappend": Function(multivalues.mvappend, 1, MANY),
    "mvcount": Function(on_values(multivalues.mvcount), 1, 1),
    "mvdedup": Function(on_values(multivalues.mvdedup), 1, 1),
    "mvfilter": Function(multivalues.mvfilter, 1, 1),
    "mvfind": Function(multivalues.mvfind, 2, 2),
    "mvindex": Function(on_values(multivalues.mvindex), 2, 3),
    "mvjoin": Function(on_values(multivalues.mvjoin), 2, 2),
    "mvmap": Function(multivalues.mvmap, 2, 2),
    "mvrange": Function(multivalues.mvrange, 2, 3),
    "mvsort": Function(on_values(multivalues.mvsort), 1, 1),
    "mvzip": Function(on_values(multivalues.mvzip), 2, 3),
    # time
    "now": Function(dates.now, 0, 0),
    "relative_time": Function(dates.relative_time, 2, 2),
    "strftime": Function(dates.strftime, 2, 2),
    "strptime": Function(dates.strptime, 2, 2),
    "time": Function(dates.time, 0, 0),
    # JSON
    "json_array": Function(json_values.json_array, 0, MANY),
    "json_array_to_mv": Function(on_values(json_values.json_array_to_mv), 1, 1),
    "json_extract": Function(json_values.json_extract, 1, MANY),
    "json_keys": Function(on_values(json_values.json_keys), 1, 1),
    "json_object": Function(json_values.json_object, 0, MANY),
    "json_valid": Function(on_values(json_values.json_valid, "truth"), 1, 1),
    "spath": Function(json_values.spath, 2, 2),
}

# Functions of Splunk that cannot be run honestly here, with the reason.
REFUSED = {
    "commands": "it reads search text, which no detection needs",
    "searchmatch": "it is the search command's language inside eval; use the search command",
    "sigfig": "it depends on how many digits each operand was written with, which is not kept",
}
