/** One query of Explore: its letter, editor, actions, and what the server said about it. */
import { ActionIcon, Menu, Skeleton, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconAlignLeft,
  IconCopy,
  IconDotsVertical,
  IconListSearch,
  IconTrash,
} from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import type { InstantResult, RangeResult } from "../../api/query";
import { ErrorNote } from "../../components/ErrorNote";
import { formatQuery } from "../../api/promql";
import { QueryNotes } from "./QueryNotes";
import classes from "./QueryRow.module.css";
import type { QueryAnswer } from "./use-answers";
import type { Draft } from "./use-explore";

const PromqlEditor = lazy(() => import("../../components/promql/PromqlEditor"));

interface Props {
  letter: string;
  draft: Draft;
  answer: QueryAnswer<RangeResult> | QueryAnswer<InstantResult> | undefined;
  autoFocus: boolean;
  onEdit: (expr: string) => void;
  onRun: () => void;
  onToggle: () => void;
  onDuplicate: () => void;
  onRemove: () => void;
  onBrowse: () => void;
}

export function QueryRow(props: Props) {
  const { letter, draft, answer } = props;
  const error = answer?.error ?? null;
  const format = async () => {
    // A query that does not parse cannot be formatted; its error is already underlined.
    const formatted = await formatQuery(draft.expr).catch(() => undefined);
    if (formatted !== undefined) props.onEdit(formatted);
  };
  return (
    <section
      className={classes.query}
      data-off={!draft.enabled || undefined}
      aria-label={`Query ${letter}`}
    >
      <div className={classes.line}>
        <Tooltip label={draft.enabled ? "Leave this query out" : "Take this query in"}>
          <UnstyledButton
            className={classes.letter}
            aria-pressed={draft.enabled}
            aria-label={`Query ${letter} is ${draft.enabled ? "on" : "off"}`}
            onClick={props.onToggle}
          >
            {letter}
          </UnstyledButton>
        </Tooltip>
        <div className={classes.editor}>
          <Suspense fallback={<Skeleton height={33} />}>
            <PromqlEditor
              label={`Query ${letter}`}
              value={draft.expr}
              onChange={props.onEdit}
              onRun={props.onRun}
              autoFocus={props.autoFocus}
              templated={draft.expr.includes("$__")}
            />
          </Suspense>
        </div>
        <Tooltip label="Browse metrics">
          <ActionIcon
            size={32}
            aria-label={`Browse metrics for query ${letter}`}
            onClick={props.onBrowse}
          >
            <IconListSearch size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Menu>
          <Menu.Target>
            <ActionIcon size={32} aria-label={`More for query ${letter}`}>
              <IconDotsVertical size={17} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconAlignLeft size={15} />} onClick={() => void format()}>
              Format
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={props.onDuplicate}>
              Duplicate
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={15} />} onClick={props.onRemove}>
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {error && (
        <div className={classes.error}>
          <ErrorNote error={error} />
        </div>
      )}
      {answer && !error && <QueryNotes answer={answer} />}
    </section>
  );
}
