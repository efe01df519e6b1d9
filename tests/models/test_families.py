"""Every family of bad answer through Kafka, the service and a real Ollama: the table in families.py, row by row."""
from fixtures import bad_answers
from fixtures.faults import retry_class_of
from models.case import ModelCase
from models.families import FAMILIES

PARTS = "kafka ollama store models"

# By the class of the fault; MAX_ATTEMPTS is 3.
TRIES = {"retry": "3", "retry_once": "2"}


def tries(fault):
    """How often the model is asked: REPAIR_ROUNDS is 1."""
    return "2" if fault == "invalid_answer" else TRIES.get(fault and retry_class_of(fault), "1")


class EveryFamilyOfBadAnswer(ModelCase):
    def test_every_family_ends_as_its_row_of_the_table_says_as_a_photo_and_as_a_text(self):
        self.assertEqual(set(bad_answers.FAMILIES) - set(FAMILIES), set(), "scripts without a row in the table")
        talk = self.conversation(4)
        service = self.asked_service(talk)
        asked = {name: (talk.photo(family.as_photo, model=name + "v"), talk.text(family.as_text, model=name + "v"))
                 for name, family in FAMILIES.items()}
        self.assert_all_ended(talk, service, seconds=150)
        # Another try may end better where the answer broke off or is empty; where it is whole but bad the model is shown what is wrong.
        for name, questions in asked.items():
            for question in questions:
                self.assertEqual(question.replies[0].headers["attempt"], tries(question.end.dead_letter), name)
