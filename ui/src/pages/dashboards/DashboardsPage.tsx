/** All dashboards: searched by name and tag, and the place to drop one that came as a file. */
import { Button, Modal, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconLayoutDashboard, IconSearch, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { type DashboardHit, searchDashboards } from "../../api/dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import { useTitle } from "../../lib/use-title";
import classes from "./DashboardsPage.module.css";
import { dashboardLink, findHits, tagsOf } from "./find";
import { ImportForm } from "./ImportForm";

const HOMES: Record<DashboardHit["home"], string> = {
  server: "",
  bundled: "Comes with Bellwether",
  browser: "In this browser only",
};

export default function DashboardsPage() {
  useTitle("Dashboards");
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get("search") ?? "");
  const [importing, importForm] = useDisclosure(false);
  const [dropped, setDropped] = useState("");
  const { data, error } = useQuery({
    queryKey: ["dashboards"],
    queryFn: ({ signal }) => searchDashboards(signal),
  });
  const remember = useDebouncedCallback((next: string) => {
    setParams(
      (old) => {
        if (next === "") old.delete("search");
        else old.set("search", next);
        return old;
      },
      { replace: true },
    );
  }, 250);
  const tags = params.getAll("tag");
  const shown = useMemo(() => findHits(data ?? [], text, tags), [data, text, tags]);

  const toggleTag = (tag: string) =>
    setParams((old) => {
      const next = tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag];
      old.delete("tag");
      for (const one of next) old.append("tag", one);
      return old;
    });
  const drop = (event: DragEvent) => {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    void file.text().then((content) => {
      setDropped(content);
      importForm.open();
    });
  };
  return (
    <div className={classes.page} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <header className={classes.header}>
        <h1>Dashboards</h1>
        <Button leftSection={<IconUpload size={16} />} onClick={importForm.open}>
          Import
        </Button>
      </header>
      <TextInput
        aria-label="Search dashboards"
        placeholder="Search by name or tag"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          remember(event.currentTarget.value);
        }}
      />
      {data && (
        <div className={classes.tags} role="group" aria-label="Tags">
          {tagsOf(data).map((tag) => (
            <button
              key={tag}
              type="button"
              aria-pressed={tags.includes(tag)}
              onClick={() => toggleTag(tag)}
            >
              {tag}
            </button>
          ))}
        </div>
      )}
      {error && <ErrorNote error={error} />}
      {!data && !error && <Skeleton height={200} radius="md" />}
      <ul className={classes.list}>
        {shown.map((hit) => (
          <li key={hit.uid}>
            <Link to={dashboardLink(hit)} className={classes.hit}>
              <IconLayoutDashboard size={20} stroke={1.6} aria-hidden="true" />
              <span className={classes.name}>
                <strong>{hit.title}</strong>
                <small>{hit.folder ?? HOMES[hit.home]}</small>
              </span>
              <span className={classes.own}>
                {hit.tags.map((tag) => (
                  <em key={tag}>{tag}</em>
                ))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {data && shown.length === 0 && (
        <p className={classes.none}>
          {data.length === 0
            ? "No dashboards yet. Import one that you have from Grafana."
            : "No dashboard is called that."}
        </p>
      )}
      <p className={classes.hint}>
        Dashboards made for Grafana work here: drop a JSON file anywhere on this page.
      </p>
      <Modal
        opened={importing}
        onClose={() => {
          importForm.close();
          setDropped("");
        }}
        title="Import a dashboard"
        size="lg"
      >
        <ImportForm key={dropped} initial={dropped} />
      </Modal>
    </div>
  );
}
