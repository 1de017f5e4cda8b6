"""Runs the ten lines of docs/guides/quickstart-python.md as they stand there."""

import os
import pathlib

from world import PDF, URL, world

world("open/stripe/merchant_1")
guide = pathlib.Path(__file__).parents[4] / "docs/guides/quickstart-python.md"
code = guide.read_text().split("```python\n", 1)[1].split("```", 1)[0]
assert len(code.strip().splitlines()) <= 10, "ten lines"
code = code.replace("http://127.0.0.1:8787", URL).replace("dk_live_rk_...", os.environ["DOCKET_KEY"])
pathlib.Path(os.environ["DOCKET_OUT"], "receipt.pdf").write_bytes(PDF)
os.chdir(os.environ["DOCKET_OUT"])
exec(compile(code, str(guide), "exec"))
