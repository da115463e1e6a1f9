/** Finds a metric by name, type or help, narrows it by labels, and makes a query of it. */
import {
  Button,
  Modal,
  SegmentedControl,
  Skeleton,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { ErrorNote } from "../../components/ErrorNote";
import { formatCount } from "../../lib/format";
import { matcher, metricSelector } from "../../lib/series";
import { LabelDrill } from "./LabelDrill";
import classes from "./MetricsBrowser.module.css";
import {
  byCardinality,
  type Metric,
  searchMetrics,
  suggestedQuery,
  useMetrics,
  useSeriesCounts,
} from "./use-metrics";

interface Props {
  onClose: () => void;
  onUse: (expr: string) => void;
}

const ROW_HEIGHT_PX = 52;

export default function MetricsBrowser({ onClose, onUse }: Props) {
  const narrow = useMediaQuery("(max-width: 48em)");
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 120);
  const [chosen, setChosen] = useState<Metric | null>(null);
  const [matchers, setMatchers] = useState<ReadonlyMap<string, string>>(new Map());
  const { data: metrics, error, isPending } = useMetrics();
  const [order, setOrder] = useState<"name" | "series">("name");
  const counts = useSeriesCounts();
  const found = useMemo(() => {
    const hits = searchMetrics(metrics ?? [], search);
    return order === "series" ? byCardinality(hits, counts) : hits;
  }, [metrics, search, order, counts]);

  const choose = (metric: Metric) => {
    setChosen(metric);
    setMatchers(new Map());
  };
  const selector = chosen ? selectorOf(chosen.name, matchers) : "";
  return (
    <Modal
      opened
      onClose={onClose}
      title="Metrics"
      size={960}
      fullScreen={narrow}
      classNames={{ body: classes.body ?? "" }}
    >
      <TextInput
        data-autofocus
        aria-label="Search metrics"
        placeholder="Search by name, type or help"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        description={metrics && `${found.length} of ${metrics.length} metrics`}
        inputWrapperOrder={["label", "input", "description"]}
      />
      <SegmentedControl
        size="xs"
        aria-label="Order"
        value={order}
        onChange={(next) => setOrder(next)}
        data={[
          { value: "name", label: "By name" },
          { value: "series", label: "By number of series" },
        ]}
        style={{ justifySelf: "start" }}
      />
      {error && <ErrorNote error={error} />}
      {isPending && <Skeleton height={320} />}
      {metrics && (
        <div className={classes.columns}>
          <MetricList metrics={found} counts={counts} chosen={chosen} onChoose={choose} />
          <div className={classes.detail}>
            {chosen ? (
              <>
                <h3>{chosen.name}</h3>
                <p>{chosen.help || "Nobody wrote a help text for this metric."}</p>
                <LabelDrill metric={chosen.name} matchers={matchers} onChange={setMatchers} />
                <code className={classes.selector}>{selector}</code>
                <div className={classes.actions}>
                  <Button onClick={() => onUse(suggestedQuery(chosen, selector))}>
                    Use {chosen.type === "counter" ? "as a rate" : "in query"}
                  </Button>
                  {suggestedQuery(chosen, selector) !== selector && (
                    <Button variant="default" onClick={() => onUse(selector)}>
                      Use as it is
                    </Button>
                  )}
                </div>
              </>
            ) : (
              <p>Choose a metric to see its labels.</p>
            )}
          </div>
        </div>
      )}
    </Modal>
  );
}

interface ListProps {
  metrics: readonly Metric[];
  counts: ReadonlyMap<string, number>;
  chosen: Metric | null;
  onChoose: (metric: Metric) => void;
}

function MetricList({ metrics, counts, chosen, onChoose }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: metrics.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 8,
  });
  return (
    <div ref={scroller} className={classes.list}>
      <ul style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const metric = metrics[index];
          if (!metric) return null;
          const count = counts.get(metric.name);
          return (
            <li key={metric.name} style={{ transform: `translateY(${start}px)` }}>
              <UnstyledButton
                className={classes.metric}
                aria-pressed={metric.name === chosen?.name}
                onClick={() => onChoose(metric)}
              >
                <span className={classes.name}>
                  <span>{metric.name}</span>
                  <small>
                    {metric.type !== "" && <em>{metric.type}</em>}
                    {count !== undefined && ` ${formatCount(count)} series`}
                  </small>
                </span>
                <span className={classes.help}>{metric.help || "\u00a0"}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function selectorOf(metric: string, matchers: ReadonlyMap<string, string>): string {
  const conditions = [...matchers].map(([label, value]) => matcher(label, value));
  const name = metricSelector(metric);
  if (conditions.length === 0) return name;
  // A quoted name already stands within braces.
  if (name.endsWith("}")) return `${name.slice(0, -1)}, ${conditions.join(", ")}}`;
  return `${name}{${conditions.join(", ")}}`;
}
