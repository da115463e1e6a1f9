/** What opens over a dashboard: saving, its versions, its settings, its deletion. */
import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { deleteDashboard, type FoundDashboard } from "../../api/dashboards";
import { DeleteForm } from "../dashboards/ListForms";
import { forgetDashboards } from "../../api/use-dashboards";
import type { DashboardAction } from "./DashboardMenu";
import { SETTLED } from "./edit/EditBar";
import { SaveForm } from "./edit/SaveForm";
import { SettingsDrawer } from "./edit/SettingsDrawer";
import { VersionsDrawer } from "./edit/VersionsDrawer";
import type { Draft } from "./use-draft";

export type Dialog = DashboardAction | "save";

interface Props {
  dialog: Dialog;
  draft: Draft;
  found: FoundDashboard;
  onClose: () => void;
  onSaved: () => void;
}

export function DashboardDialogs({ dialog, draft, found, onClose, onSaved }: Props) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { title, uid } = draft.dashboard;
  if (dialog === "settings") return <SettingsDrawer draft={draft} onClose={onClose} />;
  if (dialog === "save" || dialog === "copy") {
    const asCopy = dialog === "copy" || !found.canSave;
    return (
      <Modal
        opened
        onClose={onClose}
        size="lg"
        title={asCopy ? "Save a copy of the dashboard" : "Save the dashboard"}
      >
        <SaveForm
          draft={draft}
          found={found}
          asCopy={asCopy}
          onSaved={() => {
            onClose();
            onSaved();
          }}
        />
      </Modal>
    );
  }
  if (uid === undefined) return null;
  if (dialog === "versions") {
    return <VersionsDrawer uid={uid} canRestore={found.canSave} onClose={onClose} />;
  }
  return (
    <DeleteForm
      title={`Delete ${title}?`}
      onClose={onClose}
      onSubmit={async () => {
        await deleteDashboard(uid);
        void navigate("/dashboards", { state: SETTLED });
        await forgetDashboards(queryClient);
      }}
    >
      The dashboard and its earlier versions are deleted for everybody.
    </DeleteForm>
  );
}
