"""What the command line says about every scenario; set once by chaos.main."""
import os

AT_LEAST_ONCE, EXACTLY_ONCE = "at-least-once", "exactly-once"

delivery = os.environ.get("DELIVERY", AT_LEAST_ONCE)
requests = None  # None: as many as the scenario asks for
keep = None      # a folder for logs and records, or None

RATE = 37.5  # requests a second


def exactly_once():
    return delivery == EXACTLY_ONCE
