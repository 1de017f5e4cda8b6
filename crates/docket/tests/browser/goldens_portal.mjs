// The pages of the portal, each looked at as a merchant meets it, from what is due to the receipt.
import { createHmac } from "node:crypto";

const BOTH = ["light", "dark"];
const ALL = [...BOTH, "phone"];
const LETTER = "The parcel was handed over at the door on 3 March, and the buyer signed for it. The carrier's record and the signature are attached.";
const PASSWORD = "a sentence that is long enough";

export async function portal({ browser, finding, check, links, busy, now }) {
  const base = new URL(links.merchant).origin;
  const usual = { reducedMotion: "reduce", locale: "en-GB" };
  const context = await browser.newContext(usual);
  const page = await context.newPage();
  await page.goto(links.merchant);
  // The same person without scripts: a form leads to the page that answers it, and nothing else happens meanwhile.
  const still = await browser.newContext({ ...usual, javaScriptEnabled: false, storageState: await context.storageState() });
  const plain = await still.newPage();
  still.setDefaultTimeout(10000);
  context.setDefaultTimeout(10000);

  const shown = (name, looks = BOTH, where = page) => check(where, `portal-${name}`, looks);
  async function look(name, address, looks = BOTH, where = page) {
    await where.goto(new URL(address, base).href);
    await shown(name, looks, where);
  }
  const first = async (address) => {
    await page.goto(base + address);
    const row = page.locator("a[data-row]").first();
    if ((await row.count()) === 1) return row.getAttribute("href");
    finding(`${address} is empty`);
    return address;
  };

  // What is there before anybody does anything.
  await look("now", "/", ALL);
  await look("now-by-money", "/?order=money");
  await look("list", "/disputes", ALL);
  await look("list-narrowed", "/disputes?status=ours&stage=chargeback&currency=USD&least=10&due=week");
  await look("list-empty", "/disputes?currency=USD&least=9999999");
  await look("list-wrong", "/disputes?least=12");
  const rows = await (async () => {
    await page.goto(`${base}/disputes?status=ours&due=week`);
    return page.locator("a[data-row]").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  })();
  const takes = [];
  for (const row of rows) {
    if (takes.length === 2) break;
    await page.goto(base + row);
    if ((await page.locator("#evidence a.button.first").count()) === 1) takes.push(row);
  }
  const [due, other] = takes;
  if (other === undefined) return finding(`only ${takes.length} disputes take evidence`);
  await look("dispute", due, [...ALL, "print"]);
  for (const state of ["others", "won", "lost", "accepted", "ended"]) await look(`dispute-${state}`, await first(`/disputes?status=${state}`));
  await look("insights", "/insights?sales=12000", ALL);
  await look("webhooks", "/webhooks");
  for (const [name, place] of [["endpoint", "shop"], ["endpoint-failing", "ledger"]]) {
    await page.goto(`${base}/webhooks`);
    await page.locator("a[data-row]", { hasText: place }).click();
    await shown(name);
    // What was delivered or tried stands below what waits.
    await page.locator("tr", { hasText: /delivered|tried again/ }).locator("a[data-row]").first().click();
    await shown(name.replace("endpoint", "delivery"));
  }
  await look("settings", "/settings", ALL);
  await look("not-found", "/disputes/dp_none");
  await look("no-such-page", "/nowhere/at/all");

  // The workspace: empty, refused, written, raced for, sealed, sent.
  const evidence = `${due}/evidence`;
  const letter = "#slot-rebuttal_letter";
  const write = async (where, text) => {
    await where.locator(`${letter} textarea`).fill(text);
    await where.locator(`${letter} form[data-autosave] button`).click();
  };
  await look("evidence", evidence, ALL);
  await plain.goto(base + evidence);
  const second = await still.newPage();
  await second.goto(base + evidence);
  await write(plain, LETTER);
  await write(second, `Somebody else wrote this at the same time. ${LETTER}`);
  await shown("evidence-conflict", BOTH, second);
  await second.close();
  await plain.goto(base + evidence);
  const slots = await plain.locator("form[data-files]").evaluateAll((all) => all.map((form) => form.closest("[data-slot]").dataset.slot));
  const slot = slots.find((name) => name !== "rebuttal_letter");
  const several = async (buffer, name) => {
    await plain.locator("#several-slot-1").selectOption(slot);
    await plain.locator("#several-file-1").setInputFiles({ name, mimeType: "image/png", buffer });
    await plain.locator("form:has(#several-slot-1) button").click();
  };
  const photo = await drawn(page);
  await several(photo, "signature.pdf");
  await shown("evidence-refused", BOTH, plain);
  await several(photo, "signature.png");
  await look("evidence-written", evidence, ALL);
  // What is sent without its tick is refused, and nothing is done.
  await plain.goto(base + evidence);
  await plain.locator("form[action$='/evidence/seal'] button").click();
  await look("evidence-sealed", evidence, ALL);
  await look("dispute-sealed", due);
  await plain.locator("#understood-submit").evaluate((tick) => tick.removeAttribute("required"));
  await plain.locator("form[action$='/evidence/submit'] button").click();
  await shown("not-confirmed", BOTH, plain);
  await plain.goto(base + evidence);
  await plain.locator("#understood-submit").check();
  await plain.locator("form[action$='/evidence/submit'] button").click();
  await shown("evidence-sent", BOTH, plain);
  await look("receipt", `${due}/receipt`, [...ALL, "print"]);
  await look("dispute-sent", due);

  // Given up; and talked about.
  await plain.goto(base + other);
  await plain.fill("#message", "They paid with 4242 4242 4242 4242, which is on the order.");
  await plain.locator("#messages button").click();
  await shown("given-back", BOTH, plain);
  await plain.goto(base + other);
  await plain.fill("#message", "Do we still have the signed order of this one?\nThe customer came back twice.");
  await plain.locator("#messages button").click();
  const desk = await (await browser.newContext(usual)).newPage();
  await desk.goto(links.desk);
  await desk.goto(`${base}/desk/cases/${other.split("/").pop()}`);
  await desk.fill("#message", "Yes: it is with the invoice. You have until the end of the week.");
  await desk.locator("form[action$='/tell'] button").click();
  await desk.context().close();
  await look("now-unread", "/");
  await look("dispute-messages", other, ALL);
  await plain.goto(base + other);
  await plain.locator("#understood-accept").check();
  await plain.locator("form[action$='/accept'] button").click();
  await look("dispute-given-up", other);

  // People, keys and endpoints, with the secrets that are shown once.
  await look("team", "/team");
  await plain.goto(`${base}/team`);
  await plain.fill("#invite-name", "Sample viewer");
  await plain.fill("#invite-email", "viewer@example.com");
  await plain.selectOption("#invite-role", "merchant-viewer");
  await plain.locator("section[aria-labelledby=invite] button").click();
  const invitation = await plain.inputValue("#link");
  await shown("team-invited", BOTH, plain);
  await look("keys", "/keys");
  await plain.goto(`${base}/keys`);
  await plain.fill("#label", "The shop's order system");
  await plain.locator("section[aria-labelledby=mint] button").click();
  await shown("keys-made", BOTH, plain);
  await page.goto(`${base}/keys`);
  for (const summary of await page.locator("details summary").all()) await summary.click();
  await shown("keys-open");
  await plain.goto(`${base}/webhooks`);
  await plain.fill("#url", "https://chat.example.com/in");
  await plain.locator("form[action='/webhooks/add'] button").click();
  await shown("webhooks-made", BOTH, plain);
  await plain.goto(`${base}/webhooks`);
  await plain.fill("#url", "http://10.0.0.1/in");
  await plain.locator("form[action='/webhooks/add'] button").click();
  await shown("webhooks-refused", BOTH, plain);
  await look("prove", "/prove?back=/keys");
  await plain.goto(`${base}/settings`);
  await plain.selectOption("#zone", "Asia/Tokyo");
  await plain.locator("section[aria-labelledby=looks] button").click();
  await look("now-in-tokyo", "/");
  await look("dispute-in-tokyo", await first("/disputes?status=ours&due=three"));
  // Back to where the others read their times.
  await plain.goto(`${base}/settings`);
  await plain.selectOption("#zone", "UTC");
  await plain.locator("section[aria-labelledby=looks] button").click();

  await strangers({ browser, usual, base, shown, finding, invitation, evidence, now });
  await limited({ browser, usual, busy, shown, finding });
  const back = await (await browser.newContext(usual)).newPage();
  await back.goto(links.desk);
  const nobody = await (await browser.newContext(usual)).newPage();
  return { merchant: page, desk: back, nobody };
}

// A picture of a signature, the same on every machine: no font is in it.
async function drawn(page) {
  const data = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1000, 700];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1000, 700);
    pen.fillStyle = "#223";
    for (let at = 0; at < 700; at += 4) pen.fillRect(150 + at, 350 + Math.round(90 * Math.sin(at / 23) * Math.cos(at / 71)), 9, 9);
    return canvas.toDataURL("image/png").split(",")[1];
  });
  return Buffer.from(data, "base64");
}

// Whoever is not signed in: the door, what it refuses, an invitation, and what was written in a session that ended.
async function strangers({ browser, usual, base, shown, finding, invitation, evidence, now }) {
  const context = await browser.newContext({ ...usual, javaScriptEnabled: false });
  const page = await context.newPage();
  const sign = async () => {
    await page.fill("#email", "nobody@example.com");
    await page.fill("#password", "not the password");
    await page.fill("#code", "000000");
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("button.first")]);
    return answer.status();
  };
  await page.goto(`${base}/sign-in`);
  await shown("sign-in", ALL, page);
  await sign();
  await shown("sign-in-wrong", BOTH, page);
  let status = 0;
  for (let tries = 0; tries < 40 && status !== 429; tries += 1) status = await sign();
  if (status !== 429) finding(`guessing was answered ${status}`);
  await shown("sign-in-too-often", BOTH, page);
  await page.goto(`${base}/nowhere`);
  await shown("nobody-no-such-page", BOTH, page);

  // A form of a session that is over keeps what was written.
  for (const [name, action] of [["session-over", evidence], ["session-over-message", evidence.replace("/evidence", "/message")]]) {
    await page.goto(`${base}/sign-in`);
    await page.evaluate(({ action, text }) => {
      const form = document.createElement("form");
      [form.method, form.action] = ["post", action];
      for (const [name, value] of [["slot", "rebuttal_letter"], ["version", "1"], ["text", text]]) {
        const field = document.createElement("textarea");
        [field.name, field.value] = [name, value];
        form.append(field);
      }
      document.body.append(form);
      form.submit();
    }, { action: base + action, text: LETTER }).catch(() => {});
    await page.waitForURL(base + action);
    await shown(name, BOTH, page);
  }

  // Invited, and in: a viewer, who may look.
  await page.goto(invitation);
  const secret = (await page.locator("code").first().innerText()).replaceAll(/\s/g, "");
  await shown("invitation", ALL, page);
  await page.fill("#code", code(secret, now));
  await page.fill("#password", PASSWORD);
  await page.click("button.first");
  await shown("invitation-taken", BOTH, page);
  for (const [name, address] of [["viewer-settings", "/settings"], ["viewer-evidence", evidence], ["viewer-prove", "/prove?back=/team"], ["viewer-keys", "/keys"], ["viewer-team", "/team"]]) {
    await page.goto(base + address);
    await shown(name, BOTH, page);
  }
  await context.close();
}

// The six digits of an authenticator (RFC 6238) at this instant.
function code(secret, now) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.parse(now) / 30000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, "0");
}

// A desk that has given all that it gives at once says so on a page.
async function limited({ browser, usual, busy, shown, finding }) {
  const context = await browser.newContext({ ...usual, javaScriptEnabled: false });
  const page = await context.newPage();
  let status = 0;
  for (let tries = 0; tries < 40 && status !== 429; tries += 1) status = (await page.goto(`${busy}/sign-in`)).status();
  if (status !== 429) finding(`asking too fast was answered ${status}`);
  await shown("too-fast", BOTH, page);
  await context.close();
}
