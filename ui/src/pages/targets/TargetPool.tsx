/** The targets of one scrape pool, as rows that open to show where their labels come from. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { Target } from "../../api/targets";
import { format, formatAge } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import classes from "./TargetPool.module.css";

const SHOWN_FIRST = 50;

export function TargetPool({ name, targets }: { name: string; targets: readonly Target[] }) {
  const [all, setAll] = useState(false);
  const up = targets.filter(({ health }) => health === "up").length;
  const shown = all ? targets : targets.slice(0, SHOWN_FIRST);
  return (
    <section className={classes.pool} aria-label={`Scrape pool ${name}`}>
      <header>
        <h2>{name}</h2>
        <span data-all={up === targets.length || undefined}>
          {up} of {targets.length} up
        </span>
      </header>
      <div className={classes.rows}>
        {shown.map((target, index) => (
          <TargetRow key={`${target.scrapeUrl} ${index}`} target={target} />
        ))}
      </div>
      {targets.length > shown.length && (
        <Button m="sm" variant="default" size="compact-sm" onClick={() => setAll(true)}>
          Show {targets.length - shown.length} more
        </Button>
      )}
    </section>
  );
}

function TargetRow({ target }: { target: Target }) {
  const [opened, setOpened] = useState(false);
  const nowMs = useNow(1_000);
  const scrapedMs = Date.parse(target.lastScrape);
  const scraped = scrapedMs > 0;
  return (
    <div className={classes.target} data-health={target.health}>
      <UnstyledButton
        className={classes.line}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <IconChevronRight size={15} className={classes.chevron} />
        <span className={classes.health}>
          {target.health === "unknown" ? "new" : target.health}
        </span>
        <span className={classes.url}>{target.scrapeUrl}</span>
        <span className={classes.labels}>
          {Object.entries(target.labels)
            .filter(([label]) => label !== "job")
            .map(([label, value]) => (
              <span key={label} className={classes.label}>
                {label}=<b>{value}</b>
              </span>
            ))}
        </span>
        <span className={classes.when}>
          {scraped ? `${formatAge(Math.max(0, nowMs - scrapedMs) / 1000)} ago` : "not yet"}
        </span>
        <span className={classes.took}>
          {scraped ? format(target.lastScrapeDuration, "seconds") : "–"}
        </span>
      </UnstyledButton>
      {target.lastError !== "" && <p className={classes.error}>{target.lastError}</p>}
      {opened && (
        <div className={classes.detail}>
          <p>
            Every {target.scrapeInterval || "?"}, given up after {target.scrapeTimeout || "?"}
          </p>
          <h3>Labels as discovered, before relabelling</h3>
          <dl>
            {Object.entries(target.discoveredLabels).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </div>
  );
}
