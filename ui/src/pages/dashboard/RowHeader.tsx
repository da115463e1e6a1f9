/** The heading of a row of panels, which opens and closes it. */
import { IconChevronRight } from "@tabler/icons-react";
import type { Placed } from "../../dashboard/layout";
import classes from "./DashboardGrid.module.css";

export function RowHeader({ placed, onToggle }: { placed: Placed; onToggle: () => void }) {
  const { title, isOpen, count } = placed;
  return (
    <button type="button" className={classes.row} aria-expanded={isOpen} onClick={onToggle}>
      <IconChevronRight size={17} aria-hidden="true" />
      <span>{title || "Panels"}</span>
      {!isOpen && (
        <small>
          {count} {count === 1 ? "panel" : "panels"}
        </small>
      )}
    </button>
  );
}
