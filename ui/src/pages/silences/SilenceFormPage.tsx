/** The page that makes a silence, changes one, or makes an expired one again. */
import { Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { useSilences } from "../../alerting/use-alerts";
import type { Silence } from "../../api/alertmanager";
import { ErrorNote } from "../../components/ErrorNote";
import { usePreferences } from "../../lib/preferences";
import { formatTime, type TimeZone } from "../../lib/timerange";
import { useTitle } from "../../lib/use-title";
import { lengthOf, type SilenceFields } from "./draft";
import { SilenceForm } from "./SilenceForm";
import classes from "./SilenceForm.module.css";
import { readSilenceRequest, type SilenceRequest } from "./silence-url";

export default function SilenceFormPage() {
  const [params] = useSearchParams();
  const request = useMemo(() => readSilenceRequest(params), [params]);
  const { zone, author } = usePreferences();
  const silences = useSilences();
  const known = silences.data?.find(({ id }) => id === request.id);
  const title = known ? (isOver(known) ? "Silence again" : "Edit silence") : "New silence";
  useTitle(title);

  if (silences.data === null) {
    return <p className={classes.nothing}>This server has no Alertmanager to silence.</p>;
  }
  if (request.id !== undefined && !silences.data && !silences.error) {
    return <Skeleton height={300} radius="md" aria-label="Loading" />;
  }
  return (
    <div className={classes.page}>
      <h2>{title}</h2>
      {silences.error && !silences.data && <ErrorNote error={silences.error} />}
      {request.id !== undefined && silences.data && !known && (
        <p className={classes.warning}>
          The silence {request.id} is no longer known; this makes another.{" "}
          <Link to="/alerts/silences">All silences</Link>
        </p>
      )}
      <SilenceForm
        key={known?.id ?? params.toString()}
        id={known && !isOver(known) ? known.id : undefined}
        initial={known ? fieldsOf(known, zone) : freshFields(request, author)}
      />
    </div>
  );
}

function isOver({ status }: Silence): boolean {
  return status.state === "expired";
}

function freshFields({ matchers }: SilenceRequest, author: string): SilenceFields {
  return { matchers, startsAt: "", ends: "1h", createdBy: author, comment: "" };
}

/** One that is over is made again for as long as it was; another keeps its times. */
function fieldsOf(silence: Silence, zone: TimeZone): SilenceFields {
  const { matchers, startsAt, endsAt, createdBy, comment } = silence;
  const over = isOver(silence);
  return {
    matchers,
    startsAt: over ? "" : formatTime(Date.parse(startsAt), zone),
    ends: over ? lengthOf(startsAt, endsAt) : formatTime(Date.parse(endsAt), zone),
    createdBy,
    comment,
  };
}
