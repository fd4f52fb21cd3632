"""What changes while somebody looks: the service goes and comes back, long work goes on, a job trains."""

import json
import unittest

from .browser import Kitchen, PageTest, address_to_come_back_to, following

# Ends when the file is there that its argument names, so that a test can look at it in between.
TRAINER = r"""
i=0
while [ $i -lt 60 ]; do
  i=$((i + 1))
  awk -v i=$i 'BEGIN { printf "{\"step\":%d,\"total_steps\":60,\"loss\":%.4f}\n", i, 1.4 / (1 + i / 3) + 0.02 * (i % 3) }'
done
while [ ! -e "$1" ]; do sleep 0.1; done
echo weights > "$OUTPUT_DIR/lora_adapters.npz"
"""


class Live(PageTest):
    def setUp(self):
        super().setUp()
        Kitchen(self.store)
        self.token = self.store.token("anna", "admin")

    def test_the_page_says_when_the_service_has_gone_and_finds_it_again(self):
        # Its session ended with the service.
        self.expect(401)
        served = self.serve(None, "--listen", address_to_come_back_to())
        page = self.browse(token=self.token)
        lost = page.get_by_text("The connection was lost.")
        page.locator("body[data-live]").wait_for(state="attached")
        self.assertFalse(lost.is_visible())
        self.is_away = True
        self.assertEqual(served.stop(), 0)
        lost.wait_for()
        self.shoot(page, "16-connection-lost")
        # What happens meanwhile is there when the service is back at its address.
        self.store.ctl("activate", "robot_001_v3", "--reason", "while nobody served")
        self.serve(None, "--listen", served.address)
        # Sessions end with the service: one signs in again, and comes back to where one was.
        page.get_by_label("Token").fill(self.token)
        with following(page, "**/"):
            page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="It is on trial").wait_for()
        self.assertFalse(lost.is_visible())

    def test_without_tokens_the_page_goes_on_by_itself_when_the_service_is_back(self):
        self.store.ctl("token", "revoke", "anna")
        served = self.serve()
        status, _, _ = served.ask("GET", "/api/active")
        self.assertEqual(status, 401, "the last token was revoked, and that opens nothing")
        self.store = type(self.store)()
        self.addCleanup(self.store.remove)
        Kitchen(self.store)
        served = self.serve(None, "--listen", address_to_come_back_to())
        page = self.browse()
        page.goto("/")
        page.locator("body[data-live]").wait_for(state="attached")
        self.is_away = True
        self.assertEqual(served.stop(), 0)
        page.get_by_text("The connection was lost.").wait_for()
        self.store.ctl("activate", "robot_001_v3", "--reason", "while nobody served")
        self.serve(None, "--listen", served.address)
        page.get_by_text("It is on trial").wait_for()
        page.get_by_text("The connection was lost.").wait_for(state="hidden")

    def test_a_scheduled_round_is_run_now_and_followed(self):
        self.serve()
        page = self.browse(token=self.token)
        page.goto("/storage")
        with following(page, "**/operations/op_*"):
            page.get_by_role("button", name="Run now: Tidy up").click()
        page.get_by_text("done", exact=True).wait_for()
        self.shoot(page, "17-operation")
        page.goto("/storage")
        self.assertIn("done", page.get_by_role("row").filter(has_text="Tidy up").inner_text())

    def test_a_job_trains_while_one_watches_its_loss(self):
        (self.store.folder / "remote").mkdir()
        self.store.ctl("remote", "set", f"file://{self.store.folder}/remote")
        self.store.ctl("push", *[f"robot_001_v{number}" for number in range(1, 5)])
        step = {"observation": {"x": 1}, "action": [0.5]}
        for name in ("ep-1", "ep-2"):
            self.store.write(
                f"recordings/{name}.json", json.dumps({"metadata": {"robot": "robot_001", "name": name}, "steps": [step]}))
        self.serve({
            "remote": {"robot": "robot_001"},
            "training": {
                "adapter": "robot_001", "recordings": str(self.store.folder / "recordings"), "backend": "local",
                "worker": {"command": ["/bin/sh", "-ec", TRAINER, "trainer", str(self.store.folder / "go")], "heartbeat": "1s"},
            },
        })
        page = self.browse(token=self.token)
        page.goto("/training")
        with following(page, "**/operations/op_*"):
            page.get_by_role("button", name="Send new episodes").click()
        page.get_by_text("done", exact=True).wait_for()
        page.goto("/training")
        with following(page, "**/training/job_*"):
            page.get_by_role("button", name="Make a job").click()
        page.get_by_text("step 60 of 60").wait_for()
        page.locator(".curve polyline").wait_for(state="attached")
        self.assert_accessible(page, "a job")
        self.shoot(page, "18-training")
        (self.store.folder / "go").touch()
        page.get_by_text("completed", exact=True).wait_for()
        page.goto(page.url)
        with following(page, "**/operations/op_*"):
            page.get_by_role("button", name="Install the result").click()
        page.get_by_text("done", exact=True).wait_for()
        page.goto("/versions/robot_001@latest")
        page.get_by_role("heading", name="robot_001_v5").wait_for()
        self.shoot(page, "19-trained")


if __name__ == "__main__":
    unittest.main()
