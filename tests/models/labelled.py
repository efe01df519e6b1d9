"""Questions with known answers, to choose a model by. Each wants a JSON object; a label groups questions of one kind.

An answer is right when the fields named here have these values: numbers by value, words whatever their case. More fields do no harm.
"""
import collections

from models.drawings import drawing

# wanted: {field: value, or a function that says whether a value is right}; photo: PNG or None; schema: JSON Schema or None.
Question = collections.namedtuple("Question", "label prompt wanted photo schema", defaults=(None, None))

ONLY_JSON = " Answer only with JSON: "


def _arithmetic(task, answer):
    return Question("arithmetic", task + ONLY_JSON + '{"answer": <number>}', {"answer": answer})


def _extraction(text, fields, **wanted):
    return Question("extraction", 'Read this text: "%s" Take these fields from it: %s.%s{...}' % (text, fields, ONLY_JSON), wanted)


def _words(count, names):
    """A list of `count` different ones among `names`."""
    return lambda value: isinstance(value, list) and all(isinstance(each, str) and _plain(each) in names for each in value) \
        and len(value) == len({_plain(each) for each in value}) == count


def _number_between(least, most):
    return lambda value: _is_number(value) and least <= value <= most


def _in_schema(prompt, properties, **wanted):
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return Question("schema", prompt, wanted, schema=schema)


def _photo(label, question, field, shape, colour, count, wanted):
    return Question(label, question + ONLY_JSON + '{"%s": ...}' % field, {field: wanted}, drawing(shape, colour, count))


SEASONS = {"spring", "summer", "autumn", "winter"}
PRIMES = {2, 3, 5, 7}

QUESTIONS = [
    _arithmetic("What is 17 + 25?", 42),
    _arithmetic("What is 6 times 7?", 42),
    _arithmetic("A pizza has 8 slices of 285 calories. How many calories has the whole pizza?", 2280),
    _arithmetic("What is 100 - 64?", 36),
    _arithmetic("Half a litre of milk has 320 calories. How many calories has a quarter of a litre?", 160),
    _arithmetic("What is 1.5 + 2.25?", 3.75),

    _extraction("Leek soup, 350 g, 190 kcal.", "dish (text), grams (number), calories (number)", dish="leek soup", grams=350, calories=190),
    _extraction("The salad is vegan and costs 7.50 euro.", "dish (text), vegan (boolean), price (number)", dish="salad", vegan=True, price=7.5),
    _extraction('They call it "Grandma\'s {best} bread" here, 2 loaves a day.', "name (text), loaves (number)", name="grandma's {best} bread", loaves=2),
    _extraction("Call Zo\u00eb in M\u00fcnchen tomorrow.", "person (text), city (text)", person="zo\u00eb", city="m\u00fcnchen"),
    _extraction("No nuts in it, but eggs.", "nuts (boolean), eggs (boolean)", nuts=False, eggs=True),
    _extraction("Order 12: nothing was left on the plate.", "order (number), leftovers (text, null when there are none)", order=12, leftovers=None),

    Question("fields", "Name the four seasons in English." + ONLY_JSON + '{"seasons": [<four words>]}', {"seasons": _words(4, SEASONS)}),
    Question("fields", "Name the primes below ten." + ONLY_JSON + '{"primes": [<numbers>]}',
             {"primes": lambda value: isinstance(value, list) and len(value) == 4 and all(map(_is_number, value)) and set(value) == PRIMES}),
    Question("fields", "How hot is boiling water at sea level?" + ONLY_JSON + '{"celsius": <number>, "fahrenheit": <number>}',
             {"celsius": _number_between(99, 101), "fahrenheit": _number_between(211, 213)}),
    Question("fields", "Describe a cube." + ONLY_JSON + '{"solid": {"faces": <number>, "edges": <number>}}',
             {"solid": lambda value: isinstance(value, dict) and value.get("faces") == 6 and value.get("edges") == 12}),

    _in_schema("Is an apple a fruit or a vegetable?", {"kind": {"enum": ["fruit", "vegetable", "meat"]}}, kind="fruit"),
    _in_schema("What is the capital of France?", {"city": {"type": "string", "maxLength": 30}}, city="paris"),
    _in_schema("How many days has a week?", {"days": {"type": "integer", "minimum": 0, "maximum": 400}}, days=7),
    _in_schema("Is ice warmer than steam?", {"warmer": {"type": "boolean"}}, warmer=False),

    _photo("colour", "Which colour has the shape on this photo?", "colour", "circle", "red", 1, "red"),
    _photo("colour", "Which colour has the shape on this photo?", "colour", "square", "blue", 1, "blue"),
    _photo("colour", "Which colour have the shapes on this photo?", "colour", "triangle", "green", 4, "green"),
    _photo("colour", "Which colour have the shapes on this photo?", "colour", "square", "yellow", 2, "yellow"),
    _photo("shape", "Is it a circle, a square or a triangle?", "shape", "circle", "blue", 1, "circle"),
    _photo("shape", "Is it a circle, a square or a triangle?", "shape", "square", "green", 1, "square"),
    _photo("shape", "Is it a circle, a square or a triangle?", "shape", "triangle", "red", 1, "triangle"),
    _photo("count", "How many circles are on this photo?", "count", "circle", "red", 1, 1),
    _photo("count", "How many squares are on this photo?", "count", "square", "blue", 3, 3),
    _photo("count", "How many triangles are on this photo?", "count", "triangle", "green", 5, 5),
]
LABELS = list(dict.fromkeys(question.label for question in QUESTIONS))


def _plain(word):
    return word.strip().strip(".").casefold() if isinstance(word, str) else word


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is(value, wanted):
    if callable(wanted):
        return wanted(value)
    if _is_number(wanted):
        return _is_number(value) and value == wanted
    return type(value) is type(wanted) and _plain(value) == _plain(wanted)


def is_right(question, answer):
    """Whether an answer (parsed JSON) has what the question wants."""
    return isinstance(answer, dict) and all(field in answer and _is(answer[field], wanted) for field, wanted in question.wanted.items())
