/** Folders as a tree: what is in one, and the way to it from the top. */
import type { DashboardHit, FolderHit, Found } from "../../api/dashboards";

/** From the outermost to the folder itself; empty at the top. */
export function folderPath(folders: readonly FolderHit[], uid: string | undefined): FolderHit[] {
  const path: FolderHit[] = [];
  let current = folders.find((folder) => folder.uid === uid);
  while (current && !path.includes(current)) {
    path.unshift(current);
    const { parentUid } = current;
    current = folders.find((folder) => folder.uid === parentUid);
  }
  return path;
}

export function folderTitle(folders: readonly FolderHit[], uid: string | undefined): string {
  return folderPath(folders, uid)
    .map(({ title }) => title)
    .join(" / ");
}

/** What is in a folder itself; what is in a folder that cannot be seen stands at the top. */
export function contentsOf({ folders, dashboards }: Found, uid: string | undefined): Found {
  const known = new Set(folders.map((folder) => folder.uid));
  const seen = (parent: string | undefined) =>
    parent !== undefined && known.has(parent) ? parent : undefined;
  return {
    folders: folders.filter(({ parentUid }) => seen(parentUid) === uid),
    dashboards: dashboards.filter(({ folderUid }) => seen(folderUid) === uid),
  };
}

/** Dashboards in a folder and in all below it. */
export function allWithin(found: Found, uid: string): DashboardHit[] {
  return found.dashboards.filter(({ folderUid }) =>
    folderPath(found.folders, folderUid).some((folder) => folder.uid === uid),
  );
}

/** Where a folder may go: not into itself, nor below itself. */
export function possibleParents(folders: readonly FolderHit[], uid: string): FolderHit[] {
  return folders.filter(
    (folder) => !folderPath(folders, folder.uid).some((above) => above.uid === uid),
  );
}
