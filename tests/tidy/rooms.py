"""What may include what, and how long files and functions may be. Works on {path: text}, so that it can be tried with texts."""
import re

LAYERS = {"messages": {"messages"}, "actors": {"messages", "actors"}, "runtime": {"messages", "actors", "runtime"}}
SHARED_FOLDERS = {"supervisor", "telemetry", "threads"}  # of actors/: for every stage
LINES_MAX, LINES_MAX_TESTS = 350, 550
COLUMNS_MAX = 120
COLUMNS_MAX_SAMPLE = 160  # of a test's line with a raw string: what is sent or received stays as it is
FUNCTION_LINES_MAX = 60
DEMO, DEMO_USERS = "runtime/demo/", {"runtime/commands/demo.cpp"}  # a broker and a model that keep nothing
TABLES = {"make_table"}  # functions that are one row after the other
SANITIZER_ARROWS_MAX = 12
LOCK = re.compile(r"\bstd::(\w*mutex|lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable\w*)\b")
# mutex.hpp itself; a sink of spdlog, which brings its own; a wait with a mutex that guards nothing.
LOCK_FILES = {"actors/threads/mutex.hpp", "actors/telemetry/log.cpp", "runtime/threads/stop.hpp"}
SPACES = {"messages/photo": "mp::photo", "runtime/kafka": "mp::kafka", "runtime/ollama": "mp::ollama", "runtime/photos": "mp::photo",
          "runtime/status": "mp::status", "runtime/threads": "mp::threads"}
NAMESPACE = re.compile(r"^namespace (mp\b[\w:]*)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def stage_of(path):
    found = re.match(r"^actors/(\w+)/", path)
    return found.group(1) if found else None


def room_of(path):
    """The folder of a file; of one that stands beside folders the file itself, without its extension."""
    folder = path.rsplit("/", 1)[0]
    return re.sub(r"\.[ch]pp$", "", path) if folder in ("actors", "messages", "actors/sanitizer") else folder


def functions(lines):
    """(number of the first line, count of lines, name) of each function that stands at the margin, or in a class at the margin."""
    at = 0
    while at < len(lines):
        line = lines[at]
        begins = re.match(r"^(  )?[^\s#}/]", line) and line.rstrip().endswith("{") and ")" in line
        if not begins or re.match(r"\s*(namespace|class|struct|enum|union|extern)\b", line):
            at += 1
            continue
        margin = line[:len(line) - len(line.lstrip())]
        end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith(margin + "}")), len(lines) - 1)
        name = re.search(r"(~?\w+)\s*\(", line)
        yield at + 1, end - at + 1, name.group(1) if name else ""
        at = end + 1


def circles(arrows):
    """Rooms that include each other, over whatever way; each circle once."""
    seen, found = set(), []

    def walk(room, way):
        if room in way:
            circle = way[way.index(room):]
            if not any(set(circle) == set(each) for each in found):
                found.append(circle)
            return
        if room in seen:
            return
        for other in sorted(arrows.get(room, ())):
            walk(other, way + [room])
        seen.add(room)

    for room in sorted(arrows):
        walk(room, [])
    return found


def check(sources):
    """Every breach as (place, what), of sources: {path: text} of all .hpp and .cpp files."""
    breaches, arrows, within_sanitizer = [], {}, 0
    for path, text in sorted(sources.items()):
        layer = path.split("/")[0]
        lines = text.splitlines()
        most = LINES_MAX_TESTS if layer == "tests" else LINES_MAX
        if len(lines) > most:
            breaches.append((path, "%d lines; at most %d can be read in one sitting" % (len(lines), most)))
        for number, line in enumerate(lines, 1):
            if len(line) > (COLUMNS_MAX_SAMPLE if layer == "tests" and 'R"(' in line else COLUMNS_MAX):
                breaches.append(("%s:%d" % (path, number), "%d columns" % len(line)))
        if layer not in LAYERS:
            continue
        for number, count, name in functions(lines):
            if count > FUNCTION_LINES_MAX and name not in TABLES:
                breaches.append(("%s:%d" % (path, number), "%s has %d lines; at most %d" % (name, count, FUNCTION_LINES_MAX)))
        if path not in LOCK_FILES:
            for lock in sorted(set(LOCK.findall(text))):
                breaches.append((path, "std::%s: clang checks only the locks of actors/threads/mutex.hpp" % lock))
        space = SPACES.get(path.rsplit("/", 1)[0])
        opened = NAMESPACE.findall(text)
        if space and (not opened or any(each != space and not each.startswith(space + "::") for each in opened)):
            breaches.append((path, "is to open namespace %s and no other, so that no two folders define one name" % space))
        for target in INCLUDE.findall(text):
            if target.split("/")[0] not in LAYERS[layer]:
                breaches.append((path, "%s may not include %s" % (layer, target)))
            stage, other = stage_of(path), stage_of(target)
            if stage and other and stage != other and other not in SHARED_FOLDERS:
                breaches.append((path, "stage %s may not include stage %s: %s" % (stage, other, target)))
            if target.startswith(DEMO) and not path.startswith(DEMO) and path not in DEMO_USERS:
                breaches.append((path, "only the demo may include %s" % target))
            here, there = room_of(path), room_of(target)
            if here != there and layer != "runtime":
                arrows.setdefault(here, set()).add(there)
            if path.startswith("actors/sanitizer/") and target.startswith("actors/sanitizer/"):
                parts = [each.split("/")[2] if each.count("/") > 2 else "" for each in (path, target)]
                within_sanitizer += parts[0] != parts[1]
    for circle in circles(arrows):
        breaches.append((circle[0], "includes itself by way of " + ", ".join(circle[1:] or circle)))
    if within_sanitizer > SANITIZER_ARROWS_MAX:
        breaches.append(("actors/sanitizer", "%d includes between its parts; at most %d" % (within_sanitizer, SANITIZER_ARROWS_MAX)))
    return breaches


def try_it():
    """Each rule complains of the text that breaks it, and of no other."""
    fine = {"messages/a.hpp": '#include "messages/json/b.hpp"\n', "messages/json/b.hpp": "", "actors/x/x.cpp": '#include "messages/a.hpp"\n'}
    assert check(fine) == []
    long_function = "void f() {\n" + "  ;\n" * FUNCTION_LINES_MAX + "}\n"
    for path, text, word in (
            ("messages/c.hpp", '#include "actors/x/x.hpp"\n', "may not include"),
            ("actors/y/y.cpp", '#include "actors/x/x_port.hpp"\n', "stage y"),
            ("messages/json/b.hpp", '#include "messages/a.hpp"\n', "includes itself"),
            ("actors/x/x.cpp", "\n" * (LINES_MAX + 1), "lines"),
            ("tests/x.cpp", "\n" * (LINES_MAX_TESTS + 1), "lines"),
            ("actors/x/x.cpp", " " * (COLUMNS_MAX + 1), "columns"),
            ("tests/x.cpp", 'R"(' + " " * COLUMNS_MAX_SAMPLE, "columns"),
            ("runtime/x.cpp", long_function, "f has"),
            ("runtime/x.cpp", "std::mutex m;\n", "clang checks only"),
            ("runtime/status/x.cpp", "namespace mp {\n}\n", "mp::status"),
            ("runtime/status/x.cpp", "", "mp::status"),
            ("runtime/x.cpp", '#include "runtime/demo/broker.hpp"\n', "only the demo"),
            ("actors/sanitizer/top.cpp", '#include "actors/sanitizer/repair/r.hpp"\n' * (SANITIZER_ARROWS_MAX + 1), "between its parts")):
        found = check({**fine, path: text})
        assert len(found) == 1 and word in found[0][1], (path, found)
    assert check({**fine, "runtime/status/x.cpp": "namespace mp::status::detail {\n}\nnamespace mp::status {\n}\n"}) == []
    assert check({**fine, "runtime/x.cpp": long_function.replace("f()", "make_table()")}) == []


if __name__ == "__main__":
    try_it()
