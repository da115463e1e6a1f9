/** Routing: the tree that decides who is told of what, with a test of where labels would lead. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ALERTING_KEY, useAttempts } from "../../alerting/use-alerts";
import { receiverHealth } from "../../alerting/notified";
import { fetchRouting, type Routing, testRoute } from "../../api/alerting";
import { fetchAlertmanagerConfig } from "../../api/alertmanager";
import { MatcherList } from "../../components/alerts/LabelList";
import { ErrorNote } from "../../components/ErrorNote";
import { FilterInput } from "../../components/FilterInput";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { Panel } from "../../panels/Panel";
import { parseLabels } from "./labels";
import { Matches } from "./Matches";
import { RouteBox } from "./RouteBox";
import classes from "./RoutingPage.module.css";

export default function RoutingPage() {
  useTitle("Routing");
  const { params, set } = useViewParams();
  const text = params.get("labels") ?? "";
  const { data, error, isPending } = useQuery({
    queryKey: [ALERTING_KEY, "routing"],
    queryFn: ({ signal }) => fetchRouting(signal),
  });
  const parsed = useMemo(() => parseLabels(text), [text]);
  const test = useQuery({
    queryKey: [ALERTING_KEY, "route test", parsed.labels],
    queryFn: ({ signal }) => testRoute(parsed.labels ?? {}, signal),
    enabled: Boolean(data) && parsed.labels !== undefined,
  });
  const matches = parsed.labels === undefined ? undefined : test.data;

  if (isPending) return <Skeleton height={300} radius="md" aria-label="Loading" />;
  if (error && data === undefined) return <ErrorNote error={error} />;
  if (!data) return <OnlyConfig />;
  return (
    <div className={classes.page}>
      <section className={classes.test} aria-label="Test">
        <FilterInput
          label="Labels of an alert"
          placeholder={'Where would an alert go? severity="critical", team="web"'}
          value={text}
          error={parsed.error}
          onChange={(next) => set("labels", next)}
        />
        {test.error && <ErrorNote error={test.error} />}
        {matches && <Matches matches={matches} />}
      </section>
      <section aria-label="Routing tree">
        <RouteBox route={data.route} matches={matches} isRoot />
      </section>
      <div className={classes.lower}>
        <Receivers routing={data} />
        <InhibitRules rules={data.inhibitRules} />
      </div>
    </div>
  );
}

function Receivers({ routing: { receivers, timeIntervals } }: { routing: Routing }) {
  const attempts = useAttempts();
  const failing = new Set(
    receiverHealth(attempts.data ?? [])
      .filter(({ isFailing }) => isFailing)
      .map(({ receiver }) => receiver),
  );
  return (
    <Panel title="Receivers" subtitle={`${receivers.length}`}>
      <ul className={classes.receivers}>
        {receivers.map(({ name, integrations }) => (
          <li key={name}>
            <strong>{name}</strong>
            <span>{integrations.join(", ") || "tells nobody"}</span>
            {failing.has(name) && <em>failing</em>}
          </li>
        ))}
      </ul>
      {timeIntervals.length > 0 && (
        <p className={classes.intervals}>Time intervals: {timeIntervals.join(", ")}</p>
      )}
    </Panel>
  );
}

function InhibitRules({ rules }: { rules: Routing["inhibitRules"] }) {
  return (
    <Panel
      title="Inhibition"
      subtitle="which alerts keep others quiet"
      empty={rules.length === 0 ? "No alert keeps another quiet." : undefined}
      height={80}
    >
      <ul className={classes.inhibit}>
        {rules.map(({ sourceMatchers, targetMatchers, equal }, index) => (
          // Rules have no name, and two may be alike.
          <li key={index}>
            <span>While</span> <MatcherList matchers={sourceMatchers} /> <span>fires,</span>{" "}
            <MatcherList matchers={targetMatchers} /> <span>is quiet</span>
            {equal.length > 0 && <span>with the same {equal.join(", ")}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** A real Alertmanager has no picture of its tree, but its configuration can be read. */
function OnlyConfig() {
  const { data, error, isPending } = useQuery({
    queryKey: [ALERTING_KEY, "config"],
    queryFn: ({ signal }) => fetchAlertmanagerConfig(signal),
  });
  if (isPending) return <Skeleton height={300} radius="md" aria-label="Loading" />;
  if (error) return <ErrorNote error={error} />;
  if (data === null) {
    return (
      <p className={classes.nothing}>
        This server routes no alerts. Name your alertmanager.yml under alerting.alertmanager in
        bellwether.yml.
      </p>
    );
  }
  return (
    <div className={classes.page}>
      <p className={classes.hint}>This server does not tell its routing tree, only its text.</p>
      <pre className={classes.yaml} tabIndex={0}>
        {data}
      </pre>
    </div>
  );
}
