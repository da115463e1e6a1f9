/** CSV: quoting, and cells that spreadsheets must not run. */
import { expect, it } from "vitest";
import { toCsv } from "./csv";

it("quotes what needs quoting", () => {
  expect(
    toCsv(
      ["a", "b"],
      [
        ['say "hi"', 1.5],
        ["x,y", "line\nbreak"],
      ],
    ),
  ).toBe('a,b\r\n"say ""hi""",1.5\r\n"x,y","line\nbreak"\r\n');
});

it("disarms formulas but leaves numbers alone", () => {
  expect(toCsv(["a"], [["=1+1"], [-5], ["@x"]])).toBe("a\r\n'=1+1\r\n-5\r\n'@x\r\n");
});
