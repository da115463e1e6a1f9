/** One number that matters, where it comes from, and its recent shape. */
import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { Sparkline } from "./Sparkline";
import classes from "./StatTile.module.css";

export type Tone = "calm" | "good" | "warn" | "bad";

interface Props {
  label: string;
  value: string | undefined;
  detail?: ReactNode;
  tone?: Tone;
  loading: boolean;
  /** `null` keeps room for a line that is still to come. */
  spark?: Float64Array | null;
  sparkAtLeast?: number | undefined;
}

const toneColor: Record<Tone, string> = {
  calm: "var(--bw-accent)",
  good: "var(--bw-good)",
  warn: "var(--bw-warn)",
  bad: "var(--bw-bad)",
};

export function StatTile({
  label,
  value,
  detail,
  tone = "calm",
  loading,
  spark,
  sparkAtLeast,
}: Props) {
  return (
    <section className={classes.tile} data-tone={tone} aria-label={label}>
      <h3 className={classes.label}>{label}</h3>
      {loading ? (
        <Skeleton height={26} width={84} my={5} />
      ) : (
        <div className={classes.value}>{value ?? "–"}</div>
      )}
      <div className={classes.detail}>{detail ?? "\u00a0"}</div>
      {spark !== undefined && (
        <div className={classes.spark}>
          {spark && <Sparkline values={spark} color={toneColor[tone]} atLeast={sparkAtLeast} />}
        </div>
      )}
    </section>
  );
}
