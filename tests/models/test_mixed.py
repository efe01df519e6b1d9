"""All models at once: two hundred requests in random order, and each has to end as its model's answer demands."""
import collections
import os
import random

from fixtures.oracle import PHOTO_REPLIES
from models.case import ModelCase
from models.families import FAMILIES
from models.small_model import SCHEMAS, any_text, error_code, json_or_honest_error, photo_in_schema, photo_number, text_in_schema

PARTS = "kafka ollama store models"

REQUESTS = 200
SMALL_MODEL_REQUESTS = 16  # a second or two each; the scripted models need milliseconds


class AllModelsTogether(ModelCase):
    def test_two_hundred_requests_to_all_models_end_each_in_its_own_class(self):
        seed = int(os.environ.get("PROPERTY_SEED") or random.randrange(1 << 32))
        print("PROPERTY_SEED=%d" % seed, flush=True)
        chance = random.Random(seed)
        talk = self.conversation(4)
        service = self.asked_service(talk)
        plan = [(name, kind) for name in FAMILIES for kind in ("photo", "text")] * 2
        plan += [(chance.choice(list(FAMILIES)), chance.choice(("photo", "text"))) for _ in range(REQUESTS - SMALL_MODEL_REQUESTS - len(plan))]
        plan += [("smollm2", chance.choice(("photo", "text"))) for _ in range(SMALL_MODEL_REQUESTS)]
        chance.shuffle(plan)
        self.assertEqual(len(plan), REQUESTS)
        free_photos = [self.ask(talk, chance, number, name, kind) for number, (name, kind) in enumerate(plan)]
        self.assert_all_ended(talk, service, seconds=240)
        for question in filter(None, free_photos):
            code = error_code(question.replies[0])
            self.assertEqual([letter.headers["reason"] for letter in talk.letters.get(question.place, [])], [code] if code else [])
        self.assert_counted(talk, service)

    def ask(self, talk, chance, number, name, kind):
        """Gives the question when nobody can foresee whether it leaves a dead letter."""
        if name in FAMILIES:
            family, model = FAMILIES[name], name + "v"
            if kind == "photo":
                # A photo that a runner has seen lately costs nothing; a new one keeps all cores busy for a while.
                talk.photo(family.as_photo, photo_number(number) if number % 5 == 0 else None, model=model)
            else:
                talk.text(family.as_text, "Question %d?" % number, model=model)
            return None
        with_schema = chance.random() < 0.5
        _, schema, fulfilled = chance.choice(SCHEMAS)
        if kind == "photo" and not with_schema:
            return talk.photo(json_or_honest_error(), photo_number(number), "What is it?", model="smollm2v")
        if kind == "photo":
            talk.photo(photo_in_schema(fulfilled), photo_number(number), "What is it?", model="smollm2v", schema=schema)
        elif with_schema:
            talk.text(text_in_schema(fulfilled), "Question %d?" % number, model="smollm2v", schema=schema)
        else:
            talk.text(any_text(), "Say %d words." % (number % 10 + 1), model="smollm2v")
        return None

    def assert_counted(self, talk, service):
        """The service's own figures agree with what was read from Kafka."""
        seen = collections.Counter()
        for question in talk.questions.values():
            reply, kind = question.replies[0], "photo" if question.end.reply_topic == PHOTO_REPLIES else "text"
            code = error_code(reply) if kind == "photo" else reply.value.get("error", {}).get("code")
            seen['models_processor_requests_total{kind="%s",outcome="%s"}' % (kind, code or "ok")] += 1
        counted = {name: value for name, value in service.metrics().items() if name.startswith("models_processor_requests_total{")}
        self.assertEqual(counted, seen)
