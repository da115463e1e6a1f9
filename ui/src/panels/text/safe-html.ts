/**
 * HTML from strangers, as React elements made of what a list allows. The text is parsed into a
 * document that runs no scripts and loads nothing, and nothing of it is ever inserted as HTML.
 */
import { marked } from "marked";
import { createElement, type CSSProperties, type ReactNode } from "react";
import { safeUrl } from "../../lib/safe-url";

export function markdownToHtml(text: string): string {
  return marked.parse(text, { async: false, gfm: true });
}

const ELEMENTS = new Set(
  (
    "a abbr b blockquote br caption center code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i " +
    "img ins kbd li mark ol p pre s samp small span strong sub summary sup table tbody td tfoot th " +
    "thead tr u ul var font"
  ).split(" "),
);
/** Their text is code or belongs to another document. */
const DROPPED = new Set(
  "script style template noscript iframe object embed svg math title head textarea select".split(
    " ",
  ),
);
const STYLES = new Set(
  (
    "background-color color display font-size font-style font-weight height margin margin-bottom " +
    "margin-left margin-right margin-top max-width padding padding-bottom padding-left " +
    "padding-right padding-top text-align text-decoration vertical-align width"
  ).split(" "),
);
const NODES_MAX = 5_000;

export function safeElements(html: string): ReactNode {
  const { body } = new DOMParser().parseFromString(withoutHandlers(html), "text/html");
  const budget = { left: NODES_MAX };
  return children(body, budget);
}

/** Handlers are dropped in any case; this spares the browser's remark on each that it refuses. */
function withoutHandlers(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) =>
    tag.replace(/([\s/"'])on[a-z]+\s*=/gi, "$1data-off="),
  );
}

function children(parent: Node, budget: { left: number }): ReactNode[] {
  return Array.from(parent.childNodes, (node, index) => toReact(node, index, budget));
}

function toReact(node: Node, key: number, budget: { left: number }): ReactNode {
  budget.left -= 1;
  if (budget.left < 0) return null;
  if (node.nodeType === Node.TEXT_NODE) return isLayout(node) ? null : node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  if (DROPPED.has(name)) return null;
  const inner = node.childNodes.length > 0 ? children(node, budget) : undefined;
  if (!ELEMENTS.has(name)) return inner ? createElement("span", { key }, ...inner) : null;
  const shown = name === "font" ? "span" : name === "center" ? "div" : name;
  return createElement(shown, { key, ...attributes(node, name) }, ...(inner ?? []));
}

/** Line breaks between the parts of a table are no content. */
function isLayout(node: Node): boolean {
  const parent = node.parentElement?.tagName ?? "";
  return /^(?:TABLE|THEAD|TBODY|TFOOT|TR)$/.test(parent) && node.textContent?.trim() === "";
}

function attributes(element: Element, name: string): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const title = element.getAttribute("title");
  if (title !== null) kept.title = title;
  if (name === "a") {
    const href = safeUrl(element.getAttribute("href"));
    if (href !== undefined) {
      kept.href = href;
      kept.rel = "noopener noreferrer";
      if (/^https?:/i.test(href)) kept.target = "_blank";
    }
  }
  if (name === "img") {
    const source = element.getAttribute("src") ?? "";
    // The page's policy loads images from here only; others would show as broken.
    if (/^(?:data:image\/(?:png|jpeg|gif|webp);|\/(?!\/))/i.test(source)) kept.src = source;
    kept.alt = element.getAttribute("alt") ?? "";
  }
  for (const [attribute, prop] of [
    ["colspan", "colSpan"],
    ["rowspan", "rowSpan"],
    ["start", "start"],
  ] as const) {
    const value = Number.parseInt(element.getAttribute(attribute) ?? "", 10);
    if (value > 0 && value < 1000) kept[prop] = value;
  }
  const style = safeStyle(element);
  if (name === "center") style.textAlign = "center";
  if (Object.keys(style).length > 0) kept.style = style;
  return kept;
}

function safeStyle(element: Element): CSSProperties {
  const style: Record<string, string> = {};
  for (const declaration of (element.getAttribute("style") ?? "").split(";")) {
    const [property = "", value = ""] = declaration.split(/:(.*)/s).map((part) => part.trim());
    // Functions could load things.
    if (!STYLES.has(property.toLowerCase()) || /[(\\@]|!/.test(value)) continue;
    style[property.toLowerCase().replace(/-([a-z])/g, (_, c: string) => c.toUpperCase())] = value;
  }
  return style;
}
