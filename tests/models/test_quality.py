"""tests/models/quality: its figures for a model whose every answer is known, and that a real one can be judged."""
import json
import os
import subprocess
import sys

from fixtures.service import environment, program
from models import labelled
from models.case import ModelCase, ollama

PARTS = "kafka ollama store models"

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quality")
# What the model "labelledv" says to everything, in a fence.
SAID = {"answer": 42, "colour": "red", "shape": "circle", "count": 3}
# Not "schema": its grammar would keep the model from its script. One kind of photo is enough; each costs time.
ASKED = ["arithmetic", "extraction", "fields", "colour"]


def run(*words, **more):
    return subprocess.run([sys.executable, TOOL, *words], env=environment(MODELS_PROCESSOR=program(), **more), capture_output=True, text=True, timeout=200)


def labels(chosen):
    return [word for label in chosen for word in ("--label", label)]


class TheQualityTool(ModelCase):
    def test_its_figures_for_a_scripted_model_are_those_of_the_script(self):
        done = run("--model", "labelledv", "--host", ollama().url, "--rounds", "2", "--json", *labels(ASKED))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)["labelledv"]
        asked = [question for question in labelled.QUESTIONS if question.label in ASKED]
        right = [question.label for question in asked if labelled.is_right(question, SAID)]
        self.assertEqual(right, ["arithmetic", "arithmetic", "colour"])
        count = 2 * len(asked)
        self.assertEqual({name: report[name] for name in ("n", "clean", "mended", "failed", "structured")},
                         {"n": count, "clean": 0, "mended": count, "failed": 0, "structured": 1.0})
        self.assertEqual((report["mends"], report["failures"]), ({"fence": count}, {}))
        self.assertAlmostEqual(report["right"], len(right) / len(asked))
        for label, row in report["labels"].items():
            of_label = [question for question in asked if question.label == label]
            self.assertEqual(row["n"], 2 * len(of_label))
            self.assertAlmostEqual(row["right"], right.count(label) / len(of_label), msg=label)
        self.assertTrue(0 < report["p50_s"] <= report["p95_s"])
        self.assertGreater(report["tokens_per_s"], 0)

    def test_a_table_compares_models_and_says_why_answers_failed(self):
        done = run("--model", "labelledv", "--model", "prosev", "--model", "repeatedv", "--host", ollama().url, "--label", "arithmetic")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = {line.split()[0]: line.split()[1:] for line in done.stdout.split("\n\n")[0].splitlines()}
        self.assertEqual(rows["model"], "n clean mended failed structured right p50 s p95 s tokens/s".split())
        # clean, mended, failed, structured, right
        self.assertEqual(rows["labelledv"][:6], ["6", "0", "6", "0", "100%", "33%"])
        self.assertEqual(rows["prosev"][:6], ["6", "0", "0", "6", "0%", "0%"])
        self.assertEqual(rows["repeatedv"][:6], ["6", "0", "0", "6", "0%", "0%"])
        self.assertIn("prosev, failures: invalid_answer 6", done.stdout)
        self.assertIn("repeatedv, failures: stream_cut 6", done.stdout)

    def test_photos_are_left_out_for_a_model_without_vision(self):
        done = run("--model", "fence", "--host", ollama().url, "--label", "arithmetic", "--label", "colour", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(list(json.loads(done.stdout)["fence"]["labels"]), ["arithmetic"])

    def test_a_real_small_model_keeps_to_the_schemas(self):
        done = run("--model", "smollm2v", "--host", ollama().url, "--label", "schema", "--label", "shape", "--tokens", "60", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)["smollm2v"]
        self.assertEqual((report["labels"]["schema"]["n"], report["labels"]["schema"]["structured"]), (4, 1.0))
        self.assertEqual(report["labels"]["shape"]["n"], 3)

    def test_a_missing_model_and_a_missing_host_are_told_with_what_to_do(self):
        done = run("--model", "nobody:13b", "--host", ollama().url)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("ollama pull nobody:13b", done.stderr)
        done = run("--model", "fencev", "--host", "127.0.0.1:1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no Ollama answers at 127.0.0.1:1", done.stderr)


class TheLabelledSet(ModelCase):
    def test_right_is_a_matter_of_values_and_types_not_of_case_or_further_fields(self):
        question = labelled.Question("x", "x", {"dish": "leek soup", "grams": 350, "vegan": True})
        for answer, right in (({"dish": "Leek Soup.", "grams": 350.0, "vegan": True, "more": 1}, True),
                              ({"dish": "leek soup", "grams": "350", "vegan": True}, False),
                              ({"dish": "leek soup", "grams": 350, "vegan": 1}, False), ({"dish": "leek soup", "grams": 350}, False),
                              ([question.wanted], False)):
            self.assertEqual(labelled.is_right(question, answer), right, answer)

    def test_a_yes_is_no_number_and_a_list_of_words_has_each_once(self):
        seasons = next(question for question in labelled.QUESTIONS if "seasons" in question.wanted)
        self.assertTrue(labelled.is_right(seasons, {"seasons": ["Spring", "summer", "Autumn", "winter"]}))
        self.assertFalse(labelled.is_right(seasons, {"seasons": ["spring", "spring", "autumn", "winter"]}))
        self.assertFalse(labelled.is_right(seasons, {"seasons": [{}, "summer", "autumn", "winter"]}))
        self.assertFalse(labelled.is_right(labelled.Question("x", "x", {"count": 1}), {"count": True}))
