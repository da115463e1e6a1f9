/** What the list of dashboards changes on the server; each change is seen in the list at once. */
import { useQueryClient } from "@tanstack/react-query";
import {
  type DashboardHit,
  deleteDashboard,
  fetchDashboard,
  type FolderHit,
  saveDashboard,
  starDashboard,
} from "../../api/dashboards";
import { createFolder, deleteFolder, moveFolder, renameFolder } from "../../api/folders";
import { obj } from "../../lib/json";
import { forgetDashboards } from "../../api/use-dashboards";

export function useListActions() {
  const queryClient = useQueryClient();
  const then = async (change: Promise<unknown>, uid?: string) => {
    await change;
    await forgetDashboards(queryClient, uid);
  };
  return {
    createDashboard: async (title: string, folderUid: string | undefined) => {
      const dashboard = { ...EMPTY_DASHBOARD, title };
      const saved = await saveDashboard({ dashboard, folderUid, overwrite: false, message: "" });
      await forgetDashboards(queryClient);
      return saved.uid;
    },
    moveDashboard: ({ uid }: DashboardHit, to: string | undefined) =>
      then(moveDashboard(uid, to), uid),
    deleteDashboard: ({ uid }: DashboardHit) => then(deleteDashboard(uid)),
    star: ({ uid, isStarred }: DashboardHit) => then(starDashboard(uid, !isStarred), uid),
    createFolder: (title: string, parent: string | undefined) => then(createFolder(title, parent)),
    renameFolder: ({ uid }: FolderHit, title: string) => then(renameFolder(uid, title)),
    moveFolder: ({ uid }: FolderHit, to: string | undefined) => then(moveFolder(uid, to)),
    deleteFolder: ({ uid }: FolderHit) => then(deleteFolder(uid)),
  };
}

const EMPTY_DASHBOARD = {
  schemaVersion: 41,
  time: { from: "now-1h", to: "now" },
  refresh: "",
  panels: [],
};

/** A dashboard moves by being saved elsewhere. */
async function moveDashboard(uid: string, folderUid: string | undefined): Promise<void> {
  const { json, version } = await fetchDashboard(uid);
  const dashboard = { ...obj(json), version };
  await saveDashboard({ dashboard, folderUid, overwrite: false, message: "Moved" });
}
