"""Documents of /api/status as a service would send them: a usual one, a large one, one that is ill, one of an older service, one that a stranger has written to."""
import datetime
import math

STARTED = "started"
STAGES = ["reader", "dispatcher", "workers", "sanitizer", "producer"]
# What a model's or node's name, an advice or a reason could hold: markup, an end of script, marks that turn the direction of text.
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><b onmouseover=alert(1)>&lt;\u202e\u2066txet\u0000\u0007\u200f" + "w" * 400


def iso(when):
    return when.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def host(number, now, slots=4, busy=3, **changes):
    return {"name": "http://gpu%d:11434" % number, "condition": "usable", "usable": True, "since": iso(now - datetime.timedelta(minutes=40)),
            "advice": "", "remote": number > 1, "node": "gpu%d" % number if number > 1 else "", "breaker": "closed", "loading": False,
            "slots": slots, "busy": busy, "models": [{"name": "llava:latest", "digest": "8dd30f6b0cb1a4b2", "vram_share": 1.0},
                                                     {"name": "llama3:latest", "digest": "365c0bd3c000f0a1", "vram_share": 0.62}], **changes}


def actors(workers=4):
    rows = [("service", "", 0, ""), ("health_monitor", "service", 0, ""), ("path", "service", 0, ""), ("kafka_reader", "path", 0, ""),
            ("dispatcher", "path", 0, ""), ("sanitizer", "path", 1, "std::bad_alloc"), ("producer", "path", 0, ""), ("workers", "path", 0, "")]
    rows += [("ollama_worker/%d" % n, "workers", 0, "") for n in range(workers)]
    return [{"name": name, "parent": parent, "state": "running", "restarts": restarts, "last_reason": reason} for name, parent, restarts, reason in rows]


def usual(now, started, tick=0, demo=False, partitions=4, slots=4):
    ago = lambda **spans: iso(now - datetime.timedelta(**spans))
    return {
        "version": "0.1.0", "uptime_ms": int((now - started).total_seconds() * 1000), "started": iso(started), "now": iso(now), "role": "reader",
        "node": "reader1", "demo": demo, "model": "llava:latest", "health": {"status": "ok", "detail": ""}, "ready": {"ready": True, "reason": ""},
        "work": {"oldest_request_age_ms": 1200 + 100 * (tick % 7), "seconds_to_drain": 37.5, "backlog": 120 + tick, "replies_per_second": 3.2,
                 "nearest_deadline_ms": 45000},
        "stages": [{"name": name, "rate": 3.2 + 0.1 * (tick % 3), "queue": 5 - at, "in_flight": at, "oldest_age_ms": 900 + at} for at, name in enumerate(STAGES)],
        "intake": {"topic": "eater-send-photo", "partitions": partitions, "draining": False, "paused": False, "waiting": 2, "in_flight": 5,
                   "publishing": 1, "held_bytes": 1048576, "held_bytes_max": 67108864},
        "partitions": [{"partition": n, "lag": (n * 37) % 101, "commit_point": 345 + n + tick if n else None} for n in range(partitions)],
        "hosts": [host(1, now, slots=slots), host(2, now, slots=slots, busy=1)],
        "nodes": [{"name": "gpu2", "version": "0.1.0", "protocol": 2, "slots": slots, "in_flight": 1, "since": ago(minutes=38), "heartbeat_age_ms": 200}],
        "actors": actors(slots),
        "crashes": [{"time": ago(minutes=12), "actor": "sanitizer", "reason": "std::bad_alloc", "attempt": 1, "restart_in_ms": 104}],
        "changes": [{"time": iso(started), "what": STARTED, "text": "version 0.1.0 started"},
                    {"time": ago(minutes=38), "what": "node", "text": "gpu2 joined"},
                    {"time": ago(minutes=12), "what": "actor", "text": "sanitizer restarted"}],
        "ends": [{"time": ago(seconds=3 * n), "kind": "photo" if n % 3 else "text", "outcome": "ok" if n % 9 else "model_error", "total_ms": 1500 + n,
                  "model_ms": 1200 + n, "host": "http://gpu%d:11434" % (1 + n % 2), "attempts": 1 + (n % 9 == 0), "partition": n % 4, "offset": 1000 - n}
                 for n in range(50)]}


def history(now, points=180):
    wave = lambda at, least, most: round(least + (most - least) * (0.5 + 0.5 * math.sin(at / 9.0)), 2)
    return {"step_ms": 5000, "end": iso(now), "replies_per_second": [wave(n, 2, 4) for n in range(points)],
            "model_ms_p50": [None if 40 < n < 50 else wave(n, 900, 1400) for n in range(points)],
            "model_ms_p95": [None if 40 < n < 50 else wave(n, 1800, 3900) for n in range(points)],
            "tokens_per_second": [wave(n, 60, 130) for n in range(points)],
            "errors": {"model_error": [0.2 if n % 30 == 0 else 0 for n in range(points)], "timed_out": [0.4 if n % 77 == 0 else 0 for n in range(points)]}}


def large(now, started, tick=0, demo=False):
    """100 partitions, 64 slots."""
    status = usual(now, started, tick, demo, partitions=100, slots=64)
    status["nodes"] = [{**status["nodes"][0], "name": "gpu%d" % n, "in_flight": 8 * n} for n in range(2, 8)]
    return status


def ill(now, started, tick=0, demo=False):
    status = usual(now, started, tick, demo)
    ago = lambda **spans: iso(now - datetime.timedelta(**spans))
    status["ready"] = {"ready": False, "reason": "no model host is usable"}
    status["work"].update(oldest_request_age_ms=734000, seconds_to_drain=None, backlog=5120, replies_per_second=0, nearest_deadline_ms=2500)
    status["health"] = {"status": "degraded", "detail": "no model host is usable"}
    status["hosts"] = [host(1, now, condition="unreachable", usable=False, since=ago(minutes=6), breaker="open", models=[], busy=0,
                            advice="Is Ollama running there? `systemctl status ollama` tells."),
                       host(2, now, condition="model_missing", usable=False, since=ago(minutes=3), breaker="on_trial", busy=0, advice="ollama pull llava:latest")]
    status["nodes"][0]["heartbeat_age_ms"] = 4200
    status["actors"][5].update(state="restarting", restarts=7)
    status["crashes"] += [{"time": ago(seconds=20), "actor": "sanitizer", "reason": "std::bad_alloc", "attempt": 7, "restart_in_ms": None}]
    status["changes"] += [{"time": ago(minutes=6), "what": "host_condition", "text": "http://gpu1:11434 is unreachable"},
                          {"time": ago(minutes=3), "what": "model", "text": "llava:latest is gone from http://gpu2:11434"}]
    return status


def missing(now, started, tick=0, demo=False):
    """An older service, or one that has nothing yet: each second another member is left out, or is of a shape nobody expects."""
    status = usual(now, started, tick, demo)
    names = sorted(name for name in status if name != "now")
    status[names[tick % len(names)]] = (None, "text", [], [None, 3, {}], {}, 7)[tick // len(names) % 6]
    for name in names[:tick % 5] if tick % 2 else ():
        del status[name]
    return status


def least(now, started, tick=0, demo=False):
    return {"version": "0.1.0", "now": iso(now)}


def hostile(now, started, tick=0, demo=False):
    """A stranger's text in the place of every text, but for times and the words that the page asks for."""
    kept = {"now", "started", "since", "time", "role"}

    def replaced(value, name=""):
        if isinstance(value, dict):
            return {each: replaced(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [replaced(each, name) for each in value]
        return value if not isinstance(value, str) or name in kept else HOSTILE
    status = replaced(usual(now, started, tick, demo))
    for at, actor in enumerate(status["actors"]):
        actor.update(name="%d %s" % (at, HOSTILE), parent="" if at == 0 else "0 " + HOSTILE)
    status["ready"] = {"ready": tick % 2 == 0, "reason": HOSTILE}
    return status


SCENARIOS = {each.__name__: each for each in (usual, large, ill, missing, least, hostile)}
