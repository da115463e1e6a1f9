/** All dashboards: browsed by folder, searched by name and tag, and the place to drop a file. */
import { Button, Menu, Modal, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import {
  IconChevronDown,
  IconFolderPlus,
  IconLayoutDashboard,
  IconPlus,
  IconSearch,
  IconStar,
  IconStarFilled,
  IconUpload,
} from "@tabler/icons-react";
import { type DragEvent, Fragment, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate, useNavigation, useSearchParams } from "react-router";
import type { DashboardHit, FolderHit, Found } from "../../api/dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import { useTitle } from "../../lib/use-title";
import classes from "./DashboardsPage.module.css";
import { dashboardLink, findHits, tagsOf } from "../../dashboard/find";
import { type Action, DashboardRow, FolderRow } from "./HitRows";
import { ImportForm } from "./ImportForm";
import { DeleteForm, MoveForm, NameForm } from "./ListForms";
import { allWithin, contentsOf, folderPath, folderTitle, possibleParents } from "./tree";
import { useDashboards } from "../../api/use-dashboards";
import { useListActions } from "./use-list-actions";

/** Which small form is open. */
type Form =
  | { kind: "dashboard" | "folder" }
  | { kind: "on dashboard"; hit: DashboardHit; action: Action }
  | { kind: "on folder"; folder: FolderHit; action: Action };

/** Up to here, what is in folders is seen without opening them. */
const UNFOLDED_MAX = 60;
const NOTHING: Found = { dashboards: [], folders: [] };

export default function DashboardsPage() {
  useTitle("Dashboards");
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get("search") ?? "");
  const [importing, importForm] = useDisclosure(false);
  const [dropped, setDropped] = useState("");
  const [form, setForm] = useState<Form>();
  const { data, error } = useDashboards();
  const actions = useListActions();
  const [failed, setFailed] = useState<Error>();

  const { state: navigation } = useNavigation();
  const isLeaving = useRef(false);
  useEffect(() => {
    isLeaving.current = navigation !== "idle";
  });
  const remember = useDebouncedCallback((next: string) => {
    // Another address would call off the way to where somebody has just gone.
    if (isLeaving.current) return;
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
  const onlyStarred = params.has("starred");
  const folderUid = params.get("folder") ?? undefined;
  const found = data ?? NOTHING;
  const isSearch = text.trim() !== "" || tags.length > 0 || onlyStarred;
  const shown = useMemo((): Found => {
    if (!isSearch) return contentsOf(found, folderUid);
    const hits = findHits(found.dashboards, text, tags);
    return { folders: [], dashboards: onlyStarred ? hits.filter((h) => h.isStarred) : hits };
  }, [found, text, tags, folderUid, isSearch, onlyStarred]);

  const toggleTag = (tag: string) =>
    setParams((old) => {
      const next = tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag];
      old.delete("tag");
      for (const one of next) old.append("tag", one);
      return old;
    });
  const toggleStarred = () =>
    setParams((old) => {
      if (onlyStarred) old.delete("starred");
      else old.set("starred", "");
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
  const star = (hit: DashboardHit) => {
    setFailed(undefined);
    actions.star(hit).catch((thrown: unknown) => setFailed(thrown as Error));
  };
  const row = (hit: DashboardHit, isInside: boolean) => (
    <DashboardRow
      key={hit.uid}
      hit={hit}
      isInside={isInside}
      place={isSearch ? folderTitle(found.folders, hit.folderUid) : ""}
      onStar={() => star(hit)}
      onAct={(action) => setForm({ kind: "on dashboard", hit, action })}
    />
  );
  const StarIcon = onlyStarred ? IconStarFilled : IconStar;
  return (
    <div className={classes.page} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <header className={classes.header}>
        <h1>Dashboards</h1>
        <Menu>
          <Menu.Target>
            <Button
              leftSection={<IconPlus size={16} />}
              rightSection={<IconChevronDown size={14} />}
            >
              New
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconLayoutDashboard size={16} />}
              onClick={() => setForm({ kind: "dashboard" })}
            >
              Dashboard
            </Menu.Item>
            <Menu.Item
              leftSection={<IconFolderPlus size={16} />}
              onClick={() => setForm({ kind: "folder" })}
            >
              Folder
            </Menu.Item>
            <Menu.Item leftSection={<IconUpload size={16} />} onClick={importForm.open}>
              Import
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <TextInput
        aria-label="Search dashboards"
        placeholder="Search by name, tag or folder"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          remember(event.currentTarget.value);
        }}
      />
      {data && (
        <div className={classes.tags} role="group" aria-label="Filters">
          <button type="button" aria-pressed={onlyStarred} onClick={toggleStarred}>
            <StarIcon size={13} aria-hidden="true" /> Starred
          </button>
          {tagsOf(data.dashboards).map((tag) => (
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
      {failed && <ErrorNote error={failed} />}
      {!data && !error && <Skeleton height={200} radius="md" />}
      {!isSearch && folderUid !== undefined && (
        <nav className={classes.path} aria-label="Folder">
          <Link to="/dashboards">All</Link>
          {folderPath(found.folders, folderUid).map(({ uid, title }) => (
            <Link key={uid} to={folderLink(uid)}>
              {title}
            </Link>
          ))}
        </nav>
      )}
      <ul className={classes.list}>
        {shown.folders.map((folder) => (
          <Fragment key={folder.uid}>
            <FolderRow
              folder={folder}
              to={folderLink(folder.uid)}
              count={allWithin(found, folder.uid).length}
              onAct={(action) => setForm({ kind: "on folder", folder, action })}
            />
            {found.dashboards.length <= UNFOLDED_MAX &&
              contentsOf(found, folder.uid).dashboards.map((hit) => row(hit, true))}
          </Fragment>
        ))}
        {shown.dashboards.map((hit) => row(hit, false))}
      </ul>
      {data && shown.dashboards.length + shown.folders.length === 0 && (
        <p className={classes.none}>{nothing(found, isSearch, onlyStarred)}</p>
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
        <ImportForm key={dropped} initial={dropped} folders={found.folders} folderUid={folderUid} />
      </Modal>
      {form && (
        <OpenForm
          form={form}
          found={found}
          folderUid={folderUid}
          actions={actions}
          onClose={() => setForm(undefined)}
        />
      )}
    </div>
  );
}

function nothing(found: Found, isSearch: boolean, onlyStarred: boolean): string {
  if (found.dashboards.length === 0 && found.folders.length === 0) {
    return "No dashboards yet. Make one, or import one that you have from Grafana.";
  }
  if (onlyStarred) return "No dashboard with a star is called that.";
  return isSearch ? "No dashboard is called that." : "This folder is empty.";
}

function folderLink(uid: string): string {
  return `/dashboards?${new URLSearchParams({ folder: uid }).toString()}`;
}

interface FormProps {
  form: Form;
  found: Found;
  folderUid: string | undefined;
  actions: ReturnType<typeof useListActions>;
  onClose: () => void;
}

function OpenForm({ form, found, folderUid, actions, onClose }: FormProps) {
  const navigate = useNavigate();
  const { folders } = found;
  switch (form.kind) {
    case "dashboard":
      return (
        <NameForm
          title="New dashboard"
          action="Create"
          onClose={onClose}
          onSubmit={async (title) => {
            const uid = await actions.createDashboard(title, folderUid);
            void navigate(dashboardLink({ uid, title }), { state: { editing: true } });
          }}
        />
      );
    case "folder":
      return (
        <NameForm
          title="New folder"
          action="Create"
          onClose={onClose}
          onSubmit={(title) => actions.createFolder(title, folderUid)}
        />
      );
    case "on dashboard": {
      const { hit, action } = form;
      if (action === "delete") {
        return (
          <DeleteForm
            title={`Delete ${hit.title}?`}
            onClose={onClose}
            onSubmit={() => actions.deleteDashboard(hit)}
          >
            The dashboard and its earlier versions are deleted for everybody.
          </DeleteForm>
        );
      }
      return (
        <MoveForm
          title={`Move ${hit.title}`}
          folders={folders}
          from={hit.folderUid}
          onClose={onClose}
          onSubmit={(to) => actions.moveDashboard(hit, to)}
        />
      );
    }
    case "on folder": {
      const { folder, action } = form;
      if (action === "rename") {
        return (
          <NameForm
            title={`Rename ${folder.title}`}
            action="Rename"
            initial={folder.title}
            onClose={onClose}
            onSubmit={(title) => actions.renameFolder(folder, title)}
          />
        );
      }
      if (action === "move") {
        return (
          <MoveForm
            title={`Move ${folder.title}`}
            folders={folders}
            choices={possibleParents(folders, folder.uid)}
            from={folder.parentUid}
            onClose={onClose}
            onSubmit={(to) => actions.moveFolder(folder, to)}
          />
        );
      }
      const inside = allWithin(found, folder.uid).map(({ title }) => title);
      return (
        <DeleteForm
          title={`Delete the folder ${folder.title}?`}
          onClose={onClose}
          onSubmit={() => actions.deleteFolder(folder)}
        >
          {inside.length === 0
            ? "No dashboard is in it."
            : `These dashboards are deleted with it: ${inside.join(", ")}.`}
        </DeleteForm>
      );
    }
  }
}
