/** How the UI is built, served while developing, and tested. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Any server with the Prometheus HTTP API will do while developing. */
const apiTarget = process.env.VITE_API_TARGET ?? "http://127.0.0.1:3000";

/** The policy the server sends with every page; previewing under it shows violations early. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const proxy = {
  "/api": { target: apiTarget, changeOrigin: true },
  "/alertmanager": { target: apiTarget, changeOrigin: true },
  "/-": { target: apiTarget, changeOrigin: true },
};

export default defineConfig({
  plugins: [react()],
  // Bundled dashboards are beside this folder.
  server: { proxy, fs: { allow: [".", "../content"] } },
  preview: { proxy, headers: { "Content-Security-Policy": contentSecurityPolicy } },
  build: {
    target: "es2022",
    // Inlined data: URLs would need holes in the policy above.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/lib/test-setup.ts"],
    css: false,
  },
});
