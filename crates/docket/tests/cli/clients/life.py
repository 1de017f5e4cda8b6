"""The whole life of a dispute at a served desk, led with Stripe's Python SDK: FOLDER of notifications. This side is Stripe, too,
as far as it notifies: it signs with Stripe's own code."""

import io
import os
import pathlib
import sys
import time
import urllib.request

import stripe

URL, SECRET = os.environ["DOCKET_URL"], os.environ["DOCKET_SECRET"]
client = stripe.StripeClient(os.environ["DOCKET_KEY"], base_addresses={"api": URL, "files": URL})
folder = pathlib.Path(sys.argv[1])


def notify(name):
    at = int(time.time())
    # What the provider decides it decides after it was answered.
    body = (folder / name).read_text().replace("1774947600", str(at + 1))
    code = stripe.WebhookSignature._compute_signature(f"{at}.{body}", SECRET)
    headers = {"Stripe-Signature": f"t={at},v1={code}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{URL}/in/stripe/acct_sample", data=body.encode(), headers=headers)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200, answer.status


def until(what, so):
    """Asks again until it is so. Each question is a request, so that this waits without a clock."""
    for _ in range(5_000):
        found = so()
        if found:
            return found
    raise AssertionError(f"never: {what}")


def now():
    return client.v1.disputes.retrieve(dispute.id, {"expand": ["docket"]})


assert client.v1.disputes.list().data == []
notify("created.json")
dispute = until("the notification is a dispute", lambda: client.v1.disputes.list().data)[0]
assert isinstance(dispute, stripe.Dispute)
assert (dispute.status, dispute.amount, dispute.currency) == ("needs_response", 8400, "usd"), dispute
assert dispute.evidence_details.due_by == 4102444799 and not dispute.evidence_details.has_evidence

content = io.BytesIO((folder / "receipt.pdf").read_bytes())
content.name = "receipt.pdf"
file = client.v1.files.create({"purpose": "dispute_evidence", "file": content})
evidence = {"receipt": file.id, "shipping_tracking_number": "1Z999", "uncategorized_text": "It arrived."}
staged = client.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False, "metadata": {"order": "6735"}})
assert staged.status == "needs_response" and staged.evidence_details.has_evidence, staged
assert staged.evidence_details.submission_count == 0 and staged.evidence.receipt == file.id

sent = client.v1.disputes.update(dispute.id, {"submit": True})
assert (sent.status, sent.metadata.to_dict()) == ("under_review", {"order": "6735"}), sent
until("the provider has it", lambda: now()["docket"]["answers"][-1]["state"] == "accepted")
assert now().evidence_details.submission_count == 1
try:
    client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "And more."}, "submit": True})
    raise AssertionError("a second answer was taken")
except stripe.InvalidRequestError as refused:
    assert refused.http_status == 400 and refused.request_id.startswith("req_"), refused

notify("closed.json")
notify("reinstated.json")
over = until("it is won", lambda: now().status == "won" and now())
assert over.evidence_details.past_due is False
moved = lambda: client.v1.balance_transactions.list({"source": dispute.id}).data
until("the money is back", lambda: sum(one.amount for one in moved()) == 0)
kinds = lambda: {event.type for event in client.v1.events.list({"limit": 100}).data}
until("it was told", lambda: {"charge.dispute.created", "charge.dispute.closed"} <= kinds())
print("over")
