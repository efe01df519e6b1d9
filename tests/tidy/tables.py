"""The tables of the README that the program prints, and whether the tables of metrics and log events say what the calls do. Works on
texts, so that it can be tried with texts.

    tests/tidy/tables.py         tries every rule; no output when each complains of what breaks it, and of nothing else
"""
import re

# Commands of the program that print a part of the README, which stands between <!-- NAME: ... --> and <!-- end of NAME -->.
PRINTED = ("settings", "telemetry")
EVENTS, METRICS = "actors/telemetry/event_table.hpp", "actors/telemetry/metric_table.hpp"
EVENT_ROW = re.compile(r'\{"(\w+)",\s*(?:level::\w+|any_level),\s*"([^"]*)",')
METRIC_ROW = re.compile(r"\{metric::(\w+),")
CALL = re.compile(r"\blog::(?:debug|info|warning|error)\(")
NAME = re.compile(r'"(\w+)"')
FIELD = re.compile(r'\{"(\w+)",')


def part(text, name):
    """(begin, end) of what the program prints."""
    begin = text.index("\n", text.index("<!-- %s:" % name)) + 1
    return begin, text.index("<!-- end of %s -->" % name)


def is_fresh(text, name, printed):
    begin, end = part(text, name)
    return text[begin:end].strip() == printed.strip()


def with_printed(text, name, printed):
    begin, end = part(text, name)
    return text[:begin] + printed.strip() + "\n" + text[end:]


def arguments(text, at):
    """From behind the opening parenthesis to its end. Parentheses in strings do not count."""
    depth = 1
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[()]', text[at:]):
        depth += {"(": 1, ")": -1}.get(token.group(0), 0)
        if depth == 0:
            return text[at:at + token.start()]
    return text[at:]


def check(sources):
    """Every breach as (place, what). `sources`: {path: text} of the C++ files."""
    breaches = []
    rows = {name: fields.split() for name, fields in EVENT_ROW.findall(sources.get(EVENTS, ""))}
    others = "\n".join(text for path, text in sources.items() if path != EVENTS and not path.startswith("tests/"))
    for name in rows:
        if '"%s"' % name not in others:
            breaches.append((EVENTS, "%s is logged by nobody" % name))
    users = "\n".join(text for path, text in sources.items() if path != METRICS and not path.startswith("tests/"))
    for name in METRIC_ROW.findall(sources.get(METRICS, "")):
        if not re.search(r"\bmetric::%s\b" % name, users):
            breaches.append((METRICS, "%s is set by nobody" % name))
    for path, text in sorted(sources.items()):
        if not path.startswith(("actors/", "messages/", "runtime/")):
            continue
        for call in CALL.finditer(text):
            given = arguments(text, call.end())
            named = [each for each in NAME.findall(given.partition("{{")[0]) if each in rows]
            for event in named:
                for field in FIELD.findall(given):
                    if field not in rows[event] and "..." not in rows[event]:
                        line = text.count("\n", 0, call.start()) + 1
                        breaches.append(("%s:%d" % (path, line), "%s has no field %s in %s" % (event, field, EVENTS)))
    return breaches


def try_it():
    page = "a\n<!-- settings: printed -->\n| old |\n<!-- end of settings -->\nb\n"
    assert is_fresh(page, "settings", "| old |\n") and not is_fresh(page, "settings", "| new |\n")
    assert with_printed(page, "settings", "| new |\n\n") == page.replace("old", "new")
    fine = {EVENTS: '  {"done", level::info, "id ms", "Said."},\n  {"library_line", any_level, "text", "Said."},\n'
                    '  {"started", level::info, "version ...", "Said."},\n',
            METRICS: "  {metric::done, metric_kind::counter, {}},\n",
            "actors/x.cpp": 'log::info("done", {{"id", f("(")},\n   {"ms", 1}});\nuse<metric::done>();\n',
            "runtime/y.cpp": 'auto l = "library_line"; log::info("started", {{"port", 1}});\n'}

    def found(path="", text=""):
        return check({**fine, path: text} if path else fine)

    assert found() == [], found()
    for path, text, word in (
            ("actors/z.cpp", 'log::info("done", {{"id", 1}, {"hots", 2}});', "done has no field hots"),
            ("actors/z.cpp", 'log::warning(large ? log::event<x>{"done"} : "started", {{"hots", 2}});', "done has no field hots"),
            ("actors/x.cpp", 'auto e = "done";', "done is set by nobody"),
            ("runtime/y.cpp", 'log::info("started");', "library_line is logged by nobody")):
        breaches = found(path, text)
        assert len(breaches) == 1 and word in breaches[0][1], (path, text, breaches)


if __name__ == "__main__":
    try_it()
