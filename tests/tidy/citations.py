"""Whether what texts name can be found: pages (`*.md`), numbered facts, and in pages files and functions (`file.cpp:function`). Works on {path: text}, so that it can be tried with texts.

`[kafka 7]` in a comment means row 7 of the table in that subject's page.

    tests/tidy/citations.py      tries every rule; no output when each complains of what breaks it, and of nothing else
"""
import os
import re

PAGES = {"kafka": "runtime/kafka/README.md", "ollama": "runtime/ollama/README.md", "caf": "actors/CAF.md"}
# A page of somebody else stands behind its owner: librdkafka's CONFIGURATION.md.
PAGE = re.compile(r"(?P<owner>\w's[\s/#]+)?(?P<name>[\w./-]*\w\.md)\b(?!\.)")
FACT = re.compile(r"\[(%s) (\d+)\]" % "|".join(PAGES))
WALK = ("actors/README.md", "## The path of one request")  # every numbered step of this section names a function
FILE = re.compile(r"`([\w./-]*\w\.(?:[ch]pp|py|patch))`")
FUNCTION = re.compile(r"`[\w/]*?(\w+\.[ch]pp):(\w+)`")
ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)
OWN = "tests/tidy/citations.py"  # its texts break every rule


def places(text, pattern):
    """(line number, match) of each match that is no part of an address."""
    for found in pattern.finditer(text):
        if "://" not in text[text.rfind(" ", 0, found.start()) + 1:found.end()]:
            yield text.count("\n", 0, found.start()) + 1, found


def has_function(texts, source, function):
    return any(each.endswith("/" + source) and re.search(r"\b%s\(" % function, text) for each, text in texts.items())


def check(texts, files):
    """Every breach as (place, what). `texts`: {path: text} of all files that may cite; `files`: the paths of all files."""
    breaches, cited = [], set()
    rows = {subject: ROW.findall(texts.get(page, "")) for subject, page in PAGES.items()}
    for subject, page in PAGES.items():
        for number in sorted({each for each in rows[subject] if rows[subject].count(each) > 1}, key=int):
            breaches.append((page, "has two facts %s" % number))
    for path, text in sorted(texts.items()):
        if path == OWN:
            continue
        for line, found in places(text, PAGE):
            name = found.group("name")
            where = {name, os.path.normpath(os.path.join(os.path.dirname(path), name))}
            if not found.group("owner") and not where & files:
                breaches.append(("%s:%d" % (path, line), "names %s, which does not exist" % name))
        for line, found in places(text, FACT):
            subject, number = found.groups()
            if path == PAGES[subject]:
                continue
            cited.add((subject, number))
            if number not in rows[subject]:
                breaches.append(("%s:%d" % (path, line), "cites %s, which %s does not have" % (found.group(0), PAGES[subject])))
    for path, text in sorted(texts.items()):
        if path.endswith(".md"):
            breaches += [(path, "names %s, which does not exist" % each) for each in FILE.findall(text)
                         if not any(("/" + other).endswith("/" + each) for other in files)]
            breaches += [(path, "names %s:%s, which does not exist" % each) for each in FUNCTION.findall(text) if not has_function(texts, *each)]
    page, heading = WALK
    section = texts.get(page, "").partition(heading)[2].partition("\n## ")[0]
    for step in re.split(r"\n(?=\d+\. )", section)[1:]:
        if not FUNCTION.search(step.partition("\n\n")[0]):
            breaches.append((page, "step %s names no file.cpp:function" % step.partition(".")[0]))
    for subject, page in PAGES.items():
        for number in rows[subject]:
            if (subject, number) not in cited:
                breaches.append((page, "fact %s is cited by nobody" % number))
    return breaches


def try_it():
    fine = {"runtime/kafka/README.md": "Written [kafka 9] in a comment.\n| 1 | a | b |\n| 2 | a | b |\n",
            "actors/x.cpp": "// Rings once [kafka 1], see librdkafka's\n// INTRODUCTION.md and https://example.com/other.md\n",
            "runtime/kafka/y.cpp": "// [kafka 2], README.md, runtime/kafka/README.md\nauto x = table[kafka + 3];\nvoid walk() {}\n",
            "actors/README.md": "## The path of one request\n\n1. By `y.cpp:walk`\n   here.\n2. And `kafka/y.cpp:walk`.\n\n## More\n\n3. No step.\n"}

    def found(path="", text=""):
        texts = {**fine, path: text} if path else fine
        return check(texts, set(texts))

    assert found() == [], found()
    for path, text, word in (
            ("actors/z.hpp", "// so it is (kafka.md 2.4)\n", "names kafka.md"),
            ("runtime/kafka/README.md", "See [it](missing.md).\n| 1 | a |\n| 2 | a |\n", "names missing.md"),
            ("runtime/z.hpp", "// README.md is not in this folder\n", "names README.md"),
            ("actors/z.py", "# [kafka 3]\n", "cites [kafka 3]"),
            ("actors/z.py", "# [caf 1]\n", "cites [caf 1]"),
            ("runtime/kafka/README.md", "| 1 | a |\n| 2 | a |\n| 2 | b |\n", "two facts 2"),
            ("a/page.md", "See `gone.hpp`, `y.cpp` and `kafka/y.cpp`.", "names gone.hpp"),
            ("a/page.md", "See `actors/y.cpp`.", "names actors/y.cpp"),
            ("a/page.md", "First `gone.cpp:walk`.", "names gone.cpp:walk"),
            ("a/page.md", "First `runtime/kafka/y.cpp:run`.", "names y.cpp:run"),
            ("actors/README.md", "## The path of one request\n\n1. By `y.cpp:walk`.\n2. By\n   itself.\n\nAnd `y.cpp:walk`.\n", "step 2 names no"),
            ("actors/x.cpp", "// nothing\n", "fact 1 is cited by nobody")):
        breaches = found(path, text)
        assert len(breaches) == 1 and word in breaches[0][1], (path, text, breaches)


if __name__ == "__main__":
    try_it()
