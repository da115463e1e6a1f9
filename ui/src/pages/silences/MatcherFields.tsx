/** A silence's matchers: each can be changed or removed, others added by typing them. */
import { ActionIcon, NativeSelect, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { type Matcher, matchOps, parseMatchers } from "../../lib/matchers";
import classes from "./SilenceForm.module.css";

interface Props {
  matchers: readonly Matcher[];
  error: string | undefined;
  onChange: (matchers: Matcher[]) => void;
}

export function MatcherFields({ matchers, error, onChange }: Props) {
  const [text, setText] = useState("");
  const parsed = parseMatchers(text);
  const replace = (index: number, change: Partial<Matcher>) =>
    onChange(matchers.map((one, at) => (at === index ? { ...one, ...change } : one)));
  const add = () => {
    if (!parsed.matchers || parsed.matchers.length === 0) return;
    onChange([...matchers, ...parsed.matchers]);
    setText("");
  };
  return (
    <fieldset className={classes.matchers}>
      <legend>Alerts with these labels</legend>
      {matchers.map(({ name, op, value }, index) => (
        // Matchers have no identity besides their place.
        <div key={index} className={classes.matcher}>
          <span className={classes.name} title={name}>
            {name}
          </span>
          <NativeSelect
            aria-label={`Operator for ${name}`}
            value={op}
            data={[...matchOps]}
            onChange={(event) => {
              const next = matchOps.find((one) => one === event.currentTarget.value);
              if (next) replace(index, { op: next });
            }}
          />
          <TextInput
            aria-label={`Value for ${name}`}
            value={value}
            onChange={(event) => replace(index, { value: event.currentTarget.value })}
          />
          <ActionIcon
            size={34}
            aria-label={`Remove ${name}`}
            onClick={() => onChange(matchers.filter((_, at) => at !== index))}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      <div className={classes.add}>
        <TextInput
          aria-label="Add a matcher"
          placeholder={'Add: instance=~"web-.*"'}
          value={text}
          error={text.includes("=") || text.includes("~") ? parsed.error : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            add();
          }}
        />
        <ActionIcon size={34} variant="default" aria-label="Add this matcher" onClick={add}>
          <IconPlus size={16} />
        </ActionIcon>
      </div>
      {error !== undefined && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
