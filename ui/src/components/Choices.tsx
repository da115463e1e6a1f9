/** A choice of one among a few, with counts; unlike a segmented control it wraps on a phone. */
import classes from "./Choices.module.css";

export interface Choice<T extends string> {
  value: T;
  label: string;
  count?: number | undefined;
}

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}

export function Choices<T extends string>({ label, value, choices, onChange }: Props<T>) {
  return (
    <div className={classes.choices} role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
          {choice.count !== undefined && <span>{choice.count}</span>}
        </button>
      ))}
    </div>
  );
}
