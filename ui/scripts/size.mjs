/**
 * Fails the build when the first page weighs too much: sums the gzip size of everything
 * that index.html and the home page pull in, following Vite's manifest.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 500_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const files = new Set(["index.html"]);
function collect(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const asset of chunk.assets ?? []) files.add(asset);
  for (const imported of chunk.imports ?? []) collect(imported);
}
collect("index.html");
// The home page is lazy like its siblings, but it is what "/" loads.
collect("src/pages/home/HomePage.tsx");

const sizes = [...files].map((file) => ({
  file,
  bytes: gzipSync(readFileSync(new URL(file, dist))).length,
}));
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
for (const { file, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(
  `${(total / 1000).toFixed(1).padStart(8)} kB  initial load, gzip (budget ${BUDGET_BYTES / 1000} kB)`,
);
if (total > BUDGET_BYTES) {
  console.error(
    `The initial load is ${total - BUDGET_BYTES} bytes over budget: make something lazy.`,
  );
  process.exit(1);
}
