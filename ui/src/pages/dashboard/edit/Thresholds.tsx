/** Thresholds: the colour from which value on. */
import { ActionIcon, Button, ColorInput, NumberInput } from "@mantine/core";
import { useComputedColorScheme } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { namedColor } from "../../../data/colors";
import { type Json, type JsonObject, num, obj, objs, str } from "../../../lib/json";
import classes from "./PanelEditor.module.css";

interface Props {
  value: Json | undefined;
  onChange: (value: Json) => void;
}

export function Thresholds({ value, onChange }: Props) {
  const scheme = useComputedColorScheme("light");
  const thresholds = obj(value);
  const read = objs(thresholds.steps);
  const steps: JsonObject[] = read.length > 0 ? read : [{ value: null, color: "green" }];
  const write = (next: JsonObject[]) => onChange({ mode: "absolute", ...thresholds, steps: next });
  const change = (index: number, part: JsonObject) =>
    write(steps.map((step, i) => (i === index ? { ...step, ...part } : step)));
  const highest = num(steps.at(-1)?.value, 0);
  return (
    <div className={classes.thresholds}>
      {steps.map((step, index) => (
        <div key={index}>
          <ColorInput
            withEyeDropper={false}
            size="xs"
            aria-label={`Colour of threshold ${index + 1}`}
            value={namedColor(str(step.color, "green"), scheme)}
            onChange={(color) => change(index, { color })}
          />
          {index === 0 ? (
            <span>Base</span>
          ) : (
            <>
              <NumberInput
                size="xs"
                aria-label={`Value of threshold ${index + 1}`}
                value={num(step.value) ?? ""}
                onChange={(next) => typeof next === "number" && change(index, { value: next })}
              />
              <ActionIcon
                size="sm"
                aria-label={`Remove threshold ${index + 1}`}
                onClick={() => write(steps.filter((_, i) => i !== index))}
              >
                <IconX size={14} />
              </ActionIcon>
            </>
          )}
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} />}
        onClick={() => write([...steps, { value: highest + 10, color: "red" }])}
      >
        Threshold
      </Button>
    </div>
  );
}
