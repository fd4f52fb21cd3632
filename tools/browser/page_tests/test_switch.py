"""The main job of an operator: bring a version in, put it on trial, see it fail or confirm it; and two who do so at once."""

import unittest

from .browser import PHONE, Kitchen, PageTest, following


class Switch(PageTest):
    def setUp(self):
        super().setUp()
        Kitchen(self.store)
        self.store.ctl("uninstall", "robot_001_v4")
        self.token = self.store.token("anna", "operate")
        self.serve()

    def activate(self, page, version, reason):
        page.goto(f"/versions/{version}")
        page.get_by_label("Reason").first.fill(reason)
        with following(page, "**/?done=activated"):
            page.get_by_role("button", name="Activate").click()

    def test_install_activate_fail_and_revert(self):
        self.expect(409)
        page = self.browse(token=self.token)
        self.shoot(page, "01-confirmed")
        page.goto("/versions")
        page.get_by_role("link", name="robot_001_v4", exact=True).click()
        page.wait_for_url("**/versions/robot_001_v4")
        self.assertEqual(page.get_by_role("button", name="Activate").count(), 0)
        self.shoot(page, "02-not-installed")
        with following(page, "**/operations/op_*"):
            page.get_by_role("button", name="Install").click()
        page.get_by_text("done", exact=True).wait_for()
        self.shoot(page, "03-installed")
        page.get_by_role("link", name="Open robot_001_v4").click()
        page.get_by_role("button", name="Activate").wait_for()

        self.activate(page, "robot_001_v4", "night run, better grasp on cups")
        page.get_by_role("heading", name="It is on trial").wait_for()
        self.assertIn("3 boots left", page.locator("main").inner_text())
        self.assertIn("night run, better grasp on cups", page.locator("main").inner_text())
        self.assertIn("it goes back to generation 2", page.locator("main").inner_text())
        self.shoot(page, "04-trial")

        # The runtime reports a fault; the page learns of it by itself.
        self.post("/api/health", {"fault": "gripper lost contact"}, self.token)
        page.get_by_role("heading", name="It is on trial").wait_for(state="detached")
        now = page.locator("[data-part=now]")
        now.get_by_text("robot_001_v2").first.wait_for()
        page.goto("/history")
        row = page.get_by_role("row").filter(has_text="reverted")
        self.assertIn("fault: gripper lost contact", row.inner_text())
        self.shoot(page, "05-reverted")

        # It is blocked now, and a refusal is a page that says so.
        self.activate_refused(page)

    def activate_refused(self, page):
        page.goto("/versions/robot_001_v4")
        self.assertIn("blocked", page.locator("aside").first.inner_text())
        page.get_by_role("button", name="Activate").click()
        page.get_by_role("heading", name="Refused").wait_for()
        self.assertIn("is blocked", page.locator("main").inner_text())
        self.shoot(page, "06-refused")
        page.get_by_role("link", name="Go back").click()
        page.wait_for_url("**/versions/robot_001_v4")

    def test_confirm(self):
        page = self.browse(token=self.token)
        self.activate(page, "robot_001_v3", "firmer grip")
        with following(page, "**/?done=confirmed"):
            page.get_by_role("button", name="Confirm").click()
        self.assertEqual(page.get_by_role("heading", name="It is on trial").count(), 0)
        page.get_by_role("status").filter(has_text="Confirmed.").wait_for()
        self.shoot(page, "07-confirmed-after-trial")
        self.assertEqual(self.store.json("active")["state"], "confirmed")
        by = self.store.json("history")["switches"][0]["by"]
        self.assertEqual(by, "page:anna")

    def test_roll_back_on_a_phone_and_block(self):
        page = self.browse(PHONE, token=self.token)
        self.activate(page, "robot_001_v3", "firmer grip")
        page.get_by_label("Reason").first.fill("drops cups")
        page.get_by_label("Block it").check()
        self.shoot(page, "08-phone-trial")
        with following(page, "**/?done=rolled-back"):
            page.get_by_role("button", name="Roll back").click()
        self.assertIn("drops cups", page.locator("main").inner_text())
        self.assertEqual(self.store.json("active")["generation"], 2)
        page.goto("/versions/robot_001_v3")
        self.assertIn("blocked", page.locator("aside").first.inner_text())

    def test_of_two_operators_one_wins_and_the_other_sees_why(self):
        self.expect(409)
        bert = self.store.token("bert", "operate")
        # Bert's page is without a script, and so doesn't learn of what happens.
        his = self.browse(token=bert, java_script_enabled=False)
        his.goto("/versions/robot_001_v3")
        hers = self.browse(token=self.token)
        self.activate(hers, "robot_001_v1", "back to the first")
        his.get_by_role("button", name="Activate").click()
        his.get_by_role("heading", name="Somebody was faster").wait_for()
        text = his.locator("main").inner_text()
        for part in ("Activate robot_001_v3 was not done", "generation 2 was active", "back to the first", "page:anna"):
            self.assertIn(part, text)
        self.shoot(his, "09-somebody-was-faster")
        self.assertEqual(self.store.json("active")["generation"], 3)
        his.get_by_role("link", name="Look at it again").click()
        his.wait_for_url("**/")

    def test_what_somebody_fills_in_is_not_taken_from_under_their_hands(self):
        page = self.browse(token=self.token)
        self.activate(page, "robot_001_v3", "firmer grip")
        page.get_by_label("Reason").first.fill("drops cu")
        self.post("/api/confirm", {}, self.token)
        page.get_by_text("This has changed meanwhile.").wait_for()
        self.assertEqual(page.get_by_label("Reason").first.input_value(), "drops cu")
        page.get_by_role("button", name="Show it as it is now").click()
        page.get_by_role("heading", name="It is on trial").wait_for(state="detached")

    def test_the_page_works_without_its_script(self):
        page = self.browse(token=self.token, java_script_enabled=False)
        self.activate(page, "robot_001_v3", "no script")
        self.assertIn("no script", page.locator("main").inner_text())
        with following(page, "**/?done=confirmed"):
            page.get_by_role("button", name="Confirm").click()


if __name__ == "__main__":
    unittest.main()
