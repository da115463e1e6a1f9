/** Targets: what is scraped, by pool, and what is wrong where something is. */
import { SegmentedControl, Skeleton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { fetchTargets, type Target } from "../../api/targets";
import { ErrorNote } from "../../components/ErrorNote";
import { formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { filterTargets, groupByPool, type HealthFilter, readHealth } from "./filter";
import { TargetPool } from "./TargetPool";
import classes from "./TargetsPage.module.css";

const REFRESH_MS = 5_000;

export default function TargetsPage() {
  useTitle("Targets");
  const [params, setParams] = useSearchParams();
  const health = readHealth(params.get("health"));
  const search = params.get("search") ?? "";
  const pool = params.get("pool");
  const { data, error, isPending } = useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => fetchTargets(signal),
    refetchInterval: REFRESH_MS,
  });
  const found = useMemo(
    () => filterTargets(data?.activeTargets ?? [], { health, search, pool }),
    [data, health, search, pool],
  );
  const set = (key: string, value: string) =>
    setParams(
      (old) => {
        if (value === "") old.delete(key);
        else old.set(key, value);
        return old;
      },
      { replace: true },
    );

  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <h1>Targets</h1>
        <div className={classes.filters}>
          <SegmentedControl
            size="sm"
            aria-label="State"
            value={health}
            onChange={(value) => set("health", value === "all" ? "" : value)}
            data={healthChoices(data?.activeTargets ?? [])}
          />
          <TextInput
            aria-label="Search targets"
            placeholder="Address, label or error"
            leftSection={<IconSearch size={15} />}
            value={search}
            onChange={(event) => set("search", event.currentTarget.value)}
          />
        </div>
      </header>
      {pool !== null && (
        <p className={classes.scope}>
          Only the pool <strong>{pool}</strong>.{" "}
          <button type="button" onClick={() => set("pool", "")}>
            Show all
          </button>
        </p>
      )}
      {error && !data && <ErrorNote error={error} />}
      {isPending && <Skeleton height={240} radius="md" />}
      {data && found.length === 0 && <Nothing any={data.activeTargets.length > 0} />}
      {groupByPool(found).map(([name, targets]) => (
        <TargetPool key={name} name={name} targets={targets} />
      ))}
      {data && <Dropped counts={data.droppedTargetCounts} listed={data.droppedTargets.length} />}
    </div>
  );
}

function Nothing({ any }: { any: boolean }) {
  return (
    <p className={classes.nothing}>
      {any
        ? "No target is like that. Widen the filter above."
        : "Nothing is scraped yet. Name targets under collect.prometheus in bellwether.yml; they appear here at once after a reload."}
    </p>
  );
}

/** Targets that relabelling left out are worth a line: that is where a missing one hides. */
function Dropped({
  counts,
  listed,
}: {
  counts: Record<string, number> | undefined;
  listed: number;
}) {
  const total = counts ? Object.values(counts).reduce((a, b) => a + b, 0) : listed;
  if (total === 0) return null;
  const pools = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return (
    <p className={classes.dropped}>
      {formatCount(total)} discovered targets were dropped by relabelling
      {pools.length > 0 &&
        `: ${pools.map(([name, count]) => `${name} ${formatCount(count)}`).join(", ")}`}
      .
    </p>
  );
}

function healthChoices(targets: readonly Target[]): { value: HealthFilter; label: string }[] {
  const count = (health: string) => targets.filter((target) => target.health === health).length;
  return [
    { value: "all", label: `All ${targets.length}` },
    { value: "up", label: `Up ${count("up")}` },
    { value: "down", label: `Down ${count("down")}` },
    { value: "unknown", label: `New ${count("unknown")}` },
  ];
}
