/** Shown when a page cannot even be loaded, such as after the server was upgraded under it. */
import { Button } from "@mantine/core";
import { useRouteError } from "react-router";
import { ErrorNote } from "./ErrorNote";

export function RouteError() {
  const error = useRouteError();
  const shown = error instanceof Error ? error : new Error(String(error));
  return (
    <div style={{ maxWidth: 560, margin: "12vh auto", padding: 16 }}>
      <ErrorNote error={shown} />
      <p>If Bellwether was upgraded meanwhile, this page is from before.</p>
      <Button onClick={() => window.location.reload()}>Load it again</Button>
    </div>
  );
}
