"""What the desk refuses, in the words and kinds that Stripe's SDK knows."""

import concurrent.futures
import os

import stripe
from world import PDF, URL, client, raw, refused, upload, world

ours = client("DOCKET_KEY")
world("open/stripe/merchant_1")
world("open/stripe/merchant_2")
dispute = ours.v1.disputes.list().data[0]
other = client("DOCKET_OTHER_KEY").v1.disputes.list().data[0]
REQUEST, ENTRY = stripe.InvalidRequestError, stripe.AuthenticationError


def entry():
    for key in ["", "sk_test_123", "dk_live_sk_123", os.environ["DOCKET_KEY"][:-1] + "0"]:
        stranger = stripe.StripeClient(key or "x", base_addresses={"api": URL}, max_network_retries=0)
        error = refused(ENTRY, lambda: stranger.v1.disputes.list())
        assert error.http_status == 401 and (len(key) < 20 or key not in str(error)), error
    assert raw("GET", "/v1/disputes", key=None)[0] == 401
    basic = stripe_basic(os.environ["DOCKET_KEY"])
    assert raw("GET", "/v1/disputes", key=None, Authorization=basic)[0] == 200
    status, _, body = raw("GET", f"/v1/disputes?key={os.environ['DOCKET_KEY']}")
    assert status == 401 and "leaked" in body["error"]["message"], body
    viewer = client("DOCKET_VIEWER_KEY")
    assert viewer.v1.disputes.retrieve(dispute.id).id == dispute.id
    change = {"metadata": {"a": "b"}}
    assert refused(stripe.PermissionError, lambda: viewer.v1.disputes.update(dispute.id, change)).http_status == 403
    assert refused(stripe.PermissionError, lambda: viewer.v1.disputes.close(dispute.id)).http_status == 403
    desk = client("DOCKET_DESK_KEY")
    foreign = [(ours, "mer_2"), (ours, "merchant_2"), (ours, "acct_none"), (desk, "acct_none"), (desk, "mer_1/mer_2")]
    for asker, whose in foreign:
        for word in ["stripe_account", "stripe_context"]:
            error = refused(stripe.StripeError, lambda: asker.v1.disputes.list(options={word: whose}))
            assert (error.http_status, error.json_body["error"]["code"]) == (403, "account_invalid"), (word, whose, error)
    status, _, body = raw("GET", "/v1/disputes", key="DOCKET_DESK_KEY", Stripe_Account="mer_1", Stripe_Context="mer_2")
    assert (status, body["error"]["param"]) == (400, "Stripe-Context"), body


def stripe_basic(key):
    import base64

    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def tenancy():
    """Another tenant's is answered exactly like what is not there."""
    for call in ["retrieve", "close"]:
        messages = []
        for id in [other.id, "dp_nothing"]:
            error = refused(REQUEST, lambda: getattr(ours.v1.disputes, call)(id))
            assert (error.http_status, error.code) == (404, "resource_missing"), error
            messages.append(str(error.user_message).replace(id, "X"))
        assert messages[0] == messages[1], messages
    for path in [f"disputes/{other.id}", f"charges/{other.charge}", f"charges/{other.charge}/dispute"]:
        assert raw("GET", f"/v1/{path}")[0] == 404, path
    moved = client("DOCKET_OTHER_KEY").v1.balance_transactions.list().data[0]
    assert raw("GET", f"/v1/balance_transactions/{moved.id}")[0] == 404
    assert raw("GET", f"/v1/disputes?starting_after={other.id}")[0] == 400
    file = upload(client("DOCKET_OTHER_KEY"), "a.pdf")
    stolen = {"evidence": {"receipt": file.id}, "submit": False}
    error = refused(REQUEST, lambda: ours.v1.disputes.update(dispute.id, stolen))
    assert error.param == "evidence[receipt]", error.param
    assert raw("GET", f"/v1/files/{file.id}/contents")[0] == 404
    found = raw("GET", f"/v1/files/{file.id}/contents", key="DOCKET_OTHER_KEY")
    assert found[2] == PDF, (found[0], found[2])


def parameters():
    update = lambda params: ours.v1.disputes.update(dispute.id, params)
    cases = [
        ({"evidense": {"receipt": "x"}}, "evidense", "parameter_unknown"),
        ({"evidence": {"receit": "x"}}, "evidence[receit]", "parameter_unknown"),
        ({"evidence": {"receipt": "file_none"}}, "evidence[receipt]", "resource_missing"),
        ({"evidence": {"billing_address": "a" * 5001}}, "evidence[billing_address]", None),
        ({"evidence": {"uncategorized_text": "a" * 20001}}, "evidence[uncategorized_text]", None),
        ({"evidence": {"uncategorized_text": "4242 4242 4242 4242"}}, "evidence[uncategorized_text]", None),
        ({"metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 41 + "]", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({"submit": "maybe"}, "submit", None),
        ({"expand": ["customer"]}, "expand", None),
        ({"evidence": {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}}},
         "evidence[enhanced_evidence][visa_compliance]", None),
    ]
    for params, param, code in cases:
        error = refused(REQUEST, lambda: update(params))
        assert (error.http_status, error.param, error.code) == (400, param, code), (params, error.param, error.code, str(error))
    texts = ["access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "product_description"]
    texts += ["duplicate_charge_explanation", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text"]
    error = refused(REQUEST, lambda: update({"evidence": {name: "é" * 20000 for name in texts}, "submit": False}))
    assert "150000" in str(error) and "160000" in str(error), error
    error = refused(REQUEST, lambda: update({"evidense": {"receipt": "x"}})).json_body["error"]
    assert error["doc_url"] == "https://docs.stripe.com/error-codes/parameter-unknown", error
    error = raw("POST", f"/v1/disputes/{dispute.id}/close", key="DOCKET_VIEWER_KEY")[2]["error"]
    assert error["code"] == "more_permissions_required" and "doc_url" not in error, "Stripe has no page about it"
    untouched = ours.v1.disputes.retrieve(dispute.id)
    assert not untouched.metadata.to_dict() and not untouched.evidence_details.has_evidence, "a refused request changes nothing"
    for query in ["limit=0", "limit=101", "limit=x", "starting_after=a&ending_before=b", "foo=1", "created=x",
                  "created[gtt]=1", "expand[]=charge", "expand[]=data.a.b.c.d", "limit=1&limit=2"]:
        status, headers, body = raw("GET", f"/v1/disputes?{query}")
        assert status == 400 and body["error"]["type"] == "invalid_request_error", (query, body)
        assert headers["Request-Id"] == body["error"]["request_id"], query
    status, _, body = raw("POST", f"/v1/disputes/{dispute.id}", body=b"{}", Content_Type="application/json")
    assert status == 400 and "application/x-www-form-urlencoded" in body["error"]["message"]
    form = "application/x-www-form-urlencoded"
    for headers in [{"Content_Type": form, "Content_Encoding": "gzip"}, {"Content_Type": f"{form}; charset=utf-16"}]:
        assert raw("POST", f"/v1/disputes/{dispute.id}", body=b"metadata[a]=1", **headers)[0] == 415, headers
    utf = {"Content_Type": f'{form}; charset="UTF-8"', "Content_Encoding": "identity"}
    assert raw("POST", f"/v1/disputes/{dispute.id}", body=b"expand[]=charge", **utf)[0] == 200
    assert raw("GET", "/v1/nothing")[0] == 404
    assert raw("GET", "/v1/disputes", Stripe_Version="2019-01-01")[0] == 400
    long = b"evidence[uncategorized_text]=" + b"a" * (2 * 1024 * 1024)
    kind = "application/x-www-form-urlencoded"
    assert raw("POST", f"/v1/disputes/{dispute.id}", body=long, Content_Type=kind)[0] == 413


def idempotency():
    key = {"idempotency_key": "order-1"}
    params = {"metadata": {"a": "1"}}
    first = ours.v1.disputes.update(dispute.id, params, options=key)
    ours.v1.disputes.update(dispute.id, {"metadata": {"a": "2"}})
    again = ours.v1.disputes.update(dispute.id, params, options=key)
    assert again.last_response.body == first.last_response.body, "the same bytes"
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert ours.v1.disputes.retrieve(dispute.id).metadata["a"] == "2", "and no second effect"
    changed = lambda: ours.v1.disputes.update(dispute.id, {"metadata": {"a": "3"}}, options=key)
    assert refused(stripe.IdempotencyError, changed).http_status == 400
    elsewhere = client("DOCKET_OTHER_KEY").v1.disputes.update(other.id, params, options=key)
    assert elsewhere.id == other.id, "keys of two tenants are two keys"


def at_once():
    """Eight that send the same at the same time: who is told to wait is sent again by the SDK itself, and all hear one answer."""
    patient = stripe.StripeClient(os.environ["DOCKET_KEY"], base_addresses={"api": URL}, max_network_retries=8)
    key = {"idempotency_key": "at-once"}
    ask = lambda _: patient.v1.disputes.update(dispute.id, {"metadata": {"eight": "1"}}, options=key)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bodies = {answer.last_response.body for answer in pool.map(ask, range(8))}
    assert len(bodies) == 1, len(bodies)


def once():
    """One submission, however often it is asked for; and closing is for good."""
    evidence = {"evidence": {"uncategorized_text": "It was delivered."}}
    file = upload(ours)
    for field in ["receipt", "customer_communication", "shipping_documentation", "service_documentation"]:
        evidence["evidence"][field] = file.id
    sent = ours.v1.disputes.update(dispute.id, evidence, options={"idempotency_key": "answer"})
    assert sent.status == "under_review", sent.status
    again = ours.v1.disputes.update(dispute.id, evidence, options={"idempotency_key": "answer"})
    assert again.evidence_details.submission_count == 1
    error = refused(REQUEST, lambda: ours.v1.disputes.update(dispute.id, evidence))
    assert error.json_body["error"]["docket_code"] in ("DP-1006", "DP-1008"), error.json_body
    world("turn")
    error = refused(REQUEST, lambda: ours.v1.disputes.update(dispute.id, evidence))
    assert error.json_body["error"]["docket_code"] in ("DP-1001", "DP-1003", "DP-1006"), error.json_body
    theirs = client("DOCKET_OTHER_KEY")
    theirs.v1.disputes.close(other.id)
    world("turn")
    error = refused(REQUEST, lambda: theirs.v1.disputes.close(other.id))
    assert error.json_body["error"]["docket_code"] == "DP-1001", error.json_body
    ach = world("open/ach/1234567890")
    returned = [d for d in ours.v1.disputes.list().data if d.payment_method_details.type == "us_bank_account"][0]
    error = refused(REQUEST, lambda: ours.v1.disputes.close(returned.id))
    assert error.json_body["error"]["docket_code"].startswith("DP-10"), (ach, error.json_body)


entry()
tenancy()
parameters()
idempotency()
at_once()
once()
