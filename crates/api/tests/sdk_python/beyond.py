"""Runs the code of docs/guides/beyond-stripe.md as it stands there."""

import os
import pathlib

from world import URL, world

world("open/stripe/merchant_1")
guide = pathlib.Path(__file__).parents[4] / "docs/guides/beyond-stripe.md"
code = guide.read_text().split("```python\n", 1)[1].split("```", 1)[0]
code = code.replace("http://127.0.0.1:8787", URL).replace("dk_live_rk_...", os.environ["DOCKET_KEY"])
names = {}
exec(compile(code, str(guide), "exec"), names)
assert names["saved"]["evidence"]["version"] == 1, names["saved"]["evidence"]
assert names["sealed"]["evidence"]["sealed"]["version"] == 1, names["sealed"]["evidence"]
assert [answer["state"] for answer in names["sent"]["answers"]] == ["asked"], names["sent"]["answers"]
