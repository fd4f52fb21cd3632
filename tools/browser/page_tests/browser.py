"""Headless Chromium over the page of a served store, and a store with something to look at."""

import contextlib
import json
import os
import pathlib
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.served import PATIENCE_SECONDS, Served, Store

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SCREENSHOTS = pathlib.Path(os.environ.get("SCREENSHOTS", ".build/screenshots"))

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
DARK = DESKTOP | {"color_scheme": "dark"}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}


class PageTest(unittest.TestCase):
    """A browser for each class, a store and a service for each test. What the browser complains of fails the test."""

    @classmethod
    def setUpClass(cls):
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        # As root Chromium has no sandbox; it opens our own page alone.
        words = ["--no-sandbox"] if os.geteuid() == 0 else []
        cls.chromium = cls.playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        cls.addClassCleanup(cls.chromium.close)

    def setUp(self):
        self.complaints = []
        self.store = Store()
        self.addCleanup(self.store.remove)

    def serve(self, configuration=None):
        served = Served(self.store, configuration)
        self.addCleanup(served.stop)
        self.url = f"http://{served.address}"
        self.served = served
        return served

    def browse(self, looks=DESKTOP, token=None, **more):
        """A page in a browser of its own, signed in where a token is given."""
        context = self.chromium.new_context(base_url=self.url, **looks, **more)
        self.addCleanup(context.close)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("console", lambda message: self.complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        if token:
            page.goto("/login")
            page.get_by_label("Token").fill(token)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
        return page

    def complain(self, kind, text):
        """Everything but what a test asks for: an answer that is no success, and a service that was stopped."""
        asked_for = ("the server responded with a status of", "net::ERR_", "Failed to load resource")
        if kind in ("error", "warning") and not any(words in text for words in asked_for):
            self.complaints.append(f"{kind}: {text}")

    def tearDown(self):
        if not getattr(self._outcome, "success", True):
            self.shoot_failure()
        # A violation of the content security policy is a complaint of the console, too.
        self.assertEqual(self.complaints, [])

    def shoot_failure(self):
        name = self.id().rsplit(".", 1)[-1]
        for number, page in enumerate(page for context in self.chromium.contexts for page in context.pages):
            with contextlib.suppress(Exception):
                self.shoot(page, f"failed-{name}-{number}")

    def shoot(self, page, name, full=True):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=full, animations="disabled")

    def assert_accessible(self, page, what):
        found = Axe().run(page).response["violations"]
        told = [
            f"{rule['impact']}: {rule['help']}: {node['html'][:200]}"
            for rule in found for node in rule["nodes"] if rule["impact"] in ("serious", "critical", "moderate")
        ]
        self.assertEqual(told, [], what)

    def assert_fits(self, page, what):
        """Nothing stands out to the right of the window, but for what can be scrolled by itself."""
        wide = page.evaluate(
            """width => [...document.querySelectorAll('body *')]
                .filter(item => !item.closest('.canvas, nav, .spoken, thead'))
                .filter(item => item.getBoundingClientRect().right > width + 1)
                .slice(0, 5).map(item => item.outerHTML.slice(0, 160))""", page.viewport_size["width"])
        self.assertEqual(wide, [], what)

    def post(self, path, body, token):
        """What a program does beside the page."""
        status, _, document = self.served.ask("POST", path, body, {"Authorization": f"Bearer {token}"})
        self.assertLess(status, 300, document)
        return document


class Kitchen:
    """A store with a few versions that come from one another, and what was measured of them."""

    def __init__(self, store):
        self.store = store
        archive = store.write("kitchen.json", json.dumps({
            "archive": "sha256:" + "e" * 64, "size": 4096, "robot": "robot_001", "created": None,
            "episodes": [
                {"id": f"ep_{number:05}", "sha256": f"{number:064x}", "steps": 220, "bytes": 90_000}
                for number in range(24)
            ],
        }))
        notes = [
            "First one that grasps.", "More cups.", "Slower approach, firmer grip.", "Trained on the kitchen recordings."]
        for number, note in enumerate(notes, 1):
            words = ["--note", note, "--metric", f"final_loss={0.4 / number:.4f}", "--metric", f"accuracy={0.9 + number / 50:.2f}",
                     "--framework", "jax", "--model-type", "wavecore"]
            if number > 1:
                words += ["--base", f"robot_001_v{number - 1}", "--job", f"job_9f2c44b1d0e{number}", "--archive", archive]
            store.publish("robot_001", bytes([number]) * 400_000 + os.urandom(1000), *words)
        store.publish("grasp_left", b"left" * 10_000, "--framework", "jax", "--model-type", "wavecore")
        result = store.write("result.json", json.dumps({"success_rate": 0.94, "episodes": 120, "seconds_per_task": 7.31}))
        store.ctl("evaluate", "robot_001_v3", "--result", result, "--by", "ci")
        store.ctl("activate", "robot_001_v1", "grasp_left_v1", "--reason", "first set")
        store.ctl("activate", "robot_001_v2", "--reason", "more cups", "--confirmed")
        store.ctl("channel", "set", "stable", "robot_001_v2")


@contextlib.contextmanager
def following(page, pattern):
    """What is done inside leads to another page, which is there in the end."""
    yield
    page.wait_for_url(pattern)
    page.wait_for_load_state()
