// The Node SDK lists, answers and closes; then the compiler holds what came back to the SDK's own types.
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";

const { DOCKET_CLIENTS, DOCKET_KEY, DOCKET_URL, DOCKET_OUT } = process.env;
const modules = join(DOCKET_CLIENTS, "node", "node_modules");
const Stripe = createRequire(join(modules, "here.js"))("stripe");
const { hostname: host, port } = new URL(DOCKET_URL);
const stripe = new Stripe(DOCKET_KEY, { host, port, protocol: "http", maxNetworkRetries: 0 });
const world = async (path) => (await fetch(`${DOCKET_URL}/world/${path}`, { method: "POST" })).text();
const plain = (object) => JSON.parse(JSON.stringify(object));

const captured = [];
const capture = (type, object) => {
  captured.push([type, plain(object)]);
  return object;
};

const ACCOUNTS = { stripe: "merchant_1", adyen: "Merchant1Retail", paypal: "MERCHANT1PP", ach: "1234567890" };
for (const [provider, account] of Object.entries(ACCOUNTS)) await world(`open/${provider}/${account}`);
await world("turn");

const disputes = await stripe.disputes.list({ limit: 2 }).autoPagingToArray({ limit: 50 });
assert.equal(disputes.length, 4);
capture("Stripe.ApiList<Stripe.Dispute>", await stripe.disputes.list());
for (const { id } of disputes) {
  capture("Stripe.Dispute", await stripe.disputes.retrieve(id, { expand: ["charge", "payment_intent"] }));
}
// One empty page, with every place where it says it is.
let pdf = "%PDF-1.4\n";
let table = "xref\n0 4\n0000000000 65535 f \n";
const objects = [
  "<< /Type /Catalog /Pages 2 0 R >>",
  "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
  "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << >> >>",
];
for (const [place, object] of objects.entries()) {
  table += `${String(pdf.length).padStart(10, "0")} 00000 n \n`;
  pdf += `${place + 1} 0 obj\n${object}\nendobj\n`;
}
pdf += `${table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`;
const file = await stripe.files.create({
  purpose: "dispute_evidence",
  file: { data: Buffer.from(pdf), name: "receipt.pdf", type: "application/pdf" },
});
capture("Stripe.File", file);
capture("Stripe.FileLink", await stripe.fileLinks.create({ file: file.id, metadata: { order: "6735" } }));
capture("Stripe.ApiList<Stripe.FileLink>", await stripe.fileLinks.list({ file: file.id, expand: ["data.file"] }));
capture("Stripe.File", await stripe.files.retrieve(file.id));
const card = disputes.find((d) => d.payment_method_details?.card && d.reason === "fraudulent");
const staged = await stripe.disputes.update(card.id, {
  evidence: { receipt: file.id, billing_address: "1 Main Street" },
  metadata: { order: "6735" },
  submit: false,
});
assert.equal(staged.evidence.receipt, file.id);
capture("Stripe.Dispute", staged);
const whole = await stripe.disputes.retrieve(card.id, { expand: ["evidence.receipt", "charge.payment_intent"] });
assert.equal(whole.evidence.receipt.id, file.id);
capture("Stripe.Dispute", whole);
capture("Stripe.Dispute", await stripe.disputes.close(card.id));
await world("turn");
assert.equal((await stripe.disputes.retrieve(card.id)).status, "lost");
await assert.rejects(stripe.disputes.close(card.id), (error) => error instanceof Stripe.errors.StripeInvalidRequestError);
await assert.rejects(stripe.disputes.retrieve("dp_none"), (error) => error.code === "resource_missing" && error.requestId.startsWith("req_"));

capture("Stripe.Charge", await stripe.charges.retrieve(card.charge));
capture("Stripe.PaymentIntent", await stripe.paymentIntents.retrieve(card.payment_intent));
const moved = await stripe.balanceTransactions.list({ source: card.id });
capture("Stripe.ApiList<Stripe.BalanceTransaction>", moved);
capture("Stripe.ApiList<Stripe.BalanceTransaction>", await stripe.balanceTransactions.list({ expand: ["data.source"] }));
await world(`warn/merchant_1/${card.charge}`);
const warnings = await stripe.radar.earlyFraudWarnings.list({ charge: card.charge });
assert.equal(warnings.data.length, 1);
capture("Stripe.Radar.EarlyFraudWarning", warnings.data[0]);
capture("Stripe.Account", await stripe.accounts.retrieve("mer_1"));
capture("Stripe.ApiList<Stripe.Account>", await stripe.accounts.list());
capture("Stripe.ApiList<Stripe.Charge>", await stripe.charges.list({ expand: ["data.payment_intent"] }));
capture("Stripe.ApiList<Stripe.PaymentIntent>", await stripe.paymentIntents.list());
capture("Stripe.ApiList<Stripe.File>", await stripe.files.list({ purpose: "dispute_evidence" }));

// Events and endpoints carry our own field beside Stripe's, documented as such.
const without = (object) => {
  const { docket, ...theirs } = plain(object);
  assert.ok(docket, `${object.object} has our field`);
  return theirs;
};
await world("publish");
const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
const kinds = new Set(events.map((event) => event.type).filter((kind) => !kind.startsWith("docket.")));
for (const kind of ["charge.dispute.created", "charge.dispute.closed", "radar.early_fraud_warning.created"]) {
  assert.ok(kinds.has(kind), `${kind} among ${[...kinds]}`);
}
for (const kind of kinds) capture("Stripe.Event", without(events.find((event) => event.type === kind)));
const hook = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/hook", enabled_events: ["*"] });
capture("Stripe.WebhookEndpoint", without(hook));
capture("Stripe.WebhookEndpoint", without(await stripe.webhookEndpoints.retrieve(hook.id)));
capture("Stripe.DeletedWebhookEndpoint", await stripe.webhookEndpoints.del(hook.id));

// Fresh literals: a field that the type does not have is an error, like one that it needs and does not get.
const lines = captured.map(([type, object], at) => `export const v${at}: ${type} = ${JSON.stringify(object)};`);
writeFileSync(join(DOCKET_OUT, "captured.ts"), `import Stripe from "stripe";\n${lines.join("\n")}\n`);
writeFileSync(join(DOCKET_OUT, "package.json"), `{ "type": "module" }`);
symlinkSync(modules, join(DOCKET_OUT, "node_modules"));
const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", ""];
try {
  execFileSync(join(modules, ".bin", "tsc"), [...options, "captured.ts"], { cwd: DOCKET_OUT, encoding: "utf8" });
} catch (error) {
  assert.fail(`${error.stdout}${error.stderr}`.slice(0, 6000));
}
console.log(`${captured.length} objects hold to the types`);
