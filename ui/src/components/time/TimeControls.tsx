/** Time range, zoom out and refresh interval: one group of controls for every page with graphs. */
import { ActionIcon, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconCheck,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconRefresh,
  IconZoomOut,
} from "@tabler/icons-react";
import { formatDuration } from "../../lib/duration";
import { usePreferences } from "../../lib/preferences";
import { isRelative, resolveRange, shifted } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";
import { RangePicker } from "./RangePicker";
import classes from "./TimeControls.module.css";

const REFRESH_CHOICES_MS = [5_000, 10_000, 30_000, 60_000, 300_000] as const;

interface Props {
  time: TimeParams;
  onRefresh: () => void;
  refreshing: boolean;
  /** Steps to the range before and after. */
  withShift?: boolean;
}

export function TimeControls({ time, onRefresh, refreshing, withShift = false }: Props) {
  const { zone } = usePreferences();
  const shift = (direction: -1 | 1) => {
    const span = resolveRange(time.range, Date.now(), zone);
    if (span) time.zoomTo(shifted(span, direction));
  };
  return (
    <div className={classes.controls} role="group" aria-label="Time">
      {withShift && (
        <ActionIcon size={34} aria-label="Earlier" onClick={() => shift(-1)}>
          <IconChevronLeft size={18} />
        </ActionIcon>
      )}
      <RangePicker range={time.range} onChange={time.setRange} />
      {withShift && (
        <ActionIcon size={34} aria-label="Later" onClick={() => shift(1)}>
          <IconChevronRight size={18} />
        </ActionIcon>
      )}
      <Tooltip label="Zoom out">
        <ActionIcon size={34} aria-label="Zoom out" onClick={time.zoomOut}>
          <IconZoomOut size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <div className={classes.refresh}>
        <Tooltip label="Refresh now">
          <UnstyledButton
            className={classes.refreshNow}
            onClick={onRefresh}
            aria-label="Refresh now"
            data-busy={refreshing || undefined}
          >
            <IconRefresh size={17} stroke={1.7} />
          </UnstyledButton>
        </Tooltip>
        <Menu>
          <Menu.Target>
            <UnstyledButton className={classes.interval} aria-label="Refresh interval">
              {time.refreshMs === false ? "Off" : formatDuration(time.refreshMs / 1000)}
              <IconChevronDown size={14} />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Refresh every</Menu.Label>
            {([false, ...REFRESH_CHOICES_MS] as const).map((ms) => (
              <Menu.Item
                key={String(ms)}
                disabled={ms !== false && !isRelative(time.range)}
                rightSection={ms === time.refreshMs ? <IconCheck size={14} /> : undefined}
                onClick={() => time.setRefresh(ms)}
              >
                {ms === false ? "Off" : formatDuration(ms / 1000)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}
