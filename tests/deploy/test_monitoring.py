"""deploy/prometheus, deploy/grafana and deploy/runbook.md: by promtool, and against what the program has."""
import itertools
import json
import os
import re
import tempfile
import unittest

import yaml

from deploy import facts, queries

PARTS = "deploy_tools"
RULES, CASES, RUNBOOK = "deploy/prometheus/rules.yaml", "deploy/prometheus/rules_test.yaml", "deploy/runbook.md"


def promtool(*arguments):
    said = facts.tool("deploy_tools", "promtool", *arguments)
    return "" if said.returncode == 0 else said.stdout + said.stderr


def rules():
    return [rule for group in facts.documents(RULES)[0]["groups"] for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def dashboard():
    return json.loads(facts.read("deploy/grafana/dashboard.json"))


def dashboard_queries():
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]


def all_queries():
    scaled = facts.documents("deploy/kubernetes/overlays/keda/scaled-object.yaml")[0]["spec"]["triggers"]
    return [rule["expr"] for rule in rules()] + dashboard_queries() + [each["metadata"]["query"] for each in scaled if "query" in each["metadata"]]


def anchors(page):
    """As code hosts make them of headings."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", page, re.M)}


class Prometheus(unittest.TestCase):
    def test_promtool_accepts_rules_and_configurations(self):
        self.assertEqual(promtool("check", "rules", "prometheus/rules.yaml"), "")
        self.assertEqual(promtool("check", "config", "prometheus/prometheus.yaml"), "")
        # Debian's promtool is built without the discovery in Kubernetes: the rest is checked with another discovery.
        config = facts.documents("deploy/prometheus/kubernetes.yaml")[0]
        self.assertEqual(config["scrape_configs"][0].pop("kubernetes_sd_configs"), [{"role": "pod"}])
        config["scrape_configs"][0]["static_configs"] = [{"targets": ["a:5000"]}]
        config["rule_files"] = [os.path.join(facts.DEPLOY, "prometheus", name) for name in config["rule_files"]]
        self.assertEqual(self.of_file(config, "check", "config"), "")
        config["scrape_configs"][0]["relabel_configs"][0]["regex"] = "("
        self.assertNotEqual(self.of_file(config, "check", "config"), "")

    def test_promtool_reads_every_query(self):
        def group(texts):
            return {"groups": [{"name": "queries", "rules": [{"record": "query:%d" % number, "expr": queries.ready(text)} for number, text in enumerate(texts)]}]}
        self.assertEqual(self.of_file(group(all_queries()), "check", "rules"), "")
        self.assertNotEqual(self.of_file(group(["sum(rate(up[5m])"]), "check", "rules"), "")

    def test_each_alert_fires_and_does_not_in_its_case(self):
        self.assertEqual(promtool("test", "rules", "prometheus/rules_test.yaml"), "")
        cases = {case["name"]: case for case in facts.documents(CASES)[0]["tests"]}
        for alert in alerts():
            fired = [each for test in cases[alert["alert"]]["alert_rule_test"] for each in test.get("exp_alerts", []) if test["alertname"] == alert["alert"]]
            spaces = {space for series in cases[alert["alert"]]["input_series"] for space in re.findall(r'namespace="(\w+)"', series["series"])}
            self.assertTrue(fired, alert["alert"])
            self.assertIn("well", spaces - {each["exp_labels"]["namespace"] for each in fired}, alert["alert"])

    def test_the_cases_notice_a_changed_rule(self):
        changed = facts.documents(RULES)[0]
        for rule in itertools.chain.from_iterable(group["rules"] for group in changed["groups"]):
            if "alert" in rule:
                rule["expr"] = "(%s) < -1e9" % rule["expr"]
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("rules.yaml", changed), ("rules_test.yaml", facts.documents(CASES)[0])):
                with open(os.path.join(folder, name), "w") as file:
                    yaml.safe_dump(content, file)
            said = promtool("test", "rules", os.path.join(folder, "rules_test.yaml"))
        self.assertEqual({name for name in re.findall(r"alertname: (\w+)", said)}, {alert["alert"] for alert in alerts()})

    def test_the_scaler_holds_while_a_host_loads_and_doubles_at_most(self):
        drain, hold = (each["metadata"]["query"] for each in facts.documents("deploy/kubernetes/overlays/keda/scaled-object.yaml")[0]["spec"]["triggers"][1:])
        pods = ["models-processor-worker-0", "models-processor-worker-1", "models-processor-7d9"]
        build = [{"series": 'models_processor_build_info{pod="%s",version="0.1.0"}' % pod, "values": "1x3"} for pod in pods]
        loading = [{"series": 'models_processor_hosts_loading{pod="%s"}' % pod, "values": "0 %d 0 0" % (pod == pods[1])} for pod in pods]
        waiting = [{"series": 'models_processor_seconds_to_drain{pod="%s"}' % pod, "values": "10 400 %s 0" % ("Inf" if pod == pods[2] else "20")} for pod in pods]

        def expected(query, *values):
            return [{"expr": query, "eval_time": "%dm" % minute, "exp_samples": [{"labels": "{}", "value": value}]} for minute, value in enumerate(values)]
        test = {"interval": "1m", "input_series": build + loading + waiting, "promql_expr_test": expected(hold, 0, 2, 0) + expected(drain, 10, 400, 600, 0)}
        self.assertEqual(self.of_file({"tests": [test]}, "test", "rules"), "")

    def of_file(self, content, *command):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(content, file)
            file.flush()
            return promtool(*command, file.name)


class Names(unittest.TestCase):
    def wrong(self, query):
        return queries.check(query, facts.metrics(), {rule["record"] for rule in rules() if "record" in rule}, facts.fault_codes())

    def test_what_queries_name_exists(self):
        for query in all_queries():
            self.assertEqual(self.wrong(query), [], query)

    def test_what_does_not_exist_is_found(self):
        for query, word in (("sum(models_processor_request_total)", "no metric"), ("models_processor:ends", "recorded by no rule"),
                            ('models_processor_host_usable{hots="a"}', "no label hots"), ("sum by (hots) (models_processor_host_usable)", "nothing has the label hots"),
                            ('models_processor_requests_total{outcome!~"ok|photo_.*|no_questions"}', "no_questions is no code")):
            self.assertIn(word, "; ".join(self.wrong(query)))

    def test_metrics_to_come_are_not_there_yet(self):
        there = set(facts.TO_COME) & set(facts.metrics_of_program())
        self.assertEqual(there, set(), "the program has them: take them out of TO_COME in tests/deploy/facts.py")

    def test_metrics_to_come_are_used(self):
        named = " ".join(all_queries())
        self.assertEqual([name for name in facts.TO_COME if name not in named], [])


class Runbook(unittest.TestCase):
    def test_each_alert_stands_there_and_nothing_else_does(self):
        page = facts.read(RUNBOOK)
        self.assertEqual(re.findall(r"^### (\w+)$", page, re.M), [alert["alert"] for alert in alerts()])
        for alert in alerts():
            self.assertEqual(alert["annotations"]["runbook_url"], "%s#%s" % (RUNBOOK, alert["alert"].lower()))
            self.assertIn(alert["alert"].lower(), anchors(page))
            section = page.partition("### %s\n" % alert["alert"])[2].partition("\n#")[0]
            self.assertTrue(section.startswith(alert["labels"]["severity"] + "."), alert["alert"])
            self.assertIn("\n- Look", section)

    def test_each_error_code_stands_there_once_in_the_order_of_their_table(self):
        self.assertGreater(len(facts.fault_codes()), 30)
        self.assertEqual(re.findall(r"^\| `(\w+)` \| ", facts.read(RUNBOOK), re.M), facts.fault_codes())

    def test_its_links_metrics_and_settings_exist(self):
        page = facts.read(RUNBOOK)
        for target in re.findall(r"\]\(([^)]+)\)", page):
            path, _, anchor = target.partition("#")
            self.assertIn(anchor, anchors(facts.read(os.path.normpath(os.path.join("deploy", path))) if path else page), target)
        for name in re.findall(r"`(models_processor_\w+)", page):
            self.assertIn(name, facts.metrics())
        settings = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=\S+)?`", page)) - {"OLLAMA_NUM_PARALLEL", "OLLAMA_MAX_LOADED_MODELS", "OLLAMA_MAX_QUEUE", "LLAMA_ARG_CACHE_RAM"}
        self.assertEqual({name for name in settings if not facts.is_setting(name)}, set())
        events = set(re.findall(r"`event=(\w+)`", page))
        self.assertEqual({name for name in events if "| `%s` |" % name not in facts.printed("telemetry")}, set())


class Grafana(unittest.TestCase):
    def test_panels_have_their_place_and_a_number_of_their_own(self):
        panels = dashboard()["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = {}
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for cell in itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])):
                self.assertNotIn(cell, taken, "%s lies on %s" % (panel["title"], taken.get(cell)))
                taken[cell] = panel["title"]
            if panel["type"] != "row":
                self.assertTrue(panel["targets"] and panel["datasource"]["uid"] == "${datasource}", panel["title"])

    def test_it_is_where_the_provisioning_looks_for_it(self):
        provider = facts.documents("deploy/grafana/provisioning/dashboards/dashboards.yaml")[0]["providers"][0]
        source = facts.documents("deploy/grafana/provisioning/datasources/prometheus.yaml")[0]["datasources"][0]
        services = facts.documents("deploy/compose.yaml")[0]["services"]
        self.assertIn("./grafana/dashboard.json:%s/dashboard.json:ro" % provider["options"]["path"], services["grafana"]["volumes"])
        self.assertEqual(source["url"], "http://prometheus:9090")
        self.assertIn("prometheus", services)
        self.assertEqual(dashboard()["templating"]["list"][0]["query"], source["type"])
