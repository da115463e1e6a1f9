/** Ctrl-K: jump to a page, an alert, a dashboard, a service, or to a metric in Explore. */
import { Modal, TextInput } from "@mantine/core";
import {
  IconBell,
  IconBox,
  IconChartLine,
  IconCode,
  IconLayoutDashboard,
  IconSearch,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { type Alert, alertStates } from "../../alerting/alerts";
import { useAlerts } from "../../alerting/use-alerts";
import type { DashboardHit } from "../../api/dashboards";
import { matcher, metricSelector } from "../../lib/series";
import { dashboardLink, findHits } from "../../dashboard/find";
import { exploreLink } from "../../pages/explore/explore-url";
import { searchMetrics, suggestedQuery } from "../../pages/explore/use-metrics";
import { summaryOf } from "../alerts/AlertRow";
import { alertingPages, pages } from "./pages";
import classes from "./Palette.module.css";
import { type Service, usePaletteData } from "./use-palette-data";

interface Entry {
  key: string;
  group: "Pages" | "Alerts" | "Dashboards" | "Services" | "Metrics" | "Query";
  icon: ReactNode;
  title: string;
  hint: string;
  to: string;
}

const METRICS_MAX = 30;
const SERVICES_MAX = 8;
const ALERTS_MAX = 8;
const DASHBOARDS_MAX = 12;

export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const { metrics, dashboards, services } = usePaletteData();
  const { alerts } = useAlerts({ withResolved: false });
  const entries = useMemo(
    () => [
      ...pageEntries(text),
      ...alertEntries(text, alerts),
      ...dashboardEntries(text, dashboards),
      ...serviceEntries(text, services),
      ...metricEntries(text, metrics),
      ...queryEntries(text),
    ],
    [text, alerts, dashboards, services, metrics],
  );

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    void navigate(entry.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive((active + step + entries.length) % Math.max(entries.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(entries[active]);
    }
  };
  return (
    <Modal.Root opened onClose={onClose} size={600}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <TextInput
          data-autofocus
          variant="unstyled"
          size="md"
          className={classes.input}
          role="combobox"
          aria-label="Search pages, dashboards, services, alerts and metrics"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={entries[active] && `palette-${active}`}
          placeholder="Go to a page, an alert or a dashboard, or find a metric"
          leftSection={<IconSearch size={18} />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul id="palette-list" ref={list} role="listbox" aria-label="Found" className={classes.list}>
          {entries.map((entry, index) => (
            <li key={entry.key} role="presentation">
              {entry.group !== entries[index - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {entry.group}
                </div>
              )}
              <div
                id={`palette-${index}`}
                role="option"
                aria-selected={index === active}
                className={classes.entry}
                onPointerMove={() => setActive(index)}
                onClick={() => go(entry)}
              >
                {entry.icon}
                <span className={classes.title}>{entry.title}</span>
                <span className={classes.hint}>{entry.hint}</span>
              </div>
            </li>
          ))}
          {entries.length === 0 && <li className={classes.none}>Nothing is called that.</li>}
        </ul>
      </Modal.Content>
    </Modal.Root>
  );
}

function pageEntries(text: string): Entry[] {
  const wanted = text.trim().toLowerCase();
  // Pages within a page are offered to those who look for them.
  const within = alertingPages
    .slice(1)
    .map((page) => ({ ...page, label: `Alerts: ${page.label}`, icon: IconBell }));
  return [...pages, ...(wanted === "" ? [] : within)]
    .filter(({ label, hint }) => `${label} ${hint}`.toLowerCase().includes(wanted))
    .map(({ path, label, hint, icon: Icon }) => ({
      key: `page ${path}`,
      group: "Pages",
      icon: <Icon size={17} stroke={1.7} />,
      title: label,
      hint,
      to: path,
    }));
}

function alertEntries(text: string, alerts: readonly Alert[]): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = alerts.filter((alert) => {
    const all = [alert.state, ...Object.values(alert.labels), summaryOf(alert)]
      .join("\n")
      .toLowerCase();
    return words.length > 0 && words.every((word) => all.includes(word));
  });
  return found
    .toSorted((a, b) => alertStates.indexOf(a.state) - alertStates.indexOf(b.state))
    .slice(0, ALERTS_MAX)
    .map((alert) => ({
      key: `alert ${alert.id}`,
      group: "Alerts",
      icon: <IconBell size={17} stroke={1.7} />,
      title: alert.name,
      hint: `${alert.state} · ${summaryOf(alert) || (alert.labels.instance ?? "")}`,
      to: `/alerts?open=${alert.id}`,
    }));
}

function dashboardEntries(text: string, dashboards: readonly DashboardHit[]): Entry[] {
  return findHits(dashboards, text, [])
    .slice(0, DASHBOARDS_MAX)
    .map((hit) => ({
      key: `dashboard ${hit.uid}`,
      group: "Dashboards",
      icon: <IconLayoutDashboard size={17} stroke={1.7} />,
      title: hit.title,
      hint: hit.tags.join(", "),
      to: dashboardLink(hit),
    }));
}

/** A service opens on the page of all services, narrowed to it. */
function serviceEntries(text: string, services: readonly Service[]): Entry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  return services
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .slice(0, SERVICES_MAX)
    .map(({ label, name }) => ({
      key: `service ${label} ${name}`,
      group: "Services",
      icon: <IconBox size={17} stroke={1.7} />,
      title: name,
      hint: label,
      to:
        label === "job"
          ? `/d/service-overview/service-overview?${new URLSearchParams({ "var-job": name }).toString()}`
          : exploreLink(`count by (__name__) ({${matcher(label, name)}})`),
    }));
}

function metricEntries(text: string, metrics: Parameters<typeof searchMetrics>[0]): Entry[] {
  if (text.trim() === "") return [];
  return searchMetrics(metrics, text)
    .slice(0, METRICS_MAX)
    .map((metric) => ({
      key: `metric ${metric.name}`,
      group: "Metrics",
      icon: <IconChartLine size={17} stroke={1.7} />,
      title: metric.name,
      hint: metric.help,
      to: exploreLink(suggestedQuery(metric, metricSelector(metric.name))),
    }));
}

/** Text that looks like an expression rather than a name can be asked at once. */
function queryEntries(text: string): Entry[] {
  const expr = text.trim();
  if (!/[({[]/.test(expr)) return [];
  return [
    {
      key: "query",
      group: "Query",
      icon: <IconCode size={17} stroke={1.7} />,
      title: expr,
      hint: "Run in Explore",
      to: exploreLink(expr),
    },
  ];
}
