import { describe, expect, it } from "vitest";
import { pageOfFragment } from "./foreign-links";

describe("links into Alertmanager's page", () => {
  it.each([
    ["#/alerts", "/alerts"],
    ["#/alerts?receiver=team-X", "/alerts?by=%40receiver"],
    ["#/alerts?silenced=false&filter=%7Ba%3D%22b%22%7D", "/alerts?filter=%7Ba%3D%22b%22%7D"],
    ["#/silences", "/alerts/silences"],
    ["#/silences/new?filter=%7Ba%3D%22b%22%7D", "/alerts/silences/edit?match=%7Ba%3D%22b%22%7D"],
    ["#/silences/1f-2e", "/alerts/silences/edit?id=1f-2e"],
    ["#/silences/1f-2e/edit", "/alerts/silences/edit?id=1f-2e"],
  ])("%s leads to %s", (hash, page) => {
    expect(pageOfFragment(hash)).toBe(page);
  });

  it.each(["", "#", "#main", "#/status", "#//evil.example/alerts"])("%j leads nowhere", (hash) => {
    expect(pageOfFragment(hash)).toBeUndefined();
  });
});
