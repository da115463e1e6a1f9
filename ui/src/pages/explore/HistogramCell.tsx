/** A native histogram in a table: count, sum, mean, and its buckets as bars when opened. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { HistogramBucket, HistogramValue } from "../../api/query";
import { format, formatExact } from "../../lib/format";
import classes from "./HistogramCell.module.css";

export function HistogramCell({ histogram }: { histogram: HistogramValue }) {
  const [opened, setOpened] = useState(false);
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  const largest = Math.max(...histogram.buckets.map(({ count }) => count), 0);
  return (
    <div className={classes.cell}>
      <UnstyledButton
        className={classes.summary}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <Chevron size={14} />
        <span>count {formatExact(histogram.count)}</span>
        <span>sum {format(histogram.sum, "number", 6)}</span>
        <span>mean {format(histogram.sum / histogram.count, "number", 4)}</span>
      </UnstyledButton>
      {opened && (
        <ul className={classes.buckets}>
          {histogram.buckets.map((bucket, index) => (
            <li key={index}>
              <span>{bucketRange(bucket)}</span>
              <div className={classes.bar}>
                <div style={{ width: `${largest > 0 ? (100 * bucket.count) / largest : 0}%` }} />
              </div>
              <span>{formatExact(bucket.count)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Interval notation: a square bracket includes the boundary. */
export function bucketRange({ boundaries, lower, upper }: HistogramBucket): string {
  const open = boundaries === 1 || boundaries === 3 ? "[" : "(";
  const close = boundaries === 0 || boundaries === 3 ? "]" : ")";
  return `${open}${format(lower, "number", 4)}, ${format(upper, "number", 4)}${close}`;
}
