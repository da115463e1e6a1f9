/** What the series store holds, and which names and labels make it large. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { fetchTsdbStatus } from "../../api/status";
import { ErrorNote } from "../../components/ErrorNote";
import { format, formatAge, formatCount } from "../../lib/format";
import { metricSelector } from "../../lib/series";
import { Panel } from "../../panels/Panel";
import { exploreLink } from "../explore/explore-url";
import { StatTile } from "../../panels/stat/StatTile";
import classes from "./StatusPage.module.css";

const TOP = 15;
const REFRESH_MS = 15_000;

export function StorePanels() {
  const { data, error } = useQuery({
    queryKey: ["status", "tsdb"],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => fetchTsdbStatus(TOP, signal),
  });
  if (!data) return error ? <ErrorNote error={error} /> : <Skeleton height={320} radius="md" />;
  const { headStats: head } = data;
  const spanSeconds = Math.max(0, head.maxTime - head.minTime) / 1000;
  return (
    <div className={classes.store}>
      <div className={classes.tiles}>
        <StatTile
          label="Series"
          value={formatCount(head.numSeries)}
          detail="in the head"
          loading={false}
        />
        <StatTile
          label="Chunks"
          value={counted(head.chunkCount)}
          detail="in the head"
          loading={false}
        />
        <StatTile
          label="Label pairs"
          value={counted(head.numLabelPairs)}
          detail="different ones"
          loading={false}
        />
        <StatTile
          label="Time covered"
          value={formatAge(spanSeconds)}
          detail="by the head"
          loading={false}
        />
      </div>
      <div className={classes.two}>
        <TopList
          title="Series by metric"
          rows={data.seriesCountByMetricName}
          show={formatCount}
          linkOf={(name) => exploreLink(`count by (job, instance) (${metricSelector(name)})`)}
        />
        <TopList
          title="Series by label pair"
          rows={data.seriesCountByLabelValuePair}
          show={formatCount}
        />
        <TopList
          title="Values by label"
          rows={data.labelValueCountByLabelName}
          show={formatCount}
        />
        <TopList
          title="Memory by label"
          rows={data.memoryInBytesByLabelName}
          show={(bytes) => format(bytes, "bytes")}
        />
      </div>
    </div>
  );
}

interface TopListProps {
  title: string;
  rows: readonly { name: string; value: number }[];
  show: (value: number) => string;
  linkOf?: (name: string) => string;
}

function TopList({ title, rows, show, linkOf }: TopListProps) {
  const largest = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <Panel
      title={title}
      subtitle={`the largest ${TOP}`}
      empty={rows.length === 0 ? "Nothing yet." : undefined}
    >
      <ol className={classes.top}>
        {rows.map(({ name, value }) => (
          <li key={name}>
            <span className={classes.topBar} style={{ width: `${(100 * value) / largest}%` }} />
            <span className={classes.topName} title={name}>
              {linkOf ? <Link to={linkOf(name)}>{name}</Link> : name}
            </span>
            <span>{show(value)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function counted(count: number | undefined): string {
  return count === undefined ? "–" : formatCount(count);
}
