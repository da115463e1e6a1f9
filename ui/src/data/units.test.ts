/** Values in the units that dashboards name. */
import { describe, expect, it } from "vitest";
import { formatUnit, isBinary, unitFormatter } from "./units";

describe("units", () => {
  it.each([
    [undefined, 1234.5678, "1235"],
    ["none", 0.123456, "0.123"],
    ["short", 1234, "1.23 K"],
    ["short", 2_500_000, "2.5 Mil"],
    ["short", 999.96, "1 K"],
    ["percent", 12.345, "12.3%"],
    ["percentunit", 0.5, "50%"],
    ["bytes", 1536, "1.5 KiB"],
    ["decbytes", 1500, "1.5 kB"],
    ["kbytes", 1024, "1 MiB"],
    ["bits", 2048, "2 Kib"],
    ["Bps", 1e6, "1 MB/s"],
    ["binBps", 1048576, "1 MiB/s"],
    ["bps", 1e9, "1 Gb/s"],
    ["MBs", 1000, "1 GB/s"],
    ["s", 0.0042, "4.2 ms"],
    ["s", 90, "1.5 min"],
    ["s", 172_800, "2 days"],
    ["ms", 1500, "1.5 s"],
    ["ns", 500, "500 ns"],
    ["reqps", 1200, "1.2 kreq/s"],
    ["iops", 3, "3 io/s"],
    ["hertz", 2.5e9, "2.5 GHz"],
    ["celsius", 21.5, "21.5°C"],
    ["watt", 1500, "1.5 kW"],
    ["kwatt", 1.5, "1.5 kW"],
    ["rotrpm", 1200, "1200 rpm"],
    ["currencyEUR", 1500, "€1.5K"],
    ["bool_yes_no", 0, "No"],
    ["bool_on_off", 1, "On"],
    ["dthms", 3723, "01:02:03"],
    ["dtdurations", 3720, "1 hour, 2 minutes"],
    ["dtdurationms", 61_000, "1 minute, 1 second"],
    ["locale", 1234567, "1,234,567"],
    ["hex0x", 255, "0xFF"],
    ["sci", 12345, "1.23e+4"],
    ["suffix:apples", 3, "3 apples"],
    ["prefix:~", 3, "~3"],
    ["count:cars", 1500, "1.5 K cars"],
    ["si:mF", 3, "3 mF"],
    ["currency:Fr", 3, "Fr3"],
    ["an unknown one", 3, "3 an unknown one"],
  ])("%s of %d is %s", (unit, value, text) => {
    expect(formatUnit(value, unit)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [-2048, "−2 KiB"],
    [NaN, "–"],
    [Infinity, "+Inf"],
    [-Infinity, "−Inf"],
  ])("bytes of %d are %s", (value, text) => {
    expect(formatUnit(value, "bytes")).toBe(text);
  });

  it("keeps as many decimals as asked", () => {
    expect(formatUnit(1, "percent", 2)).toBe("1.00%");
    expect(formatUnit(1234, "short", 0)).toBe("1 K");
  });

  it("dates follow the zone, patterns and the present", () => {
    const at = Date.UTC(2026, 4, 3, 14, 5, 9);
    const context = { zone: "utc" as const, nowMs: at + 90_000 };
    const text = (unit: string) => unitFormatter(unit, context)(at).text;
    expect(text("dateTimeAsIso")).toBe("2026-05-03 14:05:09");
    expect(text("dateTimeAsIsoNoDateIfToday")).toBe("14:05:09");
    expect(text("dateTimeAsUS")).toBe("05/03/2026 2:05:09 pm");
    expect(text("dateTimeFromNow")).toBe("1 minute ago");
    expect(text("time:ddd D MMM [at] HH:mm")).toBe("Sun 3 May at 14:05");
  });

  it("knows which are counted in powers of two", () => {
    expect([isBinary("bytes"), isBinary("decbytes"), isBinary("s"), isBinary(undefined)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
