/** The labels of a metric and their values, each value a way to narrow the series. */
import { Skeleton, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { fetchSeries } from "../../api/labels";
import { ErrorNote } from "../../components/ErrorNote";
import { formatCount } from "../../lib/format";
import { metricSelector } from "../../lib/series";
import classes from "./MetricsBrowser.module.css";

interface Props {
  metric: string;
  matchers: ReadonlyMap<string, string>;
  onChange: (matchers: ReadonlyMap<string, string>) => void;
}

const SERIES_MAX = 5_000;
const VALUES_SHOWN = 12;
const LOOKBACK_SECONDS = 3_600;

export function LabelDrill({ metric, matchers, onChange }: Props) {
  const { data, error, isPending } = useQuery({
    queryKey: ["series", metric],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const end = Math.ceil(Date.now() / 1000);
      const scope = { start: end - LOOKBACK_SECONDS, end, limit: SERIES_MAX };
      return fetchSeries(metricSelector(metric), scope, signal);
    },
  });
  const matching = useMemo(
    () => (data ?? []).filter((s) => [...matchers].every(([label, value]) => s[label] === value)),
    [data, matchers],
  );
  const labels = useMemo(() => countLabels(matching), [matching]);
  if (error) return <ErrorNote error={error} />;
  if (isPending) return <Skeleton height={120} />;

  const toggle = (label: string, value: string) => {
    const next = new Map(matchers);
    if (next.get(label) === value) next.delete(label);
    else next.set(label, value);
    onChange(next);
  };
  return (
    <div>
      <p className={classes.count}>
        {formatCount(matching.length)}
        {data.length >= SERIES_MAX && "+"} series in the last hour
      </p>
      {labels.map(([label, values]) => (
        <LabelValues
          key={label}
          label={label}
          values={values}
          chosen={matchers.get(label)}
          onToggle={(value) => toggle(label, value)}
        />
      ))}
    </div>
  );
}

interface ValuesProps {
  label: string;
  values: [string, number][];
  chosen: string | undefined;
  onToggle: (value: string) => void;
}

function LabelValues({ label, values, chosen, onToggle }: ValuesProps) {
  const [all, setAll] = useState(false);
  const shown = all ? values : values.slice(0, VALUES_SHOWN);
  return (
    <div className={classes.label}>
      <span className={classes.labelName}>{label}</span>
      <div className={classes.values}>
        {shown.map(([value, count]) => (
          <UnstyledButton
            key={value}
            className={classes.value}
            aria-pressed={value === chosen}
            onClick={() => onToggle(value)}
          >
            <span>{value || "(empty)"}</span>
            <small>{formatCount(count)}</small>
          </UnstyledButton>
        ))}
        {values.length > shown.length && (
          <UnstyledButton className={classes.more} onClick={() => setAll(true)}>
            {values.length - shown.length} more
          </UnstyledButton>
        )}
      </div>
    </div>
  );
}

/** Labels with the number of series for each value; the most telling values first. */
export function countLabels(
  series: readonly Record<string, string>[],
): [string, [string, number][]][] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [label, value] of Object.entries(labels)) {
      if (label === "__name__") continue;
      const values = counts.get(label) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(label, values);
    }
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, values]) => [
      label,
      [...values].sort(([a, x], [b, y]) => y - x || a.localeCompare(b, "en", { numeric: true })),
    ]);
}
