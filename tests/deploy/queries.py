"""What queries of rules, dashboard and scaler name: metrics, their labels, codes of faults. Works on texts, so that it can be tried with texts."""
import re

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
METRIC = re.compile(r"(?<![\w:$])((?:models_processor|gen_ai|caf|process)_\w+|up|ALERTS)\b(?:\{([^}]*)\})?")
RECORDED = re.compile(r"\b(models_processor:[\w:]+)")
GROUPING = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
PLACE = {"namespace", "job", "instance", "pod"}  # where it was scraped
SUFFIX = re.compile(r"_(bucket|count|sum)$")


def check(query, metrics, recorded, codes):
    """Every breach as a sentence. `metrics`: {name: labels}."""
    breaches = ["%s is recorded by no rule" % name for name in RECORDED.findall(query) if name not in recorded]
    labels = set(PLACE)
    rest = GROUPING.sub(" ", query)
    for name, matchers in METRIC.findall(rest):
        plain = name if name in metrics else SUFFIX.sub("", name)
        if plain not in metrics:
            breaches.append("%s is no metric" % name)
            continue
        own = metrics[plain] | PLACE | {"le"}
        labels |= own
        for label, value in MATCHER.findall(matchers):
            if label not in own:
                breaches.append("%s has no label %s" % (name, label))
            if label in ("fault", "outcome") and plain.startswith(("models_processor_requests", "models_processor_calls", "models_processor_dead")):
                breaches += ["%s is no code" % each for each in value.split("|") if not any(re.fullmatch(each, code) for code in (*codes, "ok"))]
    if not RECORDED.search(query):
        breaches += ["nothing has the label %s" % label for names in GROUPING.findall(query) for label in re.findall(r"\w+", names) if label not in labels]
    return breaches


def ready(query):
    """A dashboard's query as Prometheus gets it."""
    return query.replace("$__rate_interval", "5m").replace("$namespace", ".*")
