/** Alerts: what fires, what is about to, what is kept quiet and what has ended lately. */
import { Select, Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconBellOff } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link } from "react-router";
import {
  type Alert,
  type AlertSection,
  alertStates,
  GROUP_BY_NOTHING,
  GROUP_BY_RECEIVER,
  groupAlerts,
} from "../../alerting/alerts";
import { RESOLVED_LATELY, useAlerts } from "../../alerting/use-alerts";
import { AlertRow } from "../../components/alerts/AlertRow";
import { Choices } from "../../components/Choices";
import { ErrorNote } from "../../components/ErrorNote";
import { FilterInput } from "../../components/FilterInput";
import { formatMatcher, matchersOf } from "../../lib/matchers";
import { type Labels, sharedLabels } from "../../lib/series";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { silenceLink } from "../silences/silence-url";
import { AlertDrawer } from "./AlertDrawer";
import classes from "./AlertsPage.module.css";
import { alertFilter, readState, withMatcher } from "./filter";

const STATE_NAMES = {
  firing: "Firing",
  pending: "Pending",
  silenced: "Silenced",
  inhibited: "Inhibited",
  resolved: "Resolved",
} as const;

const SECTIONS_MAX = 100;

export default function AlertsPage() {
  const { params, set } = useViewParams();
  const state = readState(params.get("state"));
  const text = params.get("filter") ?? "";
  const by = params.get("by") ?? "alertname";
  const { alerts, isPending, errors, hasRules, groups } = useAlerts();
  const filter = useMemo(() => alertFilter(text), [text]);
  const matching = useMemo(() => alerts.filter(filter.test), [alerts, filter]);
  const shown = state === "all" ? matching : matching.filter((alert) => alert.state === state);
  const sections = groupAlerts(shown, by);
  const firing = alerts.filter((alert) => alert.state === "firing").length;
  const open = params.get("open");
  useTitle(firing > 0 ? `(${firing}) Alerts` : "Alerts");
  useRowKeys();

  const linkTo = (alert: Alert) => {
    const next = new URLSearchParams(params);
    next.set("open", alert.id);
    return `?${next.toString()}`;
  };
  return (
    <div className={classes.page}>
      <div className={classes.filters}>
        <Choices
          label="State"
          value={state}
          onChange={(next) => set("state", next === "all" ? "" : next)}
          choices={[
            { value: "all", label: "All", count: matching.length },
            ...alertStates.map((one) => ({
              value: one,
              label: STATE_NAMES[one],
              count: matching.filter((alert) => alert.state === one).length,
            })),
          ]}
        />
        <div className={classes.narrow}>
          <FilterInput
            className={classes.search}
            label="Filter alerts"
            placeholder={'severity="critical", team=~"infra|web", or words'}
            value={text}
            error={filter.error}
            onChange={(next) => set("filter", next)}
          />
          <Select
            className={classes.by}
            aria-label="Group by"
            searchable
            allowDeselect={false}
            value={by}
            data={groupChoices(alerts, by)}
            onChange={(next) => set("by", next === "alertname" || next === null ? "" : next)}
          />
        </div>
      </div>
      {errors.map((error) => (
        <ErrorNote key={error.message} error={error} />
      ))}
      {isPending && <Skeleton height={260} radius="md" aria-label="Loading" />}
      {!isPending && shown.length === 0 && errors.length === 0 && (
        <Nothing any={alerts.length > 0} hasRules={hasRules} />
      )}
      {sections.slice(0, SECTIONS_MAX).map((section) => (
        <Section key={section.title} section={section} by={by} linkTo={linkTo} />
      ))}
      {sections.length > SECTIONS_MAX && (
        <p className={classes.hint}>
          {sections.length - SECTIONS_MAX} more groups are not listed: narrow the filter above, or
          group otherwise.
        </p>
      )}
      <AlertDrawer
        id={open}
        alert={alerts.find(({ id }) => id === open)}
        isPending={isPending}
        groups={groups}
        onClose={() => set("open", "")}
        onPick={(name, value) =>
          set("filter", withMatcher(text, formatMatcher({ name, op: "=", value })))
        }
      />
    </div>
  );
}

interface SectionProps {
  section: AlertSection;
  by: string;
  linkTo: (alert: Alert) => string;
}

const SHOWN_FIRST = 50;

function Section({ section: { title, alerts }, by, linkTo }: SectionProps) {
  const common = useMemo(() => commonLabels(alerts), [alerts]);
  // A lone alert shows its labels itself.
  const shared =
    alerts.length > 1 ? Object.keys(common).filter((name) => name !== "alertname") : [];
  const named = by !== GROUP_BY_NOTHING && by !== GROUP_BY_RECEIVER;
  const without = named ? [by, ...shared] : [];
  const firing = alerts.filter(({ state }) => state === "firing").length;
  const heading = title || emptyTitle(by);
  return (
    <section className={classes.group} aria-label={heading || "Alerts"}>
      {by !== GROUP_BY_NOTHING && (
        <header>
          <h2>{heading}</h2>
          {named && shared.length > 0 && (
            <span className={classes.shared}>
              {shared.map((name) => `${name}=${common[name] ?? ""}`).join(" · ")}
            </span>
          )}
          <span className={classes.count} data-firing={firing > 0 || undefined}>
            {firing > 0 ? `${firing} firing` : ""}
            {firing > 0 && firing < alerts.length ? ` of ${alerts.length}` : ""}
            {firing === 0 ? alerts.length : ""}
          </span>
          {named && title !== "" && alerts.length > 1 && firing > 0 && (
            <Link
              to={silenceLink({ matchers: matchersOf(common) })}
              className={classes.silence}
              aria-label={`Silence all of ${heading}`}
              title="Silence all"
            >
              <IconBellOff size={16} stroke={1.7} />
            </Link>
          )}
        </header>
      )}
      <ul className={classes.rows}>
        {alerts.slice(0, SHOWN_FIRST).map((alert) => (
          <AlertRow key={alert.id} alert={alert} to={linkTo(alert)} without={without} />
        ))}
      </ul>
      {alerts.length > SHOWN_FIRST && (
        <p className={classes.more}>
          {alerts.length - SHOWN_FIRST} more are not listed: narrow the filter above.
        </p>
      )}
    </section>
  );
}

function commonLabels(alerts: readonly Alert[]): Labels {
  const shared = sharedLabels(alerts.map(({ labels }) => labels));
  const labels = Object.entries(alerts[0]?.labels ?? {});
  return Object.fromEntries(labels.filter(([name]) => shared.has(name)));
}

function emptyTitle(by: string): string {
  if (by === GROUP_BY_NOTHING) return "";
  return by === GROUP_BY_RECEIVER ? "Not sent to anybody" : `Without ${by}`;
}

function Nothing({ any, hasRules }: { any: boolean; hasRules: boolean }) {
  if (any) return <p className={classes.nothing}>No alert is like that. Widen the filter above.</p>;
  return (
    <p className={classes.nothing}>
      {hasRules
        ? `All is well: no alert fires, and none has in the last ${RESOLVED_LATELY}.`
        : "Nothing is watched yet. Name your rule files under alerting.rules in bellwether.yml; what they find appears here."}
    </p>
  );
}

function groupChoices(alerts: readonly Alert[], by: string) {
  const labels = new Set(alerts.flatMap((alert) => Object.keys(alert.labels)));
  labels.add("alertname");
  if (!by.startsWith("@")) labels.add(by);
  return [
    {
      group: "By label",
      items: [...labels].sort().map((name) => ({ value: name, label: `By ${name}` })),
    },
    {
      group: "Otherwise",
      items: [
        { value: GROUP_BY_RECEIVER, label: "By receiver" },
        { value: GROUP_BY_NOTHING, label: "Not grouped" },
      ],
    },
  ];
}

/** J and K walk through the list. */
function useRowKeys() {
  const walk = (step: 1 | -1) => {
    const rows = [...document.querySelectorAll<HTMLElement>("a[data-alert]")];
    const at = rows.findIndex((row) => row === document.activeElement);
    rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  };
  useHotkeys([
    ["J", () => walk(1)],
    ["K", () => walk(-1)],
  ]);
}
