"""Every page in light and dark and on a phone: it fits, it can be used by everybody, and a screenshot is kept."""

import unittest

from .browser import DARK, DESKTOP, PHONE, Kitchen, PageTest

PAGES = {
    "overview": "/", "versions": "/versions", "version": "/versions/robot_001_v3",
    "diff": "/versions/robot_001_v2/diff/robot_001_v3", "lineage": "/lineage?subject=robot_001_v3",
    "lineage-start": "/lineage", "training": "/training", "history": "/history", "audit": "/audit?check=true",
    "storage": "/storage", "tokens": "/tokens",
}


class Look(PageTest):
    def setUp(self):
        super().setUp()
        Kitchen(self.store)
        (self.store.folder / "remote").mkdir()
        self.store.ctl("remote", "set", f"file://{self.store.folder}/remote")
        self.store.ctl("activate", "robot_001_v3", "--reason", "slower approach, firmer grip")
        self.token = self.store.token("anna", "admin")
        self.serve({"remote": {"robot": "robot-7"}})

    def check(self, name, looks):
        page = self.browse(looks, token=self.token)
        for what, path in PAGES.items():
            page.goto(path)
            page.wait_for_load_state()
            self.assert_fits(page, f"{what} {name}")
            self.assert_accessible(page, f"{what} {name}")
            # All of them, as those that are still closed become fewer with each click.
            for summary in page.locator("main details > summary").all():
                if not summary.evaluate("summary => summary.parentElement.open"):
                    summary.click()
            self.assertEqual(page.locator("main details:not([open])").count(), 0, what)
            self.assert_fits(page, f"{what} {name}, opened")
            self.assert_accessible(page, f"{what} {name}, opened")
            page.goto(path)
            self.shoot(page, f"{name}-{what}")

    def test_light(self):
        self.check("light", DESKTOP)

    def test_dark(self):
        self.check("dark", DARK)

    def test_phone(self):
        self.check("phone", PHONE)

    def test_empty(self):
        self.store = type(self.store)()
        self.addCleanup(self.store.remove)
        self.store.ctl("init")
        token = self.store.token("anna", "admin")
        self.serve()
        page = self.browse(token=token)
        for what, path in PAGES.items():
            if "robot_001" in path:
                continue
            page.goto(path)
            self.assert_fits(page, what)
            self.assert_accessible(page, what)
            self.shoot(page, f"empty-{what}")

    def test_long_and_hostile_texts_stay_within_their_place(self):
        evil = "<img src=x onerror=alert(1)>\" onfocus=\"alert(1)" + "W" * 300
        self.store.publish("a" + "_long" * 12, b"x", "--note", evil)
        self.store.ctl("activate", "a" + "_long" * 12 + "_v1", "--reason", evil)
        self.token = self.store.token("b" * 60, "admin")
        for name, looks in (("hostile", DESKTOP), ("hostile-phone", PHONE)):
            page = self.browse(looks, token=self.token)
            dialogs = []
            page.on("dialog", lambda dialog: dialogs.append(dialog.message))
            for what, path in (PAGES | {"version": f"/versions/{'a' + '_long' * 12}_v1", "lineage": f"/lineage?subject={'a' + '_long' * 12}_v1"}).items():
                page.goto(path)
                self.assert_fits(page, f"{what} {name}")
                self.assertEqual(page.locator("[onerror], [onfocus], img[src=x]").count(), 0)
            self.assertEqual(dialogs, [])
            page.goto("/")
            self.shoot(page, name)

    def test_keyboard(self):
        page = self.browse(token=self.token)
        page.goto("/lineage?subject=robot_001_v3")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.textContent"), "Skip to the content")
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate("document.activeElement.id"), "main")
        # From node to node, and on to another one.
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            name = page.evaluate("document.activeElement.getAttribute('aria-label') || ''")
            if name.startswith("version "):
                seen.append(name)
            if name.startswith("version robot_001_v2"):
                break
        self.assertTrue(seen and seen[-1].startswith("version robot_001_v2"), seen)
        self.shoot(page, "lineage-focus", full=False)
        page.keyboard.press("Enter")
        page.wait_for_url("**/lineage?subject=robot_001_v2")
        page.get_by_role("heading", name="Lineage of robot_001_v2").wait_for()
        page.goto("/lineage?subject=episode:ep_00003")
        page.get_by_role("heading", name="Lineage of ep_00003").wait_for()
        self.shoot(page, "lineage-episode")


if __name__ == "__main__":
    unittest.main()
