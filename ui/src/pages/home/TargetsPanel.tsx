/** Targets up and down by job, with the error of those that are down. */
import { Link } from "react-router";
import type { Target } from "../../api/targets";
import { Panel } from "../../panels/Panel";
import classes from "./TargetsPanel.module.css";
import { useTargets } from "./use-home";

interface Pool {
  name: string;
  up: number;
  down: Target[];
  unknown: number;
}

export function TargetsPanel({ refreshMs }: { refreshMs: number | false }) {
  const { data, error, isPending } = useTargets(refreshMs);
  const pools = data ? byPool(data.activeTargets) : [];
  const downTotal = pools.reduce((sum, { down }) => sum + down.length, 0);
  return (
    <Panel
      title="Targets"
      subtitle={data && (downTotal === 0 ? "all that answered are up" : `${downTotal} down`)}
      corner={
        <Link to="/targets" className={classes.all}>
          All targets
        </Link>
      }
      loading={isPending}
      error={data ? null : error}
      empty={
        data && pools.length === 0
          ? "No targets yet. Name them under collect.prometheus in bellwether.yml."
          : undefined
      }
      height={170}
    >
      <ul className={classes.list}>
        {pools.map(({ name, up, down, unknown }) => (
          <li key={name}>
            <div className={classes.pool}>
              <span
                className={classes.dot}
                data-health={down.length > 0 ? "down" : up > 0 ? "up" : "unknown"}
              />
              <Link to={`/targets?pool=${encodeURIComponent(name)}`}>{name}</Link>
              <span className={classes.count}>
                {up} of {up + down.length + unknown} up
              </span>
            </div>
            {down.slice(0, 3).map((target) => (
              <p key={target.scrapeUrl} className={classes.error}>
                {target.labels.instance}: {target.lastError || "no answer"}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function byPool(targets: readonly Target[]): Pool[] {
  const pools = new Map<string, Pool>();
  for (const target of targets) {
    const name = target.scrapePool;
    const pool = pools.get(name) ?? { name, up: 0, down: [], unknown: 0 };
    if (target.health === "up") pool.up += 1;
    else if (target.health === "down") pool.down.push(target);
    else pool.unknown += 1;
    pools.set(name, pool);
  }
  return [...pools.values()].sort(
    (a, b) => b.down.length - a.down.length || a.name.localeCompare(b.name),
  );
}
