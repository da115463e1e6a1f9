/**
 * Measures how smoothly a panel of 20 series with 5,000 points each pans and zooms:
 * `BASE_URL=http://127.0.0.1:3000 node e2e/bench-pan.mjs`. Prints, asserts nothing.
 */
import { launch, openPage } from "./browser.mjs";
import { remove, save, unique } from "./storage.mjs";

const SERIES = 20;
const POINTS = 5_000;
const STEP_SECONDS = 60;

const end = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS;
const start = end - (POINTS - 1) * STEP_SECONDS;
const uid = await save({
  uid: unique("bench"),
  title: unique("Bench"),
  panels: [
    {
      id: 1,
      type: "timeseries",
      title: "waves",
      gridPos: { x: 0, y: 0, w: 24, h: 16 },
      maxDataPoints: POINTS,
      targets: [{ refId: "A", expr: "waves" }],
    },
  ],
});
const browser = await launch();
try {
  const { page } = await openPage(browser, "/targets");
  // The range asked for decides the grid; every answer covers it with the same twenty waves.
  await page.route("**/api/v1/query_range*", (route) => {
    const params = new URL(route.request().url()).searchParams;
    const [from, to, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
    const count = Math.floor((to - from) / step) + 1;
    const result = Array.from({ length: SERIES }, (_, n) => ({
      metric: { __name__: "waves", n: String(n) },
      values: Array.from({ length: count }, (_, i) => [
        from + i * step,
        String(n + Math.sin(i / 40 + n)),
      ]),
    }));
    return route.fulfill({ json: { status: "success", data: { resultType: "matrix", result } } });
  });
  await page.goto(`${new URL(page.url()).origin}/d/${uid}/x?from=${start * 1000}&to=${end * 1000}`);
  const chart = page.getByRole("img", { name: /^waves: 20 series/ });
  await chart.waitFor();
  await page.waitForTimeout(500);
  const box = await chart.boundingBox();
  const y = box.y + box.height / 2;
  const drag = async (from, to) => {
    await page.mouse.move(box.x + box.width * from, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, y, { steps: 40 });
    await page.mouse.up();
  };
  await measure(page, "move the crosshair", async () => {
    await page.mouse.move(box.x + 80, y);
    await page.mouse.move(box.x + box.width - 20, y, { steps: 120 });
  });
  await measure(page, "drag to zoom", () => drag(0.3, 0.7));
  await measure(page, "pan earlier, five times", async () => {
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press("t");
      await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(300);
    }
  });
  await measure(page, "zoom out, twice", async () => {
    for (let i = 0; i < 2; i++) {
      await chart.dblclick();
      await page.waitForTimeout(400);
    }
  });
} finally {
  await browser.close();
  await remove(uid);
}

/** Times between frames while something happens. */
async function measure(page, what, act) {
  await page.evaluate(() => {
    window.frames_ms = [];
    let last = performance.now();
    const look = (now) => {
      window.frames_ms.push(now - last);
      last = now;
      window.looking = requestAnimationFrame(look);
    };
    window.looking = requestAnimationFrame(look);
  });
  await act();
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(window.looking);
    return window.frames_ms.slice(1).sort((a, b) => a - b);
  });
  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))];
  const late = frames.filter((ms) => ms > 34).length;
  console.log(
    `${what}: ${frames.length} frames, median ${at(0.5).toFixed(1)} ms, ` +
      `99th ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms, ${late} over 34 ms`,
  );
}
