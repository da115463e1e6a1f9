/** Explore: ask in PromQL, see a graph or a table; two sets of queries side by side if wanted. */
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { TimeControls } from "../../components/time/TimeControls";
import { useTimeParams } from "../../lib/use-time-params";
import { useTitle } from "../../lib/use-title";
import { isSplit, splitExplore, unsplitExplore } from "./explore-url";
import classes from "./ExplorePage.module.css";
import { ExplorePane } from "./ExplorePane";

const DEFAULTS = { range: { from: "now-1h", to: "now" }, refreshMs: false as const };

export default function ExplorePage() {
  const [params, setParams] = useSearchParams();
  const queryClient = useQueryClient();
  const time = useTimeParams(DEFAULTS);
  const running = useIsFetching({ queryKey: ["explore"] }) > 0;
  const split = isSplit(params);
  useTitle("Explore");
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <h1>Explore</h1>
        <TimeControls
          time={time}
          onRefresh={() => void queryClient.invalidateQueries({ queryKey: ["explore"] })}
          refreshing={running}
          withShift
        />
      </header>
      <div className={classes.panes} data-split={split || undefined}>
        <ExplorePane
          side="left"
          time={time}
          isSplit={split}
          onSplit={() => setParams((old) => splitExplore(old))}
        />
        {split && (
          <ExplorePane
            side="right"
            time={time}
            isSplit
            onSplit={() => setParams((old) => unsplitExplore(old))}
          />
        )}
      </div>
    </div>
  );
}
