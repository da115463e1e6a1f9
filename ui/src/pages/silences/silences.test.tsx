/** Silences: the form's rules, its preview, and lists. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Silence } from "../../api/alertmanager";
import { parseMatchers } from "../../lib/matchers";
import { endOf, lengthOf, reachOf, readFields, type SilenceFields } from "./draft";
import { filterSilences, sortSilences } from "./lists";
import SilenceFormPage from "./SilenceFormPage";
import { readSilenceRequest, silenceLink } from "./silence-url";

const matchers = (text: string) => parseMatchers(text).matchers ?? [];
const NOW = Date.parse("2026-05-01T12:00:00Z");

describe("readFields", () => {
  const fields: SilenceFields = {
    matchers: matchers("alertname=Down"),
    startsAt: "",
    ends: "1h30m",
    createdBy: " ada ",
    comment: "disk",
  };
  const read = (change: Partial<SilenceFields>) =>
    readFields({ ...fields, ...change }, undefined, NOW, "utc");

  it("makes a draft that begins now", () => {
    expect(read({}).draft).toMatchObject({
      startsAt: "2026-05-01T12:00:00.000Z",
      endsAt: "2026-05-01T13:30:00.000Z",
      createdBy: "ada",
    });
  });

  it("a duration counts from the beginning, a time is a time", () => {
    expect(read({ startsAt: "2026-05-02 08:00" }).draft?.endsAt).toBe("2026-05-02T09:30:00.000Z");
    expect(read({ ends: "2026-05-03 00:00" }).draft?.endsAt).toBe("2026-05-03T00:00:00.000Z");
  });

  it.each<[Partial<SilenceFields>, keyof SilenceFields]>([
    [{ matchers: [] }, "matchers"],
    [{ matchers: matchers("a=~.*") }, "matchers"],
    [{ matchers: [{ name: "a", op: "=~", value: "(" }] }, "matchers"],
    [{ matchers: [{ name: " ", op: "=", value: "x" }] }, "matchers"],
    [{ startsAt: "soon" }, "startsAt"],
    [{ ends: "soon" }, "ends"],
    [{ ends: "2026-05-01 11:00" }, "ends"],
    [{ startsAt: "2026-05-02 08:00", ends: "2026-05-02 07:00" }, "ends"],
    [{ createdBy: " " }, "createdBy"],
    [{ comment: "" }, "comment"],
  ])("%j lacks its %s", (change, field) => {
    expect(Object.keys(read(change).errors ?? {})).toEqual([field]);
  });
});

it("a silence made again lasts as long as it did", () => {
  expect(lengthOf("2026-01-01T00:00:00.000Z", "2026-01-01T02:00:10Z")).toBe("2h");
  expect(lengthOf("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")).toBe("1h");
  expect(endOf("now+1d", NOW, NOW, "utc")).toBe(NOW + 86_400_000);
});

it.each([
  [0, 5, "nothing"],
  [5, 5, "everything"],
  [4, 5, "some"],
  [1, 1, "some"],
] as const)("%d of %d is %s", (matched, total, reach) => {
  expect(reachOf(matched, total)).toBe(reach);
});

it("the form's address holds any matcher", () => {
  const request = { matchers: matchers('a="x, \\"y\\"&z", b!~"c|d"'), id: undefined };
  const url = new URL(silenceLink(request), "http://x");
  expect(readSilenceRequest(url.searchParams)).toEqual(request);
  expect(readSilenceRequest(new URLSearchParams("match=nonsense&id=1"))).toEqual({
    matchers: [],
    id: "1",
  });
});

it("lists are searched by every word, and what ends first comes first", () => {
  const silence = (id: string, endsAt: string, comment: string): Silence => ({
    id,
    status: { state: "active" },
    matchers: matchers("alertname=Down"),
    startsAt: "2026-01-01T00:00:00Z",
    endsAt,
    updatedAt: "",
    createdBy: "ada",
    comment,
  });
  const silences = [
    silence("1", "2026-01-03T00:00:00Z", "disk"),
    silence("2", "2026-01-02T00:00:00Z", "network"),
  ];
  expect(filterSilences(silences, "ADA down disk").map(({ id }) => id)).toEqual(["1"]);
  expect(sortSilences(silences, "active").map(({ id }) => id)).toEqual(["2", "1"]);
  expect(sortSilences(silences, "expired").map(({ id }) => id)).toEqual(["1", "2"]);
});

describe("the form", () => {
  const EVIL = '<img src=x onerror="alert(1)">';
  const alerts = ["web-1", EVIL].map((instance, index) => ({
    labels: { alertname: "Down", instance },
    startsAt: "2026-01-01T00:00:00Z",
    fingerprint: String(index),
    status: { state: "active" },
  }));
  const posted: unknown[] = [];
  const fetched = vi.fn<typeof fetch>((url, init) => {
    const address = new URL(url as string, "http://x");
    if (init?.method === "POST") {
      posted.push(JSON.parse(init.body as string));
      return Promise.resolve(new Response('{"silenceID":"1"}'));
    }
    const filter = address.searchParams.getAll("filter").join();
    const found = alerts.filter(
      ({ labels }) => !filter.includes("instance") || labels.instance === "web-1",
    );
    const body = address.pathname.endsWith("/silences") ? [] : found;
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  afterEach(() => {
    posted.length = 0;
    localStorage.clear();
  });

  function show(path: string) {
    vi.stubGlobal("fetch", fetched);
    const router = createMemoryRouter(
      [
        { path: "/alerts/silences/edit", element: <SilenceFormPage /> },
        { path: "/alerts/silences", element: <p>the list</p> },
      ],
      { initialEntries: [path] },
    );
    return render(
      <MantineProvider>
        <QueryClientProvider client={new QueryClient()}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>,
    );
  }

  it("previews what it matches, and warns of everything", async () => {
    const user = userEvent.setup();
    const { container } = show(
      silenceLink({ matchers: matchers('alertname="Down", instance="web-1"') }),
    );
    await screen.findByText("1 of 2 alerts");
    await user.click(screen.getByRole("button", { name: "Remove instance" }));
    await screen.findByText("2 of 2 alerts");
    expect(screen.getByText(/matches every alert/)).toBeTruthy();
    expect(screen.getByText(EVIL)).toBeTruthy();
    expect(container.querySelector("img")).toBeNull();
  });

  it("says what is missing, then sends", async () => {
    const user = userEvent.setup();
    show(silenceLink({ matchers: matchers('alertname="Down"') }));
    await user.click(await screen.findByRole("button", { name: "Silence" }));
    expect(screen.getByText("Who silences?")).toBeTruthy();
    expect(posted).toEqual([]);
    await user.type(screen.getByLabelText("Author"), "ada");
    await user.type(screen.getByLabelText("Comment"), "disk");
    await user.click(screen.getByRole("button", { name: "8h" }));
    await user.click(screen.getByRole("button", { name: "Silence" }));
    await screen.findByText("the list");
    expect(posted).toMatchObject([
      {
        createdBy: "ada",
        comment: "disk",
        matchers: [{ name: "alertname", value: "Down", isRegex: false, isEqual: true }],
      },
    ]);
    expect(localStorage.getItem("bellwether.preferences")).toContain('"author":"ada"');
  });

  it("takes a matcher as it is typed", async () => {
    const user = userEvent.setup();
    show("/alerts/silences/edit");
    await user.type(await screen.findByLabelText("Add a matcher"), 'instance=~"web-.*"{Enter}');
    await waitFor(() =>
      expect(screen.getByLabelText<HTMLInputElement>("Value for instance").value).toBe("web-.*"),
    );
    expect(screen.getByLabelText<HTMLSelectElement>("Operator for instance").value).toBe("=~");
  });
});
