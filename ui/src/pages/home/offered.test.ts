/** A dashboard is offered when there is something for it to show. */
import { expect, it } from "vitest";
import { offeredFor } from "./offered";

it("is offered by its key metric", () => {
  expect(offeredFor([])).toEqual([]);
  expect(offeredFor(["redis_up", "broker_clients_connected", "something"])).toEqual([
    "redis",
    "mqtt-broker",
  ]);
  expect(offeredFor(["up"])).toEqual(["service-overview", "cardinality"]);
});
