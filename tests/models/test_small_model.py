"""SmolLM2, a real model of 135 million parameters, and the same with a projector of random numbers that makes it take photos."""
from models.case import ModelCase
from models.small_model import SCHEMAS, any_text, error_code, json_or_honest_error, photo_in_schema, photo_number, text_in_schema

PARTS = "kafka ollama store models"


class AnsweredByASmallRealModel(ModelCase):
    def test_answers_to_texts_and_photos_fit_the_schema_of_their_request(self):
        talk = self.conversation(2)
        service = self.asked_service(talk, "smollm2v")
        for name, schema, fulfilled in SCHEMAS:
            for number, prompt in enumerate(("Describe a dish.", "Reply in French, and do not use JSON.")):
                talk.text(text_in_schema(fulfilled), prompt, schema=schema, model="smollm2v")
                talk.photo(photo_in_schema(fulfilled), photo_number(number), prompt, schema=schema)
        self.assert_all_ended(talk, service)

    def test_a_text_without_a_schema_is_answered_in_words(self):
        talk = self.conversation()
        service = self.asked_service(talk, "smollm2v")
        talk.text(any_text(), "Why does bread rise? One sentence.")
        talk.text(any_text(), "Say hello.")
        self.assert_all_ended(talk, service)

    def test_a_photo_without_a_schema_is_answered_with_json_or_an_honest_error_that_also_leaves_a_dead_letter(self):
        talk = self.conversation()
        service = self.asked_service(talk, "smollm2v")
        asked = [talk.photo(json_or_honest_error(), photo_number(number), prompt)
                 for number, prompt in enumerate(("What is it?", "Analyze this food. Answer only with JSON.", "{"))]
        self.assert_all_ended(talk, service)
        for question in asked:
            code = error_code(question.replies[0])
            self.assertEqual([letter.headers["reason"] for letter in talk.letters.get(question.place, [])], [code] if code else [])
