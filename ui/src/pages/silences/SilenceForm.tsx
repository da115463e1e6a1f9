/** The form of a silence, with a live preview of the alerts that it matches. */
import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useNavigate } from "react-router";
import { ALERTING_KEY } from "../../alerting/use-alerts";
import { saveSilence, type SilenceDraft } from "../../api/alertmanager";
import { ErrorNote } from "../../components/ErrorNote";
import { setPreference, usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import { useNow } from "../../lib/use-now";
import { DURATION_PRESETS, endOf, readFields, type SilenceFields } from "./draft";
import { MatcherFields } from "./MatcherFields";
import classes from "./SilenceForm.module.css";
import { SilencePreview } from "./SilencePreview";

interface Props {
  /** The silence to be changed. */
  id: string | undefined;
  initial: SilenceFields;
}

export function SilenceForm({ id, initial }: Props) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { zone } = usePreferences();
  const [fields, setFields] = useState(initial);
  const [tried, setTried] = useState(false);
  const put = (change: Partial<SilenceFields>) => setFields((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: (draft: SilenceDraft) => saveSilence(draft),
    onSuccess: async (_id, draft) => {
      setPreference("author", draft.createdBy);
      await queryClient.invalidateQueries({ queryKey: [ALERTING_KEY] });
      void navigate("/alerts/silences");
    },
  });
  const read = readFields(fields, id, Date.now(), zone);
  const errors = (tried ? read.errors : undefined) ?? {};
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (read.draft) save.mutate(read.draft);
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <div className={classes.fields}>
        <MatcherFields
          matchers={fields.matchers}
          error={errors.matchers}
          onChange={(matchers) => put({ matchers })}
        />
        <div>
          <TextInput
            label="Ends"
            description="After a duration (2h30m), or at a time (2026-05-01 12:00)"
            value={fields.ends}
            error={errors.ends}
            onChange={(event) => put({ ends: event.currentTarget.value })}
          />
          <div className={classes.presets} role="group" aria-label="Duration">
            {DURATION_PRESETS.map((preset) => (
              <button
                key={preset}
                type="button"
                aria-pressed={fields.ends === preset}
                onClick={() => put({ ends: preset })}
              >
                {preset}
              </button>
            ))}
            <Until fields={fields} />
          </div>
        </div>
        <TextInput
          label="Begins"
          placeholder="Now"
          value={fields.startsAt}
          error={errors.startsAt}
          onChange={(event) => put({ startsAt: event.currentTarget.value })}
        />
        <TextInput
          label="Author"
          autoComplete="username"
          value={fields.createdBy}
          error={errors.createdBy}
          onChange={(event) => put({ createdBy: event.currentTarget.value })}
        />
        <Textarea
          label="Comment"
          placeholder="Why, and where that is worked on"
          rows={3}
          value={fields.comment}
          error={errors.comment}
          onChange={(event) => put({ comment: event.currentTarget.value })}
        />
        {save.error && <ErrorNote error={save.error} />}
        <div className={classes.buttons}>
          <Button type="submit" loading={save.isPending}>
            {id === undefined ? "Silence" : "Save"}
          </Button>
          <Button variant="default" onClick={() => void navigate(-1)}>
            Cancel
          </Button>
        </div>
      </div>
      <SilencePreview matchers={fields.matchers} />
    </form>
  );
}

function Until({ fields }: { fields: SilenceFields }) {
  const { zone } = usePreferences();
  const nowMs = useNow(10_000);
  const startMs =
    fields.startsAt.trim() === "" ? nowMs : (endOf(fields.startsAt, nowMs, nowMs, zone) ?? nowMs);
  const endMs = endOf(fields.ends, startMs, nowMs, zone);
  if (endMs === undefined) return null;
  return <span className={classes.until}>until {formatTime(endMs, zone).slice(0, 16)}</span>;
}
