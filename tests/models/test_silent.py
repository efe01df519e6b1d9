"""A model whose runner gives nothing any more is loaded anew, and the request that found out is answered."""
import http.client
import json

from fixtures.ollama_server import OllamaServer
from fixtures.oracle import text_reply
from models.case import ModelCase
from models.families import said

PARTS = "kafka ollama store models"

CANCELLED_MAX = 2000  # one of some five is enough


def loses_its_slot(host, model):
    """Leaves in the middle of answers until the model gives nothing any more (ollama/ollama#17131). False: it goes on."""
    for _ in range(CANCELLED_MAX):
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=8)
        try:
            connection.request("POST", "/api/chat", json.dumps({"model": model, "messages": [{"role": "user", "content": "Go on."}],
                                                                "keep_alive": -1, "options": {"num_predict": 60}}))
            connection.getresponse().read(1)
        except TimeoutError:
            return True
        finally:
            connection.close()
    return False


class ASilentModel(ModelCase):
    def test_it_is_loaded_anew_and_the_request_that_met_it_is_answered_by_its_second_try(self):
        host = self.own(OllamaServer(models=["prosev"]))
        talk = self.conversation()
        service = self.service(talk, "prosev", host.url, OLLAMA_FIRST_BYTE_TIMEOUT=8, RETRY_BACKOFF="20 ms").wait_ready()
        self.assertTrue(loses_its_slot(host, "prosev"), "no slot was lost; is this another Ollama?")
        question = talk.text(text_reply(said("prose")))
        self.assert_all_ended(talk, service)
        self.assertEqual(question.replies[0].headers["attempt"], "2")
        self.assertEqual(len(service.events("model_silent")), 1)
        self.assertEqual(host.runner_starts(), 2)
