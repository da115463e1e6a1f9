/** One side of Explore: its queries, and their answers as a graph or a table. */
import { ActionIcon, Button, SegmentedControl, Select, Skeleton, Tooltip } from "@mantine/core";
import { useClipboard, useHotkeys } from "@mantine/hooks";
import {
  IconColumns2,
  IconDownload,
  IconLink,
  IconPhoto,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconX,
} from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { downloadText } from "../../lib/csv";
import { formatDuration } from "../../lib/duration";
import { downloadPng, type LegendEntry } from "../../lib/png";
import type { TimeParams } from "../../lib/use-time-params";
import classes from "./ExplorePage.module.css";
import { letter, QUERIES_MAX, type Side } from "./explore-url";
import { instantCsv, rangeCsv } from "./exports";
import { GraphView } from "./GraphView";
import { QueryRow } from "./QueryRow";
import { StartHere } from "./StartHere";
import { TableView } from "./TableView";
import { type QueryAnswer, useInstantAnswers, useRangeAnswers } from "./use-answers";
import { useExplore } from "./use-explore";

const MetricsBrowser = lazy(() => import("./MetricsBrowser"));

const STEPS_SECONDS = [1, 5, 15, 30, 60, 300, 900, 3600];

interface Props {
  side: Side;
  time: TimeParams;
  /** Opens a second side beside this one, or closes this one. */
  onSplit: () => void;
  isSplit: boolean;
}

export function ExplorePane({ side, time, onSplit, isSplit }: Props) {
  const explore = useExplore(side);
  const { state, drafts } = explore;
  const results = useRef<HTMLElement>(null);
  const legend = useRef<readonly LegendEntry[]>([]);
  const rememberLegend = useCallback((entries: LegendEntry[]) => {
    legend.current = entries;
  }, []);
  const [browsingFor, setBrowsingFor] = useState<number | null>(null);
  const isGraph = state.view === "graph";
  const ranges = useRangeAnswers(state, time, isGraph);
  const instants = useInstantAnswers(state, time, !isGraph);
  const answers: readonly (QueryAnswer<unknown> & (typeof ranges | typeof instants)[number])[] =
    isGraph ? ranges : instants;
  const running = answers.some(({ fetching }) => fetching);
  const asked = answers.length > 0;
  const hasResults = running || answers.some(({ error }) => !error);
  useHotkeys(
    side === "left"
      ? [
          ["alt+G", () => explore.commit({ view: "graph" })],
          ["alt+T", () => explore.commit({ view: "table" })],
        ]
      : [],
    [],
    true,
  );

  const download = () => {
    const text = isGraph
      ? rangeCsv(
          ranges.flatMap(({ letter: origin, answer }) =>
            answer ? [{ letter: origin, ...answer.data }] : [],
          ),
        )
      : instantCsv(instants.flatMap(({ answer }) => answer?.data.samples ?? []));
    downloadText("bellwether-explore.csv", text);
  };
  const picture = () => {
    if (!results.current) return;
    const style = getComputedStyle(results.current);
    downloadPng("bellwether-explore.png", results.current, {
      title: drafts.map(({ expr }) => expr).join("   "),
      legend: legend.current,
      background: style.getPropertyValue("--bw-surface").trim() || "#fff",
      text: style.getPropertyValue("--bw-text").trim() || "#000",
    });
  };
  const browsed = drafts.find(({ id }) => id === browsingFor);

  return (
    <section className={classes.pane} aria-label={side === "left" ? "Queries" : "Queries beside"}>
      <div className={classes.queries}>
        {drafts.map((draft, index) => (
          <QueryRow
            key={draft.id}
            letter={letter(index)}
            draft={draft}
            answer={answers.find((answer) => answer.letter === letter(index))}
            autoFocus={index === 0 && draft.expr === ""}
            onEdit={(expr) => explore.edit(draft.id, expr)}
            onRun={explore.run}
            onToggle={() => explore.toggle(draft.id)}
            onDuplicate={() => explore.duplicate(draft.id)}
            onRemove={() => explore.remove(draft.id)}
            onBrowse={() => setBrowsingFor(draft.id)}
          />
        ))}
        <div className={classes.queryTools}>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={15} />}
            disabled={drafts.length >= QUERIES_MAX}
            onClick={() => explore.add()}
          >
            Add query
          </Button>
          <ShareTools
            onCsv={download}
            onPng={isGraph ? picture : undefined}
            canDownload={answers.some(({ answer }) => answer)}
          />
          <div className={classes.run}>
            <Tooltip label={side === "right" ? "Close this side" : "Other queries beside these"}>
              <ActionIcon
                size={30}
                aria-label={side === "right" ? "Close this side" : "Split"}
                disabled={side === "left" && isSplit}
                onClick={onSplit}
              >
                {side === "right" ? <IconX size={17} /> : <IconColumns2 size={17} />}
              </ActionIcon>
            </Tooltip>
            {running ? (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPlayerStop size={15} />}
                onClick={explore.cancel}
              >
                Cancel
              </Button>
            ) : (
              <Tooltip label="Shift Enter in the editor">
                <Button size="xs" leftSection={<IconPlayerPlay size={15} />} onClick={explore.run}>
                  Run
                </Button>
              </Tooltip>
            )}
          </div>
        </div>
      </div>
      {asked && hasResults && (
        <section ref={results} className={classes.results} aria-label="Results" aria-busy={running}>
          <div className={classes.resultHead}>
            <SegmentedControl
              size="xs"
              aria-label="Show as"
              value={state.view}
              onChange={(view) => explore.commit({ view: view })}
              data={[
                { value: "graph", label: "Graph" },
                { value: "table", label: "Table" },
              ]}
            />
          </div>
          {running && answers.every(({ answer }) => !answer) && (
            <Skeleton height={380} radius="md" />
          )}
          {isGraph ? (
            <GraphView
              answers={ranges}
              draw={state.draw}
              onDraw={(draw) => explore.commit({ draw })}
              time={time}
              onLegend={rememberLegend}
              tools={<StepSelect step={state.step} onChange={(step) => explore.commit({ step })} />}
            />
          ) : (
            <TableView answers={instants} />
          )}
          {!running && <NothingFound answers={answers} />}
        </section>
      )}
      {!asked && (
        <StartHere
          onPick={(expr) => explore.replace(drafts[0]?.id ?? 0, expr)}
          onBrowse={() => setBrowsingFor(drafts[0]?.id ?? null)}
        />
      )}
      {browsed && (
        <Suspense>
          <MetricsBrowser
            onClose={() => setBrowsingFor(null)}
            onUse={(expr) => {
              setBrowsingFor(null);
              explore.replace(browsed.id, expr);
            }}
          />
        </Suspense>
      )}
    </section>
  );
}

interface ShareProps {
  onCsv: () => void;
  onPng: (() => void) | undefined;
  canDownload: boolean;
}

function ShareTools({ onCsv, onPng, canDownload }: ShareProps) {
  const clipboard = useClipboard({ timeout: 1_500 });
  const common = { size: "compact-sm", variant: "subtle", color: "gray" } as const;
  return (
    <div className={classes.share}>
      <Button
        {...common}
        leftSection={<IconLink size={15} />}
        onClick={() => clipboard.copy(window.location.href)}
      >
        {clipboard.copied ? "Copied" : "Copy link"}
      </Button>
      <Button
        {...common}
        leftSection={<IconDownload size={15} />}
        disabled={!canDownload}
        onClick={onCsv}
      >
        CSV
      </Button>
      {onPng && (
        <Button
          {...common}
          leftSection={<IconPhoto size={15} />}
          disabled={!canDownload}
          onClick={onPng}
        >
          PNG
        </Button>
      )}
    </div>
  );
}

function StepSelect({
  step,
  onChange,
}: {
  step: number | undefined;
  onChange: (s: number | undefined) => void;
}) {
  const choices = [...new Set([...STEPS_SECONDS, ...(step === undefined ? [] : [step])])].sort(
    (a, b) => a - b,
  );
  return (
    <Select
      size="xs"
      w={124}
      aria-label="Step"
      allowDeselect={false}
      value={step === undefined ? "auto" : String(step)}
      onChange={(value) => onChange(value === "auto" || value === null ? undefined : Number(value))}
      data={[
        { value: "auto", label: "Step: auto" },
        ...choices.map((seconds) => ({
          value: String(seconds),
          label: `Step: ${formatDuration(seconds)}`,
        })),
      ]}
    />
  );
}

function NothingFound({ answers }: { answers: readonly QueryAnswer<unknown>[] }) {
  const empty = answers.every(({ answer, error }) => answer && !error && isEmpty(answer.data));
  if (!empty) return null;
  return (
    <p className={classes.nothing}>
      Nothing matches in this time range. Try a longer range, or look up the metric&apos;s name with
      the metrics browser.
    </p>
  );
}

function isEmpty(data: unknown): boolean {
  const { series, samples, text, histograms } = data as {
    series?: unknown[];
    samples?: unknown[];
    text?: string;
    histograms?: unknown[];
  };
  return (series ?? samples ?? []).length === 0 && text === undefined && !histograms?.length;
}
