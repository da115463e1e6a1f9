/** The frame around a drawing: title, subtitle, what the corner offers, and its states. */
import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNote } from "../components/ErrorNote";
import classes from "./Panel.module.css";

interface Props {
  title: string;
  subtitle?: ReactNode;
  corner?: ReactNode;
  /** Nothing is known yet: a skeleton of `height` pixels stands in. */
  loading?: boolean;
  error?: Error | null;
  /** The query that failed, to be shown with the error. */
  query?: string | undefined;
  /** Shown instead of the drawing when there is nothing to draw. */
  empty?: ReactNode;
  height?: number;
  className?: string | undefined;
  children?: ReactNode;
}

export function Panel(props: Props) {
  const { title, subtitle, corner, loading, error, query, empty, height, className, children } =
    props;
  return (
    <section className={[classes.panel, className].filter(Boolean).join(" ")} aria-label={title}>
      <header className={classes.header}>
        <h2 className={classes.title}>{title}</h2>
        {subtitle && <div className={classes.subtitle}>{subtitle}</div>}
        {corner && <div className={classes.corner}>{corner}</div>}
      </header>
      <div className={classes.body}>{renderBody()}</div>
    </section>
  );

  function renderBody(): ReactNode {
    if (error) return <ErrorNote error={error} query={query} />;
    if (loading)
      return <Skeleton height={(height ?? 180) - 12} radius="md" role="img" aria-label="Loading" />;
    if (empty) {
      return (
        <div className={classes.empty} style={{ minHeight: height }}>
          {empty}
        </div>
      );
    }
    return children;
  }
}
