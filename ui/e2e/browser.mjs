/** A Chromium, pages in it, and the complaints they make: what every browser test needs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const BASE_URL = process.env.BASE_URL ?? "http://127.0.0.1:3000";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

/**
 * Opens a page and gathers what it complains of: faults of scripts and violations of the
 * content security policy. A failed request is a test's own business.
 */
export async function openPage(browser, path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) {
      complaints.push(text);
    }
  });
  await page.goto(BASE_URL + path);
  return { page, complaints };
}

/** How many of a chart's pixels are drawn with colour: grid lines and text are grey. */
export async function colouredPixels(chart) {
  return chart.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, alpha] = data.slice(i, i + 4);
      if (alpha > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 40) count += 1;
    }
    return count;
  });
}

/** Waits until a condition holds, asking several times a second. */
export async function until(what, condition, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
}

/** A page for the length of a test, which fails when the page complained. */
export async function usePage(browser, path, options, body) {
  const { page, complaints } = await openPage(browser, path, options);
  try {
    await body(page);
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
  }
}

/** Answers one API resource with something of the test's own. */
export function answer(page, resource, body, status = 200) {
  return page.route(new RegExp(`/api/v1/${resource}(\\?|$)`), (route) =>
    route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) }),
  );
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** What axe finds fault with, in a line each. */
export async function axeFaults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`),
  );
}

/** By how much the page is wider than its window. */
export function overflowPx(page) {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
