/** Picks a time range: quick ones, or two ends typed as `now-1h` or `2026-05-01 12:00`. */
import { Button, Popover, SegmentedControl, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconClock } from "@tabler/icons-react";
import { type SyntheticEvent, useState } from "react";
import { setPreference, usePreferences } from "../../lib/preferences";
import {
  describeRange,
  formatTime,
  parseTime,
  QUICK_RANGES,
  resolveRange,
  type TimeRange,
  type TimeZone,
} from "../../lib/timerange";
import classes from "./TimeControls.module.css";

interface Props {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
}

export function RangePicker({ range, onChange }: Props) {
  const { zone } = usePreferences();
  const [opened, setOpened] = useState(false);
  const pick = (next: TimeRange) => {
    setOpened(false);
    onChange(next);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.range}
          aria-label="Time range"
          aria-haspopup="dialog"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <IconClock size={16} stroke={1.7} />
          <span>{describeRange(range, Date.now(), zone)}</span>
          {zone === "utc" && <span className={classes.zone}>UTC</span>}
          <IconChevronDown size={14} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Choose a time range">
        <div className={classes.popover}>
          <CustomRange key={`${range.from} ${range.to} ${zone}`} range={range} onApply={pick} />
          <div className={classes.quick}>
            {QUICK_RANGES.map((quick) => (
              <UnstyledButton
                key={quick.label}
                aria-pressed={quick.range.from === range.from && quick.range.to === range.to}
                onClick={() => pick(quick.range)}
              >
                {quick.label}
              </UnstyledButton>
            ))}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function CustomRange({ range, onApply }: { range: TimeRange; onApply: (r: TimeRange) => void }) {
  const { zone } = usePreferences();
  const [from, setFrom] = useState(() => editable(range.from, zone));
  const [to, setTo] = useState(() => editable(range.to, zone));
  const now = Date.now();
  const fromError = parseTime(from, now, zone) === undefined && "Not a time";
  const toError = parseTime(to, now, zone) === undefined && "Not a time";
  const valid = resolveRange({ from, to }, now, zone) !== undefined;
  const orderError = !fromError && !toError && !valid && "Ends before it starts";

  const apply = (event: SyntheticEvent) => {
    event.preventDefault();
    if (valid) onApply({ from: stored(from, zone), to: stored(to, zone) });
  };
  return (
    <form className={classes.custom} onSubmit={apply}>
      <TextInput
        label="From"
        value={from}
        error={fromError}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        label="To"
        value={to}
        error={toError || orderError}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <p className={classes.hint}>
        <code>now-1h</code>, <code>now/d</code> or <code>2026-05-01 12:00</code>
      </p>
      <Button type="submit" disabled={!valid}>
        Apply
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="Time zone"
        value={zone}
        onChange={(value) => setPreference("zone", value)}
        data={[
          { value: "local", label: "Local time" },
          { value: "utc", label: "UTC" },
        ]}
      />
    </form>
  );
}

/** Absolute times are kept as milliseconds but edited as dates. */
function editable(text: string, zone: TimeZone): string {
  const ms = text.startsWith("now") ? undefined : parseTime(text, Date.now(), zone);
  return ms === undefined ? text : formatTime(ms, zone);
}

function stored(text: string, zone: TimeZone): string {
  const trimmed = text.trim();
  if (trimmed.startsWith("now")) return trimmed;
  return String(parseTime(trimmed, Date.now(), zone) ?? trimmed);
}
