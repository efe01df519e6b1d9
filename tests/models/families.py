"""What the service has to make of each family of bad answer: the table to read. The models' words are in fixtures/bad_answers.py.

A photo has to end in JSON, so its answer ends in one of three classes:
    clean     it was valid JSON; nothing but its white space is changed
    mended    it has one reading as JSON; the header `repairs` names what was done to get there
    an error  it has none, or more than one; the code says which
A text is published as the model wrote it, thinking aside. Where valid JSON, an object, is the one value in it, its members stand beside
the text (`merged`); near-JSON is only text there, because nobody asked for JSON.
"""
import collections

from fixtures.make_models import SCRIPTS
from fixtures.oracle import End, photo_error, photo_reply, text_error, text_reply

SOUP = '{"dish":"Leek soup","calories":90.50}'
SOUP_FIELDS = {"dish": "Leek soup", "calories": 90.50}

# as_photo, as_text: oracle.End; why: a sentence.
Family = collections.namedtuple("Family", "as_photo as_text why")


def said(family):
    return "".join(SCRIPTS[family]["phrases"])


# Repairs that leave the answer itself as it was.
AROUND_THE_ANSWER = {"fence", "prose", "thinking", "several_values", "escaped_text"}


def _with_headers(end, finish, repairs):
    def check(reply):
        end.check(reply)
        if reply.headers["finish"] != finish or reply.headers.get("repairs", "") != repairs:
            raise AssertionError("finish %s, repairs %r" % (reply.headers["finish"], reply.headers.get("repairs")))
    return End(end.reply_topic, check, end.dead_letter)


def clean(analysis):
    return _with_headers(photo_reply(analysis), "stop", "")


def mended(repairs, analysis=SOUP):
    only_around = set(repairs.split(",")) <= AROUND_THE_ANSWER
    return _with_headers(photo_reply(analysis), "stop" if only_around else "repaired", repairs)


def text(family, repairs="", response=None):
    return _with_headers(text_reply(response or said(family)), "stop", repairs)


def merged(family, fields, repairs="", response=None):
    return _with_headers(text_reply(response or said(family), fields), "stop", repairs)


def cut_text(family):
    """The beginning of what the model would have said, and the header says that it is cut."""
    def check(reply):
        if not said(family).startswith(reply.value["response"]) or reply.value["response"] == said(family):
            raise AssertionError("no beginning of the answer: %r" % reply.value["response"])
    whole = text_reply(finish="truncated")

    def both(reply):
        whole.check(reply)
        check(reply)
    return End(whole.reply_topic, both)


FAMILIES = {
    # Around the JSON.
    "fence": Family(mended("fence,prose", '{"label":"cat","score":0.93}'), merged("fence", {"label": "cat", "score": 0.93}),
                    "a fence says where the answer is"),
    "chatter": Family(mended("prose"), merged("chatter", SOUP_FIELDS), "one value in the prose: nothing else can be meant"),
    "thinking": Family(mended("thinking"), merged("thinking", SOUP_FIELDS, "thinking", '{"dish": "Leek soup", "calories": 90.50}'),
                       "what a model thought is nobody's answer, drafts in it neither"),
    "thought": Family(mended("thinking"), merged("thought", SOUP_FIELDS, "thinking", '{"dish": "Leek soup", "calories": 90.50}'),
                      "templates write the opening tag themselves, so only the closing one arrives"),
    "twofences": Family(mended("fence,several_values,prose"), merged("twofences", SOUP_FIELDS), "the fence labelled json counts more than code"),
    "escaped": Family(mended("escaped_text"), text("escaped"), "a string that holds JSON is that JSON, escaped once too often"),
    # Several values.
    "ndjson": Family(photo_error("invalid_answer"), text("ndjson"), "two different values, and nobody can know which one is meant"),
    "arrayofone": Family(clean("[" + SOUP + "]"), text("arrayofone"), "valid JSON; without a schema nobody asked for an object"),
    # Almost JSON.
    "singlequotes": Family(mended("single_quotes,bad_escape", '{"dish":"Leek \\"soup\\"","calories":90.50,"note":"the cook\'s own"}'),
                           text("singlequotes"), "Python's quotes, with the other kind of quote inside"),
    "notanumber": Family(mended("not_a_value", '{"dish":"Leek soup","calories":null,"fat":2.50}'), text("notanumber"),
                         "NaN is null, as JavaScript writes it"),
    "infinite": Family(photo_error("invalid_answer"), text("infinite"), "infinity is more than null, and JSON has no number for it"),
    "python": Family(mended("python_literal", '{"dish":"None is True","vegan":true,"spicy":false,"sauce":null}'), text("python"),
                     "True, False and None have one meaning each, and inside a string they are words"),
    "comments": Family(mended("comment"), text("comments"), "comments say nothing to a program"),
    "commas": Family(mended("trailing_comma", '{"dish":"Leek soup","parts":["leek","potato"],"calories":90.50}'), text("commas"),
                     "a comma too many adds nothing"),
    "unclosed": Family(mended("closers", '{"dish":"Leek soup","parts":["leek","potato"]}'), text("unclosed"),
                       "the model ended by itself, so only the brackets are missing"),
    # Without any JSON.
    "prose": Family(photo_error("invalid_answer"), text("prose"), "there is no JSON in it"),
    # Answers without an end, or without anything.
    "cut": Family(photo_error("truncated"), cut_text("cut"), "half of an answer is never mended into a whole one; half of a text is still of use"),
    "repeated": Family(photo_error("runaway_answer"), text_error("runaway_answer"), "the same words over and over: stopped before Ollama gives up"),
    "silent": Family(photo_error("answer_empty"), text_error("answer_empty"), "no answer at all, three times"),
    "whitespace": Family(photo_error("answer_empty"), text_error("answer_empty"), "white space is no answer"),
    "blanks": Family(clean(SOUP), text_error("runaway_answer"), "blank lines behind a whole value change nothing; where a text ends nobody can tell"),
    "degenerate": Family(photo_error("degenerate_answer"), text_error("degenerate_answer"), "one letter over and over: the model is broken, not the answer"),
    "dashes": Family(photo_error("invalid_answer"), text("dashes"), "a line that ends by itself may be what was asked for"),
}
