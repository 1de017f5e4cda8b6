// The Node SDK makes an endpoint; what it is told is believed by the SDK, and by OpenSSL with the desk's public key alone.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";

const { DOCKET_CLIENTS, DOCKET_KEY, DOCKET_URL } = process.env;
const Stripe = createRequire(join(DOCKET_CLIENTS, "node", "node_modules", "here.js"))("stripe");
const { hostname: host, port } = new URL(DOCKET_URL);
const stripe = new Stripe(DOCKET_KEY, { host, port, protocol: "http", maxNetworkRetries: 0 });
const world = async (path) => (await fetch(`${DOCKET_URL}/world/${path}`, { method: "POST" })).text();

// The guide's own lines.
const here = dirname(fileURLToPath(import.meta.url));
const guide = readFileSync(join(here, "../../../../docs/guides/webhooks.md"), "utf8");
const [, lines] = guide.match(/```js\n(import \{ createPublicKey[^]*?)```/);
const { believed } = await import(`data:text/javascript,${encodeURIComponent(lines)}`);

const heard = [];
const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    heard.push({ headers: request.headers, body: Buffer.concat(parts) });
    response.end();
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/hook`;

const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["charge.dispute.created"] });
const dispute = await world("open/stripe/merchant_1");
await world("tell");
assert.equal(heard.length, 1);

const { headers, body } = heard[0];
const event = stripe.webhooks.constructEvent(body, headers["stripe-signature"], endpoint.secret, Number.MAX_SAFE_INTEGER);
assert.equal(event.type, "charge.dispute.created");
assert.equal(event.data.object.id, dispute);
assert.equal(event.api_version, endpoint.api_version);

const { docket } = await stripe.webhookEndpoints.retrieve(endpoint.id);
assert.ok(docket.public_key.startsWith("whpk_"));
assert.ok(believed(headers, body, docket.public_key));
assert.ok(!believed(headers, Buffer.concat([body, Buffer.from(" ")]), docket.public_key));
assert.ok(!believed({ ...headers, "webhook-id": "evt_other" }, body, docket.public_key));
assert.ok(!believed({ ...headers, "webhook-timestamp": "1" }, body, docket.public_key));
const unsigned = headers["webhook-signature"].replace("v1a,", "v1b,");
assert.ok(!believed({ ...headers, "webhook-signature": unsigned }, body, docket.public_key));
assert.deepEqual(await stripe.webhookEndpoints.del(endpoint.id), { id: endpoint.id, object: "webhook_endpoint", deleted: true });
server.close();
