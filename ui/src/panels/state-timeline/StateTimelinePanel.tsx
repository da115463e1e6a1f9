/** States over time, each as long as it lasted. */
import { bool } from "../../lib/json";
import type { PanelProps } from "../panel-props";
import { StateRows } from "./StateRows";

export default function StateTimelinePanel(props: PanelProps) {
  return <StateRows panel={props} merged={bool(props.options.mergeValues, true)} />;
}
