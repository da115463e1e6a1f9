/** Silences: what is kept quiet, by whom, until when, and which alerts that is now. */
import { Button, Skeleton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { useHeldAlerts, useSilences } from "../../alerting/use-alerts";
import { silenceStates } from "../../api/alertmanager";
import { Choices } from "../../components/Choices";
import { ErrorNote } from "../../components/ErrorNote";
import { FilterInput } from "../../components/FilterInput";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { alertsBySilence, filterSilences, sortSilences } from "./lists";
import { SilenceCard } from "./SilenceCard";
import { silenceLink } from "./silence-url";
import classes from "./SilencesPage.module.css";

const STATE_NAMES = { active: "Active", pending: "Pending", expired: "Expired" } as const;

const SHOWN_MAX = 200;

export default function SilencesPage() {
  useTitle("Silences");
  const { params, set } = useViewParams();
  const search = params.get("search") ?? "";
  const silences = useSilences();
  const held = useHeldAlerts();
  const found = useMemo(() => filterSilences(silences.data ?? [], search), [silences.data, search]);
  // A link to one silence shows it, whatever has become of it.
  const wanted = silenceStates.find((one) => one === params.get("state"));
  const state =
    wanted ??
    (search === ""
      ? "active"
      : (silenceStates.find((one) => found.some(({ status }) => status.state === one)) ??
        "active"));
  const quiet = useMemo(() => alertsBySilence(held.data ?? []), [held.data]);
  const shown = sortSilences(
    found.filter(({ status }) => status.state === state),
    state,
  );

  if (silences.data === null) {
    return (
      <p className={classes.nothing}>
        This server has no Alertmanager, so there is nothing to silence. Name your alertmanager.yml
        under alerting.alertmanager in bellwether.yml.
      </p>
    );
  }
  return (
    <div className={classes.page}>
      <div className={classes.filters}>
        <Choices
          label="State"
          value={state}
          onChange={(next) => set("state", next)}
          choices={silenceStates.map((one) => ({
            value: one,
            label: STATE_NAMES[one],
            count: silences.data
              ? found.filter(({ status }) => status.state === one).length
              : undefined,
          }))}
        />
        <div className={classes.right}>
          <FilterInput
            label="Search silences"
            placeholder="Matcher, author or comment"
            className={classes.search}
            value={search}
            onChange={(next) => set("search", next)}
          />
          <Button component={Link} to={silenceLink({})} leftSection={<IconPlus size={16} />}>
            New
          </Button>
        </div>
      </div>
      {silences.error && !silences.data && <ErrorNote error={silences.error} />}
      {silences.isPending && <Skeleton height={180} radius="md" aria-label="Loading" />}
      {silences.data && shown.length === 0 && (
        <p className={classes.nothing}>
          {search === "" ? `No silence is ${state}.` : `No silence that is ${state} is like that.`}
        </p>
      )}
      <ul className={classes.list}>
        {shown.slice(0, SHOWN_MAX).map((silence) => (
          <SilenceCard key={silence.id} silence={silence} quiet={quiet.get(silence.id) ?? []} />
        ))}
      </ul>
      {shown.length > SHOWN_MAX && (
        <p className={classes.hint}>
          {shown.length - SHOWN_MAX} more are not listed: narrow the search above.
        </p>
      )}
    </div>
  );
}
