"""What all model cases share: an Ollama that keeps every model loaded, and one service that is asked for each by name."""
from fixtures import ollama_models
from fixtures.ollama_server import OllamaServer
from fixtures.parts import folder_of
from integration import case
from models.families import FAMILIES

# Words of the models' answers that no log may contain.
ANSWER_WORDS = ["Leek", "the cook", "None is True"]

# The photo model of each script; it answers texts, too.
ASKED_MODELS = sorted(name + "v" for name in FAMILIES) + ["smollm2v"]

# Long enough for every whole script and every answer in a schema; the script "cut" is longer.
ANSWER_TOKENS_MAX = 60


def ollama():
    """Scripted models take 45 MB each; loading one takes longer than all its answers."""
    return case.shared("all models", lambda: OllamaServer(loaded_models_max=len(ollama_models.MODELS)))


class ModelCase(case.IntegrationCase):
    def setUp(self):
        super().setUp()
        # Skipped all together: a part of the cases that passes would hide the rest.
        for part in ("kafka", "store"):
            folder_of(part)

    def asked_service(self, conversation, model="fencev", **settings):
        """A ready service that may be asked for every model. Most of these requests fail by intention, so it must not stop reading."""
        return self.service(conversation, model, ollama().url, **{
            "ALLOWED_MODELS": ",".join(ASKED_MODELS), "OLLAMA_NUM_PREDICT": ANSWER_TOKENS_MAX, "CONCURRENT_REQUESTS": 4,
            "RETRY_BACKOFF": "20 ms", "DEAD_LETTER_STOP": 100, **settings}).wait_ready()

    def _check_log(self, service):
        super()._check_log(service)
        for word in ANSWER_WORDS:
            self.assertNotIn(word, service.output(), "the log tells what it must not")
