"""
Random templates, put together from pieces of the language, and what transformers renders:

    python fuzz.py out.json --count 20000 --seed 1
"""

import argparse
import random

from python_renderer import rendering, write

NAMES = ["messages", "x", "y", "ns", "m", "loop", "bos_token", "nope", "add_generation_prompt", "i"]
TEXTS = ["'a'", "' b '", "'\\n'", "'a,b,c'", "'🎉é'", "'<x>'", "''", "'content'", "'role'", "'User'", "'12'"]
FILTERS = ["upper", "trim", "length", "list", "first", "last", "string", "tojson", "int", "join(',')", "default('d')", "reverse|list", "sort", "replace('a','b')", "map('upper')|list", "map(attribute='role')|list", "select|list", "selectattr('role')|list", "selectattr('role','equalto','user')|list", "rejectattr('x','defined')|list", "title", "capitalize", "indent", "round", "abs", "safe", "e", "unique|list", "batch(2)|list", "items|list", "dictsort", "sum", "min", "max", "float", "wordcount", "count", "tojson(indent=1)", "trim('a')", "center(5)", "truncate(3,true,'')", "groupby('role')", "d(0,true)"]
METHODS = ["strip()", "split(',')", "upper()", "startswith('a')", "endswith('c')", "replace('b','')", "lstrip()", "rstrip('\\n')", "split()", "title()", "items()", "keys()", "get('role')", "get('z','q')", "find('b')", "count('a')", "join(['p','q'])", "format(1)", "splitlines()", "rsplit(',',1)", "isdigit()", "values()", "index('a')", "capitalize()", "partition(',')"]
TESTS = ["defined", "undefined", "none", "string", "mapping", "iterable", "number", "sequence", "odd", "eq(1)", "in([1,'a'])", "true", "boolean", "divisibleby(2)", "integer", "sameas(none)"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or"]
LOOP = ["loop.index", "loop.first", "loop.last", "loop.length", "loop.revindex0", "loop.previtem", "loop.nextitem", "loop.cycle('p','q')", "loop.changed(i)", "loop.depth"]


def expression(r: random.Random, depth: int) -> str:
    if depth <= 0:
        return r.choice([str(r.randint(-3, 12)), r.choice(TEXTS), r.choice(NAMES), "true", "none", "1.5", "[]", "{}", r.choice(LOOP)])
    e = lambda: expression(r, depth - 1)
    k = r.randint(0, 15)
    if k == 0: return f"({e()} {r.choice(OPERATORS)} {e()})"
    if k == 1: return f"{e()}|{r.choice(FILTERS)}"
    if k == 2: return f"({e()}).{r.choice(METHODS)}"
    if k == 3: return f"({e()} is {r.choice(['', 'not '])}{r.choice(TESTS)})"
    if k == 4: return f"({e()} if {e()} else {e()})"
    if k == 5: return f"[{e()}, {e()}]"
    if k == 6: return "{" + f"{r.choice(TEXTS)}: {e()}, {r.choice(TEXTS)}: {e()}" + "}"
    if k == 7: return f"({e()})[{r.choice(['0', '-1', '1:', ':-1', '::-1', ':2', repr('role'), repr('content'), '1'])}]"
    if k == 8: return f"({e()}).{r.choice(['role', 'content', 'x', 'upper', 'items', '0', 'a'])}"
    if k == 9: return f"({e()}, {e()})"
    if k == 10: return f"(not {e()})"
    if k == 11: return f"(-{e()})"
    if k == 12: return f"{r.choice(TEXTS)} ~ {e()}"
    if k == 13: return f"messages[{r.choice(['0', '1', '-1', '2'])}].{r.choice(['role', 'content'])}"
    if k == 14: return f"range({r.randint(0, 4)})|list"
    return f"m({e()})"


def spaces(r: random.Random) -> str:
    return r.choice(["", "", "\n", " ", "\n  ", "\t", "\r\n", "a", " b\n", "\n\n"])


def tag(r: random.Random, text: str) -> str:
    return "{%" + r.choice(["", "", "-", "+"]) + " " + text + " " + r.choice(["", "", "-", "+"]) + "%}"


def body(r: random.Random, depth: int) -> str:
    return "".join(spaces(r) + statement(r, depth) for _ in range(r.randint(1, 3))) + spaces(r)


def statement(r: random.Random, depth: int) -> str:
    e = lambda d=1: expression(r, d)
    k = r.randint(0, 14) if depth > 0 else r.randint(0, 5)
    inner = lambda: body(r, depth - 1)
    if k <= 2: return "{{" + r.choice(["", "-"]) + " " + e(2) + " " + r.choice(["", "-"]) + "}}"
    if k == 3: return tag(r, f"set {r.choice(['x', 'y', 'i', 'messages', 'bos_token'])} = {e(2)}")
    if k == 4: return tag(r, f"set ns.{r.choice(['a', 'b'])} = {e()}")
    if k == 5: return "{#" + r.choice(["", "-"]) + " c " + r.choice(["", "-"]) + "#}"
    if k in (6, 7): return tag(r, f"for i in {r.choice(['messages', 'range(3)', '[1, 2]', 'x', e()])}" + r.choice(["", "", f" if {e()}"])) + inner() + r.choice(["", tag(r, "else") + inner()]) + tag(r, "endfor")
    if k == 8: return tag(r, f"if {e()}") + inner() + r.choice(["", tag(r, f"elif {e()}") + inner()]) + r.choice(["", tag(r, "else") + inner()]) + tag(r, "endif")
    if k == 9: return tag(r, f"macro {r.choice(['m', 'x'])}(y{r.choice(['', '=1', '=x'])})") + inner() + tag(r, "endmacro")
    if k == 10: return tag(r, f"set {r.choice(['x', 'y'])}{r.choice(['', '|upper', '|trim'])}") + inner() + tag(r, "endset")
    if k == 11: return tag(r, f"with y = {e()}") + inner() + tag(r, "endwith")
    if k == 12: return tag(r, f"filter {r.choice(['upper', 'trim', 'indent'])}") + inner() + tag(r, "endfilter")
    if k == 13: return r.choice([tag(r, "generation") + inner() + tag(r, "endgeneration"), tag(r, "call m(1)") + inner() + tag(r, "endcall")])
    return tag(r, f"for i in {r.choice(['messages', 'range(3)'])}") + inner() + tag(r, f"if {e()}") + spaces(r) + tag(r, r.choice(["break", "continue"])) + tag(r, "endif") + inner() + tag(r, "endfor")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    r = random.Random(arguments.seed)
    rows = []
    while len(rows) < arguments.count:
        if r.random() < 0.5:
            template = "{{ " + expression(r, r.randint(1, 3)) + " }}"
        else:
            template = r.choice(["", "{% set ns = namespace(a=1) %}"]) + r.choice(["", "{% macro m(y) %}[{{ y }}{{ caller() if caller }}]{% endmacro %}"]) + body(r, 2)
        expected = rendering(template)
        if " at 0x" in expected.get("ok", expected.get("err", "")):
            expected = {"address": True}
        rows.append({"kind": "fuzz", "template": template, "expected": expected})
    write(arguments.out, rows)
    print(len(rows), "templates,", sum("ok" in row["expected"] for row in rows), "rendered")
