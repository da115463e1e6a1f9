/** A filter that types at once and reaches the address a moment later; `/` jumps into it. */
import { TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
  className?: string | undefined;
}

const DEBOUNCE_MS = 250;

export function FilterInput({ label, placeholder, value, error, onChange, className }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  // The address may change under it: a link, or the back button.
  if (value !== seen) {
    setSeen(value);
    setText(value);
  }
  const remember = useDebouncedCallback((next: string) => {
    setSeen(next);
    onChange(next);
  }, DEBOUNCE_MS);
  useHotkeys([["/", () => input.current?.focus()]]);
  return (
    <TextInput
      ref={input}
      className={className}
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={15} />}
      value={text}
      error={error}
      onChange={(event) => {
        setText(event.currentTarget.value);
        remember(event.currentTarget.value);
      }}
    />
  );
}
