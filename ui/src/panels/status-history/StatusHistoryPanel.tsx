/** States at regular times, a cell for each. */
import type { PanelProps } from "../panel-props";
import { StateRows } from "../state-timeline/StateRows";

export default function StatusHistoryPanel(props: PanelProps) {
  return <StateRows panel={props} merged={false} />;
}
