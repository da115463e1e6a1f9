/** Shortcuts of two keys, and their silence while somebody types. */
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { useKeySequences } from "./use-key-sequences";

function Page({ keys }: { keys: Record<string, () => void> }) {
  useKeySequences(keys);
  return (
    <div>
      <input aria-label="text" />
      <button type="button">button</button>
    </div>
  );
}

it("hears one key, two keys and arrows", async () => {
  const keys = { e: vi.fn(), r: vi.fn(), "d r": vi.fn(), "t left": vi.fn() };
  render(<Page keys={keys} />);
  await userEvent.keyboard("e");
  await userEvent.keyboard("dr");
  await userEvent.keyboard("t{ArrowLeft}");
  await userEvent.keyboard("dxr");
  expect(keys.e).toHaveBeenCalledTimes(1);
  expect(keys["d r"]).toHaveBeenCalledTimes(1);
  expect(keys["t left"]).toHaveBeenCalledTimes(1);
  expect(keys.r).toHaveBeenCalledTimes(1);
});

it("leaves letters to those who type, and to the browser's own shortcuts", async () => {
  const keys = { e: vi.fn() };
  const { getByLabelText } = render(<Page keys={keys} />);
  await userEvent.type(getByLabelText("text"), "e");
  await userEvent.keyboard("{Control>}e{/Control}");
  expect(keys.e).not.toHaveBeenCalled();
});
