"""What a small real language model may answer: nonsense, but in a form that can be relied on.

A schema reaches the model as a grammar, so its answer fits the schema by its form, whatever it says. Without one the answer to a text is
any text, and the one to a photo is JSON or an honest error.

The model with the projector answers the texts, too: Ollama keeps one runner for one file of weights, so two models that share theirs
would unload each other all the time.
"""
import json

from fixtures import photos
from fixtures.faults import table
from fixtures.oracle import ANY_REASON, PHOTO_REPLIES, End, photo_reply, text_reply

# (name, schema, what every answer in it fulfils). Each answer is short, so that the token limit does not cut it.
SCHEMAS = [
    ("kinds", {"type": "object", "properties": {"dish": {"enum": ["soup", "bread", "salad"]}, "calories": {"type": "integer", "minimum": 0, "maximum": 999},
                                                "vegan": {"type": "boolean"}},
               "required": ["dish", "calories", "vegan"]},
     lambda got: set(got) == {"dish", "calories", "vegan"} and got["dish"] in ("soup", "bread", "salad") and type(got["calories"]) is int
     and type(got["vegan"]) is bool),
    ("nested", {"type": "object", "properties": {"parts": {"type": "array", "items": {"enum": ["salt", "oil"]}, "minItems": 1, "maxItems": 2},
                                                 "place": {"type": "object", "properties": {"floor": {"enum": [1, 2]}}, "required": ["floor"]}},
                "required": ["parts", "place"]},
     lambda got: 1 <= len(got["parts"]) <= 2 and set(got["parts"]) <= {"salt", "oil"} and got["place"]["floor"] in (1, 2)),
]


def _fits(fulfilled):
    def check(got):
        if not fulfilled(got):
            raise AssertionError("the answer does not fit the schema: %r" % (got,))
    return check


def text_in_schema(fulfilled):
    return text_reply(fields=_fits(fulfilled), model="smollm2v")


def photo_in_schema(fulfilled):
    return photo_reply(_fits(fulfilled))


def any_text():
    """Whatever it says is published; what it adds to the reply depends on whether it happens to be JSON."""
    return text_reply(fields=lambda given: None)


def error_code(reply):
    """The code of a photo's error reply, or None."""
    analysis = json.loads(reply.value["analysis"])
    error = analysis.get("error") if isinstance(analysis, dict) and "finish" not in reply.headers else None
    return error.partition(": ")[0] if error else None


def json_or_honest_error():
    """For a photo without a schema. What is told as an error must be one of the answer, not of the model server."""
    good = photo_reply()

    def check(reply):
        code = error_code(reply)
        if code is None:
            good.check(reply)
        elif code not in ("invalid_answer", "truncated", "degenerate_answer") or code not in table():
            raise AssertionError("error %s for an answer in prose" % code)
    return End(PHOTO_REPLIES, check, ANY_REASON)


def photo_number(number):
    """Photos that differ in kind, size and content."""
    if number % 3 == 0:
        return photos.jpeg(24 + 8 * (number % 5), 32, seed=number)
    return photos.png(10 + number % 7, 12, seed=number) if number % 3 == 1 else photos.jpeg(40, 48, progressive=True, seed=number)
