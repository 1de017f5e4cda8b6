"""The life of disputes from every provider, as a merchant's developer leads it with Stripe's Python SDK."""

import stripe
from world import NEW, OLD, PDF, client, upload, world

ours = client("DOCKET_KEY")
theirs = client("DOCKET_OTHER_KEY")
ACCOUNTS = {
    "stripe": "merchant_1",
    "adyen": "Merchant1Retail",
    "paypal": "MERCHANT1PP",
    "ach": "1234567890",
}


def opened(provider):
    """A dispute opened now, as the list shows it."""
    before = {dispute.id for dispute in ours.v1.disputes.list().auto_paging_iter()}
    reference = world(f"open/{provider}/{ACCOUNTS[provider]}")
    now = [d for d in ours.v1.disputes.list().auto_paging_iter() if d.id not in before]
    assert len(now) == 1, (provider, reference, now)
    return reference, now[0]


def receipt():
    file = upload(ours)
    assert isinstance(file, stripe.File) and file.id.startswith("file_"), file
    assert (file.purpose, file.size, file.filename, file.type) == ("dispute_evidence", len(PDF), "receipt.pdf", "pdf")
    return file


def answered(provider, end):
    """Staged, submitted, acknowledged, and ended as the provider decides."""
    reference, dispute = opened(provider)
    assert isinstance(dispute, stripe.Dispute)
    assert (dispute.status, dispute.amount, dispute.currency) == ("needs_response", 4200, "usd"), dispute
    assert dispute.evidence_details.due_by > dispute.created and not dispute.evidence_details.has_evidence
    assert dispute.livemode is True and dispute.charge.startswith("ch_")
    whole = ours.v1.disputes.retrieve(dispute.id, {"expand": ["charge"]})
    assert whole.charge.id == dispute.charge and whole.charge.disputed and whole.charge.object == "charge"
    assert [d.id for d in ours.v1.disputes.list({"charge": dispute.charge}).data] == [dispute.id]

    file = receipt()
    evidence = {"receipt": file.id, "shipping_documentation": file.id}
    if provider == "adyen":
        evidence = {"uncategorized_file": file.id}
    else:
        evidence |= {"uncategorized_text": "The goods arrived.", "shipping_tracking_number": "1Z999"}
        evidence |= {"product_description": "A lamp", "customer_purchase_ip": "203.0.113.9"}
    staged = ours.v1.disputes.update(
        dispute.id, {"evidence": evidence, "submit": False, "metadata": {"order": "6735", "team": "a"}}
    )
    assert staged.status == "needs_response" and staged.evidence_details.has_evidence
    assert staged.evidence_details.submission_count == 0
    assert staged.metadata.to_dict() == {"order": "6735", "team": "a"}, staged.metadata
    for field, value in evidence.items():
        assert staged.evidence[field] == value, (field, staged.evidence[field])

    world("turn")
    assert ours.v1.disputes.retrieve(dispute.id).status == "needs_response", "staged is not sent"
    sent = ours.v1.disputes.update(dispute.id, {"submit": True, "metadata": {"team": ""}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1), sent
    assert sent.metadata.to_dict() == {"order": "6735"}
    world("turn")
    seen = ours.v1.disputes.retrieve(dispute.id, {"expand": ["docket"]})
    assert (seen.status, seen.evidence_details.submission_count) == ("under_review", 1), seen
    assert seen["docket"]["answers"][-1]["state"] == "accepted", seen["docket"]
    world(f"decide/{reference}/{end}")
    world("turn")
    over = ours.v1.disputes.retrieve(dispute.id)
    assert over.status == end, (provider, over.status)
    assert over.evidence_details.past_due is False
    money = ours.v1.balance_transactions.list({"source": over.id}).data
    assert money and money[-1].net < 0, (provider, money)
    for moved in money:
        assert isinstance(moved, stripe.BalanceTransaction) and moved.net == moved.amount - moved.fee
        assert ours.v1.balance_transactions.retrieve(moved.id).id == moved.id
    if end == "won" and provider != "paypal":
        assert sum(moved.amount for moved in money if moved.reporting_category.startswith("dispute")) == 0, money
    return over


def closed(provider):
    reference, dispute = opened(provider)
    given_up = ours.v1.disputes.close(dispute.id)
    assert given_up.status == "lost", given_up.status
    world("turn")
    assert ours.v1.disputes.retrieve(dispute.id).status == "lost"


def pages():
    """The same disputes, in the same order, whichever way one walks."""
    everything = [d.id for d in ours.v1.disputes.list({"limit": 100}).data]
    assert len(everything) >= 10, everything
    forwards = [d.id for d in ours.v1.disputes.list({"limit": 3}).auto_paging_iter()]
    assert forwards == everything, (forwards, everything)
    backwards = ours.v1.disputes.list({"limit": 3, "ending_before": everything[-1]})
    walked = [d.id for d in backwards.auto_paging_iter()]
    assert walked == everything[-2::-1], (walked, everything)
    second = ours.v1.disputes.retrieve(everything[1])
    exact = ours.v1.disputes.list({"created": second.created})
    assert second.id in [d.id for d in exact.data]
    older = ours.v1.disputes.list({"created": {"lt": second.created}, "limit": 100})
    assert second.id not in [d.id for d in older.data] and older.data
    for name in ["charges", "payment_intents", "balance_transactions", "files", "accounts"]:
        service = getattr(ours.v1, name)
        whole = [one.id for one in service.list({"limit": 100}).data]
        assert whole, name
        assert [one.id for one in service.list({"limit": 2}).auto_paging_iter()] == whole, name
        if name != "accounts":
            assert service.retrieve(whole[0]).id == whole[0], name


def warnings():
    _, dispute = opened("stripe")
    world(f"warn/merchant_1/{dispute.charge}")
    found = ours.v1.radar.early_fraud_warnings.list({"charge": dispute.charge}).data
    assert len(found) == 1 and isinstance(found[0], stripe.radar.EarlyFraudWarning), found
    assert found[0].actionable is False, "a dispute has followed"
    assert ours.v1.radar.early_fraud_warnings.retrieve(found[0].id).charge == dispute.charge
    assert found[0].id not in [d.id for d in ours.v1.disputes.list().auto_paging_iter()]
    intents = ours.v1.payment_intents.retrieve(dispute.payment_intent, {"expand": ["latest_charge"]})
    assert intents.latest_charge.id == dispute.charge


def tenants():
    world("open/stripe/merchant_2")
    here = {d.id for d in ours.v1.disputes.list().auto_paging_iter()}
    there = {d.id for d in theirs.v1.disputes.list().auto_paging_iter()}
    assert there and not here & there
    desk = client("DOCKET_DESK_KEY")
    assert {d.id for d in desk.v1.disputes.list().auto_paging_iter()} == here | there
    for whose in [{"stripe_account": "mer_2"}, {"stripe_context": "mer_2"}, {"stripe_account": "merchant_2"}]:
        narrowed = desk.v1.disputes.list(options=whose)
        assert {d.id for d in narrowed.auto_paging_iter()} == there, whose
    assert client("DOCKET_TEST_KEY").v1.disputes.list().data == [], "test mode sees tests only"
    assert ours.v1.accounts.retrieve_current().id == "mer_1"
    assert {a.id for a in desk.v1.accounts.list().data} == {"mer_1", "mer_2"}


def versions():
    cards = [d for d in ours.v1.disputes.list().data if d.payment_method_details.type == "card"]
    dispute = cards[0]
    old = client("DOCKET_KEY", stripe_version=OLD).v1.disputes.retrieve(dispute.id)
    new = client("DOCKET_KEY", stripe_version=NEW).v1.disputes.retrieve(dispute.id)
    assert old.last_response.headers["stripe-version"] == OLD
    assert "enhanced_eligibility_types" not in old and "enhanced_eligibility_types" in new
    assert "network" not in old.payment_method_details.card and "network" in new.payment_method_details.card
    assert "intended_submission_method" not in new, "that came in October"
    assert "intended_submission_method" in dispute


def compelling():
    """Visa's compelling evidence, from what is missing to qualified."""
    _, dispute = opened("stripe")
    assert dispute.enhanced_eligibility_types == ["visa_compelling_evidence_3"]
    before = dispute.evidence_details.enhanced_eligibility.visa_compelling_evidence_3
    assert before.status == "requires_action" and "missing_merchandise_or_services" in before.required_actions
    who = {"customer_purchase_ip": "203.0.113.9", "customer_email_address": "a@example.com"}
    who |= {"product_description": "A lamp", "customer_account_id": "acc-1"}
    ce3 = {
        "disputed_transaction": who | {"merchandise_or_services": "merchandise"},
        "prior_undisputed_transactions": [who | {"charge": "ch_1"}, who | {"charge": "ch_2"}],
    }
    evidence = {"enhanced_evidence": {"visa_compelling_evidence_3": ce3}}
    staged = ours.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False})
    assert staged.evidence_details.enhanced_eligibility.visa_compelling_evidence_3.status == "qualified"
    said = staged.evidence.enhanced_evidence.visa_compelling_evidence_3
    assert [prior.charge for prior in said.prior_undisputed_transactions] == ["ch_1", "ch_2"]


for provider in ["stripe", "adyen", "paypal"]:
    for end in ["won", "lost"]:
        answered(provider, end)
    closed(provider)
_, returned = opened("ach")
assert (returned.status, returned.evidence_details.due_by) == ("lost", 0), returned
assert returned.payment_method_details.type == "us_bank_account"
warnings()
compelling()
tenants()
versions()
pages()
