"""A merchant's receiver: believes what both official libraries believe, by the very lines of the guide, and says on a line of
its own what it heard. It is told its secret once its address is known."""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import stripe

OTHER = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
GUIDE = open(sys.argv[1], encoding="utf-8").read()
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
SNIPPETS = [block for block in BLOCKS if "event = " in block]
assert len(SNIPPETS) == 2, SNIPPETS


def believed(body, headers, secret):
    """What each snippet of the guide makes of a message."""
    for snippet in SNIPPETS:
        names = {"raw_body": body, "headers": headers, "secret": secret}
        exec(snippet, names)
        yield names["event"]


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        event, standard = believed(body, self.headers, secret)
        assert standard["id"] == event.id == self.headers["webhook-id"]
        for forged, by in [(body + b" ", secret), (body, OTHER)]:
            messages = believed(forged, self.headers, by)
            try:
                next(messages)
                raise SystemExit("a forged message was believed")
            except stripe.SignatureVerificationError:
                pass
        print(json.dumps({
            "id": event.id,
            "type": event.type,
            "api_version": event.api_version,
            "object": event.data.object.to_dict(),
            "version": json.loads(body)["docket"]["version"],
            "signature": self.headers["webhook-signature"],
        }), flush=True)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
secret = sys.stdin.readline().strip()
server.serve_forever()
