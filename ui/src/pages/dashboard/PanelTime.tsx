/** The time controls of a dashboard, busy while any of its panels is asking. */
import { useIsFetching } from "@tanstack/react-query";
import { TimeControls } from "../../components/time/TimeControls";
import type { TimeParams } from "../../lib/use-time-params";

interface Props {
  uid: string | undefined;
  time: TimeParams;
  onRefresh: () => void;
}

export function PanelTime({ uid, time, onRefresh }: Props) {
  const refreshing = useIsFetching({ queryKey: ["dashboard", uid, "panel"] }) > 0;
  return <TimeControls time={time} onRefresh={onRefresh} refreshing={refreshing} />;
}
