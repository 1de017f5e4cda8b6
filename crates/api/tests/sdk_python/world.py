"""What every script needs: clients for each key, and the world around the desk."""

import io
import json
import os
import urllib.error
import urllib.request

import stripe

URL = os.environ["DOCKET_URL"]
OLD, NEW = "2024-06-20", "2026-07-29.dahlia"


def pdf():
    """One empty page, with every place where it says it is."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << >> >>",
    ]
    whole, table = "%PDF-1.4\n", "xref\n0 4\n0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += f"{len(whole):010} 00000 n \n"
        whole += f"{number} 0 obj\n{body}\nendobj\n"
    end = f"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{len(whole)}\n%%EOF\n"
    return (whole + table + end).encode()


PDF = pdf()


def client(name, **more):
    key = os.environ[name]
    bases = {"api": URL, "files": URL}
    return stripe.StripeClient(key, base_addresses=bases, max_network_retries=0, **more)


def upload(client, name="receipt.pdf"):
    """Evidence, as the SDK sends an open file."""
    content = io.BytesIO(PDF)
    content.name = name
    return client.v1.files.create({"purpose": "dispute_evidence", "file": content})


def world(path):
    request = urllib.request.Request(f"{URL}/world/{path}", method="POST")
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def raw(method, path, key="DOCKET_KEY", body=None, **headers):
    """What no SDK would send. Returns status, headers and JSON."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        headers.setdefault("Authorization", f"Bearer {os.environ[key]}")
    request = urllib.request.Request(URL + path, method=method, data=body, headers=headers)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    text = answer.read()
    return answer.status, answer.headers, json.loads(text) if text.startswith(b"{") else text


def refused(kind, call):
    """The error that a call must end in."""
    try:
        answer = call()
    except stripe.StripeError as error:
        assert isinstance(error, kind), f"{type(error).__name__}: {error}"
        assert error.request_id and error.request_id.startswith("req_"), error
        return error
    raise AssertionError(f"expected {kind.__name__}, got {answer}")
