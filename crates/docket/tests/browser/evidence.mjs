// Drives the evidence workspace in Chromium and prints one line per finding: with and without scripts, on a phone, two people
// at one piece of evidence, and a session that ends while somebody writes.
// Arguments: the desk's link, the merchant's, the auditor's, the folder of clients. SHOTS names a folder for pictures of the pages.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [deskLink, merchantLink, , clients] = process.argv.slice(2);
const require = createRequire(`${clients}/node/node_modules/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core"), "utf8");
const base = new URL(merchantLink).origin;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const findings = [];
const finding = (words) => findings.push(words) && console.error(words);
const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 360, height: 780 } };
const LETTER = "The parcel was handed over at the door to the buyer, who signed for it on Monday.";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function merchant(options = {}) {
  const context = await browser.newContext({ ...wide, bypassCSP: true, ...options });
  context.setDefaultTimeout(10000);
  const page = await context.newPage();
  page.on("pageerror", (error) => finding(`script: ${error}`));
  await page.goto(merchantLink);
  return { context, page };
}

// A picture as a camera or a scanner would leave it, and a page that a browser printed.
async function made() {
  const page = await (await browser.newContext()).newPage();
  const data = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1000, 700];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1000, 700);
    pen.fillStyle = "#222";
    pen.font = "40px sans-serif";
    pen.fillText("Delivered on 3 March, signed", 60, 120);
    return canvas.toDataURL("image/png").split(",")[1];
  });
  const small = await page.evaluate(() => document.createElement("canvas").toDataURL("image/png").split(",")[1]);
  const pdf = (text) => page.setContent(`<p>${text}</p>`).then(() => page.pdf({ format: "A4" }));
  const [one, card] = [await pdf("Invoice 1, delivered on 3 March"), await pdf("paid with 4242 4242 4242 4242")];
  await page.context().close();
  return { png: Buffer.from(data, "base64"), small: Buffer.from(small, "base64"), pdf: one, card };
}
const files = await made();
const named = (name, mimeType, buffer) => ({ name, mimeType, buffer });

async function accessible(page, where) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (beyond > 0) finding(`${where}: ${beyond} pixels wider than the window`);
  await page.evaluate(axe);
  const rules = await page.evaluate(async (tags) => {
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.map((rule) => `${rule.id} at ${rule.nodes[0].html}`);
  }, RULES);
  for (const rule of rules) finding(`${where}: ${rule}`);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${where.replaceAll(/\W+/g, "-")}.png`, fullPage: true });
}

const text = async (page, selector) => (await page.locator(selector).first().innerText({ timeout: 10000 }).catch(() => "")).trim();
async function expects(page, selector, pattern, where) {
  const found = page.locator(selector).filter({ hasText: pattern }).first();
  await found.waitFor({ state: "attached", timeout: 15000 }).catch(async () => {
    finding(`${where}: no ${pattern} at ${selector}: ${(await text(page, selector)).slice(0, 300)}`);
  });
}

// The disputes that can be answered with evidence.
const { context: finding_out, page: scout } = await merchant();
const open = [];
for (const list of ["/", "/disputes"]) {
  await scout.goto(base + list);
  const links = await scout.locator("a[data-row]").evaluateAll((all) => all.map((one) => one.href));
  for (const link of links.slice(0, 40)) {
    await scout.goto(link);
    const build = scout.locator("#evidence a.button.first");
    if ((await build.count()) === 1) open.push(new URL(await build.getAttribute("href"), base).href);
  }
}
await finding_out.close();
const cases = [...new Set(open)];
if (cases.length < 2) finding(`only ${cases.length} disputes take evidence`);
const [one, two] = [cases[0], cases[1] ?? cases[0]];
const words = (page, slot = "rebuttal_letter") => page.locator(`#text-${slot}`);
const saveOf = (page, slot = "rebuttal_letter") => page.locator(`#slot-${slot} form[data-autosave] button`);

// Without scripts: words, files of each kind, refusals that say why, and everything that was written still there.
{
  const { context, page } = await merchant({ javaScriptEnabled: false });
  await page.goto(one);
  await words(page).fill(LETTER);
  await saveOf(page).click();
  if (!page.url().includes("#slot-rebuttal_letter")) finding(`no scripts: a save leads to ${page.url()}`);
  if ((await words(page).inputValue()) !== LETTER) finding("no scripts: what was saved does not stand there");
  const slots = await page.locator("form[data-files]").evaluateAll((all) => all.map((form) => form.closest("[data-slot]").dataset.slot));
  const slot = slots.find((name) => name !== "rebuttal_letter");
  const attach = async (file) => {
    const form = page.locator(`#slot-${slot} form[data-files]`).first();
    const hidden = page.locator(`#slot-${slot}`).locator("xpath=ancestor-or-self::*//details[not(@open)]/summary");
    if (!(await form.isVisible())) await page.locator(`details:has(> #slot-${slot}) > summary`).first().click().catch(() => hidden.first().click());
    if (!(await form.isVisible())) await page.locator(`#slot-${slot} details:has(form[data-files]) > summary`).click();
    await form.locator("input[type=file]").setInputFiles(file);
    await form.locator("button").click();
  };
  await attach(named("receipt.pdf", "application/pdf", files.png));
  await expects(page, ".note.bad", /says .*pdf.*content is png|DP-4006/i, "no scripts: a lying name");
  await attach(named("card.pdf", "application/pdf", files.card));
  await expects(page, ".note.bad", /DP-4016/, "no scripts: a card number");
  if (/4242 ?4242 ?4242/.test(await page.content())) finding("no scripts: the card number is shown");
  await attach(named("photo.png", "image/png", files.png));
  const image = page.locator(`#slot-${slot} img`);
  if ((await image.count()) !== 1) finding(`no scripts: no preview of the picture: ${await text(page, "main")}`);
  else {
    const answer = await page.request.get(new URL(await image.getAttribute("src"), base).href);
    const head = answer.headers();
    if (answer.status() !== 200 || !(await answer.body()).equals(files.png)) finding("no scripts: the preview is not the picture");
    if (head["x-content-type-options"] !== "nosniff" || !/sandbox/.test(head["content-security-policy"] ?? "") || !/no-store/.test(head["cache-control"] ?? "")) finding(`preview headers: ${JSON.stringify(head)}`);
    const download = await page.request.get(`${one}/${slot}/file`);
    if (!/^attachment/.test(download.headers()["content-disposition"] ?? "")) finding("no scripts: a download is no attachment");
  }
  await attach(named("invoice.pdf", "application/pdf", files.pdf));
  await expects(page, `#slot-${slot} figure`, /invoice\.pdf[\s\S]*1 page/, "no scripts: a printed page");
  await expects(page, "#packet", /invoice\.pdf|names its own documents/, "no scripts: the packet in the provider's words");
  await page.locator(`#slot-${slot} form[action$='/clear'] button`).click();
  if ((await page.locator(`#slot-${slot} figure`).count()) !== 0) finding("no scripts: the file is not removed");
  await page.locator("#several-slot-1").selectOption(slot);
  await page.locator("#several-file-1").setInputFiles(named("a.png", "image/png", files.png));
  await page.locator("#several-slot-2").selectOption("uncategorized_file");
  await page.locator("#several-file-2").setInputFiles(named("b.pdf", "application/pdf", files.pdf));
  await page.locator("form:has(#several-slot-1) button").click();
  for (const [place, name] of [[slot, "a.png"], ["uncategorized_file", "b.pdf"]]) await expects(page, `#slot-${place} figure`, new RegExp(name), "no scripts: several files");
  await context.close();
}

// The desk sees the same files beside the case, and keeps one; nobody else's page gives it out.
{
  const context = await browser.newContext(wide);
  const page = await context.newPage();
  await page.goto(deskLink);
  const id = new URL(one).pathname.split("/")[2];
  await page.goto(`${base}/desk/cases/${id}`);
  await expects(page, "figure.held", /b\.pdf/, "the desk's case page");
  const image = page.locator("figure.held img").first();
  const shown = await page.request.get(new URL(await image.getAttribute("src"), base).href);
  if (shown.status() !== 200 || !(await shown.body()).equals(files.png)) finding("desk: the preview is not the picture");
  const link = await page.locator("figure.held a.button").last().getAttribute("href");
  const kept = await page.request.get(base + link);
  if (kept.status() !== 200 || !/^attachment/.test(kept.headers()["content-disposition"] ?? "")) finding(`desk: a download was answered ${kept.status()}`);
  await accessible(page, "a case of the desk, with files");
  await context.close();
  const other = await merchant();
  const foreign = await other.page.request.get(base + link);
  if (foreign.status() !== 404) finding(`a merchant's look at the desk's address of a file was answered ${foreign.status()}`);
  await other.context.close();
}

// Every look of it: both themes, both widths.
for (const colorScheme of ["light", "dark"]) {
  for (const [name, size] of [["wide", wide], ["narrow", narrow]]) {
    const { context, page } = await merchant({ ...size, colorScheme });
    await page.goto(one);
    await accessible(page, `workspace, ${name}, ${colorScheme}`);
    await context.close();
  }
}

// With scripts: saved while one writes, the figures and the packet follow, and a file is dropped.
{
  const { context, page } = await merchant();
  await page.goto(two);
  await words(page).fill("Short.");
  await expects(page, "#status-rebuttal_letter", /Saved as version \d+/, "autosave");
  await words(page).fill(`${LETTER} It is all in the record.`);
  await expects(page, "#packet", /It is all in the record/, "autosave: the packet follows");
  await page.reload();
  if (!(await words(page).inputValue()).endsWith("in the record.")) finding("autosave: the words are not there after a reload");
  const transfer = await page.evaluateHandle((data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const held = new DataTransfer();
    held.items.add(new File([bytes], "small.png", { type: "image/png" }));
    return held;
  }, files.small.toString("base64"));
  await page.locator("#several").scrollIntoViewIfNeeded();
  const slots = await page.locator("[data-slot]").evaluateAll((all) => all.map((slot) => slot.dataset.slot));
  const slot = slots.find((name) => name !== "rebuttal_letter");
  await page.locator(`#slot-${slot}`).dispatchEvent("drop", { dataTransfer: transfer });
  await expects(page, `#slot-${slot} figcaption`, /small\.png/, "a dropped file");
  await expects(page, `#state-${slot}`, /weak|^$/, "a picture too small to read");
  await accessible(page, "workspace, with a dropped file");
  await context.close();
}

// The connection is gone while somebody writes: it is said, and saved when it is back. On a slow one (50 kB/s, 400 ms there and
// back) what is written while a save is on its way is saved after it. What ends a line in a PDF ends it here, and is seen to.
{
  const { context, page } = await merchant();
  await page.goto(two);
  await context.setOffline(true);
  await words(page).fill(`Written on a train. ${LETTER}`);
  await expects(page, "#status-rebuttal_letter", /no connection/, "offline");
  await context.setOffline(false);
  await expects(page, "#status-rebuttal_letter", /Saved as version/, "offline: saved when back");
  const wire = await context.newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 });
  await words(page).fill("Slowly, one.");
  await saveOf(page).click();
  await expects(page, "#status-rebuttal_letter", /Saving/, "slow: says that it saves");
  await words(page).pressSequentially(" And two.");
  await expects(page, "#packet", /Slowly, one\. And two\.|names its own documents/, "slow: the packet follows");
  await expects(page, "#status-rebuttal_letter", /Saved as version/, "slow");
  await words(page).fill("Page one\u000cpage two\u000bline two");
  if ((await words(page).inputValue()) !== "Page one\npage two\nline two") finding("pasted: a page break is not seen as the end of a line");
  await expects(page, "#status-rebuttal_letter", /Saved as version/, "pasted");
  await page.reload();
  const held = await words(page).inputValue();
  if (held !== "Page one\npage two\nline two") finding(`pasted: saved as ${JSON.stringify(held)}`);
  await context.close();
}

// Two people at one piece: each sees both texts, in and without scripts; at different pieces both are saved.
for (const javaScriptEnabled of [true, false]) {
  const where = javaScriptEnabled ? "race" : "race without scripts";
  const [first, second] = [await merchant({ javaScriptEnabled }), await merchant({ javaScriptEnabled })];
  for (const { page } of [first, second]) await page.goto(two);
  const mark = javaScriptEnabled ? "with" : "without";
  await words(first.page).fill(`Hers, ${mark} scripts. ${LETTER}`);
  await saveOf(first.page).click();
  if (javaScriptEnabled) await expects(first.page, "#status-rebuttal_letter", /Saved/, where);
  await words(second.page).fill(`His, ${mark} scripts. ${LETTER}`);
  await saveOf(second.page).click();
  await expects(second.page, ".conflict pre", new RegExp(`Hers, ${mark}`), `${where}: theirs`);
  const mine = second.page.locator(".conflict textarea").first();
  if (!(await mine.inputValue().catch(() => "")).startsWith(`His, ${mark}`)) finding(`${where}: his words are not there`);
  if (javaScriptEnabled) await accessible(second.page, "conflict");
  await second.page.locator(".conflict button.first").first().click();
  await second.page.waitForURL(/#slot-/, { timeout: 15000 }).catch(() => finding(`${where}: his text is not taken`));
  await first.page.goto(two);
  if (!(await words(first.page).inputValue()).startsWith(`His, ${mark}`)) finding(`${where}: his text is not saved in its place`);
  for (const { context } of [first, second]) await context.close();
}

// The session ends while somebody writes: nothing is lost.
{
  const { context, page } = await merchant();
  await page.goto(two);
  await context.clearCookies();
  await words(page).fill(`Written signed out. ${LETTER}`);
  await expects(page, "#slot-rebuttal_letter [data-answer]", /signed out/, "session over");
  const other = await context.newPage();
  await other.goto(merchantLink);
  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expects(page, "#status-rebuttal_letter", /Saved as version/, "session over: saved when back");
  await context.close();
}
{
  const { context, page } = await merchant({ javaScriptEnabled: false });
  await page.goto(two);
  await words(page).fill(`Kept without scripts. ${LETTER}`);
  await context.clearCookies();
  await saveOf(page).click();
  await expects(page, "main", /nothing that you wrote is lost/, "session over without scripts");
  if (!(await page.locator("#kept-text").inputValue()).startsWith("Kept without scripts")) finding("session over without scripts: the words are not there");
  const other = await context.newPage();
  await other.goto(merchantLink);
  await page.locator("form button.first").click();
  const shown = page.locator(".conflict textarea").first();
  if (!(await shown.inputValue({ timeout: 5000 }).catch(() => "")).startsWith("Kept without scripts")) finding(`session over without scripts: not shown again: ${await text(page, "main")}`);
  await page.locator(".conflict button.first").first().click();
  if (!(await words(page).inputValue()).startsWith("Kept without scripts")) finding("session over without scripts: not saved after signing in");
  await context.close();
}

// Sealed, sent, and the receipt.
{
  const { context, page } = await merchant();
  let sent = false;
  let last = "";
  for (const address of cases) {
    await page.goto(address);
    if ((await words(page).count()) === 0) continue;
    await words(page).fill(LETTER);
    await expects(page, "#status-rebuttal_letter", /Saved as version/, "before the seal");
    await page.locator("form[action$='/evidence/seal'] button").click();
    last = await text(page, "main");
    if ((await page.locator("#understood-submit").count()) === 0) continue;
    await accessible(page, "sealed");
    await page.locator("#understood-submit").check();
    await page.locator("form[action$='/evidence/submit'] button").click();
    await expects(page, "#receipt", /waits to be sent|was sent|has your evidence/, "sent");
    await accessible(page, "sent");
    await page.locator("#receipt a.button").click();
    await expects(page, "main", /Fingerprint[\s\S]*[0-9a-f]{64}/, "receipt");
    await accessible(page, "receipt");
    sent = true;
    break;
  }
  if (!sent) finding(`nothing could be sealed and sent: ${last.slice(0, 600)}`);
  await context.close();
}

// Somebody else's form, and somebody else's dispute.
{
  const { context, page } = await merchant();
  const foreign = await page.request.post(two, { form: { csrf: "x", slot: "rebuttal_letter", text: "x", version: "1" }, headers: { origin: "http://other.example" } });
  if (foreign.status() !== 400) finding(`another site's form was answered ${foreign.status()}`);
  const nowhere = await page.request.get(`${base}/disputes/dp_none/evidence`);
  if (nowhere.status() !== 404) finding(`a dispute that is not there was answered ${nowhere.status()}`);
  await context.clearCookies();
  const stranger = await page.request.get(`${two}/rebuttal_letter/file`, { maxRedirects: 0 });
  if (stranger.status() !== 303) finding(`a stranger's look at a file was answered ${stranger.status()}`);
  const spoken = await page.request.post(two, { form: { slot: "rebuttal_letter", text: "x" }, headers: { "sec-fetch-site": "cross-site" }, maxRedirects: 0 });
  if (spoken.status() !== 303) finding(`another site's words on our page were answered ${spoken.status()}`);
  await context.close();
}

await browser.close();
for (const said of findings) console.log(said);
console.log(`${findings.length} findings`);
