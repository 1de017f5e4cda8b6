"""Lists and what stands in them whole: nobody who walks one to its end misses anything, or gets what they did not ask for."""

import io

import stripe
from world import PDF, client, raw, refused, upload, world

ours = client("DOCKET_KEY")
theirs = client("DOCKET_OTHER_KEY")
REQUEST = stripe.InvalidRequestError
first = world("open/stripe/merchant_1")
second = world("open/adyen/Merchant1Retail")
world("open/stripe/merchant_2")
dispute = ours.v1.disputes.retrieve(first)


def money():
    """By when it moved, whichever dispute it is of: what moves today on an old dispute stands first."""
    began = ours.v1.balance_transactions.list().data[0].created
    world(f"decide/{first}/won")
    world("turn")
    whole = ours.v1.balance_transactions.list({"limit": 100}).data
    assert whole[0].source == first and whole[0].reporting_category == "dispute_reversal", whole[0]
    times = [moved.created for moved in whole]
    assert len(whole) >= 3 and times == sorted(times, reverse=True), times
    ids = [moved.id for moved in whole]
    assert [m.id for m in ours.v1.balance_transactions.list({"limit": 1}).auto_paging_iter()] == ids
    back = ours.v1.balance_transactions.list({"limit": 1, "ending_before": ids[-1]})
    assert [m.id for m in back.auto_paging_iter()] == ids[-2::-1]
    since = ours.v1.balance_transactions.list({"created": {"gt": began}, "limit": 100})
    assert [m.id for m in since.data] == [m.id for m in whole if m.created > began] and not since.has_more
    euros = ours.v1.balance_transactions.list({"currency": "eur"})
    assert euros.data == [] and not euros.has_more
    assert ours.v1.balance_transactions.list({"currency": "zzz"}).data == []
    assert [m.id for m in ours.v1.balance_transactions.list({"currency": "usd", "limit": 100}).data] == ids
    refunds = ours.v1.balance_transactions.list({"type": "refund"})
    assert refunds.data == [] and not refunds.has_more, "an empty page is the end"
    desk = client("DOCKET_DESK_KEY").v1.balance_transactions.list({"limit": 100})
    there = theirs.v1.balance_transactions.list({"limit": 100})
    assert {m.id for m in desk.data} == set(ids) | {m.id for m in there.data} and there.data
    assert refused(REQUEST, lambda: ours.v1.balance_transactions.list({"starting_after": there.data[0].id})).http_status == 400
    seen = ours.v1.balance_transactions.retrieve(ids[0], {"expand": ["source.charge"]})
    assert seen.source.id == first and seen.source.charge.id == dispute.charge
    listed = ours.v1.balance_transactions.list({"source": first, "expand": ["data.source"]})
    assert {m.source.object for m in listed.data} == {"dispute"}


def whole():
    """Fields in fields, and what no document tells of, which stays null."""
    seen = ours.v1.disputes.retrieve(second, {"expand": ["charge.payment_intent.latest_charge", "charge.customer"]})
    assert seen.charge.customer is None
    seen = ours.v1.disputes.retrieve(first, {"expand": ["charge.payment_intent.latest_charge"]})
    assert seen.charge.payment_intent.latest_charge.id == seen.charge.id
    listed = ours.v1.disputes.list({"expand": ["data.charge", "data.payment_intent.latest_charge"]})
    assert {d.charge.object for d in listed.data} == {"charge"}
    charges = ours.v1.charges.list({"expand": ["data.payment_intent"]}).data
    assert [c.payment_intent.id for c in charges if c.id == dispute.charge] == [dispute.payment_intent]
    file = upload(ours)
    ours.v1.disputes.update(second, {"evidence": {"uncategorized_file": file.id}, "submit": False})
    answer = {"expand": ["evidence.uncategorized_file"], "submit": False}
    shown = ours.v1.disputes.update(second, answer).evidence.uncategorized_file
    assert (shown.object, shown.id, shown.size) == ("file", file.id, len(PDF)), shown
    files = [d.evidence.uncategorized_file for d in ours.v1.disputes.list({"expand": ["data.evidence.uncategorized_file"]}).data]
    assert [one and one.id for one in files].count(file.id) == 1, files
    for path in ["evidence", "evidence.billing_address", "customer", "charge.", "charge.dispute"]:
        assert refused(REQUEST, lambda: ours.v1.disputes.retrieve(first, {"expand": [path]})).param == "expand", path
    world(f"warn/merchant_1/{dispute.charge}")
    warnings = ours.v1.radar.early_fraud_warnings.list({"expand": ["data.payment_intent", "data.charge"]}).data
    assert [(w.payment_intent.id, w.charge.id) for w in warnings] == [(dispute.payment_intent, dispute.charge)]
    for service, name in [(ours.v1.charges, "customer"), (ours.v1.payment_intents, "customer")]:
        assert service.list({name: "cus_1"}).data == [], "nobody's customer"


def links():
    content = io.BytesIO(PDF)
    content.name = "terms.pdf"
    made = {"create": True, "metadata": {"case": "7"}}
    file = ours.v1.files.create({"purpose": "dispute_evidence", "file": content, "file_link_data": made})
    (one,) = file.links.data
    assert one.metadata.to_dict() == {"case": "7"} and one.file == file.id and one.expires_at is None
    assert raw("GET", one.url.split("/", 3)[3].join(["/", ""]), key=None)[2] == PDF
    two = ours.v1.file_links.create({"file": file.id, "metadata": {"a": "1", "b": "2"}})
    listed = ours.v1.file_links.list({"file": file.id})
    assert {link.id for link in listed.data} == {one.id, two.id} and not listed.has_more
    assert all(link.url is None for link in listed.data), "the address was told once"
    assert [link.id for link in ours.v1.file_links.list({"limit": 1}).auto_paging_iter()] == [link.id for link in ours.v1.file_links.list().data]
    changed = ours.v1.file_links.update(two.id, {"metadata": {"a": "", "c": "3"}, "expires_at": "now"})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"} and changed.expired is True, changed
    assert [link.id for link in ours.v1.file_links.list({"expired": True}).data] == [two.id]
    assert two.id not in [link.id for link in ours.v1.file_links.list({"expired": False}).data]
    again = ours.v1.file_links.update(two.id, {"expires_at": ""})
    assert again.expired is False and again.expires_at is None and again.metadata.to_dict() == {"b": "2", "c": "3"}
    seen = ours.v1.file_links.retrieve(two.id, {"expand": ["file"]})
    assert seen.file.id == file.id and {link.id for link in seen.file.links.data} == {one.id, two.id}
    assert theirs.v1.file_links.list().data == [] and theirs.v1.file_links.list({"file": file.id}).data == []
    assert refused(REQUEST, lambda: theirs.v1.file_links.update(two.id, {"metadata": {"x": "y"}})).http_status == 404
    assert refused(REQUEST, lambda: theirs.v1.file_links.list({"starting_after": two.id})).http_status == 400
    long = refused(REQUEST, lambda: ours.v1.file_links.update(two.id, {"metadata": {"k" * 41: "v"}}))
    assert long.param == "metadata[" + "k" * 41 + "]"
    card = refused(REQUEST, lambda: ours.v1.file_links.create({"file": file.id, "metadata": {"k": "4242 4242 4242 4242"}}))
    assert card.param == "metadata", card


def files():
    """Narrowed before it is cut into pages: a page is full while there are more."""
    for number in range(3):
        content = io.BytesIO(PDF)
        content.name = f"logo{number}.pdf"
        ours.v1.files.create({"purpose": "business_logo", "file": content})
    logos = ours.v1.files.list({"purpose": "business_logo", "limit": 2})
    assert len(logos.data) == 2 and logos.has_more
    assert len(list(logos.auto_paging_iter())) == 3
    evidence = ours.v1.files.list({"purpose": "dispute_evidence", "limit": 1})
    assert len(evidence.data) == 1 and {f.purpose for f in evidence.auto_paging_iter()} == {"dispute_evidence"}
    newest = ours.v1.files.list().data[0].created
    assert ours.v1.files.list({"created": {"gt": newest}}).data == []


def events():
    world("publish")
    every = list(ours.v1.events.list({"limit": 100}).auto_paging_iter())
    kinds = {event.type for event in every}
    assert {"charge.dispute.created", "radar.early_fraud_warning.created"} <= kinds, kinds
    for kind in sorted(kinds) + ["charge.dispute.*", "radar.*", "*"]:
        found = [event.id for event in ours.v1.events.list({"type": kind, "limit": 1}).auto_paging_iter()]
        meant = [e.id for e in every if e.type == kind or (kind.endswith("*") and e.type.startswith(kind[:-1]))]
        assert found == meant, (kind, found, meant)
    both = ["charge.dispute.created", "radar.early_fraud_warning.updated"]
    found = [event.type for event in ours.v1.events.list({"types": both, "limit": 1}).auto_paging_iter()]
    assert found == [event.type for event in every if event.type in both], found
    taken = lambda answer: [e.id for e in ours.v1.events.list({"delivery_success": answer, "limit": 2}).auto_paging_iter()]
    assert taken(False) == [] and taken(True) == [event.id for event in every]
    # Nobody listens there: from now on nothing is taken.
    ours.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["charge.dispute.closed"]})
    world(f"decide/{second}/lost")
    world("turn")
    world("publish")
    waits = ours.v1.events.list({"delivery_success": False}).data
    assert [(event.type, event.pending_webhooks) for event in waits] == [("charge.dispute.closed", 1)], waits
    assert waits[0].id not in taken(True)
    other = theirs.v1.events.list({"delivery_success": False})
    assert other.data == [], "of the endpoints of another merchant"


def accounts():
    desk = client("DOCKET_DESK_KEY")
    newest = desk.v1.accounts.list().data[0]
    assert desk.v1.accounts.list({"created": {"gt": newest.created}}).data == []
    assert newest.id in [account.id for account in desk.v1.accounts.list({"created": newest.created}).data]
    assert len(desk.v1.accounts.list({"created": {"lte": newest.created}}).data) == 2


def addresses():
    """Bytes that are no text, and names that are too long to be any, are answered as what is not there."""
    status, headers, body = raw("GET", "/v1/disputes/%ff")
    assert (status, body["error"]["type"]) == (404, "invalid_request_error"), body
    assert headers["Request-Id"] == body["error"]["request_id"]
    status, _, body = raw("GET", "/v1/disputes/" + "a" * 20000)
    assert status == 404 and len(body["error"]["message"]) < 600, status


money()
whole()
links()
files()
events()
accounts()
addresses()
