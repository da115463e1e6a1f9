/** Quality: which alerts flap, which never fire or always do, and who hears how much. */
import { Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { type AlertQuality, FLAPS_MIN, type Verdict } from "../../alerting/quality";
import { Badge, SeverityBadge } from "../../components/alerts/Badges";
import { Choices } from "../../components/Choices";
import { ErrorNote } from "../../components/ErrorNote";
import { formatAge, formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { Panel } from "../../panels/Panel";
import classes from "./AlertQualityPage.module.css";
import { REPORT_RANGES, type ReportRange, useQuality, useReceiverNoise } from "./use-quality";

const VERDICTS = {
  flapping: {
    label: "Flapping",
    tone: "critical",
    advice: "Comes and goes: make it wait longer, or move its bound.",
  },
  always: {
    label: "Always firing",
    tone: "warning",
    advice: "Nobody looks at what never ends.",
  },
  never: { label: "Never fired", tone: "none", advice: "Either all is well, or it cannot fire." },
  fine: { label: "Fine", tone: "good", advice: "" },
} as const;

const RANGE_NAMES: Record<ReportRange, string> = {
  "1d": "1 day",
  "7d": "7 days",
  "30d": "30 days",
};
const VERDICT_ORDER: readonly Verdict[] = ["flapping", "always", "never", "fine"];

export default function AlertQualityPage() {
  useTitle("Alert quality");
  const { params, set } = useViewParams();
  const range = REPORT_RANGES.find((one) => one === params.get("range")) ?? "7d";
  const verdict = VERDICT_ORDER.find((one) => one === params.get("verdict")) ?? "all";
  const { report, watchedSeconds, isPending, error, isStale } = useQuality(range);
  const shown = useMemo(
    () => (report ?? []).filter((one) => verdict === "all" || one.verdict === verdict),
    [report, verdict],
  );
  return (
    <div className={classes.page} aria-busy={isStale}>
      <div className={classes.filters}>
        <Choices
          label="Verdict"
          value={verdict}
          onChange={(next) => set("verdict", next === "all" ? "" : next)}
          choices={[
            { value: "all" as const, label: "All", count: report?.length },
            ...VERDICT_ORDER.map((one) => ({
              value: one,
              label: VERDICTS[one].label,
              count: report?.filter((quality) => quality.verdict === one).length,
            })),
          ]}
        />
        <Choices
          label="Range"
          value={range}
          onChange={(next) => set("range", next === "7d" ? "" : next)}
          choices={REPORT_RANGES.map((one) => ({ value: one, label: RANGE_NAMES[one] }))}
        />
      </div>
      {error && !report && <ErrorNote error={error} />}
      {isPending && <Skeleton height={300} radius="md" aria-label="Loading" />}
      {report && !isPending && shown.length === 0 && (
        <p className={classes.nothing}>
          {report.length === 0
            ? "There are no alerting rules, and no alert was seen in this time."
            : "No alert is like that."}
        </p>
      )}
      {shown.length > 0 && <QualityTable report={shown} watchedSeconds={watchedSeconds ?? 0} />}
      {report && (
        <p className={classes.hint}>
          Watched for {formatAge(watchedSeconds ?? 0)} of the {RANGE_NAMES[range]}. An alert flaps
          when one label set fired {FLAPS_MIN} times or more, for less than an hour each on average.
        </p>
      )}
      <Noise range={range} />
    </div>
  );
}

interface TableProps {
  report: readonly AlertQuality[];
  watchedSeconds: number;
}

function QualityTable({ report, watchedSeconds }: TableProps) {
  return (
    <div className={classes.scroller}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Alert</th>
            <th scope="col">Verdict</th>
            <th scope="col" data-number>
              Fired
            </th>
            <th scope="col" data-number>
              In all
            </th>
            <th scope="col" data-number>
              On average
            </th>
            <th scope="col" data-number>
              Label sets
            </th>
          </tr>
        </thead>
        <tbody>
          {report.map((quality) => (
            <QualityRow key={quality.name} quality={quality} watchedSeconds={watchedSeconds} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  quality: AlertQuality;
  watchedSeconds: number;
}

function QualityRow({ quality, watchedSeconds }: RowProps) {
  const { name, severities, verdict, instances, timesFired, firingSeconds, meanSeconds } = quality;
  const { label, tone, advice } = VERDICTS[verdict];
  return (
    <tr>
      <th scope="row">
        <Link to={`/alerts/rules?search=${encodeURIComponent(name)}`}>{name}</Link>{" "}
        {severities.map((severity) => (
          <SeverityBadge key={severity} severity={severity} />
        ))}
      </th>
      <td data-label="Verdict">
        <Badge tone={tone}>{label}</Badge>
        {advice !== "" && <small className={classes.advice}>{advice}</small>}
      </td>
      <td data-number data-label="Fired">
        {timesFired === 0 ? "–" : `${formatCount(timesFired)}×`}
      </td>
      <td data-number data-label="In all">
        {firingSeconds === 0 ? "–" : formatAge(firingSeconds)}
        {instances === 1 && watchedSeconds > 0 && firingSeconds > 0 && (
          <small>{percent(firingSeconds / watchedSeconds)}</small>
        )}
      </td>
      <td data-number data-label="On average">
        {Number.isNaN(meanSeconds) ? "–" : formatAge(meanSeconds)}
      </td>
      <td data-number data-label="Label sets">
        {instances === 0 ? "–" : formatCount(instances)}
      </td>
    </tr>
  );
}

function percent(share: number): string {
  const value = Math.min(100, share * 100);
  return value < 1 ? "<1%" : `${Math.round(value)}%`;
}

function Noise({ range }: { range: ReportRange }) {
  const { data, error, isPending } = useReceiverNoise(range);
  const most = Math.max(1, ...(data ?? []).map(({ sent, failed }) => sent + failed));
  return (
    <Panel
      title="Noise by receiver"
      subtitle={`notifications in ${RANGE_NAMES[range]}`}
      loading={isPending}
      error={data ? null : error}
      empty={
        data?.length === 0 ? "Nobody was notified in this time, as far as metrics tell." : undefined
      }
      height={90}
    >
      <ul className={classes.noise}>
        {(data ?? []).map(({ receiver, integration, sent, failed }) => (
          <li key={`${receiver} ${integration}`}>
            <span
              className={classes.bar}
              style={{ width: `${((sent + failed) / most) * 100}%` }}
              aria-hidden="true"
            />
            <span className={classes.over}>
              <Link to={`/alerts/notifications?receiver=${encodeURIComponent(receiver)}`}>
                {receiver}
              </Link>{" "}
              {integration}
            </span>
            <span className={classes.over}>
              {formatCount(sent)} sent
              {failed > 0 && <em>, {formatCount(failed)} failed</em>}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
