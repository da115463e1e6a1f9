/** What jsdom lacks and Mantine asks for. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

window.matchMedia = (query) =>
  Object.assign(new EventTarget(), { matches: false, media: query }) as MediaQueryList;

class ResizeObserverStub implements ResizeObserver {
  observe() {
    // jsdom has no layout, so nothing ever resizes.
  }
  unobserve() {
    // see observe
  }
  disconnect() {
    // see observe
  }
}
window.ResizeObserver = ResizeObserverStub;

// Virtual lists draw only what fits, and nothing fits into an element without a size.
Object.defineProperties(HTMLElement.prototype, {
  clientWidth: { get: () => 800 },
  clientHeight: { get: () => 300 },
});
