"""Endpoints are made, changed and deleted by the SDK, and both official libraries believe what they are told."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import stripe
from standardwebhooks import Webhook
from world import OLD, client, raw, refused, world

ours = client("DOCKET_KEY")
heard = queue.Queue()
REQUEST = stripe.InvalidRequestError


class Receiver(BaseHTTPRequestHandler):
    answer = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        heard.put((self.path, dict(self.headers.items()), body))
        self.send_response(Receiver.answer)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = f"http://127.0.0.1:{server.server_port}"


def told(path, secret):
    """The events that one path was sent, believed by both libraries."""
    events = []
    rest = []
    while not heard.empty():
        message = heard.get()
        (events if message[0] == path else rest).append(message)
    for message in rest:
        heard.put(message)
    out = []
    for _, headers, body in events:
        event = stripe.Webhook.construct_event(body, headers["stripe-signature"], secret, tolerance=None)
        # The clock of this desk stands elsewhere than this machine's.
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        assert standard(secret, signed) in headers["webhook-signature"].split(" "), headers
        assert " v1a," in headers["webhook-signature"], headers
        out.append(event)
    return out


def standard(secret, signed):
    import base64
    import hashlib
    import hmac

    key = Webhook(secret)._whsecret
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def life():
    made = ours.v1.webhook_endpoints.create({
        "url": f"{BASE}/all",
        "enabled_events": ["*"],
        "description": "Shop",
        "metadata": {"shop": "1"},
        "api_version": OLD,
    })
    assert made.object == "webhook_endpoint" and made.id.startswith("we_"), made
    assert made.secret.startswith("whsec_") and made.status == "enabled" and made.livemode is True
    assert (made.api_version, made.description, made.metadata["shop"]) == (OLD, "Shop", "1")
    found = ours.v1.webhook_endpoints.retrieve(made.id)
    assert "secret" not in found and found["docket"]["public_key"].startswith("whpk_"), found
    keys = found["docket"]["public_keys"]
    assert [key["key"] for key in keys] == [found["docket"]["public_key"]] and keys[0]["until"] is None, found
    few = ours.v1.webhook_endpoints.create({"url": f"{BASE}/few?a=1", "enabled_events": ["charge.dispute.created"]})
    listed = ours.v1.webhook_endpoints.list()
    assert [one.id for one in listed.data] == [few.id, made.id] and not listed.has_more
    page = ours.v1.webhook_endpoints.list({"limit": 1})
    assert page.has_more and [one.id for one in page.auto_paging_iter()] == [few.id, made.id]
    before = ours.v1.webhook_endpoints.list({"ending_before": made.id, "limit": 1})
    assert [one.id for one in before.data] == [few.id] and not before.has_more

    dispute = world("open/stripe/merchant_1")
    world("open/stripe/merchant_2")
    world("tell")
    events = told("/all", made.secret)
    kinds = {event.type for event in events}
    assert kinds == {"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated"}, kinds
    assert {event.account for event in events} == {"mer_1"}
    created = next(event for event in events if event.type == "charge.dispute.created")
    assert created.data.object.id == dispute and created.api_version == OLD and created.account == "mer_1"
    again = ours.v1.events.retrieve(created.id)
    assert again.data.object.id == dispute
    # Written while it was on its way to both; since then both have taken it.
    assert created.pending_webhooks in (1, 2) and again.pending_webhooks == 0, (created, again)
    assert [event.id for event in told("/few?a=1", few.secret)] == [created.id]

    changed = ours.v1.webhook_endpoints.update(few.id, {
        "enabled_events": ["charge.dispute.updated", "charge.dispute.closed"],
        "url": f"{BASE}/fewer",
        "metadata": {"a": "b"},
        "disabled": True,
    })
    assert changed.status == "disabled" and changed.url == f"{BASE}/fewer" and changed.metadata["a"] == "b"
    assert changed.enabled_events == ["charge.dispute.updated", "charge.dispute.closed"]
    world(f"decide/{dispute}/lost")
    world("tell")
    assert told("/fewer", few.secret) == [] and len(told("/all", made.secret)) > 0
    pending = lambda: {event.type: event.pending_webhooks for event in ours.v1.events.list({"limit": 100}).data}
    held = pending()
    assert held["charge.dispute.closed"] == 1 and held["charge.dispute.created"] == 0, held
    assert ours.v1.webhook_endpoints.update(few.id, {"disabled": False}).status == "enabled"
    for _ in range(40):
        world("tell")
    held = [event.type for event in told("/fewer", few.secret)]
    assert "charge.dispute.closed" in held, held
    assert set(pending().values()) == {0}, pending()

    gone = ours.v1.webhook_endpoints.delete(few.id)
    assert gone.deleted is True and gone.id == few.id
    assert refused(REQUEST, lambda: ours.v1.webhook_endpoints.retrieve(few.id)).http_status == 404
    assert [one.id for one in ours.v1.webhook_endpoints.list().data] == [made.id]
    return made


def refusals(made):
    create = lambda params: ours.v1.webhook_endpoints.create(params)
    good = {"url": f"{BASE}/x", "enabled_events": ["*"]}
    cases = [
        ({"enabled_events": ["*"]}, "url", "parameter_missing"),
        ({"url": good["url"]}, "enabled_events", "parameter_missing"),
        ({**good, "url": "shop.example.com"}, "url", "url_invalid"),
        ({**good, "url": "http://10.0.0.1/x"}, "url", "url_invalid"),
        ({**good, "url": "http://169.254.169.254/latest"}, "url", "url_invalid"),
        ({**good, "enabled_events": ["invoice.paid"]}, "enabled_events", None),
        ({**good, "enabled_events": ["charge.*.created"]}, "enabled_events", None),
        ({**good, "enabled_events": []}, "enabled_events", "parameter_missing"),
        ({**good, "api_version": "2019-01-01"}, "api_version", None),
        ({**good, "description": "a" * 5001}, "description", None),
        ({**good, "metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 41 + "]", None),
        ({**good, "enabled": True}, "enabled", "parameter_unknown"),
    ]
    for params, param, code in cases:
        error = refused(REQUEST, lambda: create(params))
        assert (error.http_status, error.param, error.code) == (400, param, code), (params, error.param, error.code)
    missing = lambda: ours.v1.webhook_endpoints.update("we_nothing", {"url": good["url"]})
    assert refused(REQUEST, missing).code == "resource_missing"
    # Another tenant's, another mode's and the desk's are not there, and nobody without the role makes one.
    for key in ["DOCKET_OTHER_KEY", "DOCKET_TEST_KEY"]:
        stranger = client(key)
        assert stranger.v1.webhook_endpoints.list().data == []
        for call in [stranger.v1.webhook_endpoints.retrieve, stranger.v1.webhook_endpoints.delete]:
            assert refused(REQUEST, lambda: call(made.id)).http_status == 404
    for key in ["DOCKET_VIEWER_KEY", "DOCKET_DESK_KEY"]:
        for call in [lambda: client(key).v1.webhook_endpoints.create(good), client(key).v1.webhook_endpoints.list]:
            assert refused(stripe.PermissionError, call).http_status == 403
    many = [create({**good, "url": f"{BASE}/{n}"}) for n in range(15)]
    assert "at most 16" in str(refused(REQUEST, lambda: create(good)))
    for one in many:
        ours.v1.webhook_endpoints.delete(one.id)


def once():
    """The same request again is the same endpoint, and the same secret: it may have been lost on its way."""
    options = {"idempotency_key": "endpoint-1"}
    params = {"url": f"{BASE}/once", "enabled_events": ["*"]}
    first = ours.v1.webhook_endpoints.create(params, options)
    again = ours.v1.webhook_endpoints.create(params, options)
    assert (first.id, first.secret) == (again.id, again.secret)
    assert len(ours.v1.webhook_endpoints.list().data) == 2
    ours.v1.webhook_endpoints.delete(first.id)


made = life()
refusals(made)
once()
status, _, body = raw("DELETE", "/v1/webhook_endpoints/we_nothing")
assert status == 404 and body["error"]["code"] == "resource_missing", body
print(json.dumps({"endpoints": "kept"}))
