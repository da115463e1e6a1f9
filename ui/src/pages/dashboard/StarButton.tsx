/** Marks a dashboard as one of those that this person comes back to. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { starDashboard } from "../../api/dashboards";
import { forgetDashboards } from "../../api/use-dashboards";

export function StarButton({ uid, isStarred }: { uid: string; isStarred: boolean }) {
  const queryClient = useQueryClient();
  const star = useMutation({
    mutationFn: () => starDashboard(uid, !isStarred),
    onSuccess: () => forgetDashboards(queryClient, uid),
  });
  // Shown at once; a refusal takes it back.
  const isOn = star.isPending ? !isStarred : isStarred;
  const Star = isOn ? IconStarFilled : IconStar;
  const label = isOn ? "Unstar" : "Star";
  return (
    <Tooltip label={star.error?.message ?? label}>
      <ActionIcon
        size={28}
        aria-label={label}
        aria-pressed={isOn}
        {...(isOn && { color: "brass" })}
        onClick={() => star.mutate()}
      >
        <Star size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
