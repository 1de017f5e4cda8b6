"""A merchant's receiver: believes what both official libraries believe, and says on a line of its own what it heard."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import stripe
from standardwebhooks import Webhook

SECRET = sys.argv[1]
OTHER = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signature = self.headers["Stripe-Signature"]
        event = stripe.Webhook.construct_event(body, signature, SECRET)
        standard = Webhook(SECRET).verify(body, dict(self.headers.items()))
        assert standard["id"] == event.id == self.headers["webhook-id"]
        for forged, secret in [(body + b" ", SECRET), (body, OTHER)]:
            try:
                stripe.Webhook.construct_event(forged, signature, secret)
                raise SystemExit("a forged message was believed")
            except stripe.SignatureVerificationError:
                pass
        print(json.dumps({
            "id": event.id,
            "type": event.type,
            "api_version": event.api_version,
            "object": event.data.object.id,
            "amount": event.data.object.amount,
            "version": json.loads(body)["docket"]["version"],
        }), flush=True)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
