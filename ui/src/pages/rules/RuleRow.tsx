/** A rule in a line that opens to its expression, labels, annotations and what it found. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconTelescope } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Rule, RuleGroup } from "../../api/rules";
import { SeverityBadge } from "../../components/alerts/Badges";
import { LabelList } from "../../components/alerts/LabelList";
import { LinkedText } from "../../components/alerts/LinkedText";
import { formatDuration } from "../../lib/duration";
import { format, formatAge } from "../../lib/format";
import { formatMatcher } from "../../lib/matchers";
import { useNow } from "../../lib/use-now";
import { exploreLink } from "../explore/explore-url";
import classes from "./RuleRow.module.css";

interface Props {
  rule: Rule;
  /** Named where the list is not in groups. */
  group?: RuleGroup;
}

export function RuleRow({ rule, group }: Props) {
  const [opened, setOpened] = useState(false);
  const state = rule.type === "recording" ? "recording" : rule.state;
  return (
    <li className={classes.rule} data-health={rule.health}>
      <UnstyledButton
        className={classes.line}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <IconChevronRight size={15} className={classes.chevron} />
        <span className={classes.state} data-state={rule.health === "err" ? "err" : state}>
          {rule.health === "err" ? "failing" : state}
        </span>
        <span className={classes.name}>
          <strong>{rule.name}</strong>
          {rule.labels.severity !== undefined && <SeverityBadge severity={rule.labels.severity} />}
          {group && <small>{group.name}</small>}
        </span>
        <code className={classes.expr}>{rule.query}</code>
        <span className={classes.took}>{format(rule.evaluationTime, "seconds")}</span>
      </UnstyledButton>
      {rule.lastError !== "" && <p className={classes.error}>{rule.lastError}</p>}
      {opened && <Detail rule={rule} />}
    </li>
  );
}

function Detail({ rule }: { rule: Rule }) {
  const found = rule.type === "alerting" ? rule.alerts.length : 0;
  const filter = formatMatcher({ name: "alertname", op: "=", value: rule.name });
  return (
    <div className={classes.detail}>
      <code>{rule.query}</code>
      <p>
        {rule.type === "alerting" && (
          <>
            Fires {rule.duration > 0 ? `after ${formatDuration(rule.duration)}` : "at once"}
            {rule.keepFiringFor > 0 && `, and for ${formatDuration(rule.keepFiringFor)} longer`}
            .{" "}
          </>
        )}
        <Evaluated at={rule.lastEvaluation} />
      </p>
      {Object.keys(rule.labels).length > 0 && <LabelList labels={rule.labels} />}
      {rule.type === "alerting" && Object.keys(rule.annotations).length > 0 && (
        <dl>
          {Object.entries(rule.annotations).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <LinkedText text={text} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className={classes.actions}>
        <Button
          component={Link}
          to={exploreLink(rule.type === "recording" ? rule.name : rule.query)}
          size="compact-sm"
          variant="default"
          leftSection={<IconTelescope size={15} />}
        >
          Explore
        </Button>
        {found > 0 && (
          <Button
            component={Link}
            to={`/alerts?filter=${encodeURIComponent(filter)}`}
            size="compact-sm"
            variant="default"
          >
            {found === 1 ? "Its alert" : `Its ${found} alerts`}
          </Button>
        )}
      </div>
    </div>
  );
}

function Evaluated({ at }: { at: string }) {
  const nowMs = useNow(1_000);
  const ms = Date.parse(at);
  if (!(ms > 0)) return <>Not evaluated yet.</>;
  return <>Evaluated {formatAge(Math.max(0, nowMs - ms) / 1000)} ago.</>;
}
