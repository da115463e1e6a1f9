/** One query of a panel: its text, its names, its form. */
import { ActionIcon, Select, Skeleton, TextInput } from "@mantine/core";
import { IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import type { AskedQuery } from "../../../dashboard/queries/run";
import { ErrorNote } from "../../../components/ErrorNote";
import { bool, type JsonObject, str } from "../../../lib/json";
import classes from "./PanelEditor.module.css";

const PromqlEditor = lazy(() => import("../../../components/promql/PromqlEditor"));

interface Props {
  json: JsonObject;
  refId: string;
  asked: AskedQuery | undefined;
  onChange: (json: JsonObject, key?: string) => void;
  onRemove: () => void;
}

export function QueryEditor({ json, refId, asked, onChange, onRemove }: Props) {
  const stored = str(json.expr, "");
  const [text, setText] = useState(stored);
  useEffect(() => setText(stored), [stored]);
  const commit = () => {
    if (text !== stored) onChange({ ...json, expr: text });
  };
  const isOff = bool(json.hide);
  return (
    <section
      className={classes.query}
      aria-label={`Query ${refId}`}
      data-off={isOff || undefined}
      onBlur={commit}
    >
      <header>
        <strong>{refId}</strong>
        <TextInput
          size="xs"
          aria-label={`Legend of query ${refId}`}
          placeholder="Legend, such as {{instance}}"
          value={str(json.legendFormat, "")}
          onChange={(event) =>
            onChange({ ...json, legendFormat: event.currentTarget.value }, `legend ${refId}`)
          }
        />
        <Select
          size="xs"
          w={130}
          aria-label={`Form of query ${refId}`}
          data={[
            { value: "time_series", label: "Series" },
            { value: "table", label: "Table" },
            { value: "heatmap", label: "Heatmap" },
          ]}
          value={str(json.format, "time_series")}
          allowDeselect={false}
          onChange={(format) => onChange({ ...json, format })}
        />
        <Select
          size="xs"
          w={140}
          aria-label={`Time of query ${refId}`}
          data={[
            { value: "range", label: "Over the range" },
            { value: "instant", label: "At its end" },
          ]}
          value={bool(json.instant) ? "instant" : "range"}
          allowDeselect={false}
          onChange={(kind) =>
            onChange({ ...json, instant: kind === "instant", range: kind === "range" })
          }
        />
        <ActionIcon
          aria-label={`Query ${refId} is ${isOff ? "off" : "on"}`}
          onClick={() => onChange({ ...json, hide: !isOff })}
        >
          {isOff ? <IconEyeOff size={16} /> : <IconEye size={16} />}
        </ActionIcon>
        <ActionIcon aria-label={`Remove query ${refId}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </header>
      <div className={classes.code}>
        <Suspense fallback={<Skeleton height={33} />}>
          <PromqlEditor
            label={`Query ${refId}`}
            value={text}
            onChange={setText}
            onRun={commit}
            templated
          />
        </Suspense>
      </div>
      {asked?.error && <ErrorNote error={asked.error} query={asked.expr} />}
    </section>
  );
}
