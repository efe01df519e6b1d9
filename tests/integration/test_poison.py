"""A photo that kills the model's runner: what it costs, and how it is kept from the model."""
from fixtures import photos
from fixtures.ollama_server import OLD, OllamaServer
from fixtures.oracle import photo_error, photo_reply, text_reply
from integration.case import IntegrationCase
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS

PARTS = "kafka ollama store"


class APoisonPhoto(IntegrationCase):
    """The newer generation's runners refuse these photos and live on: test_new_ollama."""

    def among_others(self, poison, restarts, copies=1, **settings):
        """`copies` requests with the photo `poison`, each with a key of its own, spread among 20 texts and photos that have to be
        answered."""
        host = self.own(OllamaServer(OLD, models=["fencev"], parallel=2))
        talk = self.conversation(partitions=2)
        service = self.ready_service(talk, hosts=host.url, CONCURRENT_REQUESTS=4, **settings)
        loads = host.runner_starts()
        self.assertEqual(loads, 1, "the health probe has loaded the model")
        for i in range(20):
            if i in (3, 5, 12)[:copies]:
                talk.photo(photo_error("photo_unreadable" if restarts == 0 else "poison"), poison)
            if i % 3 == 0:
                talk.photo(photo_reply(FENCE_ANALYSIS), photos.jpeg(seed=i))
            else:
                talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        self.assert_all_ended(talk, service)
        self.assertEqual(host.runner_crashes(), restarts, "crashes of the runner")
        if copies == 1:  # with more a runner that has just been started may be given up: who waited for it was called back
            self.assertLessEqual(host.runner_starts() - loads, restarts, "restarts of the runner")

    def test_a_poison_png_costs_two_runner_restarts_and_no_other_request(self):
        self.among_others(photos.poison_png(), 2)

    def test_a_poison_jpeg_costs_two_runner_restarts_and_no_other_request(self):
        self.among_others(photos.poison_jpeg(), 2)

    def test_the_same_poison_photo_under_several_keys_costs_two_runner_restarts_in_all(self):
        self.among_others(photos.poison_png(), 2, copies=3)

    def test_with_photos_decoded_first_a_poison_photo_costs_nothing(self):
        self.among_others(photos.poison_png(), 0, PHOTO_CHECK="decode")
        self.among_others(photos.poison_jpeg(), 0, PHOTO_CHECK="decode")

    def test_a_poison_photo_that_has_to_be_scaled_costs_nothing(self):
        self.among_others(photos.poison_jpeg(), 0, PHOTO_MAX_SIDE=48)


class PhotosAreMadeFit(IntegrationCase):
    def test_a_large_photo_is_scaled_down_and_answered(self):
        talk = self.conversation()
        service = self.ready_service(talk, PHOTO_MAX_SIDE=336)
        talk.photo(photo_reply(FENCE_ANALYSIS), photos.jpeg(800, 600))
        talk.photo(photo_reply(FENCE_ANALYSIS), photos.jpeg(400, 800, progressive=True))
        talk.photo(photo_reply(FENCE_ANALYSIS), photos.png(500, 100))
        talk.publish()
        self.assert_all_ended(talk, service)

    def test_a_photo_of_more_pixels_than_allowed_is_told_to_its_sender(self):
        talk = self.conversation()
        service = self.ready_service(talk, MAX_PHOTO_PIXELS=10_000)
        talk.photo(photo_error("photo_too_large"), photos.jpeg(128, 128))
        talk.photo(photo_reply(FENCE_ANALYSIS), photos.jpeg(96, 96))
        talk.publish()
        self.assert_all_ended(talk, service)

    def test_webp_is_kept_from_an_old_ollama(self):
        talk = self.conversation()
        service = self.ready_service(talk, hosts=self.own(OllamaServer(OLD, models=["fencev"])).url)
        talk.photo(photo_error("photo_unreadable"), photos.webp())
        talk.photo(photo_reply(FENCE_ANALYSIS))
        talk.publish()
        self.assert_all_ended(talk, service)
