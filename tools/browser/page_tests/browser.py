"""Headless Chromium over the page of a served store, and a store with something to look at."""

import contextlib
import json
import os
import pathlib
import random
import socket
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
        self.expected = set()
        self.is_away = False
        self.store = Store()
        self.addCleanup(self.store.remove)

    def serve(self, configuration=None, *words):
        served = Served(self.store, configuration, *words)
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
        page.on("response", self.see_answer)
        page.on("requestfailed", self.see_failure)
        page.on("console", lambda message: self.complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        if token:
            page.goto("/login")
            page.get_by_label("Token").fill(token)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
        return page

    def expect(self, *statuses):
        """Answers that are no success, and that this test asks for."""
        self.expected |= set(statuses)

    def see_answer(self, answer):
        if answer.status >= 400 and answer.status not in self.expected:
            self.complaints.append(f"{answer.status}: {answer.request.method} {answer.url}")

    def see_failure(self, request):
        """Whoever leaves a page gives up what it was loading; nothing else fails while the service is there."""
        if request.failure != "net::ERR_ABORTED" and not self.is_away:
            self.complaints.append(f"{request.failure}: {request.method} {request.url}")

    def complain(self, kind, text):
        # What couldn't be loaded was seen as an answer or a failure, with its address.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
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


def address_to_come_back_to():
    """A free one that nobody is given while the service is away: whoever takes any port gets one of the kernel's range."""
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(max(first - 5000, 1025), first), 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return f"127.0.0.1:{port}"
    raise AssertionError(f"no port below {first} is free")


@contextlib.contextmanager
def following(page, pattern):
    """What is done inside leads to another page, which is there in the end."""
    yield
    page.wait_for_url(pattern)
    page.wait_for_load_state()
